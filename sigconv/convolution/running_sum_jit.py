"""The compiled loops of running sums along the last axis: a tree of eights.

A window is the end of one block of eight samples, whole blocks, and the beginning of another:
the sums of whole blocks are windows over the blocks' totals, found in the same way, and so on.
No term outside the window is ever added and taken away again, so nothing drifts and nothing
leaks, and rounding errors grow with the logarithm of the width only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._simd import (
    DOUBLES,
    VECTOR,
    fill,
    follow,
    load,
    load_doubles,
    load_square,
    prefetch,
    settle,
    store,
    store_doubles,
    store_past,
    store_square,
    sum_lines,
    zeros,
)
from .extended_jit import copy_stretch

#: Outputs that are computed together.
SQUARE = DOUBLES * DOUBLES

#: Outputs that are kept before they go past the caches as whole lines.
STAGE = 16 * SQUARE


@njit(nogil=True, cache=True)
def need(n_squares: int, width: int) -> int:
    """Return how many samples are read for so many squares of outputs."""
    return SQUARE * (n_squares + width // SQUARE + 1)


@njit(nogil=True, cache=True)
def plan(n_squares: int, width: int) -> Any:
    """Return the levels and the length of `sums`.

    A level is its width, its squares, and where in `sums` the totals of its blocks lie and
    the windows over these.
    """
    levels = np.empty((DOUBLES * 3, 4), np.intp)
    size, n = 0, 0
    while width >= DOUBLES:
        whole = width // DOUBLES
        above = (DOUBLES * n_squares + SQUARE) // SQUARE  # one window more than blocks
        levels[n] = width, n_squares, size, 0
        blocks = DOUBLES * (n_squares + whole // DOUBLES + 1)
        size += max(blocks, need(above, whole - 1))
        levels[n, 3] = size
        size += SQUARE * above
        width, n_squares, n = whole - 1, above, n + 1
    return levels[:n], size


@njit(nogil=True, cache=True)
def line_sums(
    a: NDArray[Any],
    start: int,
    n_squares: int,
    width: int,
    factor: NDArray[Any],
    sums: NDArray[Any],
    out: NDArray[Any],
    to: int,
    ahead: int,
    past: bool,
) -> bool:
    """Sum windows from a[start] on, times the factor; return whether nothing can be infinite.

    `sums` is 0 where nothing has been written. So many samples `ahead` are fetched from memory.
    """
    if width < DOUBLES:
        return few(a, start, width, factor, out, to, SQUARE * n_squares)
    levels, _ = plan(n_squares, width)
    one = np.ones(1)
    for level in range(len(levels)):
        w, squares, blocks, _ = levels[level]
        n_blocks = DOUBLES * squares + w // DOUBLES + 1
        if level == 0:
            totals(a, start, n_blocks, sums, blocks)
        else:
            totals(sums, levels[level - 1, 2], n_blocks, sums, blocks)
    n_blocks = DOUBLES * n_squares + width // DOUBLES + 1
    # no sum exceeds the largest total so many times
    spoiled, margin = zeros(one, VECTOR), fill(np.full(1, float(width)), 0, VECTOR)
    for block in range(0, n_blocks, DOUBLES):
        term = load(sums, block, VECTOR) * margin
        spoiled = spoiled + (term - term)
    last = len(levels) - 1
    w, squares, blocks, coarse = levels[last]
    above = (DOUBLES * squares + SQUARE) // SQUARE
    few(sums, blocks, w // DOUBLES - 1, one, sums, coarse, SQUARE * above)
    for level in range(last, 0, -1):
        w, squares, blocks, coarse = levels[level]
        below, to_below = levels[level - 1, 2], levels[level - 1, 3]
        windows(sums, below, w, sums, coarse, blocks, one, sums, to_below, squares, 0, False)
    windows(a, start, width, sums, levels[0, 3], 0, factor, out, to, n_squares, ahead, past)
    return is_zero(spoiled)


@njit(nogil=True, cache=True)
def is_zero(vector: Any) -> bool:
    """Return whether all lanes of a vector of doubles are 0."""
    lanes = np.empty(DOUBLES)
    store(lanes, 0, vector)
    return bool((lanes == 0).all())


@njit(nogil=True, cache=True)
def totals(a: NDArray[Any], start: int, n_blocks: int, sums: NDArray[Any], to: int) -> None:
    """Write the sum of each block of `a` from `start` on to sums[to] and on, rounded up to 8."""
    for block in range(0, n_blocks, DOUBLES):
        store_doubles(sums, to + block, sum_lines(a, start + block * DOUBLES))


@njit(nogil=True, cache=True)
def few(
    a: NDArray[Any],
    start: int,
    width: int,
    factor: NDArray[Any],
    out: NDArray[Any],
    to: int,
    n: int,
) -> bool:
    """Sum n windows of less than 8 samples, times the factor; return whether all are finite."""
    tap = fill(factor, 0, VECTOR)
    spoiled = zeros(factor, VECTOR)
    for i in range(0, n, DOUBLES):
        total = zeros(factor, VECTOR)
        for t in range(width):
            total = total + load_doubles(a, start + i + t)
        spoiled = spoiled + (total - total)
        store_doubles(out, to + i, total * tap)
    return is_zero(spoiled)


@njit(nogil=True, cache=True)
def windows(
    a: NDArray[Any],
    start: int,
    width: int,
    sums: NDArray[Any],
    coarse: int,
    blocks: int,
    factor: NDArray[Any],
    out: NDArray[Any],
    to: int,
    n_squares: int,
    ahead: int,
    past: bool,
) -> None:
    """Sum windows of `width` samples at each of SQUARE * n_squares places, times the factor.

    sums[coarse + l] is the sum of the width // 8 - 1 blocks from l on, sums[blocks + l] that of
    block l.
    """
    whole, rest = width // DOUBLES, width % DOUBLES
    tap = fill(factor, 0, VECTOR)
    nothing = zeros(factor, VECTOR)
    carry = np.zeros(DOUBLES)
    for t in range(rest):
        carry[DOUBLES - 1] += np.float64(a[start + whole * DOUBLES + t])
    before = load(carry, 0, VECTOR)
    stage = np.empty(STAGE + VECTOR, out.dtype)
    staged, odd = 0, (out.ctypes.data + to * out.itemsize) % VECTOR // out.itemsize
    for square in range(n_squares):
        at, block = start + square * SQUARE, square * DOUBLES
        if ahead:
            for line in range(0, SQUARE, VECTOR // a.itemsize):
                prefetch(a, at + ahead + line)
        x = load_square(a, at)
        s6 = x[6] + x[7]
        s5 = x[5] + s6
        s4 = x[4] + s5
        s3 = x[3] + s4
        s2 = x[2] + s3
        s1 = x[1] + s2
        s0 = x[0] + s1
        u = load_square(a, at + width)
        # what each line adds to the block that the next line's windows end in
        d = nothing
        if rest > 6:
            d = d + u[1]
        if rest > 5:
            d = d + u[2]
        if rest > 4:
            d = d + u[3]
        if rest > 3:
            d = d + u[4]
        if rest > 2:
            d = d + u[5]
        if rest > 1:
            d = d + u[6]
        if rest > 0:
            d = d + u[7]
        p = follow(before, d)
        before = d
        m = load(sums, coarse + block + 1, VECTOR)
        y0 = (s0 + m) + p
        longer = m + load(sums, blocks + block + whole, VECTOR)
        p = p + u[0]
        if rest == 7:
            p, m = nothing, longer
        y1 = (s1 + m) + p
        p = p + u[1]
        if rest == 6:
            p, m = nothing, longer
        y2 = (s2 + m) + p
        p = p + u[2]
        if rest == 5:
            p, m = nothing, longer
        y3 = (s3 + m) + p
        p = p + u[3]
        if rest == 4:
            p, m = nothing, longer
        y4 = (s4 + m) + p
        p = p + u[4]
        if rest == 3:
            p, m = nothing, longer
        y5 = (s5 + m) + p
        p = p + u[5]
        if rest == 2:
            p, m = nothing, longer
        y6 = (s6 + m) + p
        p = p + u[6]
        if rest == 1:
            p, m = nothing, longer
        y7 = (x[7] + m) + p
        y = (y0 * tap, y1 * tap, y2 * tap, y3 * tap, y4 * tap, y5 * tap, y6 * tap, y7 * tap)
        if not past:
            store_square(out, to + square * SQUARE, y)
            continue
        store_square(stage, odd + staged, y)
        staged += SQUARE
        if staged == STAGE or square == n_squares - 1:
            flush(stage, odd, staged, out, to + (square + 1) * SQUARE - staged)
            staged = 0


@njit(nogil=True, cache=True)
def flush(stage: NDArray[Any], odd: int, n: int, out: NDArray[Any], to: int) -> None:
    """Write the n numbers at stage[odd] to out[to] past the caches, as far as whole lines go."""
    line = VECTOR // out.itemsize
    i, end = odd, odd + n
    while i < min(end, -(-odd // line) * line):
        out[to + i - odd] = stage[i]
        i += 1
    while i + line <= end:
        store_past(out, to + i - odd, load(stage, i, VECTOR))
        i += line
    while i < end:
        out[to + i - odd] = stage[i]
        i += 1


@njit(nogil=True, cache=True)
def alignment(width: int) -> int:
    """Return the distance of places where the blocks of all levels begin together."""
    step = 1
    while width >= DOUBLES:
        step, width = step * DOUBLES, width // DOUBLES - 1
    return step


@njit(nogil=True, cache=True)
def sum_rows(
    rows: NDArray[Any],
    left: NDArray[np.intp],
    right: NDArray[np.intp],
    filler: float,
    width: int,
    factors: NDArray[Any],
    tile: int,
    past: bool,
    out: NDArray[Any],
    begin: int,
    end: int,
) -> bool:
    """Fill tiles `begin` to `end` of out (n_rows, m), counted through the rows and along them.

    rows (n_rows, n) lie between what `left` and `right` name; factors are float64, one or one a
    row. A tile is a multiple of SQUARE and of `alignment`. Blocks are counted from the first
    sample of a row, so that no answer depends on what lies before it.
    """
    n, m = rows.shape[1], out.shape[1]
    x, y = rows.reshape(-1), out.reshape(-1)
    shift = -len(left) % alignment(width)
    n_tiles = (shift + m + tile - 1) // tile
    squares = (min(tile, shift + m) + SQUARE - 1) // SQUARE
    edge = np.empty(need(squares, width), rows.dtype)
    part = np.empty(SQUARE * squares, out.dtype)
    sums = np.zeros(plan(squares, width)[1])
    stands = True
    for item in range(begin, end):
        row, first = item // n_tiles, item % n_tiles * tile - shift
        count = min(tile, m - first)
        squares = (count + SQUARE - 1) // SQUARE
        skip = max(0, -first)
        k = row % len(factors)
        factor = factors[k : k + 1]
        size, start = need(squares, width), first - len(left)
        target, to, beyond = y, row * m + first, past
        if skip > 0 or count % SQUARE > 0:
            target, to, beyond = part, 0, False
        if start >= 0 and start + size <= n:
            stands &= line_sums(
                x, row * n + start, squares, width, factor, sums, target, to, tile + width, beyond
            )
        else:
            edge[:skip] = 0
            copy_stretch(rows[row], left, right, filler, first + skip, edge[skip:size])
            stands &= line_sums(edge, 0, squares, width, factor, sums, target, to, 0, beyond)
        if skip > 0 or count % SQUARE > 0:
            y[row * m + first + skip : row * m + first + count] = part[skip:count]
    if past:
        settle()
    return stands
