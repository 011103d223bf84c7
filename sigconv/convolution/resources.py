"""What each method needs beside time, and how exact it is: what a plan tells."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import extended, fourier, loudness, running_sum, separable
from .geometry import Geometry

_SMALL = "the integers are so small that rounding gives them back exactly"
_EVEN = (
    f"the loudest sample of every row is at most {loudness.LOUDNESS_RANGE:g} times as loud as its "
    "quietest stretch"
)
_EVEN_TILES = "no tile is so uneven in loudness that it has to go a more exact, slower way"


class Resources(NamedTuple):
    """What a method takes for the problem of `Geometry` in a type of number."""

    memory: Callable[[Geometry, np.dtype[Any]], int]  # see `memory`
    error: Callable[[Geometry, np.dtype[Any]], float]  # units of the precision, see `plan`
    blocks: Callable[[Geometry, np.dtype[Any]], tuple[int, ...] | None] = lambda *_: None
    floats_if: str = ""  # what must hold of samples, or another method takes over
    integers_if: str = ""
    extended_if: str = ""  # and of samples that lie as `Extended` rows


def provided(name: str, geometry: Geometry, dtype: np.dtype[Any]) -> str:
    """Return what must hold of the samples, which are not known yet."""
    of = OF[name]
    if dtype.kind in "iu":
        return of.integers_if
    return of.extended_if if extended.fits(geometry, dtype) else of.floats_if


def memory(name: str, geometry: Geometry, dtype: np.dtype[Any], weights: NDArray[Any]) -> int:
    """Return the bytes that a method takes beside the signal and the answer."""
    total = OF[name].memory(geometry, dtype)
    if name in ("separable", "low_rank") and _lies(geometry, dtype) and separable.cancel(weights):
        total += _passes_memory(geometry, dtype.itemsize if name == "separable" else 8)
    return total


def expected_error(name: str, geometry: Geometry, dtype: np.dtype[Any]) -> float:
    """Return the expected largest error over the largest ``|x|`` times the sum of ``|h|``."""
    return 0.0 if dtype.kind in "iu" else OF[name].error(geometry, dtype)


def _eps(dtype: np.dtype[Any]) -> float:
    return float(np.finfo(dtype).eps)


def _extended(geometry: Geometry, itemsize: int) -> int:
    return geometry.n_rows * math.prod(geometry.extended) * itemsize


def _outputs(geometry: Geometry, itemsize: int) -> int:
    return geometry.n_rows * math.prod(geometry.output) * itemsize


def _lies(geometry: Geometry, dtype: np.dtype[Any]) -> bool:
    """Return whether the signal is read where it lies, without a copy that extends it."""
    return extended.fits(geometry, dtype) and geometry.is_dense


def _direct_memory(geometry: Geometry, dtype: np.dtype[Any]) -> int:
    if _lies(geometry, dtype):
        return 0
    return _extended(geometry, dtype.itemsize) + _outputs(geometry, dtype.itemsize)


def _separable_memory(geometry: Geometry, dtype: np.dtype[Any]) -> int:
    """Count the planes that have gone through the depth, or two passes' rows at once."""
    if _lies(geometry, dtype):
        return separable.PLANES if len(geometry.taps) == extended.AXES else 0
    return _passes_memory(geometry, dtype.itemsize)


def _passes_memory(geometry: Geometry, itemsize: int) -> int:
    """Count two passes' rows at once, beside the extended ones."""
    passes = [one.n_rows * math.prod(one.output) * itemsize for one in geometry.passes()]
    most = max((a + b for a, b in itertools.pairwise(passes)), default=2 * passes[0])
    return _extended(geometry, itemsize) + most


def _low_rank_memory(geometry: Geometry, dtype: np.dtype[Any]) -> int:
    """Count a term's passes, where it is not added at once the term, and wider copies."""
    wide = dtype if dtype.kind in "iu" else np.result_type(dtype, np.float64)
    total = _separable_memory(geometry, wide)
    if not (_lies(geometry, wide) and len(geometry.taps) == 2):
        total += _outputs(geometry, wide.itemsize)
    if wide == dtype:
        return total
    return total + _extended(geometry, wide.itemsize) + _outputs(geometry, wide.itemsize)


