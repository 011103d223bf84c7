"""What each method needs beside time, and how exact it is: what a plan tells."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from . import extended, fourier, lines, overlap_save
from .geometry import Geometry

_EVEN = (
    f"the loudest sample of every row is at most {fourier.LOUDNESS_RANGE:g} times as loud as its "
    "quietest stretch"
)
_SMALL = "the integers are so small that rounding gives them back exactly"


class Resources(NamedTuple):
    """What a method takes for the problem of `Geometry` in a type of number."""

    memory: Callable[[Geometry, np.dtype[Any]], int]  # bytes beside the signal and the answer
    error: Callable[[Geometry, np.dtype[Any]], float]  # units of the precision, see `plan`
    blocks: Callable[[Geometry, np.dtype[Any]], tuple[int, ...] | None] = lambda *_: None
    floats_if: str = ""  # what must hold of samples, or the direct method takes over
    integers_if: str = ""


def expected_error(name: str, geometry: Geometry, dtype: np.dtype[Any]) -> float:
    """Return the expected largest error over the largest ``|x|`` times the sum of ``|h|``."""
    if dtype.kind in "iu":
        return 0.0
    return OF[name].error(geometry, dtype)


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
    """Count two passes' rows at once, beside the extended ones."""
    passes = [one.n_rows * math.prod(one.output) * dtype.itemsize for one in geometry.passes()]
    if _lies(geometry, dtype):
        return sum(sorted(passes[:-1])[-2:])
    if len(passes) == 1:
        return _extended(geometry, dtype.itemsize) + 2 * passes[0]
    pairs = [a + b for a, b in zip(passes, passes[1:], strict=False)]
    return _extended(geometry, dtype.itemsize) + max(pairs, default=passes[0])


def _low_rank_memory(geometry: Geometry, dtype: np.dtype[Any]) -> int:
    wide = dtype if dtype.kind in "iu" else np.result_type(dtype, np.float64)
    total = _separable_memory(geometry, wide) + _outputs(geometry, wide.itemsize)
    return total + (_extended(geometry, dtype.itemsize) if wide != dtype else 0)


def _running_sum_memory(geometry: Geometry, dtype: np.dtype[Any]) -> int:
    wide = dtype if dtype.kind in "iu" else np.result_type(dtype, np.float64)
    copied = _extended(geometry, dtype.itemsize) if wide != dtype else 0
    return copied + _separable_memory(geometry, wide)


def _fft_memory(geometry: Geometry, dtype: np.dtype[Any]) -> int:
    return _transform_memory(fourier.whole_block(geometry), geometry, dtype)


def _blocks_memory(geometry: Geometry, dtype: np.dtype[Any]) -> int:
    if lines.fits(geometry, dtype):
        return _outputs(geometry, dtype.itemsize) + 64 * overlap_save.best_size(geometry)
    return _transform_memory(fourier.best_block(geometry), geometry, dtype)


def _transform_memory(block: tuple[int, ...], geometry: Geometry, dtype: np.dtype[Any]) -> int:
    """Count the extended rows, the answer in double precision, and four transforms at once."""
    rows = _extended(geometry, dtype.itemsize) + _outputs(geometry, dtype.itemsize)
    return rows + 4 * 8 * (1 + (dtype.kind == "c")) * math.prod(block)


def _fft_blocks(geometry: Geometry, dtype: np.dtype[Any]) -> tuple[int, ...]:
    return fourier.whole_block(geometry)


def _overlap_save_blocks(geometry: Geometry, dtype: np.dtype[Any]) -> tuple[int, ...]:
    if lines.fits(geometry, dtype):
        return (overlap_save.best_size(geometry),)
    return fourier.best_block(geometry)


def _direct_error(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    return 2.0 * _eps(dtype)


def _separable_error(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    return 2.0 * len(geometry.taps) * _eps(dtype)


def _wide_error(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    """Of sums in double precision, which are rounded in the end."""
    return _eps(dtype) / 2 + 4 * _eps(np.result_type(dtype, np.float64))


def _fft_error(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    return _transform_error(fourier.whole_block(geometry), dtype)


def _blocks_error(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    return _transform_error(_overlap_save_blocks(geometry, dtype), dtype)


def _transform_error(block: tuple[int, ...], dtype: np.dtype[Any]) -> float:
    doublings = math.log2(math.prod(block) + 1)
    return _eps(dtype) / 2 + 0.5 * doublings * _eps(np.result_type(dtype, np.float64))


OF = {
    "direct": Resources(_direct_memory, _direct_error),
    "separable": Resources(_separable_memory, _separable_error),
    "low_rank": Resources(_low_rank_memory, _wide_error, floats_if=_EVEN),
    "running_sum": Resources(_running_sum_memory, _wide_error),
    "fft": Resources(_fft_memory, _fft_error, _fft_blocks, _EVEN, _SMALL),
    "overlap_save": Resources(_blocks_memory, _blocks_error, _overlap_save_blocks, _EVEN, _SMALL),
}
