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
from .tables import lanes_of, least_row
from .tiles_jit import Tiling, Triple

#: Time in ns of a call and of a pair of tiles. Measured on one machine, like all here.
CALL, PAIR = 25_000.0, 1_000.0

#: A line alone, which is gone through part by part: the same, ns of a point and of a point and
#: doubling, by the bytes of an arithmetic, and sizes of a pair in bytes beyond which everything
#: takes longer, and how much.
ROW_CALL, ROW_PAIR = 12_000.0, 500.0
POINT = {4: 1.1, 8: 2.0}
DOUBLING = {4: 0.07, 8: 0.12}
ROW_CACHES = (1 << 18, 1.2), (1 << 21, 1.8)

#: Tiles of several lines: ns of a point, by the bytes of an arithmetic, and of a line; sizes of a
#: pair in bytes beyond which everything takes longer, and how much, by the number of axes.
POINT_OF_MANY, LINE = {4: 3.2, 8: 4.7}, 80.0
CACHES = {
    2: ((1 << 18, 1.25), (1 << 20, 2.0)),
    3: ((1 << 18, 1.25), (9 << 18, 1.6), (12 << 20, 5.0)),
}

#: Time in ns of an output, by the number of axes, where windows are so small that every sample is
#: a cell, whose power is found by itself.
SMALL_CELLS = {1: 1.2, 2: 2.0, 3: 7.0}

#: Time in ns of a point of the kernel's spectrum, by the bytes of the data.
SPECTRUM = {4: 5.0, 8: 10.0}

#: Cells of lines from here on are summed by themselves; shorter ones would take longer than sums
#: of neighbours at every place.
LONG_CELL = 16

#: Power, in units of the mean, of the samples under a kernel whose middle stands at an end of a
#: row, where half of them are zeros: of the four fifths that are measured, less what chance takes.
AT_END = 0.35

#: Outputs of a line from which on a whole number of cache lines is computed.
WORTH_ALIGNING = 512

