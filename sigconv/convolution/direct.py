"""The definition: every output sums its own products."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _layout
from .._simd import BUNDLE
from .direct_jit import GROUP, TILE, correlate_bundles, correlate_tiles
from .extended import AXES, Extended, whole
from .geometry import Geometry
from .lines_jit import convolve_line, correlate_lines
from .planes_jit import TILE_BYTES, TILE_LINES, correlate_planes

#: Types whose sums are kept in another one: about 30 taps summed in float32 alone came out
#: with more than twice the error of NumPy's.
WIDE = {np.dtype(np.float32): np.dtype(np.float64)}

#: Bytes from which on a line of floats is computed in bundles: most of one is
#: then in use.
WORTH_BUNDLES = BUNDLE // 2


#: Outputs computed together: planes and lines of them, bytes of a line (as a rule of all of it:
#: narrower strips of wide images took up to half as long again), bytes of input kept for them.
DEPTH, HEIGHT, WIDTH, KEPT = 32, 64, 1 << 14, 1 << 19

#: Times in ns on one thread, measured on one machine; only their ratios matter.
CALL = 20_000.0
LINE = 30.0
OUTPUT = 0.6
PRODUCT = {"i8": 0.12, "f4": 0.08, "f8": 0.12, "c8": 0.18, "c16": 0.36}  # by kind and bytes
SPARSE_OUTPUT, SPARSE_PRODUCT = 0.05, 0.008  # with strides or gaps, a byte in vectors
DENSE_CALL = 4_000.0
LINES_OUTPUT, LINES_PRODUCT = 0.018, 0.0047  # a byte along lines
IMAGES_OUTPUT, VOLUMES_OUTPUT, PLANES_PRODUCT = 0.055, 0.12, 0.0048  # in images, volumes


def unmet(rows: NDArray[Any], weights: NDArray[Any], geometry: Geometry) -> str:
    """Return what this method needs and misses: nothing ever."""
    return ""


def cost(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    """Return the estimated time in ns on one thread."""
    n_taps, length = math.prod(geometry.taps), geometry.output[-1]
    n_lines = geometry.n_rows * math.prod(geometry.output[:-1])
    size = length * dtype.itemsize
    if dtype.kind == "f" and len(geometry.taps) <= AXES and geometry.is_dense:
        if n_taps == geometry.taps[-1]:
            size = max(size, BUNDLE)
            return DENSE_CALL + n_lines * size * (LINES_OUTPUT + n_taps * LINES_PRODUCT)
        size = max(size, TILE_BYTES)
        n_lines = max(n_lines, TILE_LINES)
        output = VOLUMES_OUTPUT if geometry.taps[:-2] > (1,) else IMAGES_OUTPUT
        return DENSE_CALL + n_lines * size * (output + n_taps * PLANES_PRODUCT)
    if dtype.kind == "f" and size >= WORTH_BUNDLES:
        size = -(-size // BUNDLE) * BUNDLE
        return CALL + n_lines * size * (SPARSE_OUTPUT + n_taps * SPARSE_PRODUCT)
    product = PRODUCT[f"{dtype.kind}{dtype.itemsize}"]
    return CALL + n_lines * (LINE + length * (OUTPUT + n_taps * product))


def into(
    extended: Extended,
    weights: NDArray[Any],
    geometry: Geometry,
    workers: int | None,
    out: NDArray[Any],
) -> bool:
    """Solve the problem of `Geometry` into `out`; return whether all of it is finite."""
    if not geometry.is_dense:
        out[...] = correlate(extended.joined(geometry), weights, geometry, workers)
        return bool(np.isfinite(out).all())
    rows, left, right, filler = extended
    taps = geometry.taps
    kernels = np.ascontiguousarray(weights, rows.dtype)
    if kernels.size == len(kernels) * taps[-1] and (len(kernels) == 1 or len(taps) == 1):
        lines = out.reshape(-1, out.shape[-1])
        signals, own = rows.reshape(-1, rows.shape[-1]), kernels.reshape(-1, taps[-1])
        split = functools.partial(correlate_lines, signals, left[-1], right[-1], filler, own, lines)
        n_items = len(lines) * -(-lines.shape[1] * out.itemsize // BUNDLE)
    else:
        shape = (1,) * (AXES - len(geometry.output)) + geometry.output
        taps = (1,) * (AXES - len(taps)) + taps
        block = _block(taps, shape, out.itemsize)
        split = functools.partial(
            correlate_planes,
            *extended,
            kernels.reshape(-1, *taps),
            out.reshape(-1, *shape),
            block,
        )
        counts = [-(-n // size) for n, size in zip(shape[:2], block[:2], strict=True)]
        n_items = len(out) * math.prod(counts) * max(1, shape[2] // block[2])
    return all(_layout.split_over_threads(split, n_items, workers))


def at_once(geometry: Geometry) -> Callable[..., bool] | None:
    """Return the function that solves a problem of one row in one compiled call, if any does."""
    return convolve_line if len(geometry.taps) == 1 and geometry.is_dense else None


def _block(taps: tuple[int, ...], shape: tuple[int, ...], itemsize: int) -> tuple[int, int, int]:
    """Return depth, height and width of the outputs computed together."""
    width = WIDTH // itemsize
    if taps[0] == 1:
        return DEPTH, HEIGHT, width
    line = (min(shape[2], 2 * width) + taps[2]) * itemsize
    height = KEPT // (taps[0] * line) - taps[1] + 1
    return DEPTH, max(TILE_LINES, min(HEIGHT, height // TILE_LINES * TILE_LINES)), width


def correlate(
    rows: NDArray[Any], weights: NDArray[Any], geometry: Geometry, workers: int | None
) -> NDArray[Any]:
    """Solve the problem of `Geometry` by its definition."""
    if np.iscomplexobj(rows) and not np.iscomplexobj(weights):
        # Real weights act on real and imaginary parts alike.
        out = np.empty((geometry.n_rows, *geometry.output), rows.dtype)
        out.real = correlate(np.ascontiguousarray(rows.real), weights, geometry, workers)
        out.imag = correlate(np.ascontiguousarray(rows.imag), weights, geometry, workers)
        return out
    if rows.dtype.kind == "f" and len(geometry.taps) <= AXES and geometry.is_dense:
        out = np.empty((geometry.n_rows, *geometry.output), rows.dtype)
        into(whole(rows), weights, geometry, workers, out)
        return out
    stride = geometry.stride[-1]
    phased = _by_phase(rows, stride)
    pitches = [phased[0].strides[axis] // phased.itemsize for axis in range(phased.ndim - 1)]
    leading = list(zip(pitches, geometry.taps, geometry.dilation, strict=True))[:-1]
    last = np.arange(geometry.taps[-1]) * geometry.dilation[-1]
    last = last % stride * (phased.shape[-1] // stride) + last // stride
    offsets = _sums([*(np.arange(k) * d * pitch for pitch, k, d in leading), last])
    leading = list(zip(pitches, geometry.output, geometry.stride, strict=True))[:-1]
    starts = _sums([np.arange(m) * s * pitch for pitch, m, s in leading])
    flat_weights = weights.reshape(len(weights), -1)
    used = np.flatnonzero(flat_weights.any(axis=0))
    taken, offsets = flat_weights[:, used], offsets[used]
    out = np.empty((geometry.n_rows, len(starts), geometry.output[-1]), rows.dtype)

    flat = phased.reshape(geometry.n_rows, -1)
    if len(used) and rows.dtype.kind == "f" and out.shape[-1] * rows.itemsize >= WORTH_BUNDLES:
        split = functools.partial(
            correlate_bundles, flat, np.ascontiguousarray(taken), offsets, starts, out
        )
        _layout.split_over_threads(split, geometry.n_rows * len(starts), workers)
        return out.reshape(geometry.n_rows, *geometry.output)
    spare = -len(used) % (GROUP // 2)
    split = functools.partial(
        correlate_tiles,
        flat,
        np.pad(taken, ((0, 0), (0, spare))),
        np.pad(offsets, (0, spare)),
        starts,
        out,
        WIDE.get(rows.dtype, rows.dtype),
    )
    n_tiles = -(-out.shape[-1] // TILE)
    _layout.split_over_threads(split, geometry.n_rows * len(starts) * n_tiles, workers)
    return out.reshape(geometry.n_rows, *geometry.output)


def _by_phase(rows: NDArray[Any], stride: int) -> NDArray[Any]:
    """Sort the last axis by its index modulo `stride`, so that strided outputs are neighbours."""
    if stride == 1:
        return np.ascontiguousarray(rows)
    n = rows.shape[-1]
    length = -(-n // stride)
    padded = np.zeros((*rows.shape[:-1], length * stride), rows.dtype)
    padded[..., :n] = rows
    split = padded.reshape(*rows.shape[:-1], length, stride)
    return np.ascontiguousarray(split.swapaxes(-1, -2)).reshape(padded.shape)


def _sums(steps: Sequence[NDArray[np.intp]]) -> NDArray[np.intp]:
    """Return all sums of one element of each array, the last array running fastest."""
    return functools.reduce(np.add.outer, steps, np.zeros((), np.intp)).ravel()
