"""Which method answers: the table of methods and what each of them costs."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._simd import BUNDLE
from . import direct, fourier, lines, overlap_save, running_sum, separable
from .geometry import Geometry
from .lines import Lines

# Times in ns on one thread, measured on one machine; only their ratios matter.
CALL = 20_000.0
LINE = 30.0
OUTPUT = 0.6
PRODUCT = {"i8": 0.12, "f4": 0.08, "f8": 0.12, "c8": 0.18, "c16": 0.36}  # by kind and bytes
LINES_CALL = 5_000.0
LINE_OUTPUT = 0.05  # in vectors, a byte of output
LINE_PRODUCT = 0.008  # and a byte of product
RUNNING = 22.0  # a sample of a running sum along the last axis
RUNNING_BESIDE = 5.0  # along another one, where neighbours run side by side

#: `auto` spreads rounding errors over a block only while no stretch of a row is quieter than
#: its loudest sample by more than this factor, which leaves the quietest nine digits.
LOUDNESS_RANGE = 1e6

#: Louder rows could overflow in a transform where their convolution does not.
LOUDEST = 1e100


class Method(NamedTuple):
    """A way to solve the problem of `Geometry`."""

    correlate: Callable[[NDArray[Any], NDArray[Any], Geometry, int | None], NDArray[Any]]
    unmet: Callable[[Any, NDArray[Any], Geometry], str]  # of an array or `Lines`
    cost: Callable[[Geometry, np.dtype[Any]], float]  # ns on one thread, an estimate
    local: bool = True  # errors stay where the loud samples are
    along_lines: Callable[[Lines, NDArray[Any], Geometry, int | None], NDArray[Any]] | None = None


def _direct_cost(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    n_taps, length = math.prod(geometry.taps), geometry.output[-1]
    n_lines = geometry.n_rows * math.prod(geometry.output[:-1])
    size = length * dtype.itemsize
    if dtype.kind == "f" and (lines.fits(geometry, dtype) or size >= direct.WORTH_BUNDLES):
        size = -(-size // BUNDLE) * BUNDLE
        call = LINES_CALL if lines.fits(geometry, dtype) else CALL
        return call + n_lines * size * (LINE_OUTPUT + n_taps * LINE_PRODUCT)
    product = PRODUCT[f"{dtype.kind}{dtype.itemsize}"]
    return CALL + n_lines * (LINE + length * (OUTPUT + n_taps * product))


def _separable_cost(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    return CALL + sum(_direct_cost(one_axis, dtype) for one_axis in geometry.passes())


def _running_sum_cost(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    samples = [geometry.n_rows * math.prod(one_axis.extended) for one_axis in geometry.passes()]
    return CALL + RUNNING * samples[-1] + RUNNING_BESIDE * sum(samples[:-1])


def _fft_cost(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    return _transform_cost(fourier.whole_block(geometry), geometry, dtype)


def _overlap_save_cost(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    if lines.fits(geometry, dtype):
        return overlap_save.cost(geometry, overlap_save.best_size(geometry))
    return _transform_cost(fourier.best_block(geometry), geometry, dtype)


def _transform_cost(block: tuple[int, ...], geometry: Geometry, dtype: np.dtype[Any]) -> float:
    return fourier.transform_cost(block, geometry) * (1 + (dtype.kind == "c"))


METHODS = {
    "direct": Method(direct.correlate, direct.unmet, _direct_cost, along_lines=lines.correlate),
    "separable": Method(separable.correlate, separable.unmet, _separable_cost),
    "running_sum": Method(running_sum.correlate, running_sum.unmet, _running_sum_cost),
    "fft": Method(fourier.correlate_whole, fourier.unmet, _fft_cost, local=False),
    "overlap_save": Method(
        fourier.correlate_blocks,
        fourier.unmet,
        _overlap_save_cost,
        local=False,
        along_lines=overlap_save.correlate,
    ),
}


def choose(
    name: str, rows: NDArray[Any] | Lines, weights: NDArray[Any], geometry: Geometry
) -> tuple[Method, float]:
    """Return the method `name`, or the cheapest fit one for "auto", and its cost in ns."""
    if name != "auto":
        method = METHODS[name]
        unmet = method.unmet(rows, weights, geometry)
        if unmet:
            raise ValueError(f"method {name!r} needs {unmet}; 'auto' and 'direct' do not")
        return method, method.cost(geometry, rows.dtype)
    for method, cost in _by_cost(geometry, rows.dtype):
        local = method.local or is_even(rows, geometry)
        if local and not method.unmet(rows, weights, geometry):
            return method, cost
    raise AssertionError("the direct method serves every problem")


@functools.lru_cache
def _by_cost(geometry: Geometry, dtype: np.dtype[Any]) -> list[tuple[Method, float]]:
    costs = [(method, method.cost(geometry, dtype)) for method in METHODS.values()]
    return sorted(costs, key=lambda entry: entry[1])


def is_even(rows: NDArray[Any] | Lines, geometry: Geometry) -> bool:
    """Return whether the loudness of every row stays within `LOUDNESS_RANGE`, silence apart."""
    if rows.dtype.kind in "iu":  # exact, or refused
        return True
    # Half a span: every window of the kernel holds one such stretch as a whole.
    stretch = max(1, geometry.span[-1] // 2)
    n_whole = max(1, geometry.extended[-1] // stretch)
    if isinstance(rows, Lines):
        loudness = rows.loudness(stretch, 1)
    else:
        starts = range(0, rows.shape[-1], stretch)
        loudness = np.maximum.reduceat(np.abs(rows), starts, axis=-1)
    loudness = loudness[..., :n_whole].reshape(geometry.n_rows, -1).astype(np.float64)
    quietest = np.where(loudness > 0, loudness, np.inf).min(axis=1)
    loudest = loudness.max(axis=1)
    return bool((loudest / LOUDNESS_RANGE <= quietest).all() and loudest.max() <= LOUDEST)
