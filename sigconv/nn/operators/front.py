"""Blocks of EEG networks in training, computed another way round with the same numbers.

A filter in time and a mixture of channels commute, so channels are mixed first and few signals
are filtered instead of many. The batch norm that stands between them in the networks needs no
more than the mean and variance of what it would see, and `statistics` knows these for any filter;
with the batch norm behind the mixture it becomes one affine map. That also takes the first norm's
shift away again: its gradient is 0, where torch's modules have rounding errors.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .guard import may_replace
from .norms import affine, follow, is_simple
from .rows import elu_pooled, filtered, filtered_with_moments, moments
from .statistics import lagged


def padding_of(layer: nn.Conv2d | nn.Conv1d) -> tuple[int, int]:
    """Return the zeros before and after the last axis."""
    kernel = layer.kernel_size[-1]
    if isinstance(layer.padding, str):
        total = layer.dilation[-1] * (kernel - 1) if layer.padding == "same" else 0
        return total // 2, total - total // 2
    return layer.padding[-1], layer.padding[-1]


def is_filter_along_time(layer: object) -> bool:
    """Whether a 2D convolution filters rows, each by itself: no stride, dilation, bias or edge."""
    return (
        isinstance(layer, nn.Conv2d)
        and layer.kernel_size[0] == 1
        and (isinstance(layer.padding, str) or layer.padding[0] == 0)
        and tuple(layer.stride) == tuple(layer.dilation) == (1, 1)
        and layer.bias is None
        and layer.padding_mode == "zeros"
        and max(padding_of(layer)) < layer.kernel_size[1]
    )


def _can_commute(temporal: nn.Sequential, spatial: nn.Sequential, x: Tensor) -> bool:
    if [len(temporal), len(spatial)] != [2, 5] or x.ndim != 3:
        return False
    filters, first, mixture, second = *temporal, *spatial[:2]
    return (
        is_filter_along_time(filters)
        and filters.in_channels == 1
        and isinstance(mixture, nn.Conv2d)
        and tuple(mixture.kernel_size) == (x.shape[1], 1)
        and mixture.groups == mixture.in_channels == filters.out_channels
        and tuple(mixture.stride) == tuple(mixture.dilation) == (1, 1)
        and mixture.padding in ((0, 0), "valid")
        and mixture.bias is None
        and is_simple(first)
        and is_simple(second)
        and _is_elu_and_pool(*spatial[2:4])
        and _n_outputs(x, filters) > 1
        and not x.requires_grad  # the statistics are taken for constants
        and may_replace(x, temporal, spatial)
    )


def _is_elu_and_pool(activation: nn.Module, pool: nn.Module) -> bool:
    return (
        type(activation) is nn.ELU
        and activation.alpha == 1
        and type(pool) is nn.AvgPool2d
        and pool.kernel_size == pool.stride == (1, pool.kernel_size[1])
        and pool.padding in (0, (0, 0))
        and not pool.ceil_mode
        and pool.divisor_override is None
    )


def _n_outputs(x: Tensor, layer: nn.Conv2d) -> int:
    """Return over how many samples the norm behind a filter takes its mean."""
    return len(x) * (x.shape[-1] + sum(padding_of(layer)) - layer.kernel_size[1] + 1)


def front(
    x: Tensor, temporal: nn.Sequential, spatial: nn.Sequential, statistics: Tensor | None = None
) -> Tensor:
    """Filter in time and over the channels as EEGNet and its kin do, norm, activate and pool.

    Parameters
    ----------
    x : Tensor, shape (trials, channels, times)
    temporal : nn.Sequential
        Convolution (1, taps) from one map, batch norm.
    spatial : nn.Sequential
        Depthwise convolution (channels, 1), batch norm, ELU, average pooling, dropout.
    statistics : Tensor, optional
        `trial_statistics` of these trials; where they serve they save time.

    Returns
    -------
    Tensor, shape (trials, maps, 1, times // window)
        What `spatial(temporal(x.unsqueeze(1)))` returns, up to rounding. Outside of training on
        the CPU, or where a module is something else, that is what is computed.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from sigconv.nn.operators import front
    >>> temporal = nn.Sequential(nn.Conv2d(1, 4, (1, 25), bias=False), nn.BatchNorm2d(4))
    >>> filters = nn.Conv2d(4, 8, (22, 1), groups=4, bias=False)
    >>> pool = nn.AvgPool2d((1, 4))
    >>> spatial = nn.Sequential(filters, nn.BatchNorm2d(8), nn.ELU(), pool, nn.Dropout())
    >>> front(torch.randn(3, 22, 200), temporal, spatial).shape
    torch.Size([3, 8, 1, 44])
    """
    if not _can_commute(temporal, spatial, x):
        return spatial(temporal(x.unsqueeze(1)))
    filters, first, depthwise, second = *temporal, *spatial[:2]
    taps, mixture = filters.weight.flatten(1), depthwise.weight.flatten(1)
    padding, depth = padding_of(filters), len(mixture) // len(taps)
    known = lagged(x, taps.shape[1], padding, statistics)
    mixed = torch.matmul(mixture, x)
    out, mean, mean_square = filtered_with_moments(mixed, taps, padding)
    n = out.shape[0] * out.shape[2]

    wide, n_first = taps.double(), n * x.shape[1]
    inner = wide @ known.sums / n_first
    spread = (wide @ known.products * wide).sum(1) / n_first - inner * inner
    gain = first.weight.double() * torch.rsqrt(spread + first.eps)
    follow(first, inner, spread, n_first)
    offset = first.bias.double() - gain * inner
    gain, offset = gain.repeat_interleave(depth), offset.repeat_interleave(depth)
    # what the second norm would see is gain * out + offset * (sum of the mixture's weights)
    variance = mean_square - mean * mean
    follow(second, gain * mean + offset * mixture.double().sum(1), gain * gain * variance, n)
    scale = second.weight.double() * gain * torch.rsqrt(gain * gain * variance + second.eps)
    shift = second.bias.double() - scale * mean + 0 * offset  # a gradient, of zeros, for its bias
    pooled = elu_pooled(out, scale.to(x), shift.to(x), spatial[3].kernel_size[1])
    return spatial[4](pooled.unsqueeze(2))


def _can_separate(block: nn.Sequential, x: Tensor) -> bool:
    if len(block) != 6 or x.ndim != 4 or x.shape[2] != 1:
        return False
    depthwise, pointwise, norm = block[:3]
    return (
        is_filter_along_time(depthwise)
        and depthwise.groups == depthwise.in_channels == depthwise.out_channels
        and isinstance(pointwise, nn.Conv2d)
        and tuple(pointwise.kernel_size) == tuple(pointwise.stride) == (1, 1)
        and pointwise.padding in ((0, 0), "valid", "same")
        and pointwise.groups == 1
        and pointwise.bias is None
        and is_simple(norm)
        and _is_elu_and_pool(*block[3:5])
        and _n_outputs(x, depthwise) > 1
        and may_replace(x, block)
    )


def separable(x: Tensor, block: nn.Sequential) -> Tensor:
    """Compute a separable convolution along time, norm, ELU, average pooling and dropout.

    Parameters
    ----------
    x : Tensor, shape (trials, maps, 1, times)
    block : nn.Sequential
        Depthwise convolution (1, taps), pointwise convolution, batch norm, ELU, average
        pooling, dropout.

    Returns
    -------
    Tensor, shape (trials, maps, 1, times // window)
        What `block(x)` returns, up to rounding; see `front`.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from sigconv.nn.operators import separable
    >>> convolutions = nn.Conv2d(4, 4, (1, 16), groups=4, bias=False), nn.Conv2d(4, 6, 1, bias=False)
    >>> rest = nn.BatchNorm2d(6), nn.ELU(), nn.AvgPool2d((1, 8)), nn.Dropout()
    >>> separable(torch.randn(3, 4, 1, 200), nn.Sequential(*convolutions, *rest)).shape
    torch.Size([3, 6, 1, 23])
    """
    if not _can_separate(block, x):
        return block(x)
    depthwise, pointwise, norm = block[:3]
    taps, mixture = depthwise.weight.flatten(1), pointwise.weight.flatten(1)
    out = torch.matmul(mixture, filtered(x.squeeze(2), taps, padding_of(depthwise)))
    scale, shift = affine(norm, *moments(out), out.shape[0] * out.shape[2])
    pooled = elu_pooled(out, scale.to(x), shift.to(x), block[4].kernel_size[1])
    return block[5](pooled.unsqueeze(2))
