"""What pooling hands back: all of it to the winner, or a share to every sample."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks, _layout
from . import pooling_jit
from .geometry import gradient, signal, work_type
from .pooling import (
    OPERATIONS,
    channel_windows,
    divisors,
    flipped,
    max_pool_nd_with_index,
    ordered,
    pooling_windows,
    winners,
)


def pool_nd_grad(
    grad: ArrayLike,
    x: ArrayLike,
    window: int | Sequence[int],
    *,
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    op: str = "max",
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    workers: int | None = None,
) -> NDArray[Any]:
    """Return the gradient of a loss with respect to the input of `pool_nd`.

    Of a maximum or minimum only the winner learns; of an average all samples learn alike.

    Parameters
    ----------
    grad : array_like of shape (N, C, *output)
        The gradient with respect to the output.
    x : array_like of shape (N, C, *size)
        The input.
    window, stride, padding, op, ceil_mode, count_include_pad, workers
        As they were given to `pool_nd`.

    Returns
    -------
    ndarray of the shape of `x`
        In the precision of `grad`.

    Raises
    ------
    ValueError, TypeError
        As `pool_nd`; a `grad` that is not of the output's shape.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.pool_nd_grad([[[10.0, 20.0]]], [[[3, 1, 4, 1, 5, 9]]], 3)
    array([[[ 0.,  0., 10.,  0.,  0., 20.]]])
    >>> sigconv.pool_nd_grad([[[10.0, 20.0]]], [[[3, 1, 4, 1]]], 2, op="average")
    array([[[ 5.,  5., 10., 10.]]])
    """
    x = signal("x", x)
    _checks.one_of("op", op, OPERATIONS)
    axes = pooling_windows(x.shape[2:], window, stride, padding, ceil_mode)
    grad = gradient(grad, (*x.shape[:2], *(along.output for along in axes)))
    if op != "average":
        rivals = flipped(ordered(x)) if op == "min" else x
        _, index = max_pool_nd_with_index(
            rivals, window, stride=stride, padding=padding, ceil_mode=ceil_mode, workers=workers
        )
        return max_pool_nd_grad(grad, index, x.shape[2:], workers=workers)
    dtype = _checks.precision("grad", grad)
    shares = grad.astype(np.result_type(dtype, np.float64))
    for count in divisors(axes, count_include_pad):
        shares /= count
    for axis, along in enumerate(axes, start=2):
        shape = (*shares.shape[:axis], along.n, *shares.shape[axis + 1 :])
        after = math.prod(shape[axis + 1 :])
        rows = shares.reshape(-1, along.output, after)
        out = np.zeros((len(rows), along.n, after), shares.dtype)

        def run(begin: int, end: int, rows: Any = rows, out: Any = out, where: Any = along) -> None:
            pooling_jit.spread_sums(rows, *where[1:4], out, begin, end)

        _layout.split_over_threads(run, len(rows), workers)
        shares = out.reshape(shape)
    return shares.astype(dtype, copy=False)


def max_pool_nd_grad(
    grad: ArrayLike,
    index: ArrayLike,
    input_size: Sequence[int],
    *,
    workers: int | None = None,
) -> NDArray[Any]:
    """Return the gradient with respect to the input of `max_pool_nd_with_index`.

    Parameters
    ----------
    grad : array_like of shape (N, C, *output)
        The gradient with respect to the maxima.
    index : array_like of int, the same shape
        Where they stood.
    input_size : sequence of int
        The lengths ``x.shape[2:]``.
    workers
        As in `pool_nd`.

    Returns
    -------
    ndarray of shape (N, C, *input_size)
        In the precision of `grad`.

    Raises
    ------
    ValueError
        Shapes that differ, an index outside the input.
    TypeError
        An index that is not of integers.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.max_pool_nd_grad([[[10.0, 20.0]]], [[[2, 2]]], (4,))
    array([[[ 0.,  0., 30.,  0.]]])
    """
    grad = signal("grad", grad)
    places = np.asarray(_checks.numeric("index", index))
    size = _checks.per_axis("input_size", input_size, grad.ndim - 2)
    if places.shape != grad.shape:
        raise ValueError(f"index must have the shape of grad, {grad.shape}; got {places.shape}")
    if places.dtype.kind not in "iu":
        raise TypeError(f"index must be of integers; got {places.dtype}")
    if places.min() < 0 or places.max() >= math.prod(size):
        raise ValueError(
            f"index must lie inside the input, between 0 and {math.prod(size) - 1}; "
            f"got {places.min()} to {places.max()}"
        )
    return _to_winners(grad, places.astype(np.int64), size, workers)


def global_pool_grad(grad: ArrayLike, x: ArrayLike, *, op: str = "average") -> NDArray[Any]:
    """Return the gradient of a loss with respect to the input of `global_pool`.

    Parameters
    ----------
    grad : array_like of shape (N, C)
        The gradient with respect to the output.
    x : array_like of shape (N, C, *size)
        The input.
    op
        As it was given to `global_pool`.

    Returns
    -------
    ndarray of the shape of `x`
        In the precision of `grad`.

    Raises
    ------
    ValueError, TypeError
        As `pool_nd_grad`.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.global_pool_grad([[6.0]], [[[1.0, 2.0, 6.0]]])
    array([[[2., 2., 2.]]])
    """
    x = signal("x", x)
    grad = gradient(grad, x.shape[:2])
    return pool_nd_grad(grad.reshape(*x.shape[:2], *(1,) * (x.ndim - 2)), x, x.shape[2:], op=op)


def maxout_grad(
    grad: ArrayLike, x: ArrayLike, pieces: int, *, workers: int | None = None
) -> NDArray[Any]:
    """Return the gradient of a loss with respect to the input of `maxout`.

    Parameters
    ----------
    grad : array_like of shape (N, C / pieces, *size)
        The gradient with respect to the output.
    x : array_like of shape (N, C, *size)
        The input.
    pieces, workers
        As they were given to `maxout`.

    Returns
    -------
    ndarray of the shape of `x`
        In the precision of `grad`: only the winning channel learns.

    Raises
    ------
    ValueError, TypeError
        As `maxout`; a `grad` that is not of the output's shape.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.maxout_grad([[[1.0, 2.0, 3.0]]], [[[1, 5, 2], [4, 3, 3]]], 2)
    array([[[0., 2., 0.],
            [1., 0., 3.]]])
    """
    x = ordered(signal("x", x))
    along = channel_windows(x, pieces)
    grad = gradient(grad, (len(x), along.output, *x.shape[2:]))
    values = np.ascontiguousarray(x, work_type(x.dtype.newbyteorder("=")))
    none = np.empty((0, 0, 0), np.int64)
    n_inner = math.prod(x.shape[2:])
    _, channel = winners(values, none, n_inner, 1, along, workers)
    rows = channel.reshape(len(x), along.output, n_inner) + np.arange(n_inner)
    result = _to_winners(
        grad.reshape(len(x), 1, -1), rows.reshape(len(x), 1, -1), (x[0].size,), workers
    )
    return result.reshape(x.shape)


def _to_winners(
    grad: NDArray[Any], index: NDArray[np.int64], size: Sequence[int], workers: int | None
) -> NDArray[Any]:
    dtype = _checks.precision("grad", grad)
    n_rows = grad.shape[0] * grad.shape[1]
    shares = grad.astype(np.result_type(dtype, np.float32)).reshape(n_rows, -1)
    places = index.reshape(n_rows, -1)
    out = np.zeros((n_rows, math.prod(size)), shares.dtype)

    def run(begin: int, end: int) -> None:
        pooling_jit.spread_winners(shares, places, out, begin, end)

    _layout.split_over_threads(run, n_rows, workers)
    return out.reshape(*grad.shape[:2], *size).astype(dtype, copy=False)
