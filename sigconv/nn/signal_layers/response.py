"""What a trained first layer does to frequencies: its kernels as filters."""

from __future__ import annotations

import numpy as np
from torch import nn

from ... import _checks
from ...filters import TransferFunction


def transfer_functions(layer: nn.Module, *, fs: float) -> list[list[TransferFunction]]:
    """Return the kernels of a convolution along time as filters, with responses and pictures.

    Parameters
    ----------
    layer : torch.nn.Conv1d, or torch.nn.Conv2d that is one sample high or wide
        Of a stride: the filter at the input's rate, before samples are left out.
    fs : float
        Sampling rate in Hz of what it sees.

    Returns
    -------
    list of lists of TransferFunction
        [map][input channel of its group]. The delay is that of a causal filter: the layer's
        padding takes some of it out.

    Raises
    ------
    TypeError, ValueError
        If the layer is no such convolution, or a kernel is all zeros.

    Examples
    --------
    >>> from sigconv.nn import build_model
    >>> from sigconv.nn.signal_layers import transfer_functions
    >>> model = build_model("eegnet", in_channels=22, num_classes=4, n_times=1000)
    >>> filters = transfer_functions(model.temporal[0], fs=250)
    >>> hertz, gain = filters[0][0].frequency_response(64)
    >>> len(filters), len(filters[0][0].b), len(gain)
    (8, 64, 64)
    """
    if not isinstance(layer, nn.Conv1d | nn.Conv2d):
        raise TypeError(f"layer must be a convolution along time; got {type(layer).__name__}")
    weight = layer.weight.detach().double().cpu().numpy()
    long = [n for n in weight.shape[2:] if n > 1]
    if len(long) > 1:
        raise ValueError(f"layer must have a kernel along one axis; got {weight.shape[2:]}")
    dilation = max(layer.dilation)
    kernels = weight.reshape(*weight.shape[:2], -1)
    taps = np.zeros((*kernels.shape[:2], dilation * (kernels.shape[2] - 1) + 1))
    # what networks call convolution is correlation: the first weight meets the latest sample last
    taps[..., ::dilation] = kernels[..., ::-1]
    rate = _checks.sampling_rate(fs)
    return [[TransferFunction(each, fs=rate) for each in row] for row in taps]
