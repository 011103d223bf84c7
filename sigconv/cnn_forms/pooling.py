"""Pooling over windows of space, over all of it, and over channels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks, _layout
from . import pooling_jit
from .geometry import signal, work_type

OPERATIONS = ("max", "average", "min")


class Windows(NamedTuple):
    """Pooling windows along one axis."""

    n: int
    window: int
    stride: int
    padding: int
    output: int

    @property
    def inside(self) -> NDArray[np.intp]:
        """How many samples each window holds."""
        first = np.arange(self.output) * self.stride - self.padding
        return np.minimum(first + self.window, self.n) - np.maximum(first, 0)

    @property
    def padded(self) -> NDArray[np.intp]:
        """How many samples and zeros each window holds; none lie beyond the padding."""
        first = np.arange(self.output) * self.stride - self.padding
        return np.minimum(first + self.window, self.n + self.padding) - first


def pool_nd(
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
    """Replace every window by its maximum, average or minimum, as `torch.nn.functional`.

    Parameters
    ----------
    x : array_like of shape (N, C, *size)
        One, two, three or more spatial axes.
    window : int or sequence of int
        Samples, one number or one per spatial axis.
    stride : int or sequence of int, optional
        Steps between windows; the window itself if not given.
    padding : int or sequence of int
        How far windows reach beyond the ends, half a window at most. For "max" and "min"
        nothing lies there, for "average" zeros do.
    op : {"max", "average", "min"}
        What is taken of a window.
    ceil_mode : bool
        Keep a last window that begins inside and ends beyond the padding.
    count_include_pad : bool
        Whether averages count the zeros of the padding as samples.
    workers : int, optional
        Threads; None is all cores. The answer does not depend on it.

    Returns
    -------
    ndarray of shape (N, C, *output)
        In the type of `x`; averages of integers are float64. A window that holds a NaN gives
        NaN.

    Raises
    ------
    ValueError
        A window, stride or padding that does not fit; an `op` that is none of the three.
    TypeError
        Complex numbers, which have no order, under "max" or "min".

    Examples
    --------
    >>> import sigconv
    >>> x = [[[[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]]]
    >>> sigconv.pool_nd(x, 2)
    array([[[[6, 8],
             [3, 4]]]])
    >>> sigconv.pool_nd(x, 2, op="average")
    array([[[[3.25, 5.25],
             [2.  , 2.  ]]]])
    """
    x = signal("x", x)
    _checks.one_of("op", op, OPERATIONS)
    axes = pooling_windows(x.shape[2:], window, stride, padding, ceil_mode)
    if op == "average":
        return _averages(x, axes, count_include_pad, workers)
    ordered(x)
    values = np.ascontiguousarray(x, work_type(x.dtype.newbyteorder("=")))
    values = flipped(values) if op == "min" else values
    # The first axis first: its windows run side by side along all the others.
    for axis, along in enumerate(axes):
        values = _pass(pooling_jit.window_maxima, values, axis - len(axes), along, workers)
    return (flipped(values) if op == "min" else values).astype(x.dtype.newbyteorder("="))


def max_pool_nd_with_index(
    x: ArrayLike,
    window: int | Sequence[int],
    *,
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    ceil_mode: bool = False,
    workers: int | None = None,
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the maxima of `pool_nd` and where they stood.

    Parameters
    ----------
    x, window, stride, padding, ceil_mode, workers
        As in `pool_nd`.

    Returns
    -------
    maxima : ndarray of shape (N, C, *output)
        In the type of `x`.
    index : ndarray of int64, the same shape
        Torch's: into the spatial axes of the channel, flattened. The first of equal values wins.

    Raises
    ------
    ValueError, TypeError
        As `pool_nd`.

    Examples
    --------
    >>> import sigconv
    >>> maxima, index = sigconv.max_pool_nd_with_index([[[3, 1, 4, 1, 5, 9]]], 3)
    >>> maxima, index
    (array([[[4, 9]]]), array([[[2, 5]]]))
    """
    x = ordered(signal("x", x))
    axes = pooling_windows(x.shape[2:], window, stride, padding, ceil_mode)
    values = np.ascontiguousarray(x, work_type(x.dtype.newbyteorder("=")))
    index = np.empty((0, 0, 0), np.int64)
    for back, along in enumerate(reversed(axes), start=1):
        pitch = math.prod(x.shape[x.ndim - back + 1 :])
        values, index = winners(values, index, pitch, -back, along, workers)
    return values.astype(x.dtype.newbyteorder("="), copy=False), index


def global_pool(x: ArrayLike, *, op: str = "average") -> NDArray[Any]:
    """Return one number per channel: the average, maximum or minimum over all of space.

    Parameters
    ----------
    x : array_like of shape (N, C, *size)
        One, two, three or more spatial axes.
    op : {"average", "max", "min"}
        What is taken.

    Returns
    -------
    ndarray of shape (N, C)
        As `pool_nd` with a window of the whole size.

    Raises
    ------
    ValueError, TypeError
        As `pool_nd`.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.global_pool([[[1.0, 2.0, 6.0], [0.0, 1.0, 0.0]]], op="max")
    array([[6., 1.]])
    """
    x = signal("x", x)
    return pool_nd(x, x.shape[2:], op=op).reshape(x.shape[:2])


def maxout(x: ArrayLike, pieces: int, *, workers: int | None = None) -> NDArray[Any]:
    """Return the largest of every `pieces` neighbouring channels: pooling across channels.

    Parameters
    ----------
    x : array_like of shape (N, C, *size)
        One, two, three or more spatial axes.
    pieces : int
        Channels that become one; it divides C.
    workers
        As in `pool_nd`.

    Returns
    -------
    ndarray of shape (N, C / pieces, *size)
        In the type of `x`.

    Raises
    ------
    ValueError
        A number of pieces that does not divide the channels.
    TypeError
        Complex numbers.

    References
    ----------
    Goodfellow and others, Maxout networks, 2013.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.maxout([[[1, 5, 2], [4, 3, 3]]], 2)
    array([[[4, 5, 3]]])
    """
    x = ordered(signal("x", x))
    along = channel_windows(x, pieces)
    values = np.ascontiguousarray(x, work_type(x.dtype.newbyteorder("=")))
    pooled = _pass(pooling_jit.window_maxima, values, 1, along, workers)
    return pooled.astype(x.dtype.newbyteorder("="), copy=False)


def channel_windows(x: NDArray[Any], pieces: int) -> Windows:
    """Check `pieces` and return the windows along the channels."""
    channels = x.shape[1]
    pieces = _checks.whole("pieces", pieces)
    if channels % pieces:
        raise ValueError(f"pieces must divide the channels of x ({channels}); got {pieces}")
    return Windows(channels, pieces, pieces, 0, channels // pieces)


def pooling_windows(
    size: Sequence[int],
    window: int | Sequence[int],
    stride: int | Sequence[int] | None,
    padding: int | Sequence[int],
    ceil_mode: bool,
) -> list[Windows]:
    """Check the words of a pooling and return its windows along each spatial axis."""
    widths = _checks.per_axis("window", window, len(size))
    strides = widths if stride is None else _checks.per_axis("stride", stride, len(size))
    if isinstance(padding, str):
        raise TypeError(f"padding must be whole numbers; got {padding!r}")
    pads = _checks.per_axis("padding", padding, len(size), at_least=0)
    axes = []
    for n, k, s, p in zip(size, widths, strides, pads, strict=True):
        if p > k // 2:
            raise ValueError(f"padding must be at most half the window ({k}); got {p}")
        room = n + 2 * p - k
        if room < 0:
            raise ValueError(
                f"window must not be longer than x; got {k} samples (window) and {n} "
                f"(x), with padding {n + 2 * p}"
            )
        output = (room + (s - 1 if ceil_mode else 0)) // s + 1
        if (output - 1) * s >= n + p:  # the last one would hold padding only
            output -= 1
        axes.append(Windows(n, k, s, p, output))
    return axes


def ordered(x: NDArray[Any]) -> NDArray[Any]:
    """Refuse numbers that have no order."""
    if x.dtype.kind == "c":
        raise TypeError(f"x must be real, complex numbers have no largest; got {x.dtype}")
    _checks.precision("x", x)
    return x


def flipped(values: NDArray[Any]) -> NDArray[Any]:
    """Reverse the order of all numbers of a type; that of integers has no -minimum."""
    return np.invert(values) if values.dtype.kind in "iu" else np.negative(values)


def divisors(axes: Sequence[Windows], count_include_pad: bool) -> list[NDArray[np.intp]]:
    """Return, shaped to broadcast, the counts whose product an average divides by."""
    counts = [along.padded if count_include_pad else along.inside for along in axes]
    return [c.reshape(-1, *(1,) * (len(axes) - 1 - axis)) for axis, c in enumerate(counts)]


def winners(
    values: NDArray[Any],
    index: NDArray[np.int64],
    pitch: int,
    axis: int,
    along: Windows,
    workers: int | None,
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Pool one axis of `values` and carry on the index of the winners."""
    before, after = _around(values.shape, axis)
    out = np.empty((before, along.output, after), values.dtype)
    places = np.empty(out.shape, np.int64)
    rows = values.reshape(before, along.n, after)
    inherited = index.reshape(rows.shape) if index.size else index

    def run(begin: int, end: int) -> None:
        pooling_jit.window_winners(rows, inherited, pitch, *along[1:4], out, places, begin, end)

    _layout.split_over_threads(run, before * along.output, workers)
    shape = _with_length(values.shape, axis, along.output)
    return out.reshape(shape), places.reshape(shape)


def _averages(
    x: NDArray[Any], axes: Sequence[Windows], count_include_pad: bool, workers: int | None
) -> NDArray[Any]:
    dtype = _checks.precision("x", x)
    # Sums are kept in double precision.
    sums = np.ascontiguousarray(x, np.result_type(dtype, np.float64))
    for axis, along in enumerate(axes):
        sums = _pass(pooling_jit.window_sums, sums, axis - len(axes), along, workers)
    for count in divisors(axes, count_include_pad):
        sums /= count
    return sums.astype(dtype, copy=False)


def _pass(
    loop: Callable[..., None], values: NDArray[Any], axis: int, along: Windows, workers: int | None
) -> NDArray[Any]:
    """Run a compiled loop along one axis."""
    before, after = _around(values.shape, axis)
    out = np.empty((before, along.output, after), values.dtype)
    rows = values.reshape(before, along.n, after)

    def run(begin: int, end: int) -> None:
        loop(rows, *along[1:4], out, begin, end)

    _layout.split_over_threads(run, before * along.output, workers)
    return out.reshape(_with_length(values.shape, axis, along.output))


def _around(shape: tuple[int, ...], axis: int) -> tuple[int, int]:
    axis %= len(shape)
    return math.prod(shape[:axis]), math.prod(shape[axis + 1 :])


def _with_length(shape: tuple[int, ...], axis: int, length: int) -> tuple[int, ...]:
    axis %= len(shape)
    return (*shape[:axis], length, *shape[axis + 1 :])
