"""Running sums of images: down the columns, side by side, and along the lines of their sums.

Both are exact (`exact_sums_jit`): every output is a sum of height * width samples rounded once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._leaf_jit import leaf
from .._simd import (
    DOUBLES,
    FIRST,
    NO,
    VECTOR,
    fainter,
    fill,
    load,
    load_doubles,
    louder,
    store,
    zeros,
)
from .exact_sums_jit import (
    PAGE,
    grid,
    levels_of,
    line_sums,
    listen,
    nothing_heard,
    ring,
    room_of,
    top_of,
)
from .extended_jit import source
from .levels_jit import add_levels, most_levels, take_level, window_sums
from .running_sum_jit import BESIDE, HIGHEST, SPARE

#: Lines that are computed again together where two parts do not hold the samples.
AGAIN = 32


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
    """Fill bands `begin` to `end` of `band` lines each.

    rows (n_rows, height, width) and out (n_rows, m, p); left, right and taps are given for
    height and width. Returns False if a sample is not finite or so large that a sum may not be.
    """
    m, p = out.shape[1:]
    y = out.reshape(-1)
    n_bands = (m + band - 1) // band
    room = room_of((taps[0] + 1) * (taps[1] + BESIDE))
    bits, top, split = 53 if rows.itemsize == 8 else 24, HIGHEST, rows.itemsize == 8
    memory = ring(taps[1])
    high, low = column_sums(len(left[1]) + rows.shape[2] + len(right[1]))
    for item in range(begin, end):
        row, first = item // n_bands, item % n_bands * band
        n_lines = min(band, m - first)
        image, to = rows[row], (row * m + first) * p
        factor = factors[row % len(factors) :][:1]
        if top == HIGHEST:
            extent = nothing_heard()
            listen(image.reshape(-1), FIRST, image.size, extent)
            top = min(top_of(extent), HIGHEST - room)
            split = levels_of(extent, top, room, bits) > 1
        done = False
        for _ in range(2):
            extent = nothing_heard()
            unit = grid(top, room)
            if split:
                band_sums(
                    image, left, right, filler, taps, first, n_lines, unit, high, low, factor,
                    memory, y, to, p, extent,
                )  # fmt: skip
            else:
                band_sums(
                    image, left, right, filler, taps, first, n_lines, None, high, None, factor,
                    memory, y, to, p, extent,
                )  # fmt: skip
            heard = top_of(extent)
            if heard + room > HIGHEST:
                return False
            if split:
                done = heard <= top and levels_of(extent, top, room, bits) <= 2
            else:
                done = levels_of(extent, heard, room, bits) == 1
            if done or levels_of(extent, heard, room, bits) > 2:
                break
            split, top = True, heard
        if not done:
            for line in range(0, n_lines, AGAIN):
                again(
                    image, left, right, filler, taps, first + line, min(AGAIN, n_lines - line),
                    factor, y, to + line * p, p,
                )  # fmt: skip
    return True


@njit(nogil=True, cache=True)
def column_sums(n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return room for the high and low parts of n sums of columns, half a page apart."""
    size = -(-(n + SPARE + DOUBLES) // DOUBLES) * DOUBLES
    apart = -(-size // PAGE) * PAGE + PAGE // 2
    memory = np.zeros(apart + size)
    return memory[:size], memory[apart:]


@njit(nogil=True, cache=True)
def band_sums(
    image: NDArray[Any],
    left: Any,
    right: Any,
    filler: float,
    taps: Any,
    first: int,
    n_lines: int,
    unit: NDArray[np.float64] | None,
    high: NDArray[np.float64],
    low: NDArray[np.float64] | None,
    factor: NDArray[np.float64],
    memory: Any,
    out: NDArray[Any],
    to: int,
    p: int,
    extent: NDArray[np.int64],
) -> None:
    """Sum the windows of lines `first` and on, p a line, of an image between its extensions.

    `unit` tells the parts of the samples apart; without it there are no low parts. The samples
    widen `extent`.
    """
    height, n = image.shape
    x = image.reshape(-1)
    blank = np.full(n + DOUBLES, filler).astype(image.dtype)
    listen(blank, FIRST, np.intp(1), extent)
    inside = len(left[1])
    high[:] = 0
    if low is not None:
        low[:] = 0
    beyond = np.zeros(2)
    beyond[0] = blank[0]
    if unit is not None:
        beyond[0] = (beyond[0] + unit[0]) - unit[0]
        beyond[1] = blank[0] - beyond[0]
    beyond *= taps[0]
    ignored, tail = nothing_heard(), np.empty(2 * DOUBLES)
    for i in range(taps[0] - 1 + n_lines):
        come = source(first + i, height, left[0], right[0])
        a, at = (x, come * n) if come >= 0 else (blank, 0)
        gone = source(first + i - taps[0], height, left[0], right[0]) if i >= taps[0] else -1
        b, bt = (x, gone * n) if gone >= 0 else (blank, 0)
        move(a, at, b, bt, i >= taps[0], n, unit, high, low, inside, tail, extent)
        if i < taps[0] - 1:
            continue
        spread(high, left[1], right[1], inside, n, beyond[0])
        if low is not None:
            spread(low, left[1], right[1], inside, n, beyond[1])
        if taps[1] > 1:
            line_sums(high, FIRST, low, None, taps[1], factor, memory, out, to, p, NO, ignored)
        else:
            add_parts(high, low, p, factor, out, to)
        to += p


@leaf
def move(
    a: NDArray[Any],
    at: int,
    b: NDArray[Any],
    bt: int,
    goes: bool,
    n: int,
    unit: NDArray[np.float64] | None,
    high: NDArray[np.float64],
    low: NDArray[np.float64] | None,
    to: int,
    tail: NDArray[np.float64],
    extent: NDArray[np.int64],
) -> None:
    """Add line a[at : at + n] to sums of columns, and subtract b[bt : bt + n] if it `goes`."""
    heard = extent.view(np.float64)
    loud, faint = load(heard, 0, VECTOR), load(heard, DOUBLES, VECTOR)
    nothing = zeros(high, VECTOR)
    c = nothing if unit is None else fill(unit, 0, VECTOR)
    for i in range(2 * DOUBLES):
        tail[i] = 0
    for i in range(n - n % DOUBLES, n):
        tail[i % DOUBLES] = a[at + i]
        if goes:
            tail[DOUBLES + i % DOUBLES] = b[bt + i]
    for i in range(0, n, DOUBLES):
        h, r, g, s = nothing, nothing, nothing, nothing
        if i + DOUBLES <= n:
            x = load_doubles(a, at + i)
            if goes:
                g = load_doubles(b, bt + i)
        else:
            x, g = load(tail, 0, VECTOR), load(tail, DOUBLES, VECTOR)
        loud, faint = louder(loud, x), fainter(faint, x)
        if unit is not None:
            h = (x + c) - c
            r = x - h
            if goes:
                y = g
                g = (y + c) - c
                s = y - g
            store(low, to + i, load(low, to + i, VECTOR) + (r - s))
            x = h
        store(high, to + i, load(high, to + i, VECTOR) + (x - g))
    store(heard, 0, loud)
    store(heard, DOUBLES, faint)


@leaf
def spread(
    line: NDArray[np.float64],
    left: NDArray[np.intp],
    right: NDArray[np.intp],
    inside: int,
    n: int,
    beyond: float,
) -> None:
    """Fill in what stands before and after the n sums from line[inside] on."""
    for j in range(len(left)):
        line[j] = line[inside + left[j]] if left[j] >= 0 else beyond
    for j in range(len(right)):
        line[inside + n + j] = line[inside + right[j]] if right[j] >= 0 else beyond


@leaf
def add_parts(
    high: NDArray[np.float64],
    low: NDArray[np.float64] | None,
    n: int,
    factor: NDArray[np.float64],
    out: NDArray[Any],
    to: int,
) -> None:
    """Write high (and low, if there are any), times the factor."""
    tap = fill(factor, 0, VECTOR)
    whole = n - n % DOUBLES
    for i in range(0, whole, DOUBLES):
        y = load(high, i, VECTOR)
        if low is not None:
            y = y + load(low, i, VECTOR)
        store(out, to + i, y * tap)
    for i in range(whole, n):
        y = high[i]
        if low is not None:
            y += low[i]
        out[to + i] = y * factor[0]


@njit(nogil=True, cache=True)
def again(
    image: NDArray[Any],
    left: Any,
    right: Any,
    filler: float,
    taps: Any,
    first: int,
    n_lines: int,
    factor: NDArray[np.float64],
    out: NDArray[Any],
    to: int,
    p: int,
) -> None:
    """Do as `band_sums`, whatever the samples."""
    height, n = image.shape
    room = room_of((taps[0] + 1) * (taps[1] + BESIDE))
    rest = np.empty((n_lines + taps[0] - 1, p + taps[1] - 1))
    for i in range(len(rest)):
        there = source(first + i, height, left[0], right[0])
        for j in range(rest.shape[1]):
            across = source(j, n, left[1], right[1])
            rest[i, j] = image[there, across] if there >= 0 and across >= 0 else filler
    highs = np.empty_like(rest)
    sums = np.empty((most_levels(room), n_lines * p))
    n_levels = 0
    while take_level(rest.reshape(-1), room, highs.reshape(-1)):
        window_sums(highs, taps[0], taps[1], sums[n_levels])
        n_levels += 1
    add_levels(sums, n_levels, factor[0], out, to)
