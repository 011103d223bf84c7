"""Convolution through Fourier transforms: compiled tiles, and SciPy's for all other types."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..extended import Extended, fits
from ..geometry import Geometry
from . import precision, tiles, tiling
from .general import best_block, correlate_whole, transform_cost, whole_block
from .general import correlate_blocks as correlate_blocks
from .general import unmet as unmet

#: Time in ns, by samples, of making sure that a row may be transformed as a whole.
LOOK = 9.0


def cost_whole(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    """Return the estimated time in ns of one transform per row on one thread."""
    looks = LOOK * geometry.n_rows * math.prod(geometry.extended)
    return looks + transform_cost(whole_block(geometry), geometry) * (1 + (dtype.kind == "c"))


def cost_blocks(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    """Return the estimated time in ns of one transform per block on one thread."""
    if fits(geometry, dtype):
        time = tiling.best(geometry, dtype.itemsize).time
        if math.isfinite(time):
            return time
    return transform_cost(best_block(geometry), geometry) * (1 + (dtype.kind == "c"))


def whole_serves(geometry: Geometry, dtype: np.dtype[Any]) -> bool:
    """Return whether one transform per row is at most twice as far off as SciPy's direct method.

    For data in double precision nothing wider is there to help; integers are exact or refused.
    """
    return dtype not in (np.float64, np.complex128) or precision.scipys_serve(geometry)


@functools.lru_cache(maxsize=256)
def blocks_serve(geometry: Geometry, dtype: np.dtype[Any]) -> bool:
    """Return the same of one transform per block."""
    if fits(geometry, dtype):
        time, shape, arithmetic = tiling.best(geometry, dtype.itemsize)
        if math.isfinite(time):
            of_data = arithmetic == dtype.name
            return not of_data or precision.serves(geometry, math.prod(shape), arithmetic)
    return whole_serves(geometry, dtype)


def whole_into(
    extended: Extended,
    weights: NDArray[Any],
    geometry: Geometry,
    workers: int | None,
    out: NDArray[Any],
) -> bool:
    """Solve the problem of `Geometry` into `out`; return whether all of it is finite."""
    out[...] = correlate_whole(extended.joined(geometry), weights, geometry, workers)
    return bool(np.isfinite(out).all())


def blocks_into(
    extended: Extended,
    weights: NDArray[Any],
    geometry: Geometry,
    workers: int | None,
    out: NDArray[Any],
) -> bool:
    """Solve the problem of `Geometry` into `out`; return whether all samples are finite."""
    if math.isinf(tiling.best(geometry, extended.dtype.itemsize).time):  # beyond the longest
        out[...] = correlate_blocks(extended.joined(geometry), weights, geometry, workers)
        return bool(np.isfinite(out).all())
    return tiles.into(extended, weights, geometry, workers, out)
