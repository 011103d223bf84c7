"""Which tiles a problem falls into: the cheapest transforms, by times that were measured."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
from typing import NamedTuple

import numpy as np

from ..geometry import REFERENCE_ROWS, Geometry
from . import precision
from .loudness_jit import BY_DOUBLING
from .tables import lanes_of, least_row
from .tiles_jit import Tiling, Triple

#: Time in ns of a call, of a pair of tiles, and by the bytes of an arithmetic of a point of a
#: pair and of a point and doubling; beyond the caches everything takes longer. Measured on one
#: machine. A line of a tile of several costs more than its points: it is called for by itself,
#: and the next one lies elsewhere in memory.
CALL, PAIR, LINE = 25_000.0, 1_000.0, 350.0
POINT = {4: 1.9, 8: 1.6}
DOUBLING = {4: 0.1, 8: 0.26}
CACHES = (1 << 17, 1.4), (1 << 21, 4.0)  # bytes of a pair beyond which, and how much longer

#: The same of rows, which are gone through part by part.
ROW_CALL, ROW_PAIR = 12_000.0, 700.0
ROW_POINT = {4: 1.1, 8: 2.0}
ROW_DOUBLING = {4: 0.07, 8: 0.12}
ROW_CACHES = (1 << 18, 1.2), (1 << 21, 1.8)
SPECTRUM = {4: 5.0, 8: 10.0}  # a point of the kernel's spectrum, by the bytes of the data

#: Cells of fewer samples are not measured in passing, but take so many ns each: with 7 x 7 x 6
#: taps, where a cell is one sample, volumes took 6 times as long as their transforms.
SMALL_CELL, CELL = 8, 20.0

#: Power, in units of the mean, of the samples under a kernel whose middle stands at an end of a
#: row, where half of them are zeros: of the four fifths that are measured, less what chance takes.
AT_END = 0.35

#: Outputs of a line from which on a whole number of cache lines is computed.
WORTH_ALIGNING = 512

#: The longest transforms tried.
LONGEST = 1 << 22


class Choice(NamedTuple):
    """Transforms for a problem."""

    time: float  # in ns on one thread, an estimate
    shape: Triple
    dtype: str  # of the arithmetic


def triple(lengths: tuple[int, ...]) -> Triple:
    """Return lengths along depth, height and width."""
    depth, height, width = (1,) * (3 - len(lengths)) + tuple(lengths)
    return depth, height, width


@functools.lru_cache(maxsize=256)
def tiling(geometry: Geometry, shape: Triple) -> Tiling:
    """Return how a problem at stride 1 falls into transforms of `shape`."""
    span, output = triple(geometry.span), triple(geometry.dense_output)
    step = [n - k + 1 for n, k in zip(shape, span, strict=True)]
    if step[2] >= WORTH_ALIGNING:
        step[2] -= step[2] % lanes_of("float32")
    count = tuple(-(-m // s) for m, s in zip(output, step, strict=True))
    return Tiling(shape, span, triple(tuple(step)), triple(count))


@functools.lru_cache(maxsize=256)
def best(geometry: Geometry, itemsize: int) -> Choice:
    """Return the cheapest transforms for data of `itemsize`; they take for ever where none fit.

    Single precision is for float32 where it is exact enough, and float64 gets shapes that are,
    where there are any. The choice does not depend on the number of rows, so that a row's answer
    does not either.
    """
    one, more = _best_of_row(dataclasses.replace(geometry, n_rows=1), itemsize)
    return one._replace(time=one.time + (geometry.n_rows - 1) * more)


@functools.lru_cache(maxsize=256)
def _best_of_row(geometry: Geometry, itemsize: int) -> tuple[Choice, float]:
    """Return the transforms for one row, and the ns of each further one."""
    found = [(True, math.inf, Choice(math.inf, (1, 1, 1), "float64"), 0.0)]
    for dtype in ("float32", "float64")[itemsize == 8 :]:
        for shape in _shapes(geometry, dtype):
            # Data in single precision are exact enough in double precision whatever the shape.
            wider = np.dtype(dtype).itemsize > itemsize
            exact = wider or precision.serves(geometry, math.prod(shape), dtype)
            once, row = _times(geometry, shape, dtype, itemsize)
            if exact or dtype == "float64":
                weight = once + REFERENCE_ROWS * row
                found.append((not exact, weight, Choice(once + row, shape, dtype), row))
    return min(found)[2:]


def _shapes(geometry: Geometry, dtype: str) -> list[Triple]:
    """Return the shapes that can be: powers of two that vectors fill."""
    lanes = lanes_of(dtype)
    span, extended = triple(geometry.span), triple(geometry.extended)
    line = extended[0] == extended[1] == 1
    lengths = []
    for k, n, least in zip(
        span, extended, (1, 1, least_row(dtype) if line else 2 * lanes), strict=True
    ):
        longest = max(least, 1 << (n - 1).bit_length(), 1 if n == 1 else lanes)
        powers = [1 << power for power in range(longest.bit_length())]
        lengths.append([n for n in powers if max(least, k) <= n <= longest])
    return [
        (depth, height, width)
        for depth, height, width in itertools.product(*lengths)
        if (line or depth * height % lanes == 0) and depth * height * width <= LONGEST
    ]


def stretches(span: Triple) -> tuple[Triple, Triple]:
    """Return the samples of a cell and the cells of a stretch, one of which each window holds.

    A stretch is nearly as long as the window: at the edge of the signal half of either is empty.
    """
    depth, height, width = (max(1, (k + 1) // 5) for k in span)
    if width < BY_DOUBLING:
        width = 1 << max(0, ((span[2] + 1) // 4).bit_length() - 1)
    cells = depth, height, width - width % BY_DOUBLING if width > BY_DOUBLING else width
    counts = [(k - c + 1) // c for k, c in zip(span, cells, strict=True)]
    return cells, triple(tuple(counts))


def _times(geometry: Geometry, shape: Triple, dtype: str, itemsize: int) -> tuple[float, float]:
    """Return the estimated ns on one thread for data of `itemsize`, of a call and of a row."""
    pairs = -(-math.prod(tiling(geometry, shape).counts) // 2)
    points = math.prod(shape)
    call = ROW_CALL if shape[0] * shape[1] == 1 else CALL
    once, row = call + SPECTRUM[itemsize] * points, pairs * _pair(shape, dtype)
    cell = math.prod(stretches(triple(geometry.span))[0])
    if cell < SMALL_CELL:
        row += pairs * 2 * points / cell * CELL
    if dtype == "float32" and precision.least_power(geometry, points, geometry.span[-1]) > AT_END:
        # Zeros beyond either end of a row send its tiles to double precision.
        once += call + SPECTRUM[8] * points
        row += min(2, pairs) * _pair(shape, "float64")
    return once, row


def _pair(shape: Triple, dtype: str) -> float:
    """Return the estimated time in ns of a pair of tiles."""
    points, itemsize, lines = math.prod(shape), np.dtype(dtype).itemsize, shape[0] * shape[1]
    pair, per_point, doubling, caches = PAIR + LINE * lines, POINT, DOUBLING, CACHES
    if lines == 1:
        pair, per_point, doubling, caches = ROW_PAIR, ROW_POINT, ROW_DOUBLING, ROW_CACHES
    point = per_point[itemsize] + doubling[itemsize] * math.log2(points)
    for size, factor in reversed(caches):
        if 2 * itemsize * points > size:
            return pair + points * point * factor
    return pair + points * point