#: The longest transforms tried, and the odd factors of columns that are: with 25 and 27 the choice
#: took longer and the transforms did not get shorter.
LONGEST = 1 << 22
ODD_COLUMNS = (1, 3, 5, 9, 15)


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
    *step, along = (n - k + 1 for n, k in zip(shape, span, strict=True))
    steps = (*step, _whole_lines(along))
    count = tuple(-(-m // s) for m, s in zip(output, steps, strict=True))
    return Tiling(shape, span, triple(steps), triple(count))


def _whole_lines(step: int) -> int:
    return step - step % lanes_of("float32") if step >= WORTH_ALIGNING else step


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
        # Data in single precision are exact enough in double precision whatever the shape.
        wider = np.dtype(dtype).itemsize > itemsize
        serves = functools.cache(functools.partial(precision.serves, geometry, dtype=dtype))
        for shape, n_tiles in _shapes(geometry, dtype):
            exact = wider or serves(math.prod(shape))
            if exact or dtype == "float64":
                once, row = _times(geometry, shape, n_tiles, dtype, itemsize)
                weight = once + REFERENCE_ROWS * row
                found.append((not exact, weight, Choice(once + row, shape, dtype), row))
    return min(found)[2:]


def _shapes(geometry: Geometry, dtype: str) -> list[tuple[Triple, int]]:
    """Return shapes, each axis the shortest for its number of tiles, and all their tiles."""
    lanes = lanes_of(dtype)
    span, extended = triple(geometry.span), triple(geometry.extended)
    output = triple(geometry.dense_output)
    line = extended[0] == extended[1] == 1
    least, odd = (least_row(dtype), (1,)) if line else (2 * lanes, (1, 3, 5))
    axes = [_lengths(1, 1, ODD_COLUMNS)[: 1 if n == 1 else None] for n in extended[:2]]
    choices: list[list[tuple[int, int]]] = []
    for candidates, k, n, m in zip(
        [*axes, _lengths(lanes, least, odd)], span, extended, output, strict=True
    ):
        shortest: dict[tuple[int, bool], int] = {}
        for length in candidates:
            if length >= k:
                step = length - k + 1 if len(choices) < 2 else _whole_lines(length - k + 1)
                shortest.setdefault((-(-m // step), length % lanes == 0), length)
                if length >= n and length % lanes == 0:
                    break
        choices.append([(length, count) for (count, _), length in shortest.items()])
    found = []
    for (depth, layers), (height, lines), (width, across) in itertools.product(*choices):
        if (line or depth * height % lanes == 0) and depth * height * width <= LONGEST:
            found.append(((depth, height, width), layers * lines * across))
    return found


@functools.lru_cache
def _lengths(lanes: int, least: int, odd: tuple[int, ...]) -> list[int]:
    """Return lengths that can be transformed, from `least` on: powers of two, times odd factors.

    Of columns (1 lane) those with an odd factor are multiples of four.
    """
    doublings = range(LONGEST.bit_length())
    lengths = {lanes * factor << n for factor in odd for n in doublings}
    return sorted(n for n in lengths if n >= least and (n % 4 == 0 or n in (1, 2)))


def stretches(span: Triple) -> tuple[Triple, Triple]:
    """Return the samples of a cell and the cells of a stretch, one of which each window holds.

    A stretch is nearly as long as the window: at the edge of the signal half of either is empty.
    """
    width = max(1, (span[2] + 1) // 5)
    if span[0] * span[1] == 1 and width >= LONG_CELL:
        width -= width % LONG_CELL
        return (1, 1, width), (1, 1, _whole_cells(span[2], width))
    deep, high = map(_cell, span[:2])
    counts = _whole_cells(span[0], deep), _whole_cells(span[1], high)
    return (deep, high, 1), (*counts, _two_bits(span[2]))


def _cell(span: int) -> int:
    """Return a quarter of the span, or a fifth where that leaves longer stretches."""
    cells = [max(1, (span + 1) // parts) for parts in (4, 5)]
    return max(cells, key=lambda cell: (cell * _whole_cells(span, cell), cell))


def _whole_cells(span: int, cell: int) -> int:
    """Return how many cells lie within each window."""
    return (span - cell + 1) // cell


def _two_bits(n: int) -> int:
    """Return the first two bits of a number: sums of so many are made by doubling."""
    first = 1 << (n.bit_length() - 1)
    return first + (1 << (n - first).bit_length() >> 1)


def _times(
    geometry: Geometry, shape: Triple, n_tiles: int, dtype: str, itemsize: int
) -> tuple[float, float]:
    """Return the estimated ns on one thread for data of `itemsize`, of a call and of a row."""
    pairs, points = -(-n_tiles // 2), math.prod(shape)
    call = ROW_CALL if shape[0] * shape[1] == 1 else CALL
    once, row = call + SPECTRUM[itemsize] * points, pairs * _pair(shape, dtype)
    if max(stretches(triple(geometry.span))[0]) == 1:
        axes = sum(n > 1 for n in shape[:2]) + 1
        row += SMALL_CELLS[axes] * math.prod(geometry.dense_output)
    if dtype == "float32" and precision.least_power(geometry, points, geometry.span[-1]) > AT_END:
        # Zeros beyond either end of a row send its tiles to double precision.
        once += call + SPECTRUM[8] * points
        row += min(2, pairs) * _pair(shape, "float64")
    return once, row


def _pair(shape: Triple, dtype: str) -> float:
    """Return the estimated time in ns of a pair of tiles."""
    points, itemsize, lines = math.prod(shape), np.dtype(dtype).itemsize, shape[0] * shape[1]
    if lines == 1:
        point = POINT[itemsize] + DOUBLING[itemsize] * math.log2(points)
        bounds: tuple[tuple[int, float], ...] = ROW_CACHES
    else:
        point = POINT_OF_MANY[itemsize] + LINE / shape[2]
        bounds = CACHES[2 if shape[0] == 1 else 3]
    longer = max((factor for size, factor in bounds if 2 * itemsize * points > size), default=1.0)
    return (ROW_PAIR if lines == 1 else PAIR) + points * point * longer
