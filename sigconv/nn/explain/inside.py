"""What layers hold: maps, kernels as filters, spatial patterns, the windows that move them most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

from ... import _checks
from .asked import at_rest, checked_inputs, layer_named
from .layers import output_of, recorded

#: Points of a response between 0 Hz and half the sampling rate, less one.
RESPONSE_POINTS = 512


def feature_maps(
    model: nn.Module, x: ArrayLike, layer: str, *, batch_size: int = 64
) -> NDArray[np.float64]:
    """Return what a layer answers.

    Parameters
    ----------
    model : torch.nn.Module
    x : array, shape (trials, channels, ...)
    layer : str
        Its dotted name.
    batch_size : int

    Returns
    -------
    array, shape (trials, maps, places ...) or (trials, features)

    Examples
    --------
    >>> import numpy as np
    >>> from torch import nn
    >>> from sigconv.nn.explain import feature_maps
    >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))
    >>> feature_maps(model, np.ones((5, 1, 8, 8)), "1").shape
    (5, 4, 6, 6)
    """
    inputs = checked_inputs(model, x)
    module = layer_named(model, layer)
    rows = []
    with torch.no_grad(), at_rest(model), recorded({layer: module}) as outputs:
        for part in inputs.split(_checks.whole("batch_size", batch_size)):
            outputs.clear()
            model(part)
            rows.append(output_of(outputs, layer).double().cpu())
    return torch.cat(rows).numpy()


@dataclass(frozen=True, eq=False)
class KernelResponses:
    """The kernels of a layer as filters along the last axis.

    Attributes
    ----------
    kernels : array, shape (n, taps)
        One for each pair of output map and input map that the layer joins.
    frequencies : array, shape (n_frequencies,)
        In Hz.
    response : complex array, shape (n, n_frequencies)
        Of the correlation that the layer computes, its phase about the kernel's middle.
    """

    kernels: NDArray[np.float64]
    frequencies: NDArray[np.float64]
    response: NDArray[np.complex128]

    @property
    def magnitude(self) -> NDArray[np.float64]:
        """The gain at each frequency."""
        return np.abs(self.response)

    @property
    def phase(self) -> NDArray[np.float64]:
        """In radians, from -pi to pi."""
        return np.angle(self.response)

    @property
    def centre(self) -> NDArray[np.float64]:
        """The frequency of the largest gain of each kernel, in Hz."""
        return self.frequencies[self.magnitude.argmax(axis=1)]


def kernel_responses(model: nn.Module, layer: str, fs: float = 1.0) -> KernelResponses:
    """Return what frequencies the kernels of a convolution let through.

    Parameters
    ----------
    model : torch.nn.Module
    layer : str
        A convolution whose kernel is longer than one sample along its last axis alone.
    fs : float
        Sampling rate in Hz of what the layer gets.

    Returns
    -------
    KernelResponses

    Examples
    --------
    >>> from sigconv.nn import build_model
    >>> from sigconv.nn.explain import kernel_responses
    >>> model = build_model("eegnet", in_channels=4, num_classes=2, n_times=256)
    >>> kernel_responses(model, "temporal.0", fs=128).magnitude.shape
    (8, 513)
    """
    fs = _checks.sampling_rate(fs)
    module = layer_named(model, layer)
    if not isinstance(module, _ConvNd) or any(k > 1 for k in module.kernel_size[:-1]):
        raise ValueError(
            f"layer must be a convolution along the last axis alone; {layer!r} is "
            f"{type(module).__name__}"
        )
    taps = module.kernel_size[-1]
    kernels = module.weight.detach().double().cpu().numpy().reshape(-1, taps)
    step = module.dilation[-1]
    spread = np.zeros((len(kernels), (taps - 1) * step + 1))
    spread[:, ::step] = kernels
    frequencies = np.linspace(0, fs / 2, RESPONSE_POINTS + 1)
    # a correlation: tap k looks k samples ahead
    times = np.arange(spread.shape[1]) - (spread.shape[1] - 1) / 2
    turns = np.exp(2j * np.pi * np.outer(times, frequencies) / fs)
    return KernelResponses(kernels, frequencies, spread.astype(complex) @ turns)


@dataclass(frozen=True, eq=False)
class SpatialPatterns:
    """Filters over channels, and what of the data each of them picks up.

    Attributes
    ----------
    filters, patterns : array, shape (n_filters, n_channels)
        A filter also suppresses noise; its pattern is where the source that it extracts shows
        (Haufe et al. 2014, https://doi.org/10.1016/j.neuroimage.2013.10.067).
    """

    filters: NDArray[np.float64]
    patterns: NDArray[np.float64]


def spatial_patterns(
    model: nn.Module, x: ArrayLike, layer: str, *, batch_size: int = 64
) -> SpatialPatterns:
    """Return the filters over channels of a layer, and their patterns on the data.

    Parameters
    ----------
    model : torch.nn.Module
        One that holds (batch, maps, channels, times), as EEGNet does.
    x : array, shape (trials, channels, times)
        The data whose covariance turns filters into patterns: training data, best.
    layer : str
        A convolution whose kernel covers all channels and one sample, each filter on one map.
    batch_size : int

    Returns
    -------
    SpatialPatterns

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import build_model
    >>> from sigconv.nn.explain import spatial_patterns
    >>> model = build_model("eegnet", in_channels=4, num_classes=2, n_times=256)
    >>> x = np.random.default_rng(0).normal(size=(8, 4, 256))
    >>> spatial_patterns(model, x, "spatial.0").patterns.shape
    (16, 4)
    """
    inputs = checked_inputs(model, x)
    module = layer_named(model, layer)
    channels = inputs.shape[1]
    if not (
        isinstance(module, nn.Conv2d)
        and module.kernel_size == (channels, 1)
        and module.groups == module.in_channels
    ):
        raise ValueError(
            f"layer must be a depthwise convolution over all {channels} channels; {layer!r} is "
            f"{type(module).__name__}"
        )
    total = torch.zeros(module.in_channels, channels, channels, dtype=torch.float64)
    sums = torch.zeros(module.in_channels, channels, dtype=torch.float64)
    n = 0

    def add(_: nn.Module, given: tuple[Tensor, ...]) -> None:
        nonlocal n
        maps = given[0].double().cpu().permute(1, 2, 0, 3).flatten(2)  # (maps, channels, samples)
        total.add_(maps @ maps.mT)
        sums.add_(maps.sum(2))
        n += maps.shape[2]

    handle = module.register_forward_pre_hook(add)
    try:
        with torch.no_grad(), at_rest(model):
            for part in inputs.split(_checks.whole("batch_size", batch_size)):
                model(part)
    finally:
        handle.remove()
    if not n:
        raise ValueError(f"layer must take part in the forward pass; {layer!r} does not")
    mean = sums / n
    covariance = (total / n - mean[:, :, None] * mean[:, None]).numpy()
    filters = (
        module.weight.detach().double().cpu().numpy().reshape(module.in_channels, -1, channels)
    )
    sources = filters @ covariance @ filters.swapaxes(1, 2)
    patterns = np.linalg.pinv(sources) @ filters @ covariance
    return SpatialPatterns(filters.reshape(-1, channels), patterns.reshape(-1, channels))


@dataclass(frozen=True)
class Strongest:
    """A place of a data set that moves a map more than others.

    `trial` is its number, `place` where in the map, `value` the map's there, and `window` the
    part of the trial, one slice for each axis behind the channels, on which that value hangs.
    """

    trial: int
    place: tuple[int, ...]
    value: float
    window: tuple[slice, ...]


def strongest_windows(
    model: nn.Module, x: ArrayLike, layer: str, index: int, *, n: int = 9, batch_size: int = 64
) -> list[Strongest]:
    """Return the windows of a data set that one map of a layer answers most to.

    Parameters
    ----------
    model : torch.nn.Module
    x : array, shape (trials, channels, ...)
    layer : str
        Its dotted name.
    index : int
        Which of its maps.
    n : int
        How many, each from another trial.
    batch_size : int

    Returns
    -------
    list of Strongest
        The strongest first.

    Examples
    --------
    >>> import numpy as np
    >>> from torch import nn
    >>> from sigconv.nn.explain import strongest_windows
    >>> model = nn.Sequential(nn.Conv1d(1, 2, 5), nn.Flatten(), nn.Linear(56, 2))
    >>> nn.init.ones_(model[0].weight).shape
    torch.Size([2, 1, 5])
    >>> x = np.zeros((3, 1, 32))
    >>> x[2, 0, 10:15] = 1
    >>> strongest_windows(model, x, "0", 0, n=1)[0].window
    (slice(10, 15, None),)
    """
    maps = feature_maps(model, x, layer, batch_size=batch_size)
    n_maps = maps.shape[1]
    if not 0 <= _checks.whole("index", index, at_least=0) < n_maps:
        raise ValueError(f"index must be a map of {layer!r}, from 0 to {n_maps - 1}; got {index}")
    chosen = maps[:, index].reshape(len(maps), -1)
    trials = np.argsort(-chosen.max(axis=1), kind="stable")[: _checks.whole("n", n)]
    inputs = checked_inputs(model, x)
    found = []
    for trial in trials:
        place = np.unravel_index(chosen[trial].argmax(), maps.shape[2:])
        found.append(
            Strongest(
                int(trial),
                tuple(int(p) for p in place),
                float(chosen[trial].max()),
                _window(model, inputs[trial : trial + 1], layer, (index, *place)),
            )
        )
    return found


def _window(model: nn.Module, x: Tensor, layer: str, place: tuple[int, ...]) -> tuple[slice, ...]:
    """Return where the gradient of one value of a layer is not 0."""
    x = x.detach().requires_grad_()
    with torch.enable_grad(), at_rest(model), recorded({layer: layer_named(model, layer)}) as out:
        model(x)
        (gradient,) = torch.autograd.grad(out[layer][(0, *place)], x)
    window = []
    moved = (gradient[0] != 0).any(0)
    for axis in range(moved.ndim):
        others = tuple(other for other in range(moved.ndim) if other != axis)
        along = moved.sum(others).nonzero() if others else moved.nonzero()
        if not len(along):
            return tuple(slice(0, size) for size in moved.shape)
        window.append(slice(int(along[0]), int(along[-1]) + 1))
    return tuple(window)
