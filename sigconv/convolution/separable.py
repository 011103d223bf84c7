"""Kernels that are an outer product of one kernel per axis, applied one axis after another."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _layout
from .._simd import VECTOR
from . import direct
from .extended import AXES, Extended
from .geometry import Geometry
from .separable_jit import LINES, correlate_outer
from .volumes_jit import correlate_volumes

#: How far, in units of the precision, an outer product may be from its kernel (in sums of
#: absolute values, which bound the error of every output).
TOLERANCE = 4.0

#: A kernel cancels along its last axes if its sums along them have less than this share of what
#: the taps' absolute values sum up to.
CANCELLING = 0.5

#: Bytes of the lines kept of a strip of an image, and the fewest bytes of a strip's width.
STRIP, NARROWEST = 1 << 19, 1 << 12

#: Bytes of images from which on they go past the caches.
PAST_CACHES = 1 << 23

#: Bytes of the planes that have gone through the depth.
PLANES = 1 << 20

#: Time in ns of a call, beside that of its passes.
CALL = 20_000.0
IMAGES_CALL = 6_000.0
IMAGES_OUTPUT = {2: 0.04, AXES: 0.1}  # a byte of images and of volumes
IMAGES_PRODUCT = 0.006


def factors(kernel: NDArray[Any]) -> list[NDArray[Any]] | None:
    """Return one 1D kernel per axis whose outer product is `kernel`, or None.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.convolution.separable import factors
    >>> factors(np.array([[1, 2, 1], [2, 4, 2]]))
    [array([1, 2]), array([1, 2, 1])]
    """
    pivot = np.unravel_index(np.argmax(np.abs(kernel * 1.0)), kernel.shape)
    fibres: list[NDArray[Any]] = []
    for axis, n in enumerate(kernel.shape):
        through = np.ix_(*[range(n) if a == axis else [i] for a, i in enumerate(pivot)])
        fibres.append(kernel[through].ravel())
    if kernel[pivot] == 0:
        return fibres
    if kernel.dtype.kind in "iu":
        if kernel.min() == np.iinfo(kernel.dtype).min:  # its quotients need not fit
            return None if kernel.ndim > 1 else fibres
        # With all others primitive, the first factor is integer whenever the rank is one.
        for axis in range(1, kernel.ndim):
            fibres[axis] = fibres[axis] // math.gcd(*fibres[axis].tolist())
            fibres[0] = fibres[0] // fibres[axis][pivot[axis]]
        return fibres if np.array_equal(_outer(fibres), kernel) else None
    fibres[1:] = [fibre / kernel[pivot] for fibre in fibres[1:]]
    limit = TOLERANCE * np.finfo(kernel.dtype).eps * np.abs(kernel).sum()
    return fibres if np.abs(_outer(fibres) - kernel).sum() <= limit else None


def _outer(vectors: list[NDArray[Any]]) -> NDArray[Any]:
    return functools.reduce(np.multiply.outer, vectors)


def _found(kernel: NDArray[Any]) -> list[NDArray[Any]] | None:
    return _found_in(kernel.tobytes(), kernel.dtype, kernel.shape)


@functools.lru_cache(maxsize=16)
def _found_in(
    data: bytes, dtype: np.dtype[Any], shape: tuple[int, ...]
) -> list[NDArray[Any]] | None:
    """Return `factors` of a kernel, which took longer than a small image's convolution."""
    return factors(np.frombuffer(data, dtype).reshape(shape))


def unmet(rows: NDArray[Any], weights: NDArray[Any], geometry: Geometry) -> str:
    """Return what this method needs and misses, or nothing."""
    if all(_found(kernel) is not None for kernel in weights):
        return ""
    return "a kernel that is an outer product of one kernel per axis"


def cost(geometry: Geometry, dtype: np.dtype[Any], weights: NDArray[Any]) -> float:
    """Return the estimated time in ns on one thread with this kernel."""
    if dtype.kind == "f" and cancel(weights):
        return _passes_cost(geometry, dtype)
    return least_cost(geometry, dtype)


