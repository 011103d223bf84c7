"""Convolution through Fourier transforms: compiled tiles, and SciPy's for all other types."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..extended import Extended, fits
from ..geometry import Geometry
from . import precision, tiles, tiling
from .general import best_block, correlate_whole, transform_cost, whole_block
from .general import correlate_blocks as correlate_blocks
from .general import is_even as is_even
from .general import unmet as unmet


def cost_whole(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    """Return the estimated time in ns of one transform per row on one thread."""
    return transform_cost(whole_block(geometry), geometry) * (1 + (dtype.kind == "c"))


def cost_blocks(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    """Return the estimated time in ns of one transform per block on one thread."""
    if fits(geometry, dtype):
        time = tiling.best(geometry, dtype.itemsize).time
        if math.isfinite(time):
            return time
    return transform_cost(best_block(geometry), geometry) * (1 + (dtype.kind == "c"))


def serves(geometry: Geometry, dtype: np.dtype[Any]) -> bool:
    """Return whether transforms are at most twice as far off as SciPy's direct method.

    For data in double precision nothing wider is there to help; integers are exact or refused.
    """
    if dtype not in (np.float64, np.complex128):
        return True
    points = math.prod(best_block(geometry))
    if fits(geometry, dtype):
        points = math.prod(tiling.best(geometry, dtype.itemsize).shape)
    return precision.serves(geometry, points, "float64")


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
