"""Running sums along other axes than the last: neighbours lie side by side, columns in lanes.

The sums are those of `running_sum_jit`, in the same order and so to the last bit; a block is
eight lines, its total a line.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._simd import DOUBLES, VECTOR, load, load_doubles, store_doubles, zeros
from .extended_jit import source
from .running_sum_jit import SQUARE, alignment, line_sums, need, plan


@njit(nogil=True, cache=True)
def lines_needed(n_blocks: int, width: int) -> int:
    """Return how many lines are read for so many blocks of outputs."""
    return DOUBLES * (n_blocks + width // DOUBLES + 1)


@njit(nogil=True, cache=True)
def column_sums(
    a: NDArray[Any],
    starts: NDArray[np.intp],
    n_columns: int,
    n_blocks: int,
    width: int,
    out: NDArray[Any],
    to: int,
    pitch: int,
) -> None:
    """Sum windows of lines a[starts[i] : starts[i] + n_columns] into lines `pitch` apart.

    There are 8 columns at least, and as many starts as `lines_needed` says.
    """
    if width < DOUBLES:
        few_lines(a, starts, n_columns, width, DOUBLES * n_blocks, out, to, pitch)
        return
    whole = width // DOUBLES
    above = n_blocks // DOUBLES + 1  # blocks of windows over blocks, one window more than blocks
    slots = -(-n_columns // DOUBLES) * DOUBLES
    n_totals = max(n_blocks + whole + 1, lines_needed(above, whole - 1))
    totals = np.zeros(n_totals * slots)
    coarse = np.empty(DOUBLES * above * slots)
    for block in range(n_blocks + whole + 1):
        line_totals(a, starts[block * DOUBLES :], n_columns, totals, block * slots)
    at = np.arange(n_totals) * slots
    coarse_sums(totals, at, slots, above, whole - 1, coarse)
    for block in range(n_blocks):
        line_windows(
            a,
            starts[block * DOUBLES :],
            n_columns,
            width,
            totals,
            coarse,
            block,
            slots,
            out,
            to,
            pitch,
        )
        to += DOUBLES * pitch


@njit(nogil=True, cache=True)
def coarse_sums(
    a: NDArray[Any],
    starts: NDArray[np.intp],
    n_columns: int,
    n_blocks: int,
    width: int,
    out: NDArray[Any],
) -> None:
    """As `column_sums`, of lines of doubles next to each other: level after level."""
    sources, shapes = [a], [(n_blocks, width)]
    while width >= DOUBLES:
        whole = width // DOUBLES
        above = n_blocks // DOUBLES + 1
        n_totals = max(n_blocks + whole + 1, lines_needed(above, whole - 1))
        totals = np.zeros(n_totals * n_columns)
        at = np.arange(DOUBLES) * n_columns
        for block in range(n_blocks + whole + 1):
            line_totals(
                sources[-1], at + block * DOUBLES * n_columns, n_columns, totals, block * n_columns
            )
        n_blocks, width = above, whole - 1
        sources.append(totals)
        shapes.append((n_blocks, width))
    at = np.arange(lines_needed(n_blocks, width)) * n_columns
    sums = np.empty(DOUBLES * n_blocks * n_columns)
    few_lines(sources[-1], at, n_columns, width, DOUBLES * n_blocks, sums, 0, n_columns)
    for level in range(len(shapes) - 2, -1, -1):
        n_blocks, width = shapes[level]
        at = np.arange(lines_needed(n_blocks, width)) * n_columns
        finer = np.empty(DOUBLES * n_blocks * n_columns)
        for block in range(n_blocks):
            line_windows(
                sources[level],
                at[block * DOUBLES :],
                n_columns,
                width,
                sources[level + 1],
                sums,
                block,
                n_columns,
                finer,
                block * DOUBLES * n_columns,
                n_columns,
            )
        sums = finer
    out[:] = sums


@njit(nogil=True, cache=True)
def few_lines(
    a: NDArray[Any],
    starts: NDArray[np.intp],
    n_columns: int,
    width: int,
    n: int,
    out: NDArray[Any],
    to: int,
    pitch: int,
) -> None:
    """Sum windows of less than 8 lines, one after the other."""
    for i in range(n):
        for slot in range(0, n_columns, DOUBLES):
            column = min(slot, n_columns - DOUBLES)
            total = zeros(out, VECTOR)
            for t in range(width):
                total = total + load_doubles(a, starts[i + t] + column)
            store_doubles(out, to + i * pitch + column, total)


@njit(nogil=True, cache=True)
def line_totals(
    a: NDArray[Any], starts: NDArray[np.intp], n_columns: int, sums: NDArray[Any], to: int
) -> None:
    """Write the sum of the first 8 lines: neighbours, then pairs of them, then fours."""
    r0, r1, r2, r3 = starts[0], starts[1], starts[2], starts[3]
    r4, r5, r6, r7 = starts[4], starts[5], starts[6], starts[7]
    for slot in range(0, n_columns, DOUBLES):
        column = min(slot, n_columns - DOUBLES)
        low = (load_doubles(a, r0 + column) + load_doubles(a, r1 + column)) + (
            load_doubles(a, r2 + column) + load_doubles(a, r3 + column)
        )
        high = (load_doubles(a, r4 + column) + load_doubles(a, r5 + column)) + (
            load_doubles(a, r6 + column) + load_doubles(a, r7 + column)
        )
        store_doubles(sums, to + slot, low + high)


@njit(nogil=True, cache=True)
def line_windows(
    a: NDArray[Any],
    starts: NDArray[np.intp],
    n_columns: int,
    width: int,
    totals: NDArray[Any],
    coarse: NDArray[Any],
    block: int,
    slots: int,
    out: NDArray[Any],
    to: int,
    pitch: int,
) -> None:
    """Sum the windows that begin in a block of 8 lines."""
    whole, rest = width // DOUBLES, width % DOUBLES
    r0, r1, r2, r3 = starts[0], starts[1], starts[2], starts[3]
    r4, r5, r6, r7 = starts[4], starts[5], starts[6], starts[7]
    first = whole * DOUBLES
    for slot in range(0, n_columns, DOUBLES):
        column = min(slot, n_columns - DOUBLES)
        s7 = load_doubles(a, r7 + column)
        s6 = load_doubles(a, r6 + column) + s7
        s5 = load_doubles(a, r5 + column) + s6
        s4 = load_doubles(a, r4 + column) + s5
        s3 = load_doubles(a, r3 + column) + s4
        s2 = load_doubles(a, r2 + column) + s3
        s1 = load_doubles(a, r1 + column) + s2
        s0 = load_doubles(a, r0 + column) + s1
        p = zeros(totals, VECTOR)
        for t in range(rest):
            p = p + load_doubles(a, starts[first + t] + column)
        m = load(coarse, (block + 1) * slots + slot, VECTOR)
        longer = m + load(totals, (block + whole) * slots + slot, VECTOR)
        at = to + column
        store_doubles(out, at, (s0 + m) + p)
        p, m = ended(a, p, starts[first + rest] + column, m, longer, rest == 7)
        store_doubles(out, at + pitch, (s1 + m) + p)
        p, m = ended(a, p, starts[first + rest + 1] + column, m, longer, rest == 6)
        store_doubles(out, at + 2 * pitch, (s2 + m) + p)
        p, m = ended(a, p, starts[first + rest + 2] + column, m, longer, rest == 5)
        store_doubles(out, at + 3 * pitch, (s3 + m) + p)
        p, m = ended(a, p, starts[first + rest + 3] + column, m, longer, rest == 4)
        store_doubles(out, at + 4 * pitch, (s4 + m) + p)
        p, m = ended(a, p, starts[first + rest + 4] + column, m, longer, rest == 3)
        store_doubles(out, at + 5 * pitch, (s5 + m) + p)
        p, m = ended(a, p, starts[first + rest + 5] + column, m, longer, rest == 2)
        store_doubles(out, at + 6 * pitch, (s6 + m) + p)
        p, m = ended(a, p, starts[first + rest + 6] + column, m, longer, rest == 1)
        store_doubles(out, at + 7 * pitch, (s7 + m) + p)


@njit(nogil=True, cache=True)
def ended(a: NDArray[Any], p: Any, at: int, m: Any, longer: Any, ends: bool) -> Any:
    """Add a line to the beginning of a block, which it may complete."""
    if ends:
        return zeros_like(p), longer
    return p + load_doubles(a, at), m


@njit(nogil=True, cache=True)
def zeros_like(vector: Any) -> Any:
    """Return a vector of zeros."""
    return zeros(np.empty(1), VECTOR)


@njit(nogil=True, cache=True)
def sum_bands(
    rows: NDArray[Any],
    left: Any,
    right: Any,
    filler: float,
    taps: Any,
    factors: NDArray[Any],
    band: int,
    out: NDArray[Any],
    begin: int,
    end: int,
) -> bool:
    """Fill bands `begin` to `end` of `band` lines each, a multiple of the `alignment`.

    rows (n_rows, height, width) and out (n_rows, m, p); left, right and taps are given for
    height and width. A band's column sums stay in the cache until they are summed along it.
    """
    height, n = rows.shape[1:]
    m, p = out.shape[1:]
    x = rows.reshape(-1)
    y = out.reshape(-1)
    shift, shift_along = -len(left[0]) % alignment(taps[0]), -len(left[1]) % alignment(taps[1])
    n_bands = (shift + m + band - 1) // band
    squares = (shift_along + p + SQUARE - 1) // SQUARE
    inside = shift_along + len(left[1])
    pitch = max(need(squares, taps[1]), inside + max(n, DOUBLES))
    most = (min(band, shift + m) + DOUBLES - 1) // DOUBLES
    middle = np.zeros(DOUBLES * most * pitch)
    part = np.empty(SQUARE * squares, out.dtype)
    sums = np.zeros(plan(squares, taps[1])[1])
    n_columns = max(n, DOUBLES)
    starts = np.empty(lines_needed(most, taps[0]), np.intp)
    copy = np.zeros((len(starts), n_columns), rows.dtype)
    beyond = filler * taps[0]
    stands = True
    for item in range(begin, end):
        row, first = item // n_bands, item % n_bands * band - shift
        count = min(band, m - first)
        n_blocks = (count + DOUBLES - 1) // DOUBLES
        n_lines = lines_needed(n_blocks, taps[0])
        regular = n >= DOUBLES
        for i in range(n_lines):
            place = first + i
            there = source(place, height, left[0], right[0]) if place >= 0 else -1
            starts[i] = (row * height + there) * n
            regular &= there >= 0
        if regular:
            column_sums(x, starts, n_columns, n_blocks, taps[0], middle, inside, pitch)
        else:
            extent = len(left[0]) + height + len(right[0])
            for i in range(n_lines):
                place = first + i
                if place < 0 or place >= extent:
                    copy[i] = 0
                else:
                    there = source(place, height, left[0], right[0])
                    if there < 0:
                        copy[i] = filler
                    else:
                        copy[i, :n] = rows[row, there]
                starts[i] = i * n_columns
            column_sums(
                copy.reshape(-1), starts, n_columns, n_blocks, taps[0], middle, inside, pitch
            )
        k = row % len(factors)
        for i in range(max(0, -first), count):
            at, to = i * pitch, (row * m + first + i) * p
            line = middle[at : at + pitch]
            for j in range(len(left[1])):
                there = left[1][j]
                line[shift_along + j] = line[inside + there] if there >= 0 else beyond
            for j in range(len(right[1])):
                there = right[1][j]
                line[inside + n + j] = line[inside + there] if there >= 0 else beyond
            line[inside + n + len(right[1]) :] = 0
            stands &= line_sums(
                middle, at, squares, taps[1], factors[k : k + 1], sums, part, 0, 0, False
            )
            y[to : to + p] = part[shift_along : shift_along + p]
    return stands
