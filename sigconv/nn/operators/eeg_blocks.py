"""Blocks of EEG networks in training, computed another way round with the same numbers.

A filter in time and a mixture of channels commute, so channels are mixed first and few signals
are filtered instead of many. The batch norm that stands between them in the networks needs no
more than the mean and variance of what it would see, and `statistics` knows these for any filter;
with the batch norm behind the mixture it becomes one affine map. That also takes the first norm's
shift away again: its gradient is 0, where torch's modules have rounding errors.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from .guard import is_plain_tensor, may_replace
from .norms import affine, follow_mixture, gain_and_offset, is_simple
from .rows import elu_pooled, filtered, filtered_with_moments, moments
from .statistics import lagged


def _padding(layer: Any) -> tuple[int, int]:
    """Return the zeros before and after the last axis."""
    kernel = layer.kernel_size[-1]
    if isinstance(layer.padding, str):
        total = kernel - 1 if layer.padding == "same" else 0
        return total // 2, total - total // 2
    return layer.padding[-1], layer.padding[-1]


def _is_along_time(layer: Any) -> bool:
    """Whether a convolution runs along the last axis: no stride, dilation, bias or other edge."""
    return (
        isinstance(layer, nn.Conv1d | nn.Conv2d)
        and layer.kernel_size[:-1] in ((), (1,))
        and (isinstance(layer.padding, str) or layer.padding[:-1] in ((), (0,)))
        and {*layer.stride, *layer.dilation} == {1}
        and layer.bias is None
        and layer.padding_mode == "zeros"
    )


def _is_elu_and_pool(activation: Any, pool: Any) -> bool:
    """Whether the means of ELU's outputs are taken over windows side by side."""
    return (
        type(activation) is nn.ELU
        and activation.alpha == 1
        and isinstance(pool, nn.AvgPool1d | nn.AvgPool2d)
        and pool.stride == pool.kernel_size
        and _along(pool.kernel_size)[:-1] in ((), (1,))
        and not any(_along(pool.padding))
        and not pool.ceil_mode
        and getattr(pool, "divisor_override", None) is None
    )


def _along(value: int | tuple[int, ...]) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value, value)


def _beyond(pad: nn.Module | None, layer: Any) -> tuple[int, int] | None:
    """Return the zeros before and after the samples, of a layer with a pad in front perhaps.

    None is for what a filter cannot do by itself: other values, other axes, more than its reach.
    """
    padding = _padding(layer)
    if pad is not None:
        if not isinstance(pad, nn.ZeroPad2d) or any(pad.padding[2:]) or any(padding):
            return None
        padding = pad.padding[:2]
    return padding if min(padding) >= 0 and max(padding) < layer.kernel_size[-1] else None


def _parts(
    temporal: nn.Sequential, spatial: nn.Sequential
) -> tuple[nn.Module | None, list[Any], list[Any]]:
    """Return the pad, if there is one, filter and norm, and the modules behind them."""
    first = list(temporal)
    return first[0] if len(first) == 3 else None, first[-2:], list(spatial)


def _zeros_of_front(
    temporal: nn.Sequential, spatial: nn.Sequential, x: Tensor
) -> tuple[int, int] | None:
    """Return the zeros that `front` has to think of around x, None where it cannot stand in."""
    if not is_plain_tensor(x) or x.requires_grad:  # the statistics are taken for constants
        return None
    if len(temporal) not in (2, 3) or len(spatial) != 5 or x.ndim != 3:
        return None
    pad, (filters, first), (mixture, second, activation, pool, _) = _parts(temporal, spatial)
    if not (
        _is_along_time(filters)
        and isinstance(filters, nn.Conv2d)
        and filters.in_channels == 1
        and isinstance(mixture, nn.Conv2d)
        and mixture.kernel_size == (x.shape[1], 1)
        and mixture.groups == mixture.in_channels
        and {*mixture.stride, *mixture.dilation} == {1}
        and mixture.padding in ((0, 0), "valid")
        and mixture.bias is None
        and is_simple(first)
        and is_simple(second)
        and _is_elu_and_pool(activation, pool)
        and may_replace(x, temporal, spatial)
    ):
        return None
    zeros = _beyond(pad, filters)
    return zeros if zeros is not None and _is_enough(x, filters, zeros, pool) else None


def _is_enough(x: Tensor, layer: Any, padding: tuple[int, int], pool: Any) -> bool:
    """Whether a filter leaves a window for the pooling, and more than a sample for the norm."""
    n = x.shape[-1] + sum(padding) - layer.kernel_size[-1] + 1
    return n >= _along(pool.kernel_size)[-1] and len(x) * n > 1