def _running_sum_memory(geometry: Geometry, dtype: np.dtype[Any]) -> int:
    """Count a part of a row, the sums along the depth, or the extended rows and all sums."""
    if _lies(geometry, dtype):
        if len(geometry.taps) == 1:
            part = running_sum.part_of(geometry.taps[0])
            return dtype.itemsize * min(part, geometry.output[0])
        if len(geometry.taps) < 3 or geometry.taps[0] == 1:
            return 0
        return 8 * geometry.n_rows * geometry.output[0] * math.prod(geometry.extended[1:])
    wide = dtype if dtype.kind in "iu" else np.result_type(dtype, np.float64)
    return 2 * _extended(geometry, wide.itemsize) + _outputs(geometry, wide.itemsize)


def _fft_memory(geometry: Geometry, dtype: np.dtype[Any]) -> int:
    return _transform_memory(fourier.whole_block(geometry), geometry, dtype)


def _blocks_memory(geometry: Geometry, dtype: np.dtype[Any]) -> int:
    if _tiled(geometry, dtype):
        points = math.prod(_tile(geometry, dtype))
        strided = 0 if geometry.is_dense else _outputs(geometry, dtype.itemsize)
        return strided + 6 * 8 * points
    return _transform_memory(fourier.best_block(geometry), geometry, dtype)


def _transform_memory(block: tuple[int, ...], geometry: Geometry, dtype: np.dtype[Any]) -> int:
    """Count the extended rows, the answer in double precision, and four transforms at once."""
    rows = _extended(geometry, dtype.itemsize) + _outputs(geometry, dtype.itemsize)
    return rows + 4 * 8 * (1 + (dtype.kind == "c")) * math.prod(block)


def _tiled(geometry: Geometry, dtype: np.dtype[Any]) -> bool:
    """Return whether compiled transforms of tiles serve the problem."""
    if not extended.fits(geometry, dtype):
        return False
    return math.isfinite(fourier.tiling.best(geometry, dtype.itemsize).time)


def _tile(geometry: Geometry, dtype: np.dtype[Any]) -> tuple[int, ...]:
    shape = fourier.tiling.best(geometry, dtype.itemsize).shape
    return shape[len(shape) - len(geometry.taps) :]


def _fft_blocks(geometry: Geometry, dtype: np.dtype[Any]) -> tuple[int, ...]:
    return fourier.whole_block(geometry)


def _overlap_save_blocks(geometry: Geometry, dtype: np.dtype[Any]) -> tuple[int, ...]:
    return _tile(geometry, dtype) if _tiled(geometry, dtype) else fourier.best_block(geometry)


def _direct_error(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    return 2.0 * _eps(dtype)


def _separable_error(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    return 2.0 * len(geometry.taps) * _eps(dtype)


def _wide_error(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    """Of sums in double precision, which are rounded in the end."""
    return _eps(dtype) / 2 + 4 * _eps(np.result_type(dtype, np.float64))


def _fft_error(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    return _transform_error(fourier.whole_block(geometry), dtype, "float64")


def _blocks_error(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    arithmetic = "float64"
    if _tiled(geometry, dtype):
        arithmetic = fourier.tiling.best(geometry, dtype.itemsize).dtype
    return _transform_error(_overlap_save_blocks(geometry, dtype), dtype, arithmetic)


def _transform_error(block: tuple[int, ...], dtype: np.dtype[Any], arithmetic: str) -> float:
    doublings = math.log2(math.prod(block) + 1)
    return _eps(dtype) / 2 + 0.5 * doublings * _eps(np.dtype(arithmetic))


OF = {
    "direct": Resources(_direct_memory, _direct_error),
    "separable": Resources(_separable_memory, _separable_error),
    "low_rank": Resources(_low_rank_memory, _wide_error, floats_if=_EVEN, extended_if=_EVEN),
    "running_sum": Resources(_running_sum_memory, _wide_error),
    "fft": Resources(_fft_memory, _fft_error, _fft_blocks, _EVEN, _SMALL, _EVEN),
    "overlap_save": Resources(
        _blocks_memory, _blocks_error, _overlap_save_blocks, _EVEN, _SMALL, _EVEN_TILES
    ),
}
