"""How loud a tile is, and its quietest stretch: rounding spreads from the loud over the quiet."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..._leaf_jit import leaf
from ..._simd import (
    DOUBLES,
    VECTOR,
    lanes_in,
    lesser,
    load,
    load_as,
    splat,
    store,
    sum_each,
    sum_lanes,
    zeros,
)

#: Sums of squares outside this range, by the bytes of a square, may have lost some of them to
#: overflow or underflow.
_SAFE_SINGLE, _SAFE_DOUBLE = (1e-25, 1e35), (1e-250, 1e300)

Triple = tuple[int, int, int]
Loudness = tuple[float, float, int]


@leaf
def measure(
    x: NDArray[Any],
    place: int,
    strides: tuple[int, int],
    region: Triple,
    cell: Triple,
    stretch: Triple,
    squares: NDArray[Any],
    cells: NDArray[np.float64],
    with_silence: bool,
) -> Loudness:
    """Return the mean power of a tile, that of its quietest stretch, and an exponent.

    Powers are in units of 4 ** exponent; that of a tile that is not finite is infinite. The tile
    has `region` samples from x[place] on; its planes and lines begin `strides` after each other.
    A stretch is so many cells long along each axis; stretches of nothing but zeros count only
    `with_silence`.
    """
    cut = cell, stretch, with_silence
    total, quietest = powers(x, place, strides, region, cut, squares, cells, 1.0)
    low, high = _SAFE_SINGLE if squares.itemsize == 4 else _SAFE_DOUBLE
    if low < total < high or (total == 0 and x.itemsize < squares.itemsize):
        return total, quietest, 0
    # Rare: all samples are zero or of extreme size, or some are not finite.
    peak = 0.0
    for z in range(region[0]):
        for y in range(region[1]):
            first = place + z * strides[0] + y * strides[1]
            for i in range(first, first + region[2]):
                if not abs(x[i]) <= peak:
                    peak = abs(x[i])
                    if not peak < np.inf:
                        return np.inf, 0.0, 0
    if peak == 0:
        return 0.0, 0.0, 0
    farthest = 120 if squares.itemsize == 4 else 1000  # of a gain
    exponent = min(max(math.frexp(peak)[1], -farthest), farthest)
    gain = math.ldexp(1.0, -exponent)
    total, quietest = powers(x, place, strides, region, cut, squares, cells, gain)
    return total, quietest, exponent


@leaf
def powers(
    x: NDArray[Any],
    place: int,
    strides: tuple[int, int],
    region: Triple,
    cut: Any,
    squares: NDArray[Any],
    cells: NDArray[np.float64],
    gain: float,
) -> tuple[float, float]:
    """Return the mean power of a tile times `gain`, and that of its quietest stretch."""
    cell, stretch, with_silence = cut
    total, quietest = 0.0, np.inf
    if cell[2] == 1:
        total, quietest = powers_of_lines(x, place, strides, region, cut, squares, gain, False)
        if quietest == 0 and not with_silence:  # rare
            total, quietest = powers_of_lines(x, place, strides, region, cut, squares, gain, True)
    else:
        for z in range(region[0]):
            for y in range(region[1]):
                line = place + z * strides[0] + y * strides[1]
                total += power_of_cells(x, line, gain, squares, region[2], cell[2], cells)
                power = quietest_cells(cells, region[2] // cell[2], stretch[2], with_silence)
                quietest = min(quietest, power)
    samples = stretch[0] * stretch[1] * stretch[2] * cell[0] * cell[1] * cell[2]
    return total / (region[0] * region[1] * region[2]), quietest / samples


@leaf
def powers_of_lines(
    x: NDArray[Any],
    place: int,
    strides: tuple[int, int],
    region: Triple,
    cut: Any,
    squares: NDArray[Any],
    gain: float,
    heard: bool,
) -> tuple[float, float]:
    """Return the power of a tile times `gain`, and that of its quietest stretch.

    Squares are added up over the lines of a cell, then over the cells of a stretch along the
    height, along the width, and, of as many layers as a stretch has, along the depth. Silent
    stretches do not count where only those that are `heard` do.
    """
    (deep, high, _), (mz, my, mx), _ = cut
    lanes = VECTOR // squares.itemsize
    pitch = pitch_of(region[2], lanes)
    ny = region[1] // high
    layer = (region[1] + high - 1) // high * pitch
    spare = mz * layer
    lowest = spare + pitch
    squares[lowest : lowest + lanes] = np.inf
    total = 0.0
    for number in range((region[0] + deep - 1) // deep):
        z, first = number * deep, number % mz * layer
        for v in range(0, region[1], high):
            line = first + v // high * pitch
            at = place + z * strides[0] + v * strides[1]
            counts = min(deep, region[0] - z), min(high, region[1] - v), region[2]
            add_squares(x, at, strides, counts, gain, squares, line)
            total += add_up(squares, line, line + region[2])
        if z + deep > region[0]:
            continue
        last = first + (ny - my + 1) * pitch
        for line in range(first, last, pitch):
            if my > 1:
                add_lines(squares, line, squares, line, pitch, my, region[2])
            slide(squares, line, region[2], mx, spare)
        if number < mz - 1:
            continue
        for line in range(first, last, pitch):
            at = line
            if mz > 1:
                at = spare
                add_lines(squares, line - first, squares, at, layer, mz, region[2])
            keep_lower(squares, at, region[2] - mx + 1, lowest, heard)
    quietest = np.inf
    for lane in range(lanes):
        quietest = min(quietest, squares[lowest + lane])
    return total, quietest


@leaf
def pitch_of(width: int, lanes: int) -> int:
    """Return how far lines of squares lie apart: whole vectors."""
    return (width + lanes - 1) // lanes * lanes


@leaf
def add_lines(
    squares: NDArray[Any], first: int, target: NDArray[Any], to: int, step: int, n: int, width: int
) -> None:
    """Write the sum of n lines, `step` apart, to target[to:]."""
    for i in range(0, width, VECTOR // squares.itemsize):
        power = load(squares, first + i, VECTOR)
        for line in range(1, n):
            power = power + load(squares, first + i + line * step, VECTOR)
        store(target, to + i, power)


@leaf
def slide(squares: NDArray[Any], first: int, width: int, n: int, spare: int) -> None:
    """Replace each square of a line by the sum of n from there on, as far as there are.

    n has at most two bits. What comes after the line is added like the rest.
    """
    lanes = VECTOR // squares.itemsize
    low = n & -n
    distance, end = 1, first + width
    while distance < low:
        for i in range(first, end, lanes):
            store(squares, i, load(squares, i, VECTOR) + load(squares, i + distance, VECTOR))
        distance *= 2
    if low == n:
        return
    for i in range(0, width, lanes):
        store(squares, spare + i, load(squares, first + i, VECTOR))
    while 2 * distance < n:
        for i in range(first, end, lanes):
            store(squares, i, load(squares, i, VECTOR) + load(squares, i + distance, VECTOR))
        distance *= 2
    for i in range(0, width, lanes):
        power = load(squares, first + i, VECTOR)
        store(squares, first + i, power + load(squares, spare + i + distance, VECTOR))


@leaf
def keep_lower(squares: NDArray[Any], first: int, n: int, lowest: int, heard: bool) -> None:
    """Lower the vector at squares[lowest] to n sums, but for zeros if only `heard` ones count."""
    lanes = VECTOR // squares.itemsize
    if n < lanes or heard:
        for i in range(first, first + n):
            if squares[i] < squares[lowest] and not (heard and squares[i] == 0):
                squares[lowest] = squares[i]
        return
    power = lesser(load(squares, lowest, VECTOR), load(squares, first + n - lanes, VECTOR))
    for i in range(first, first + n - lanes, lanes):
        power = lesser(power, load(squares, i, VECTOR))
    store(squares, lowest, power)


@leaf
def power_of_cells(
    x: NDArray[Any],
    first: int,
    gain: float,
    squares: NDArray[Any],
    width: int,
    cell: int,
    cells: NDArray[np.float64],
) -> float:
    """Write the sums of squares of a line's whole cells to `cells`; return that of the line.

    Cells are as long as several vectors. Eight are summed side by side: one by one, the time is
    that of waiting for sums.
    """
    scale = squares.dtype.type(gain)
    factor = splat(scale, squares)
    together = width // cell // DOUBLES * DOUBLES
    totals = zeros(cells, VECTOR)
    for k in range(0, together, DOUBLES):
        a = b = c = d = e = f = g = h = zeros(squares, VECTOR)
        for i in range(first + k * cell, first + (k + 1) * cell, lanes_in(squares)):
            a = add_square(a, x, i, factor, squares)
            b = add_square(b, x, i + cell, factor, squares)
            c = add_square(c, x, i + 2 * cell, factor, squares)
            d = add_square(d, x, i + 3 * cell, factor, squares)
            e = add_square(e, x, i + 4 * cell, factor, squares)
            f = add_square(f, x, i + 5 * cell, factor, squares)
            g = add_square(g, x, i + 6 * cell, factor, squares)
            h = add_square(h, x, i + 7 * cell, factor, squares)
        sums = sum_each((a, b, c, d, e, f, g, h))
        store(cells, k, sums)
        totals = totals + sums
    total = sum_lanes(totals)
    for start in range(together * cell, width, cell):
        stop = min(start + cell, width)
        whole = stop - (stop - start) % lanes_in(squares)
        part = zeros(squares, VECTOR)
        for i in range(first + start, first + whole, lanes_in(squares)):
            part = add_square(part, x, i, factor, squares)
        power = sum_lanes(part)
        for i in range(whole, stop):
            sample = squares.dtype.type(x[first + i]) * scale
            power += sample * sample
        if stop - start == cell:
            cells[start // cell] = power
        total += power
    return total


@njit(nogil=True, cache=True, forceinline=True)
def add_square(total: Any, x: NDArray[Any], i: int, factor: Any, like: NDArray[Any]) -> Any:
    """Add the squares of a vector of samples, times a factor."""
    samples = load_as(x, i, like) * factor
    return total + samples * samples


@leaf
def add_squares(
    x: NDArray[Any],
    first: int,
    strides: tuple[int, int],
    counts: Triple,
    gain: float,
    squares: NDArray[Any],
    line: int,
) -> None:
    """Write the sums of the squares of lines from x[first:] on to squares[line:].

    Whole vectors are read: a tile is made of them.
    """
    factor = splat(squares.dtype.type(gain), squares)
    for i in range(0, counts[2], VECTOR // squares.itemsize):
        power = zeros(squares, VECTOR)
        for z in range(counts[0]):
            at = first + i + z * strides[0]
            for y in range(at, at + counts[1] * strides[1], strides[1]):
                samples = load_as(x, y, squares) * factor
                power = power + samples * samples
        store(squares, line + i, power)


@leaf
def add_up(squares: NDArray[Any], first: int, last: int) -> float:
    """Return the sum of a line."""
    lanes = VECTOR // squares.itemsize
    whole = last - (last - first) % lanes
    part = zeros(squares, VECTOR)
    for i in range(first, whole, lanes):
        part = part + load(squares, i, VECTOR)
    total = 0.0 + sum_lanes(part)
    for i in range(whole, last):
        total += squares[i]
    return total


@leaf
def quietest_cells(cells: NDArray[np.float64], n: int, m: int, with_silence: bool) -> float:
    """Return the least sum of m neighbouring of n cells, which are spoiled."""
    count = n - m + 1
    done = max(0, count - count % DOUBLES)
    for i in range(0, done, DOUBLES):
        sums = load(cells, i, VECTOR)
        for j in range(i + 1, i + m):
            sums = sums + load(cells, j, VECTOR)
        store(cells, i, sums)
    for i in range(done, count):
        for j in range(i + 1, i + m):
            cells[i] += cells[j]
    quietest = np.inf
    for power in cells[:count]:
        quietest = min(quietest, power)
    if quietest > 0 or with_silence:
        return quietest
    quietest = np.inf
    for power in cells[:count]:
        if 0 < power < quietest:
            quietest = power
    return quietest


@leaf
def levels(a: Loudness, b: Loudness) -> tuple[int, int]:
    """Return the exponents of the factors that loudness of two tiles stands for.

    The second follows the first: tiles that are nearly as loud get the same.
    """
    if a[0] == 0 and b[0] == 0:
        return 0, 0
    if a[0] == 0:
        level = level_of(b)
        return level, level
    level = level_of(a)
    if b[0] == 0:
        return level, level
    return level, level + round(0.5 * math.log2(b[0] / a[0])) + b[2] - a[2]


@leaf
def level_of(loudness: Loudness) -> int:
    """Return the exponent of the power of two next to the root of a power."""
    return round(0.5 * math.log2(loudness[0])) + loudness[2]


@leaf
def at_level(power: float, exponent: int, level: int) -> float:
    """Return a power of samples that have been divided by 2 ** level."""
    return math.ldexp(power, 2 * (exponent - level))
