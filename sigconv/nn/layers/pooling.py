"""Pooling over places and over feature maps."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ... import _checks
from .. import operators
from ._dimension import Size, by_dimension, sizes


class _WhereItCan(nn.Module):
    """Runs the compiled loops where they serve, else the layer that stands behind it."""

    def forward(self, x: Tensor) -> Tensor:
        found = _compiled(self, x)
        if found is None:
            found = super().forward(x)
        return found


class _MaxPool1d(nn.MaxPool1d):
    """torch's; exported by way of a picture of one row, where its length stays free.

    Only there: without gradients torch's own is 25 times as fast.
    """

    def forward(self, x: Tensor) -> Tensor:
        found = _compiled(self, x)
        if found is not None:
            return found
        if not torch.compiler.is_exporting():
            return super().forward(x)
        return nn.functional.max_pool2d(
            x.unsqueeze(-2),
            (1, *_one(self.kernel_size)),
            (1, *_one(self.stride)),
            (0, *_one(self.padding)),
            (1, *_one(self.dilation)),
            self.ceil_mode,
        ).squeeze(-2)


class _MaxPool2d(_WhereItCan, nn.MaxPool2d):
    """torch's layer, compiled where it can be."""


class _MaxPool3d(_WhereItCan, nn.MaxPool3d):
    """torch's layer, compiled where it can be."""


def _compiled(pool: Any, x: Tensor) -> Tensor | None:
    """Return what the compiled loops make of x, None where torch has to do it."""
    if torch.compiler.is_compiling():  # nor may sizes be looked at
        return None
    sizes = [pool.kernel_size, pool.stride, pool.padding, pool.dilation]
    if not all(isinstance(size, tuple) for size in sizes) or set(pool.dilation) != {1}:
        return None
    if pool.return_indices or len(pool.kernel_size) != x.ndim - 2:
        return None
    window, stride, padding, _ = sizes
    each = zip(x.shape[2:], window, stride, padding, strict=True)
    if pool.ceil_mode and any((n + 2 * p - w) % s for n, w, s, p in each):
        return None
    return operators.max_pool(x, window, stride, padding)


def _one(size: Size) -> tuple[int]:
    return (size if isinstance(size, int) else size[0],)


_MAX_POOL: dict[int, type[nn.Module]] = {1: _MaxPool1d, 2: _MaxPool2d, 3: _MaxPool3d}
_AVERAGE_POOL: dict[int, type[nn.Module]] = {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d}


def max_pool(
    ndim: int,
    window: Size,
    stride: Size | None = None,
    *,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
) -> nn.Module:
    """Return max pooling over `ndim` axes.

    Parameters
    ----------
    ndim : {1, 2, 3}
    window : int, or one for each axis
    stride : int, or one for each axis, optional
        As far apart as the window is wide by default; windows overlap where it is less.
    padding : int, or one for each axis
        Samples beyond both ends, lower than any other.
    dilation : int, or one for each axis
    ceil_mode : bool
        Whether a last window that is not filled counts (Caffe's way).

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import max_pool
    >>> max_pool(2, 3, 2, ceil_mode=True)(torch.zeros(1, 1, 6, 7)).shape
    torch.Size([1, 1, 3, 3])
    """
    layer = by_dimension(_MAX_POOL, ndim)
    return layer(
        sizes("window", window, ndim),
        sizes("stride", window if stride is None else stride, ndim),
        sizes("padding", padding, ndim, at_least=0),
        sizes("dilation", dilation, ndim),
        ceil_mode=ceil_mode,
    )


def average_pool(
    ndim: int,
    window: Size,
    stride: Size | None = None,
    *,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_padding: bool = True,
) -> nn.Module:
    """Return average pooling over `ndim` axes; the arguments are those of `max_pool`.

    `count_padding` says whether the zeros beyond the ends are part of the average.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import average_pool
    >>> average_pool(1, 4)(torch.zeros(2, 3, 100)).shape
    torch.Size([2, 3, 25])
    """
    layer = by_dimension(_AVERAGE_POOL, ndim)
    return layer(
        sizes("window", window, ndim),
        sizes("stride", window if stride is None else stride, ndim),
        sizes("padding", padding, ndim, at_least=0),
        ceil_mode=ceil_mode,
        count_include_pad=count_padding,
    )


class _Negative(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return -x


def min_pool(
    ndim: int,
    window: Size,
    stride: Size | None = None,
    *,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
) -> nn.Module:
    """Return min pooling over `ndim` axes; the arguments are those of `max_pool`.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import min_pool
    >>> min_pool(1, 2)(torch.tensor([[[3.0, 1.0, 4.0, 1.0]]]))
    tensor([[[1., 1.]]])
    """
    pool = max_pool(ndim, window, stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)
    return nn.Sequential(_Negative(), pool, _Negative())


class GlobalAveragePool(nn.Module):
    """The mean over every axis behind (batch, channels).

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import GlobalAveragePool
    >>> GlobalAveragePool()(torch.ones(2, 3, 4, 5)).shape
    torch.Size([2, 3])
    """

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, ...) -> (batch, channels)."""
        return x.flatten(2).mean(-1)


class GlobalMaxPool(nn.Module):
    """The largest value over every axis behind (batch, channels).

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import GlobalMaxPool
    >>> GlobalMaxPool()(torch.tensor([[[3.0, 1.0, 4.0]]]))
    tensor([[4.]])
    """

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, ...) -> (batch, channels)."""
        return x.flatten(2).amax(-1)


class GlobalMinPool(nn.Module):
    """The smallest value over every axis behind (batch, channels).

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import GlobalMinPool
    >>> GlobalMinPool()(torch.tensor([[[3.0, 1.0, 4.0]]]))
    tensor([[1.]])
    """

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, ...) -> (batch, channels)."""
        return x.flatten(2).amin(-1)


class Maxout(nn.Module):
    """Pooling across feature maps: the largest of each `pieces` neighbouring ones.

    Parameters
    ----------
    pieces : int
        Has to divide the number of channels.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import Maxout
    >>> Maxout(3)(torch.ones(2, 12, 5)).shape
    torch.Size([2, 4, 5])
    """

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.pieces = _checks.whole("pieces", pieces)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, ...) -> (batch, channels / pieces, ...)."""
        if x.shape[1] % self.pieces:
            raise ValueError(f"pieces must divide {x.shape[1]} channels; got {self.pieces}")
        return torch.amax(x.unflatten(1, (-1, self.pieces)), dim=2)

    def extra_repr(self) -> str:
        """Say how many maps become one."""
        return f"pieces={self.pieces}"
