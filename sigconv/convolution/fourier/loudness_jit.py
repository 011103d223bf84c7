"""How loud a tile is, and its quietest stretch: rounding spreads from the loud over the quiet."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..._leaf_jit import leaf
from ..._simd import DOUBLES, FIRST, VECTOR, load, load_as, splat, store, sum_lanes, zeros

#: Sums of squares outside this range, by the bytes of a square, may have lost some of them to
#: overflow or underflow.
_SAFE_SINGLE, _SAFE_DOUBLE = (1e-25, 1e35), (1e-250, 1e300)

#: Cells along the width shorter than this are powers of two and are summed by doubling: sums of
#: so few numbers one by one took longer than the transform.
BY_DOUBLING = 16

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
    width = region[2]
    per_line = (width + cell[2] - 1) // cell[2]
    per_plane = (region[1] + cell[1] - 1) // cell[1] * per_line
    at, total = 0, 0.0
    plane_and_line = per_plane, per_line
    if cell[0] == cell[1] == 1 and cell[2] >= BY_DOUBLING:  # no line shares a cell with another
        for z in range(region[0]):
            for y in range(region[1]):
                line = place + z * strides[0] + y * strides[1]
                total += power_of_cells(x, line, gain, squares, width, cell[2], cells, at)
                at += per_line
        quietest = quietest_stretch(cells, region, cell, stretch, plane_and_line, with_silence)
        return total / (region[0] * region[1] * width), quietest
    for z in range(0, region[0], cell[0]):
        for y in range(0, region[1], cell[1]):
            for u in range(z, min(z + cell[0], region[0])):
                for v in range(y, min(y + cell[1], region[1])):
                    line = place + u * strides[0] + v * strides[1]
                    add_squares(x, line, gain, squares, width, u == z and v == y)
            total += add_up(squares, FIRST, width)
            if cell[2] < BY_DOUBLING:
                double(squares, width, cell[2])
                for i in range(width // cell[2]):
                    cells[at + i] = squares[i * cell[2]]
            else:
                for i in range(width // cell[2]):
                    cells[at + i] = add_up(squares, i * cell[2], (i + 1) * cell[2])
            at += per_line
    quietest = quietest_stretch(cells, region, cell, stretch, plane_and_line, with_silence)
    return total / (region[0] * region[1] * width), quietest


@leaf
def power_of_cells(
    x: NDArray[Any],
    first: int,
    gain: float,
    squares: NDArray[Any],
    width: int,
    cell: int,
    cells: NDArray[np.float64],
    at: int,
) -> float:
    """Write the sums of squares of a line's whole cells to cells[at:]; return that of the line."""
    lanes = VECTOR // squares.itemsize
    scale = squares.dtype.type(gain)
    factor = splat(scale, squares)
    total = 0.0
    for start in range(0, width, cell):
        stop = min(start + cell, width)
        whole = stop - (stop - start) % lanes
        part = zeros(squares, VECTOR)
        for i in range(start, whole, lanes):
            samples = load_as(x, first + i, squares) * factor
            part = part + samples * samples
        power = sum_lanes(part)
        for i in range(whole, stop):
            sample = squares.dtype.type(x[first + i]) * scale
            power += sample * sample
        if stop - start == cell:
            cells[at + start // cell] = power
        total += power
    return total


@leaf
def add_squares(
    x: NDArray[Any],
    first: int,
    gain: float,
    squares: NDArray[Any],
    width: int,
    afresh: bool,
) -> None:
    """Add the squares of a line to those of others."""
    lanes = VECTOR // squares.itemsize
    whole = width - width % lanes
    scale = squares.dtype.type(gain)
    factor = splat(scale, squares)
    for i in range(0, whole, lanes):
        samples = load_as(x, first + i, squares) * factor
        power = samples * samples
        store(squares, i, power if afresh else power + load(squares, i, VECTOR))
    for i in range(whole, width):
        sample = squares.dtype.type(x[first + i]) * scale
        squares[i] = sample * sample + (squares.dtype.type(0) if afresh else squares[i])


@leaf
def double(squares: NDArray[Any], width: int, cell: int) -> None:
    """Add to each square those after it in a cell, whose length is a power of two.

    What comes after the width is added like the rest: it lies in cells that are not whole.
    """
    distance = 1
    while distance < cell:
        for i in range(0, width, VECTOR // squares.itemsize):
            store(squares, i, load(squares, i, VECTOR) + load(squares, i + distance, VECTOR))
        distance *= 2


@leaf
def add_up(squares: NDArray[Any], first: int, last: int) -> float:
    """Return the sum of a cell."""
    lanes = VECTOR // squares.itemsize
    whole = last - (last - first) % lanes
    total = 0.0
    if whole > first:
        part = zeros(squares, VECTOR)
        for i in range(first, whole, lanes):
            part = part + load(squares, i, VECTOR)
        total += sum_lanes(part)
    for i in range(whole, last):
        total += squares[i]
    return total


@leaf
def quietest_stretch(
    cells: NDArray[np.float64],
    region: Triple,
    cell: Triple,
    stretch: Triple,
    strides: tuple[int, int],
    with_silence: bool,
) -> float:
    """Return the least mean power of stretches of neighbouring whole cells; `cells` are spoiled."""
    nz, ny, nx = region[0] // cell[0], region[1] // cell[1], region[2] // cell[2]
    mz, my, mx = stretch
    quietest = np.inf
    for z in range(nz):
        for y in range(ny):
            slide(cells, z * strides[0] + y * strides[1], 1, nx, mx)
        if my > 1:
            for x in range(nx - mx + 1):
                slide(cells, z * strides[0] + x, strides[1], ny, my)
    if mz > 1:
        for y in range(ny - my + 1):
            for x in range(nx - mx + 1):
                slide(cells, y * strides[1] + x, strides[0], nz, mz)
    for z in range(nz - mz + 1):
        for y in range(ny - my + 1):
            first = z * strides[0] + y * strides[1]
            for power in cells[first : first + nx - mx + 1]:
                if power < quietest and (with_silence or power > 0):
                    quietest = power
    return quietest / (mz * my * mx * cell[0] * cell[1] * cell[2])


@leaf
def slide(cells: NDArray[np.float64], first: int, step: int, n: int, m: int) -> None:
    """Replace each of n cells, `step` apart, by the sum of m from there on, as far as there are."""
    count, done = n - m + 1, 0
    if step == 1:
        done = max(0, count - count % DOUBLES)
        for i in range(first, first + done, DOUBLES):
            sums = load(cells, i, VECTOR)
            for j in range(i + 1, i + m):
                sums = sums + load(cells, j, VECTOR)
            store(cells, i, sums)
    for i in range(first + done * step, first + count * step, step):
        power = cells[i]
        for j in range(i + step, i + m * step, step):
            power += cells[j]
        cells[i] = power


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
