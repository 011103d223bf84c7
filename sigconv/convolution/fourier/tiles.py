"""Real rows, images and volumes through the compiled transforms, tile by tile."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import _layout
from .. import direct
from ..extended import Extended, whole
from ..geometry import Geometry
from ..loudness import LOUDNESS_RANGE
from . import precision, tables
from .tiles_jit import ANSWERED, UNEVEN, Evenness, Tables, Tiling, Triple, correlate_tiles
from .tiling import best, stretches, tiling, triple

#: Powers of two up to which gains and their products stay normal numbers.
FARTHEST = {"float32": 100, "float64": 1000}


def into(
    extended: Extended,
    weights: NDArray[Any],
    geometry: Geometry,
    workers: int | None,
    out: NDArray[Any],
    shape: tuple[int, ...] | None = None,
    dtype: str | None = None,
) -> bool:
    """Solve the problem of `Geometry` into `out`; return whether all samples are finite.

    `shape` and `dtype` of the transforms are those of the least time, if not given. Tiles too
    uneven for float32 are computed in float64, those too uneven for that by the definition.
    """
    choice = best(geometry, extended.dtype.itemsize)
    shape = choice.shape if shape is None else triple(shape)
    dtype = choice.dtype if dtype is None else dtype
    dense, taps = _dense(geometry, weights)
    strided = any(s > 1 for s in geometry.stride)
    target = np.empty((geometry.n_rows, *dense.output), out.dtype) if strided else out
    answered = _tiles_into(extended, taps, dense, workers, target, shape, dtype)
    if strided:
        out[...] = target[(slice(None), *(slice(None, None, s) for s in geometry.stride))]
    return answered


def _dense(geometry: Geometry, weights: NDArray[Any]) -> tuple[Geometry, NDArray[Any]]:
    """Return the problem at stride 1, with the zeros that dilation puts between the taps."""
    ones = (1,) * len(geometry.taps)
    if geometry.stride == geometry.dilation == ones:
        return geometry, weights
    spread = np.zeros((len(weights), *geometry.span), weights.dtype)
    spread[(slice(None), *(slice(None, None, d) for d in geometry.dilation))] = weights
    return Geometry(geometry.n_rows, geometry.extended, geometry.span, ones, ones), spread


def _tiles_into(
    extended: Extended,
    weights: NDArray[Any],
    geometry: Geometry,
    workers: int | None,
    out: NDArray[Any],
    shape: Triple,
    dtype: str,
) -> bool:
    plan = tiling(geometry, shape)
    n_pairs = -(-math.prod(plan.counts) // 2)
    verdicts = np.zeros(geometry.n_rows * n_pairs * 2, np.uint8)
    pairs = _all(geometry.n_rows * n_pairs)
    taps = weights.reshape(-1, *plan.span)
    for arithmetic in ("float32", "float64")[dtype == "float64" :]:
        worst = _transform(
            extended, taps, geometry, shape, arithmetic, out, verdicts, pairs, workers
        )
        if worst != UNEVEN:
            return worst == ANSWERED
        pairs = np.flatnonzero((verdicts == UNEVEN).reshape(-1, 2).any(axis=1))
    uneven = np.argwhere(verdicts.reshape(geometry.n_rows, -1) == UNEVEN)
    _directly(extended, weights, geometry, plan, out, uneven, workers)
    return True


@functools.lru_cache(maxsize=16)
def _all(n: int) -> NDArray[np.intp]:
    """Return the numbers of n pairs; nobody writes to them."""
    return np.arange(n)


def _transform(
    extended: Extended,
    taps: NDArray[Any],
    geometry: Geometry,
    shape: Triple,
    dtype: str,
    out: NDArray[Any],
    verdicts: NDArray[np.uint8],
    pairs: NDArray[np.intp],
    workers: int | None,
) -> int:
    """Compute pairs of tiles; return the worst verdict."""
    plan, evenness, roots = _fixed(geometry, shape, dtype)
    spectra, exponents = tables.spectra(taps, shape, dtype)
    rows, (z, y, x), (to_z, to_y, to_x), fill = extended
    ends = z, to_z, y, to_y, x, to_x
    signals, target = _writeable(rows), out.reshape(len(out), *triple(out.shape[1:]))
    name = "float32" if out.itemsize == 4 else "float64"

    def transform(begin: int, end: int) -> int:
        space = tables.space(shape, evenness, dtype, name)
        return correlate_tiles(
            signals, ends, fill, spectra, exponents, plan, roots, evenness, space, target,
            verdicts, pairs, begin, end,
        )  # fmt: skip

    return max(_layout.split_over_threads(transform, len(pairs), workers))


@functools.lru_cache(maxsize=256)
def _fixed(geometry: Geometry, shape: Triple, dtype: str) -> tuple[Tiling, Evenness, Tables]:
    """Return what transforms need that does not depend on the numbers."""
    plan = tiling(geometry, shape)
    return plan, _evenness(geometry, plan, dtype), tables.tables(shape, dtype)


def _evenness(geometry: Geometry, plan: Tiling, dtype: str) -> Evenness:
    """Return up to where an arithmetic serves."""
    cell, stretch = stretches(plan.span)
    strict = dtype == "float32"
    least = LOUDNESS_RANGE**-2
    if strict:
        samples = math.prod(cell) * math.prod(stretch)
        least = precision.least_power(geometry, math.prod(plan.shape), samples)
    return Evenness(cell, stretch, least, FARTHEST[dtype], strict)


class _Writeable:
    """What NumPy asks an object for that shares its memory."""

    def __init__(self, rows: NDArray[Any]) -> None:
        address, _ = rows.__array_interface__["data"]
        self.rows = rows
        self.__array_interface__ = {**rows.__array_interface__, "data": (address, False)}


def _writeable(rows: NDArray[Any]) -> NDArray[Any]:
    """Return the rows as an array of the type that writeable ones have: nothing writes to it."""
    if rows.flags.writeable:
        return rows
    return np.asarray(_Writeable(rows))


def _directly(
    extended: Extended,
    weights: NDArray[Any],
    geometry: Geometry,
    plan: Tiling,
    out: NDArray[Any],
    tiles: NDArray[np.intp],
    workers: int | None,
) -> None:
    """Compute tiles (n, 2), row and number, by the definition."""
    n_axes = len(geometry.taps)
    for row, tile in tiles:
        corner = [
            i * s for i, s in zip(np.unravel_index(tile, plan.counts), plan.step, strict=True)
        ]
        first = corner[-n_axes:]
        target = out[(slice(row, row + 1), *map(slice, first, np.add(first, plan.step[-n_axes:])))]
        lengths = [m + k - 1 for m, k in zip(target.shape[1:], geometry.span, strict=True)]
        piece = whole(_cut(extended, row, first, lengths))
        part = Geometry(1, tuple(lengths), geometry.taps, geometry.stride, geometry.dilation)
        answer = np.empty(target.shape, out.dtype)
        direct.into(piece, weights[row % len(weights)][np.newaxis], part, workers, answer)
        target[...] = answer


def _cut(extended: Extended, row: int, first: list[int], lengths: list[int]) -> NDArray[Any]:
    """Return a part of an extended row: (1, *lengths)."""
    missing = 3 - len(lengths)
    part = extended.rows[row]
    for axis, (begin, length) in enumerate(zip(first, lengths, strict=True), start=missing):
        left, right = extended.left[axis], extended.right[axis]
        index = np.concatenate([left, np.arange(part.shape[axis]), right])[begin : begin + length]
        part = part.take(index, axis)
        part[(slice(None),) * axis + (index < 0,)] = extended.fill
    return part.reshape(1, *lengths)