def _passes_cost(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    return CALL + sum(direct.cost(one_axis, dtype) for one_axis in geometry.passes())


def least_cost(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    """Return the estimated time in ns on one thread, with a kernel that does not cancel."""
    if dtype.kind != "f" or len(geometry.taps) not in (2, AXES) or not geometry.is_dense:
        return _passes_cost(geometry, dtype)
    *deep, height, width = geometry.output
    n_lines = geometry.n_rows * math.prod(max(LINES, n) for n in (*deep, height))
    size = n_lines * max(VECTOR, width * dtype.itemsize)
    return IMAGES_CALL + size * (
        IMAGES_OUTPUT[len(geometry.taps)] + sum(geometry.taps) * IMAGES_PRODUCT
    )


def into(
    extended: Extended,
    weights: NDArray[Any],
    geometry: Geometry,
    workers: int | None,
    out: NDArray[Any],
) -> bool:
    """Solve the problem of `Geometry` into `out`; return whether all of it is finite."""
    return passes_into(extended, _factors(weights), geometry, workers, out, cancel(weights))


def correlate(
    rows: NDArray[Any], weights: NDArray[Any], geometry: Geometry, workers: int | None
) -> NDArray[Any]:
    """Solve the problem of `Geometry` by one direct pass per axis."""
    return passes(rows, _factors(weights), geometry, workers)


def cancel(weights: NDArray[Any]) -> bool:
    """Return whether kernels (n_kernels, *taps) cancel along their last axes.

    SciPy sums along the last axis first, and nothing large is left to be rounded. What the first
    axis leaves would be rounded where it is large.
    """
    return _cancel(weights.tobytes(), weights.dtype, weights.shape)


@functools.lru_cache(maxsize=16)
def _cancel(data: bytes, dtype: np.dtype[Any], shape: tuple[int, ...]) -> bool:
    weights = np.frombuffer(data, dtype).reshape(shape)
    every, size = weights.ndim, np.abs(weights).sum()
    return any(
        np.abs(weights.sum(axis=tuple(range(axis, every)))).sum() < CANCELLING * size
        for axis in range(2, every)
    )


def _factors(weights: NDArray[Any]) -> list[NDArray[Any]]:
    """Return the factors (n_kernels, taps) of all kernels for each axis."""
    if len(weights) == 1:
        return [fibre[np.newaxis] for fibre in _found(weights[0]) or ()]
    per_kernel = [found for found in map(_found, weights) if found is not None]
    return [np.stack(fibres) for fibres in zip(*per_kernel, strict=True)]


def passes_into(
    extended: Extended,
    per_axis: Sequence[NDArray[Any]],
    geometry: Geometry,
    workers: int | None,
    out: NDArray[Any],
    last_first: bool,
    added: bool = False,
) -> bool:
    """Correlate as `passes` does, into `out` or on top of it; return whether all is finite.

    Unless the last axis has to come first, all axes are gone through at once.
    """
    many_fills = extended.fill != 0 and len(per_axis[0]) > 1
    if not geometry.is_dense or many_fills or last_first:
        result = passes(extended.joined(geometry), per_axis, geometry, workers)
        out[...] = out + result if added else result
        return bool(np.isfinite(result).all())
    n_axes = len(geometry.taps)
    kernels = [np.ascontiguousarray(fibres, out.dtype) for fibres in per_axis]
    if n_axes == 1:
        return direct.into(extended, kernels[0], geometry, workers, out)
    laid = extended._replace(rows=_with_room(extended.rows))
    compute = _images if n_axes < AXES else _volumes
    split, n_items = compute(laid, kernels, out.reshape(-1, *geometry.output), added)
    return all(_layout.split_over_threads(split, n_items, workers))


def _with_room(rows: NDArray[Any]) -> NDArray[Any]:
    """Return rows with a vector of room behind them, if their lines are no longer than that."""
    lanes = VECTOR // rows.itemsize
    if rows.shape[-1] >= lanes:
        return rows
    room = np.empty(rows.size + lanes, rows.dtype)[: rows.size].reshape(rows.shape)
    room[...] = rows
    return room


Work = tuple[Callable[[int, int], bool], int]  # and of how many items


def _images(
    extended: Extended, kernels: Sequence[NDArray[Any]], out: NDArray[Any], added: bool
) -> Work:
    """Return what correlates images with their two kernels into out (n_images, height, width)."""
    (height, width), (left, right) = out.shape[1:], (extended.left[2], extended.right[2])
    line = STRIP // (kernels[0].shape[1] + LINES - 1) // out.itemsize
    strip = min(width, max(line, NARROWEST // out.itemsize))
    if strip < width:
        first, last = left.max(initial=-1), right[right >= 0].min(initial=width)
        if max(first, len(left), len(right)) >= strip or last < (width // strip - 1) * strip:
            strip = width  # what lies beyond an end comes from further away than a strip
    n_items = len(out) * max(1, width // strip) * -(-height // LINES)
    whole = (strip | width) * out.itemsize % VECTOR == out.ctypes.data % VECTOR == 0
    past = whole and not added and out.nbytes >= PAST_CACHES
    return functools.partial(correlate_outer, *extended, *kernels, out, strip, added, past), n_items


def _volumes(
    extended: Extended, kernels: Sequence[NDArray[Any]], out: NDArray[Any], added: bool
) -> Work:
    """Do as `_images` with three kernels and out (n_rows, depth, height, width)."""
    depth, height = out.shape[1:3]
    line = LINES * extended.rows.shape[-1] * out.itemsize
    halo = kernels[1].shape[1] - 1
    band = max(LINES, 4 * halo, PLANES // line - halo)
    band = min(height, -(-band // LINES) * LINES)
    n_items = len(out) * -(-height // band) * -(-depth // LINES)
    return functools.partial(correlate_volumes, *extended, *kernels, out, band, added), n_items


def passes(
    rows: NDArray[Any], per_axis: Sequence[NDArray[Any]], geometry: Geometry, workers: int | None
) -> NDArray[Any]:
    """Correlate along one axis after another, with factors (1 or n_rows, taps) for each.

    The last comes first: `cancel` says why.
    """
    backwards = range(len(per_axis))[::-1]
    for axis, one_axis in zip(backwards, geometry.passes(backwards), strict=True):
        fibres = per_axis[axis]
        taken = fibres.reshape(len(fibres), *one_axis.taps)
        rows = direct.correlate(rows, taken, one_axis, workers)
    return rows
