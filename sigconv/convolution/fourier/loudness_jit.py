"""How loud a tile is, and its quietest stretch: rounding spreads from the loud over the quiet."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..._simd import VECTOR, load, load_as, splat, store, sum_lanes, zeros

LANES = VECTOR // 8

#: Sums of squares outside this range may have lost some of them to overflow or underflow.
_SAFE = (1e-250, 1e300)

Triple = tuple[int, int, int]
Loudness = tuple[float, float, int]


@njit(nogil=True, cache=True)
def measure(
    x: NDArray[Any],
    place: int,
    strides: tuple[int, int],
    region: Triple,
    cell: Triple,
    squares: NDArray[np.float64],
    cells: NDArray[np.float64],
    with_silence: bool,
) -> Loudness:
    """Return the mean power of a tile, that of its quietest stretch, and an exponent.

    Powers are in units of 4 ** exponent; that of a tile that is not finite is infinite. The tile
    has `region` samples from x[place] on; its planes and lines begin `strides` after each other.
    A stretch is two cells long along each axis, one where there are no more; stretches of
    nothing but zeros count only `with_silence`.
    """
    total, quietest = powers(x, place, strides, region, cell, squares, cells, with_silence, 1.0)
    if _SAFE[0] < total < _SAFE[1] or total == 0 and x.itemsize == 4:
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
    exponent = min(max(math.frexp(peak)[1], -1000), 1000)
    gain = math.ldexp(1.0, -exponent)
    total, quietest = powers(x, place, strides, region, cell, squares, cells, with_silence, gain)
    return total, quietest, exponent


@njit(nogil=True, cache=True)
def powers(
    x: NDArray[Any],
    place: int,
    strides: tuple[int, int],
    region: Triple,
    cell: Triple,
    squares: NDArray[np.float64],
    cells: NDArray[np.float64],
    with_silence: bool,
    gain: float,
) -> tuple[float, float]:
    """Return the mean power of a tile times `gain`, and that of its quietest stretch."""
    width = region[2]
    per_line = (width + cell[2] - 1) // cell[2]
    per_plane = (region[1] + cell[1] - 1) // cell[1] * per_line
    at, total = 0, 0.0
    for z in range(0, region[0], cell[0]):
        for y in range(0, region[1], cell[1]):
            for u in range(z, min(z + cell[0], region[0])):
                for v in range(y, min(y + cell[1], region[1])):
                    line = place + u * strides[0] + v * strides[1]
                    add_squares(x, line, gain, squares, width, u == z and v == y)
            for i in range(0, width, cell[2]):
                power = add_up(squares, i, min(i + cell[2], width))
                cells[at] = power
                total += power
                at += 1
    quietest = quietest_stretch(cells, region, cell, per_plane, per_line, with_silence)
    return total / (region[0] * region[1] * width), quietest


@njit(nogil=True, cache=True)
def add_squares(
    x: NDArray[Any],
    first: int,
    gain: float,
    squares: NDArray[np.float64],
    width: int,
    afresh: bool,
) -> None:
    """Add the squares of a line to those of others."""
    whole = width - width % LANES
    factor = splat(gain, squares)
    for i in range(0, whole, LANES):
        samples = load_as(x, first + i, squares) * factor
        power = samples * samples
        store(squares, i, power if afresh else power + load(squares, i, VECTOR))
    for i in range(whole, width):
        sample = np.float64(x[first + i]) * gain
        squares[i] = sample * sample + (0.0 if afresh else squares[i])


@njit(nogil=True, cache=True)
def add_up(squares: NDArray[np.float64], first: int, last: int) -> float:
    """Return the sum of a cell."""
    whole = last - (last - first) % LANES
    total = 0.0
    if whole > first:
        part = zeros(squares, VECTOR)
        for i in range(first, whole, LANES):
            part = part + load(squares, i, VECTOR)
        total = sum_lanes(part)
    for i in range(whole, last):
        total += squares[i]
    return total


@njit(nogil=True, cache=True)
def quietest_stretch(
    cells: NDArray[np.float64],
    region: Triple,
    cell: Triple,
    per_plane: int,
    per_line: int,
    with_silence: bool,
) -> float:
    """Return the least mean power of stretches of neighbouring whole cells."""
    nz, ny, nx = region[0] // cell[0], region[1] // cell[1], region[2] // cell[2]
    mz, my, mx = min(nz, 2), min(ny, 2), min(nx, 2)
    quietest = np.inf
    for z in range(nz - mz + 1):
        for y in range(ny - my + 1):
            for x in range(nx - mx + 1):
                power = 0.0
                for u in range(z, z + mz):
                    for v in range(y, y + my):
                        at = u * per_plane + v * per_line + x
                        power += cells[at]
                        if mx == 2:
                            power += cells[at + 1]
                if power < quietest and (with_silence or power > 0):
                    quietest = power
    return quietest / (mz * my * mx * cell[0] * cell[1] * cell[2])


@njit(nogil=True, cache=True)
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
    return level, level + int(round(0.5 * math.log2(b[0] / a[0]))) + b[2] - a[2]


@njit(nogil=True, cache=True)
def level_of(loudness: Loudness) -> int:
    """Return the exponent of the power of two next to the root of a power."""
    return int(round(0.5 * math.log2(loudness[0]))) + loudness[2]


@njit(nogil=True, cache=True)
def at_level(power: float, exponent: int, level: int) -> float:
    """Return a power of samples that have been divided by 2 ** level."""
    return math.ldexp(power, 2 * (exponent - level))
