"""Overlapping blocks of `Lines` through the compiled Fourier transform, in double precision."""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _layout
from . import lines
from .extended import Extended
from .geometry import Geometry
from .lines import Lines
from .overlap_save_jit import LANES, SMALLEST, SQUARE, correlate_pairs, is_odd, transform_weights

#: Time in ns of a call, of a pair of blocks and of each of its points, and of looking at each
#: sample's loudness before; transforms beyond the cache take longer. Measured on one machine.
CALL, PAIR, POINT, LOOK = 15_000.0, 800.0, 6.4, 1.2
CACHE, BEYOND = 1 << 15, 1.3


class Tables(NamedTuple):
    """The roots of unity of a transform, in the order in which it meets them."""

    twiddles: NDArray[np.float64]
    offsets: NDArray[np.intp]  # where each stage begins
    eighths: NDArray[np.float64]


def into(
    extended: Extended,
    weights: NDArray[Any],
    geometry: Geometry,
    workers: int | None,
    out: NDArray[Any],
) -> bool:
    """Solve the problem of `Geometry` into `out`; return whether all of it is finite."""
    out[...] = correlate(lines.of(extended), weights, geometry, workers)
    return bool(np.isfinite(out).all())


def correlate(
    lines: Lines,
    weights: NDArray[Any],
    geometry: Geometry,
    workers: int | None,
    size: int | None = None,
) -> NDArray[Any]:
    """Solve the problem of `Geometry` by transforms of `size` points (a power of two)."""
    size = best_size(geometry) if size is None else size
    table = tables(size)
    spectra = _aligned((len(weights), 2, size))
    transform_weights(
        np.ascontiguousarray(weights, np.float64), *table, spectra, *_aligned((2, SQUARE))
    )
    step = size - geometry.span[0] + 1
    out = np.empty((geometry.n_rows, *geometry.output), lines.dtype)

    def transform(begin: int, end: int) -> None:
        scratch, squares = _aligned((2, size)), _aligned((2, SQUARE))
        correlate_pairs(*lines, spectra, step, *table, out, scratch, *squares, begin, end)

    n_pairs = -(-out.shape[1] // (2 * step))
    _layout.split_over_threads(transform, geometry.n_rows * n_pairs, workers)
    return out


@functools.lru_cache(maxsize=8)
def tables(size: int) -> Tables:
    """Return the tables of a transform of `size` points."""
    stages = []
    n = size
    if is_odd(size):
        stages.append(_roots(n, 2))
        n //= 2
    while n > LANES:
        stages.append(_roots(n, 4))
        n //= 4
    twiddles = _aligned((sum(stage.size for stage in stages),))
    np.concatenate(stages, out=twiddles)
    offsets = np.cumsum([0, *(stage.size for stage in stages)])
    eighth = np.exp(-2j * np.pi * np.arange(4) / 8)
    return Tables(twiddles, offsets, np.r_[eighth.real, eighth.imag])


def _roots(n: int, radix: int) -> NDArray[np.float64]:
    """Return the twiddles of one stage: vector by vector, power by power, both parts."""
    j = np.arange(n // radix)
    powers = [np.exp(-2j * np.pi * (power * j % n) / n) for power in range(1, radix)]
    parts = [part.reshape(-1, LANES) for root in powers for part in (root.real, root.imag)]
    return np.stack(parts, axis=1).ravel()


@functools.lru_cache
def best_size(geometry: Geometry) -> int:
    """Return the number of points of the cheapest transform."""
    smallest = max(SMALLEST, 1 << geometry.span[0].bit_length())
    sizes = [smallest << doublings for doublings in range(20)]
    return min(sizes, key=lambda size: cost(geometry, size))


def cost(geometry: Geometry, size: int) -> float:
    """Return the estimated time in ns of transforms of `size` points on one thread."""
    n_pairs = -(-geometry.output[0] // (2 * (size - geometry.span[0] + 1)))
    pair = PAIR + size * POINT * (BEYOND if size > CACHE else 1)
    look = LOOK * geometry.n_rows * geometry.extended[0]
    return CALL + look + (geometry.n_rows * n_pairs + 0.5) * pair


def _aligned(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return an array that begins where a vector may, so that none lies in two cache lines."""
    size = math.prod(shape)
    spare = np.empty(size + LANES)
    first = -spare.ctypes.data // spare.itemsize % LANES
    return spare[first : first + size].reshape(shape)
