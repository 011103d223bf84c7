"""Kernels that are an outer product of one kernel per axis, applied one axis after another."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _layout
from .._simd import VECTOR
from . import direct
from .extended import AXES, Extended
from .geometry import Geometry
from .separable_jit import LINES, correlate_outer

#: How far, in units of the precision, an outer product may be from its kernel (in sums of
#: absolute values, which bound the error of every output).
TOLERANCE = 4.0

#: Bytes of the lines kept of a strip of an image, and the fewest bytes of a strip's width.
STRIP, NARROWEST = 1 << 19, 1 << 12

#: Time in ns of a call, beside that of its passes.
CALL = 20_000.0
IMAGES_CALL = 6_000.0
IMAGES_OUTPUT = 0.08  # a byte of images
IMAGES_PRODUCT = {"f4": 0.0085, "f8": 0.0055}  # single precision sums more carefully


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


def cost(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    """Return the estimated time in ns on one thread."""
    passes = geometry.passes()
    if dtype.kind != "f" or len(passes) not in (2, AXES) or not geometry.is_dense:
        return CALL + sum(direct.cost(one_axis, dtype) for one_axis in passes)
    *deep, high, wide = passes
    n_lines = max(LINES, high.output[0 if not deep else 1])
    n_images = geometry.n_rows * (deep[0].extended[0] if deep else 1)
    size = n_images * n_lines * max(VECTOR, wide.output[-1] * dtype.itemsize)
    product = IMAGES_PRODUCT[f"{dtype.kind}{dtype.itemsize}"]
    images = IMAGES_CALL + size * (IMAGES_OUTPUT + sum(geometry.taps[-2:]) * product)
    return images + sum(direct.cost(one_axis, dtype) for one_axis in deep)


def into(
    extended: Extended,
    weights: NDArray[Any],
    geometry: Geometry,
    workers: int | None,
    out: NDArray[Any],
) -> bool:
    """Solve the problem of `Geometry` into `out`; return whether all of it is finite."""
    return passes_into(extended, _factors(weights), geometry, workers, out)


def correlate(
    rows: NDArray[Any], weights: NDArray[Any], geometry: Geometry, workers: int | None
) -> NDArray[Any]:
    """Solve the problem of `Geometry` by one direct pass per axis."""
    return passes(rows, _factors(weights), geometry, workers)


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
    added: bool = False,
) -> bool:
    """Correlate as `passes` does, into `out` or on top of it; return whether all is finite."""
    if not geometry.is_dense or (extended.fill != 0 and len(per_axis[0]) > 1):
        result = passes(extended.joined(geometry), per_axis, geometry, workers)
        out[...] = out + result if added else result
        return bool(np.isfinite(result).all())
    n_axes = len(geometry.taps)
    kernels = [np.ascontiguousarray(fibres, out.dtype) for fibres in per_axis]
    if n_axes == 1:
        return direct.into(extended, kernels[0], geometry, workers, out)
    n_rows, depth = extended.rows.shape[:2]
    shape = (n_rows, depth, *geometry.output[-2:])
    is_last = n_axes < AXES
    images = out.reshape(shape) if is_last else np.empty(shape, out.dtype)
    is_finite = _images_into(extended, kernels[-2:], images, workers, added and is_last)
    if is_last:
        return is_finite
    # Last the depth, whose pass also sees what the others make of the places beyond it.
    nothing = extended.left[0][:0]
    left, right = (extended.left[0], nothing, nothing), (extended.right[0], nothing, nothing)
    fill = extended.fill * math.prod(float(fibres[0].sum()) for fibres in kernels[-2:])
    deep = Geometry(
        n_rows,
        (geometry.extended[0], *geometry.output[1:]),
        (geometry.taps[0], 1, 1),
        geometry.stride,
        geometry.dilation,
    )
    result = np.empty(out.shape, out.dtype) if added else out
    laid = Extended(images, left, right, fill)
    is_finite &= direct.into(laid, kernels[0].reshape(-1, *deep.taps), deep, workers, result)
    if added:
        out += result
    return is_finite


def _images_into(
    extended: Extended,
    kernels: list[NDArray[Any]],
    images: NDArray[Any],
    workers: int | None,
    added: bool,
) -> bool:
    """Correlate the images of (n_rows, depth, height, width) with their two kernels."""
    (rows, left, right, filler), (height, width) = extended, images.shape[-2:]
    if rows.shape[-1] * rows.itemsize < VECTOR:  # more is read
        spare = np.empty(rows.size + VECTOR // rows.itemsize, rows.dtype)
        spare[: rows.size] = rows.ravel()
        rows = spare[: rows.size].reshape(rows.shape)
    line = STRIP // (len(kernels[0][0]) + LINES - 1) // images.itemsize
    strip = min(width, max(line, NARROWEST // images.itemsize))
    if strip < width:
        first, last = left[2].max(initial=-1), right[2][right[2] >= 0].min(initial=width)
        if max(first, len(left[2]), len(right[2])) >= strip or last < (width // strip - 1) * strip:
            strip = width  # what lies beyond an end comes from further away than a strip
    split = functools.partial(
        correlate_outer,
        rows,
        left,
        right,
        filler,
        *kernels,
        images.reshape(-1, height, width),
        strip,
        added,
    )
    n_items = math.prod(images.shape[:2]) * max(1, width // strip) * -(-height // LINES)
    return all(_layout.split_over_threads(split, n_items, workers))


def passes(
    rows: NDArray[Any], per_axis: Sequence[NDArray[Any]], geometry: Geometry, workers: int | None
) -> NDArray[Any]:
    """Correlate along one axis after another, with factors (1 or n_rows, taps) for each."""
    for fibres, one_axis in zip(per_axis, geometry.passes(), strict=True):
        taken = fibres.reshape(len(fibres), *one_axis.taps)
        rows = direct.correlate(rows, taken, one_axis, workers)
    return rows
