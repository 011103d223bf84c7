"""The compiled loops of recursive filters: eight signals side by side in vector registers.

A recursion cannot be spread over time, each output needs the one before; it can over signals.
Two sections at a time go over a tile that stays in the first-level cache: alone, a section
waits for its own feedback (12 cycles a sample), and more than two run out of registers.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._simd import (
    VECTOR,
    flush_denormals,
    load,
    restore_denormals,
    store,
    transpose_doubles,
)

#: Signals side by side: a vector of float64, the type of the computation.
LANES = VECTOR // 8

#: Samples of each signal that pass through all sections together.
TILE = 256

#: Length of a line of the buffer for rows that do not fill a square; a power of two would put
#: all lines into the same part of the cache.
LINE = TILE + LANES


@njit(nogil=True, cache=True)
def filter_groups(
    rows: NDArray[Any],
    out: NDArray[Any],
    coefficients: NDArray[Any],
    states: NDArray[Any],
    backward: bool,
    begin: int,
    end: int,
) -> None:
    """Run groups `begin` to `end` of LANES rows through the sections, carrying `states` on.

    rows and out (n_rows, n) real, coefficients (1 or n_rows, n_sections * 6) in shifted form,
    states (n_rows, n_sections, 2), all C-contiguous; rows may be out. Every sample meets the same
    operations wherever a row is cut and whatever lies beside it. Backward, time runs from
    the last sample to the first.
    """
    # arithmetic on denormal numbers takes a hundred times as long, and every decaying tail
    # would end in them
    mode = flush_denormals()
    n_sections = states.shape[1]
    lanes = np.empty(n_sections * 2 * LANES)
    laid = np.empty(n_sections * 6 * LANES)  # of each coefficient, those of all lanes
    tile, lines = np.zeros(TILE * LANES), np.zeros(LINE * LANES)
    n = rows.shape[1]
    for group in range(begin, end):
        first = group * LANES
        n_lanes = min(LANES, len(rows) - first)
        lanes[:] = 0.0
        for lane in range(LANES):
            own = min(first + lane, len(coefficients) - 1)
            for i in range(n_sections * 6):
                laid[i * LANES + lane] = coefficients[own, i]
        for lane in range(n_lanes):
            for i in range(n_sections * 2):
                lanes[i * LANES + lane] = states[first + lane, i // 2, i % 2]
        for done in range(0, n, TILE):
            size = min(TILE, n - done)
            start = n - done - size if backward else done
            _gather(rows, first, n_lanes, start, size, backward, tile, lines)
            section = 0
            while section + 1 < n_sections:
                _two_sections(tile, size, laid, lanes, section)
                section += 2
            if section < n_sections:
                _one_section(tile, size, laid, lanes, section)
            _scatter(tile, lines, size, backward, out, first, n_lanes, start)
        for lane in range(n_lanes):
            for i in range(n_sections * 2):
                states[first + lane, i // 2, i % 2] = lanes[i * LANES + lane]
    restore_denormals(mode)


@njit(nogil=True, cache=True)
def _one_section(
    tile: NDArray[Any], size: int, coefficients: NDArray[Any], lanes: NDArray[Any], section: int
) -> None:
    at = section * 6 * LANES
    b0 = load(coefficients, at, VECTOR)
    n1 = load(coefficients, at + LANES, VECTOR)
    n2 = load(coefficients, at + 2 * LANES, VECTOR)
    d1 = load(coefficients, at + 3 * LANES, VECTOR)
    d2 = load(coefficients, at + 4 * LANES, VECTOR)
    s = load(coefficients, at + 5 * LANES, VECTOR)
    state = section * 2 * LANES
    w1, w2 = load(lanes, state, VECTOR), load(lanes, state + LANES, VECTOR)
    for i in range(0, size * LANES, LANES):
        u = load(tile, i, VECTOR)
        y = b0 * u + w1
        w1 = s * w1 + ((n1 * u + w2) - d1 * y)
        w2 = s * w2 + (n2 * u - d2 * y)
        store(tile, i, y)
    store(lanes, state, w1)
    store(lanes, state + LANES, w2)


@njit(nogil=True, cache=True)
def _two_sections(
    tile: NDArray[Any], size: int, coefficients: NDArray[Any], lanes: NDArray[Any], section: int
) -> None:
    at = section * 6 * LANES
    b0, c0 = load(coefficients, at, VECTOR), load(coefficients, at + 6 * LANES, VECTOR)
    n1, m1 = load(coefficients, at + LANES, VECTOR), load(coefficients, at + 7 * LANES, VECTOR)
    n2, m2 = load(coefficients, at + 2 * LANES, VECTOR), load(coefficients, at + 8 * LANES, VECTOR)
    d1, e1 = load(coefficients, at + 3 * LANES, VECTOR), load(coefficients, at + 9 * LANES, VECTOR)
    d2, e2 = load(coefficients, at + 4 * LANES, VECTOR), load(coefficients, at + 10 * LANES, VECTOR)
    s, r = load(coefficients, at + 5 * LANES, VECTOR), load(coefficients, at + 11 * LANES, VECTOR)
    state = section * 2 * LANES
    w1, w2 = load(lanes, state, VECTOR), load(lanes, state + LANES, VECTOR)
    v1, v2 = load(lanes, state + 2 * LANES, VECTOR), load(lanes, state + 3 * LANES, VECTOR)
    for i in range(0, size * LANES, LANES):
        u = load(tile, i, VECTOR)
        x = b0 * u + w1
        w1 = s * w1 + ((n1 * u + w2) - d1 * x)
        w2 = s * w2 + (n2 * u - d2 * x)
        y = c0 * x + v1
        v1 = r * v1 + ((m1 * x + v2) - e1 * y)
        v2 = r * v2 + (m2 * x - e2 * y)
        store(tile, i, y)
    store(lanes, state, w1)
    store(lanes, state + LANES, w2)
    store(lanes, state + 2 * LANES, v1)
    store(lanes, state + 3 * LANES, v2)


@njit(nogil=True, cache=True)
def _gather(
    rows: NDArray[Any],
    first: int,
    n_lanes: int,
    start: int,
    size: int,
    backward: bool,
    tile: NDArray[Any],
    lines: NDArray[Any],
) -> None:
    """Lay a tile of rows out so that the rows' samples of one time lie side by side."""
    if n_lanes == LANES and size % LANES == 0:
        _turn(rows.reshape(-1), first * rows.shape[1] + start, rows.shape[1], size, backward, tile)
        return
    for lane in range(n_lanes):
        line = lines[lane * LINE : lane * LINE + size]
        if backward:  # the tile's first time first, wherever the tile ends
            line[:] = rows[first + lane, start : start + size][::-1]
        else:
            line[:] = rows[first + lane, start : start + size]
    _turn(lines, 0, LINE, -(-size // LANES) * LANES, False, tile)


@njit(nogil=True, cache=True)
def _scatter(
    tile: NDArray[Any],
    lines: NDArray[Any],
    size: int,
    backward: bool,
    out: NDArray[Any],
    first: int,
    n_lanes: int,
    start: int,
) -> None:
    """Bring a tile back into rows."""
    if n_lanes == LANES and size % LANES == 0:
        _turn_back(
            tile, size, backward, out.reshape(-1), first * out.shape[1] + start, out.shape[1]
        )
        return
    _turn_back(tile, -(-size // LANES) * LANES, False, lines, 0, LINE)
    for lane in range(n_lanes):
        line = lines[lane * LINE : lane * LINE + size]
        if backward:
            out[first + lane, start : start + size] = line[::-1]
        else:
            out[first + lane, start : start + size] = line


@njit(nogil=True, cache=True)
def _turn(
    lines: NDArray[Any], start: int, step: int, size: int, backward: bool, tile: NDArray[Any]
) -> None:
    for i in range(0, size, LANES):
        if backward:
            to, distance = (size - 1 - i) * LANES, -LANES
        else:
            to, distance = i * LANES, LANES
        transpose_doubles(lines, start + i, step, tile, to, distance)


@njit(nogil=True, cache=True)
def _turn_back(
    tile: NDArray[Any], size: int, backward: bool, lines: NDArray[Any], start: int, step: int
) -> None:
    for i in range(0, size, LANES):
        if backward:
            at, distance = (size - 1 - i) * LANES, -LANES
        else:
            at, distance = i * LANES, LANES
        transpose_doubles(tile, at, distance, lines, start + i, step)
