"""The shallow ConvNet (Schirrmeister et al. 2017, https://doi.org/10.1002/hbm.23730)."""

from __future__ import annotations

from torch import nn

from ... import _checks
from .. import operators
from . import _eeg
from ._network import Classifier, scaled
from ._registry import register


@register("shallow_convnet", ndims=(1,), domains=("eeg",), smallest=99, rate=250)
class ShallowConvNet(Classifier):
    """Filters in time and over the scalp, then the log power of what they let through.

    What filter-bank common spatial patterns do in steps, learnt as a whole
    (ShallowFBCSPNet elsewhere).

    Parameters
    ----------
    in_channels, num_classes : int
    n_times : int
        Samples of the input (its classifier sees every time step); at least 99.
    filters : int
        Feature maps of both convolutions.
    kernel : int
        Width of the temporal filters in samples.
    pool, pool_stride : int
        Window of the mean power and distance of the windows, in samples.
    dropout : float
    width : float
        Multiplies `filters`.

    Examples
    --------
    >>> from sigconv.nn import build_model
    >>> model = build_model("shallow_convnet", in_channels=22, num_classes=4, n_times=1000)
    >>> sum(p.numel() for p in model.parameters())
    46084
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        n_times: int | None = None,
        filters: int = 40,
        kernel: int = 25,
        pool: int = 75,
        pool_stride: int = 15,
        dropout: float = 0.5,
        width: float = 1.0,
    ) -> None:
        kernel, pool = _checks.whole("kernel", kernel), _checks.whole("pool", pool)
        pool_stride = _checks.whole("pool_stride", pool_stride)
        least = kernel + pool - 1
        n_times = _eeg.windows_of("shallow_convnet", n_times, least)
        maps = scaled(width, _checks.whole("filters", filters))
        super().__init__(in_channels=in_channels, ndim=1, input_shape=(n_times,))
        self.features = operators.Sequential(
            _eeg.SpatioTemporal(in_channels, maps, maps, kernel),
            nn.BatchNorm1d(maps),
            operators.LogPower(pool, pool_stride),
            operators.Dropout(dropout),
            nn.Flatten(),
        )
        steps = (n_times - least) // pool_stride + 1
        self.classifier = nn.Linear(maps * steps, num_classes)
        _eeg.xavier(self)
