"""Box kernels: sums of windows at a cost that does not grow with the window."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _layout
from .._start_jit import start
from . import direct
from .beside_jit import sum_bands
from .extended import AXES, Extended, whole
from .geometry import Geometry
from .running_sum_jit import sum_rows
from .whole_sums_jit import window_sums

#: Times in ns on one thread, measured on one machine: of a call, of a sample of a running sum
#: along the last axis, and along another one, where neighbours run side by side.
CALL, RUNNING, RUNNING_BESIDE = 20_000.0, 0.8, 1.2

#: Outputs in a row that are computed together, at least: their first costs the samples of a
#: window.
PART = 262_144

#: Lines of an image that are computed together, at least.
BAND = 256

#: Bytes of the answer from which on it goes past the caches, which it would not fit into: 10 % less
#: time in float64 (in float32, where memory is less of the time, 10 % more).
PAST_CACHES = 2**25

_NONE = np.empty(0, np.intp)


def unmet(rows: NDArray[Any], weights: NDArray[Any], geometry: Geometry) -> str:
    """Return what this method needs and misses, or nothing."""
    flat = weights.reshape(len(weights), -1)
    # Most kernels are told by their ends alone.
    if flat[0, 0] == flat[0, -1] and (flat == flat[:, :1]).all():
        return ""
    return "a kernel whose taps are all equal"


def cost(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    """Return the estimated time in ns on one thread."""
    samples = [geometry.n_rows * math.prod(one_axis.extended) for one_axis in geometry.passes()]
    return CALL + RUNNING * samples[-1] + RUNNING_BESIDE * sum(samples[:-1])


def part_of(width: int) -> int:
    """Return how many outputs in a row are computed together; so many may be copied aside."""
    return max(PART, 8 * width)


def into(
    extended: Extended,
    weights: NDArray[Any],
    geometry: Geometry,
    workers: int | None,
    out: NDArray[Any],
) -> bool:
    """Solve the problem of `Geometry` into `out`; return whether all of it is finite."""
    if any(step != 1 for step in geometry.stride + geometry.dilation):
        rows = extended.joined(geometry)
        if not np.isfinite(rows).all():  # exact sums know finite numbers only
            return False
        out[...] = correlate(rows, weights, geometry, workers)
        return bool(np.isfinite(out).all())
    factors = weights.reshape(len(weights), -1)[:, 0].astype(np.float64)
    if box_into(extended, geometry.taps, factors, workers, out):
        return True
    if np.isfinite(extended.rows).all() and math.isfinite(extended.fill):
        # the sums are infinite, but their products with the tap need not be
        return direct.into(extended, weights, geometry, workers, out)
    return False


def box_into(
    extended: Extended,
    taps: tuple[int, ...],
    factors: NDArray[np.float64],
    workers: int | None,
    out: NDArray[Any],
) -> bool:
    """Sum the windows of `taps` times the factors, one or one a row, into contiguous `out`.

    Returns False if a sample is not finite or so large that a sum may not be.
    """
    start()
    rows, left, right, fill = extended
    depth, height, width = (1,) * (AXES - len(taps)) + taps
    out = out.reshape(len(rows), *(1,) * (AXES + 1 - out.ndim), *out.shape[1:])
    if depth > 1:
        n_rows, n, *plane = rows.shape
        flat = Extended(
            rows.reshape(n_rows, 1, n, -1),
            (_NONE, left[0], _NONE),
            (_NONE, right[0], _NONE),
            fill,
        )
        sums = np.empty((n_rows, out.shape[1], *plane))
        box_into(flat, (depth, 1), np.ones(1), workers, sums.reshape(n_rows, out.shape[1], -1))
        rows, fill = sums, fill * depth
    lines = math.prod(rows.shape[1:-2])
    if len(factors) > 1:
        factors = np.repeat(factors, lines if height > 1 else lines * rows.shape[2])
    if height > 1:
        rows, out = (each.reshape(-1, *each.shape[-2:]) for each in (rows, out))
        band = max(BAND, 4 * height)
        split = functools.partial(
            sum_bands, rows, left[1:], right[1:], fill, (height, width), factors, band, out
        )
        n_parts = -(-out.shape[1] // band)
    else:
        rows, out = (each.reshape(-1, each.shape[-1]) for each in (rows, out))
        part = part_of(width)
        past = out.nbytes >= PAST_CACHES and out.ctypes.data % out.itemsize == 0
        split = functools.partial(
            sum_rows, rows, left[2], right[2], fill, width, factors, part, past, out
        )
        n_parts = -(-out.shape[1] // part)
    return all(_layout.split_over_threads(split, len(rows) * n_parts, workers))


def correlate(
    rows: NDArray[Any], weights: NDArray[Any], geometry: Geometry, workers: int | None
) -> NDArray[Any]:
    """Solve the problem of `Geometry` by sums along one axis after another, times the tap."""
    sums = box_sums(rows, geometry, workers)
    tap = weights.reshape(len(weights), -1)[:, 0].astype(np.result_type(weights, sums.real))
    result = sums * tap.reshape(-1, *[1] * (rows.ndim - 1))
    with np.errstate(over="ignore"):  # as where float32 is summed by itself
        return result.astype(rows.dtype, copy=False)


def box_sums(rows: NDArray[Any], geometry: Geometry, workers: int | None) -> NDArray[Any]:
    """Sum over the windows of `geometry`; floats come back in double precision."""
    is_whole = rows.dtype.kind in "iu"
    rows = rows.astype(np.int64 if is_whole else np.result_type(rows, np.float64), copy=False)
    for axis, one_axis in enumerate(geometry.passes(), start=1):
        width, dilation = one_axis.taps[axis - 1], one_axis.dilation[axis - 1]
        stride = one_axis.stride[axis - 1]
        lengths = rows.shape
        outer, n = math.prod(lengths[:axis]), lengths[axis]
        real = np.ascontiguousarray(rows).view(rows.real.dtype).reshape(outer, n, -1)
        sums = (_whole_sums if is_whole else _float_sums)(real, width, dilation, workers)
        sums = np.ascontiguousarray(sums[:, : one_axis.dense_output[axis - 1] : stride])
        rows = sums.view(rows.dtype).reshape(*lengths[:axis], -1, *lengths[axis + 1 :])
    return rows


def _float_sums(x: NDArray[Any], width: int, dilation: int, workers: int | None) -> NDArray[Any]:
    """Sum windows along the middle axis of x (n_outer, n, n_inner)."""
    outer, n, inner = x.shape
    spare = -n % dilation
    if spare:
        x = np.concatenate([x, np.zeros((outer, spare, inner))], axis=1)
    # samples `dilation` apart lie below each other
    x = x.reshape(outer, -1, dilation * inner)
    taps = (width, 1)
    if x.shape[2] == 1:
        x, taps = x.reshape(outer, 1, -1), (1, width)
    lengths = (outer, x.shape[1] - taps[0] + 1, x.shape[2] - taps[1] + 1)
    out = np.empty(lengths)
    box_into(whole(x), taps, np.ones(1), workers, out)
    return out.reshape(outer, -1, inner)


def _whole_sums(x: NDArray[Any], width: int, dilation: int, workers: int | None) -> NDArray[Any]:
    """Sum windows along the middle axis of x (n_outer, n, n_inner), whole numbers."""
    outer, n, inner = x.shape
    out = np.empty((outer, n - (width - 1) * dilation, inner), x.dtype)
    n_parts = -(-out.shape[1] // dilation)
    n_blocks = -(-n_parts // width)
    split = functools.partial(window_sums, x, width, dilation, 1, out)
    _layout.split_over_threads(split, outer * dilation * n_blocks, workers)
    return out
