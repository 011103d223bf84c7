"""Compiled loops over images and outer products: along the height, then along the width."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._leaf_jit import inlined, leaf
from .._simd import FIRST, VECTOR, across, flaws, settle, spread, store, store_lines, zeros
from .extended_jit import source
from .planes_jit import GROUP, Places

#: So many lines are computed together: what is loaded of an input line serves all that it lies
#: under. Bytes of their sums in registers along the height, along the width, and at least.
LINES = 4
DOWN, ACROSS, LEAST = 4 * LINES * VECTOR, 2 * LINES * VECTOR, LINES * VECTOR


@njit(nogil=True, cache=True)
def correlate_outer(
    rows: NDArray[Any],
    left: Places,
    right: Places,
    filler: float,
    high: NDArray[Any],
    wide: NDArray[Any],
    out: NDArray[Any],
    strip: int,
    added: bool,
    past: bool,
    begin: int,
    end: int,
) -> bool:
    """Compute groups of LINES lines, `begin` to `end` of `out`, or add them to it.

    They are counted through the images (n_images, height, width) of the rows, in these through
    strips of the width of `strip` outputs (the last one up to twice as wide), and along the
    height. Outputs [y, x] sum high[image, b] * wide[image, c] * extended[image, y + b, x + c];
    the last two axes of `left` and `right` say what extends the image, of several strips by
    samples of the strips at the ends. After lines of less than a vector, as much again may be
    read. Returns whether all is finite.
    """
    height, width = out.shape[1:]
    n_lines, length = rows.shape[2:]
    n_strips, n_groups = max(1, width // strip), -(-height // LINES)
    x, target = rows.reshape(-1), out.reshape(-1)
    memory = room(x, min(width, 2 * strip) + wide.shape[1] - 1, high.shape[1])
    found = zeros(rows, VECTOR)
    while begin < end:
        part = begin // n_groups
        image, x0 = part // n_strips, part % n_strips * strip
        size = width - x0 if part % n_strips == n_strips - 1 else strip
        y, stop = (begin - part * n_groups) * LINES, (end - part * n_groups) * LINES
        begin = min(end, (part + 1) * n_groups)
        a, b = high[image * len(high) // len(out)], wide[image * len(wide) // len(out)]
        found = found + correlate_image(
            x, image * n_lines * length, n_lines, length, left, right, filler, a, b, memory,
            target, image * height * width, width, x0, size, y, min(stop, height), added, past,
        )  # fmt: skip
    if past:
        settle()
    last = memory[3]
    store(last, 0, found)
    return bool((last[: VECTOR // rows.itemsize] == 0).all())


@njit(nogil=True, cache=True)
def room(like: NDArray[Any], length: int, taps: int) -> Any:
    """Return what `correlate_image` works in, for stretches of extended lines of `length`.

    These are LINES sums along the height, which begin where a vector can lie and of which more
    is read than is written, the lines under them, where these begin, and a tile of outputs.
    """
    lanes = VECTOR // like.itemsize
    # Lines an odd number of vectors apart do not compete for the same places in the cache.
    pitch = ((length // lanes + 4) | 1) * lanes
    memory = np.zeros(LINES * pitch + lanes, like.dtype)
    start = -memory.ctypes.data % VECTOR // like.itemsize
    under = taps + LINES - 1
    edge, at = np.empty((under, pitch), like.dtype), np.empty(under, np.intp)
    sums = memory[start : start + LINES * pitch].reshape(LINES, pitch)
    return sums, edge, at, np.zeros(LINES * lanes, like.dtype)


@leaf
def correlate_image(
    x: NDArray[Any],
    origin: int,
    n_lines: int,
    length: int,
    left: Places,
    right: Places,
    filler: float,
    high: NDArray[Any],
    wide: NDArray[Any],
    memory: Any,
    out: NDArray[Any],
    to: int,
    width: int,
    x0: int,
    size: int,
    y: int,
    stop: int,
    added: bool,
    past: bool,
) -> Any:
    """Compute `size` outputs from x0 on of the lines y to `stop`; return their flaws.

    The image (n_lines, length) begins at x[origin], that of the answer, `width` wide, at out[to].
    """
    sums, edge, at, last = memory
    pitch, flat = sums.shape[1], sums.reshape(-1)
    before, behind = left[2], right[2]
    # The columns that are needed; `flat` begins with the place x0, an aligned load for `wide`.
    begin = max(0, x0 - len(before))
    end = min(length, x0 + size + len(wide) - 1 - len(before))
    column0 = len(before) - x0
    beyond = flat.dtype.type(filler * high.sum())
    found = zeros(x, VECTOR)
    for line in range(y, stop, LINES):
        is_inside = True
        for i in range(len(at)):
            come = source(line + i, n_lines, left[1], right[1])
            is_inside &= come >= 0
            at[i] = origin + come * length + begin if come >= 0 else -1
        if is_inside:
            correlate_down(x, at, high, end - begin, flat, column0 + begin, pitch)
        else:
            lay(x, at, end - begin, filler, edge)
            correlate_down(edge.reshape(-1), at, high, end - begin, flat, column0 + begin, pitch)
        for r in range(LINES):
            for place in range(x0, len(before)):
                column = before[place]
                sums[r, place - x0] = sums[r, column0 + column] if column >= 0 else beyond
            first = len(before) + length
            for place in range(first, x0 + size + len(wide) - 1):
                column = behind[place - first]
                sums[r, place - x0] = sums[r, column0 + column] if column >= 0 else beyond
        found = found + correlate_across(
            flat, FIRST, pitch, wide, out, to + line * width + x0, width,
            min(LINES, stop - line), size, last, added, past,
        )  # fmt: skip
    return found


@leaf
def lay(x: NDArray[Any], at: NDArray[np.intp], n: int, filler: float, edge: NDArray[Any]) -> None:
    """Copy the n samples from each x[at[i]] on into a line of `edge`, `filler` where at[i] < 0."""
    for i in range(len(at)):
        for j in range(n):
            edge[i, j] = x[at[i] + j] if at[i] >= 0 else filler
        at[i] = i * edge.shape[1]


@leaf
def correlate_down(
    x: NDArray[Any],
    at: NDArray[np.intp],
    weights: NDArray[Any],
    n: int,
    out: NDArray[Any],
    to: int,
    pitch: int,
) -> None:
    """Write n sums along the height of LINES lines to out[to], `pitch` apart.

    Line i under them begins at x[at[i]].
    """
    tile, lanes = DOWN // LINES // x.itemsize, VECTOR // x.itemsize
    whole = n - n % tile
    for first in range(0, whole, tile):
        tile_down(x, at, first, weights, out, to + first, pitch, DOWN)
    for first in range(whole, n, lanes):
        # The last one overlaps the one before rather than reach beyond the line.
        first = max(0, min(first, n - lanes))
        tile_down(x, at, first, weights, out, to + first, pitch, LEAST)


@inlined
def tile_down(
    x: NDArray[Any],
    at: NDArray[np.intp],
    start: int,
    weights: NDArray[Any],
    out: NDArray[Any],
    to: int,
    pitch: int,
    size: int,
) -> None:
    """Compute a tile of `size` bytes: input line i lies under tap i - r of output line r."""
    for a in range(0, len(weights), GROUP):
        y, b = zeros(x, size), min(a + GROUP, len(weights))
        if b - a >= LINES - 1:
            y = spread(y, x, at[a] + start, weights, a, 1, 4, 0, 0)
            y = spread(y, x, at[a + 1] + start, weights, a + 1, 1, 4, 0, 1)
            y = spread(y, x, at[a + 2] + start, weights, a + 2, 1, 4, 0, 2)
            for i in range(a + 3, b):
                y = spread(y, x, at[i] + start, weights, i, 1, 4, 0, 3)
            y = spread(y, x, at[b] + start, weights, b, 1, 4, 1, 3)
            y = spread(y, x, at[b + 1] + start, weights, b + 1, 1, 4, 2, 3)
            y = spread(y, x, at[b + 2] + start, weights, b + 2, 1, 4, 3, 3)
        else:
            for i in range(a, b):
                y = spread(y, x, at[i] + start, weights, i, 0, 4, 0, 0)
                y = spread(y, x, at[i + 1] + start, weights, i, 0, 4, 1, 1)
                y = spread(y, x, at[i + 2] + start, weights, i, 0, 4, 2, 2)
                y = spread(y, x, at[i + 3] + start, weights, i, 0, 4, 3, 3)
        if a == 0:
            store_lines(out, to, pitch, y, 4, 0)
        else:
            store_lines(out, to, pitch, y, 4, 1)


@leaf
def correlate_across(
    sums: NDArray[Any],
    start: int,
    pitch: int,
    weights: NDArray[Any],
    out: NDArray[Any],
    to: int,
    out_pitch: int,
    n_lines: int,
    size: int,
    last: NDArray[Any],
    added: bool,
    past: bool,
) -> Any:
    """Compute `size` outputs of up to LINES lines, which begin at out[to]; return their flaws.

    The places under their first taps begin at sums[start], `pitch` apart.
    """
    tile, lanes = ACROSS // LINES // sums.itemsize, VECTOR // sums.itemsize
    found = zeros(sums, VECTOR)
    whole = size - size % tile if n_lines == LINES else 0
    for first in range(0, whole, tile):
        y = tile_across(sums, start + first, pitch, weights, ACROSS)
        if added:
            store_lines(out, to + first, out_pitch, y, 4, 1)
        elif past:
            store_lines(out, to + first, out_pitch, y, 4, 2)
        else:
            store_lines(out, to + first, out_pitch, y, 4, 0)
        found = found + flaws(y)
    # The rest passes through `last`: to overlap would add twice.
    for first in range(whole, size, lanes):
        y = tile_across(sums, start + first, pitch, weights, LEAST)
        store_lines(last, FIRST, lanes, y, 4, 0)
        found = found + flaws(y)
        for r in range(n_lines):
            place = to + r * out_pitch + first
            for i in range(min(lanes, size - first)):
                out[place + i] = last[r * lanes + i] + (out[place + i] if added else 0)
    return found


@inlined
def tile_across(
    sums: NDArray[Any], start: int, pitch: int, weights: NDArray[Any], size: int
) -> Any:
    """Return a tile of `size` bytes, summed tap after tap as SciPy sums those of all axes.

    Of two taps one is loaded and one comes from registers: a load across two lines of the cache
    takes as long as two. All of them loaded took a fifth longer, and one of three or four a tenth.
    """
    y = zeros(sums, size)
    for tap in range(0, len(weights) - 1, 2):
        y = across(y, sums, start + tap, pitch, weights, tap, 4, 2)
    if len(weights) % 2:
        last = len(weights) - 1
        y = across(y, sums, start + last, pitch, weights, last, 4, 1)
    return y