def _mix(mixture: Tensor, x: Tensor) -> Tensor:
    """Return mixtures (maps, channels) of the channels of each trial.

    `matmul` would copy x to have one product, which took six times as long.
    """
    return torch.bmm(mixture.expand(len(x), -1, -1), x)


def front(
    x: Tensor, temporal: nn.Sequential, spatial: nn.Sequential, statistics: Tensor | None = None
) -> Tensor:
    """Filter in time and over the channels as EEGNet and its kin do, norm, activate and pool.

    Parameters
    ----------
    x : Tensor, shape (trials, channels, times)
    temporal : nn.Sequential
        Zeros around the samples where there are any, convolution (1, taps) from one map, batch
        norm.
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
    padding = _zeros_of_front(temporal, spatial, x)
    if padding is None:
        return spatial(temporal(x.unsqueeze(1)))
    _, (filters, first), (depthwise, second, _, pool, dropout) = _parts(temporal, spatial)
    taps, mixture = filters.weight.flatten(1), depthwise.weight.flatten(1)
    depth = len(mixture) // len(taps)
    known = lagged(x, taps.shape[1], padding, statistics)
    mixed = _mix(mixture, x)
    out, mean, mean_square = filtered_with_moments(mixed, taps, padding)
    n = out.shape[0] * out.shape[2]

    gain, offset = gain_and_offset(first, taps, *known, n * x.shape[1])
    gain, offset = (each.repeat_interleave(depth) for each in (gain, offset))
    constant = offset * mixture.detach().double().sum(1)
    follow_mixture(second, gain, constant, mean, mean_square, n)
    scale, shift = affine(second, mean, mean_square, n, gain)
    pooled = elu_pooled(out, scale, shift, pool.kernel_size[1])
    return dropout(pooled.unsqueeze(2))


def _can_separate(block: nn.Sequential, x: Tensor) -> bool:
    if (
        not is_plain_tensor(x)
        or len(block) != 6
        or x.ndim not in (3, 4)
        or (x.ndim == 4 and x.shape[2] != 1)
    ):
        return False
    parts: list[Any] = list(block)
    depthwise, pointwise, norm, activation, pool, _ = parts
    return (
        _is_along_time(depthwise)
        and depthwise.groups == depthwise.in_channels == depthwise.out_channels
        and _is_along_time(pointwise)
        and pointwise.kernel_size[-1] == 1
        and not any(_padding(pointwise))
        and pointwise.groups == 1
        and is_simple(norm)
        and _is_elu_and_pool(activation, pool)
        and _beyond(None, depthwise) is not None
        and _is_enough(x, depthwise, _padding(depthwise), pool)
        and may_replace(x, block)
    )


def separable(x: Tensor, block: nn.Sequential) -> Tensor:
    """Compute a separable convolution along time, norm, ELU, average pooling and dropout.

    Parameters
    ----------
    x : Tensor, shape (trials, maps, times) or (trials, maps, 1, times)
    block : nn.Sequential
        Depthwise convolution along time, pointwise convolution, batch norm, ELU, average
        pooling, dropout, all of one or all of two dimensions.

    Returns
    -------
    Tensor, shape (trials, maps, times // window) or (trials, maps, 1, times // window)
        What `block(x)` returns, up to rounding; see `front`.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from sigconv.nn.operators import separable
    >>> both = nn.Conv1d(4, 4, 16, groups=4, bias=False), nn.Conv1d(4, 6, 1, bias=False)
    >>> block = nn.Sequential(*both, nn.BatchNorm1d(6), nn.ELU(), nn.AvgPool1d(8), nn.Dropout())
    >>> separable(torch.randn(3, 4, 200), block).shape
    torch.Size([3, 6, 23])
    """
    if not _can_separate(block, x):
        return block(x)
    parts: list[Any] = list(block)
    depthwise, pointwise, norm, _, pool, dropout = parts
    taps, mixture = depthwise.weight.flatten(1), pointwise.weight.flatten(1)
    maps = x.flatten(2) if x.ndim == 4 else x
    out = _mix(mixture, filtered(maps, taps, _padding(depthwise)))
    scale, shift = affine(norm, *moments(out), out.shape[0] * out.shape[2])
    pooled = elu_pooled(out, scale, shift, _along(pool.kernel_size)[-1])
    return dropout(pooled.unsqueeze(2) if x.ndim == 4 else pooled)
