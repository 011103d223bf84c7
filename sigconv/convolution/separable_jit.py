"""Compiled loops over images and outer products: along the width, then along the height."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._leaf_jit import leaf
from .._simd import BUNDLE, FIRST, VECTOR, flaws, spread, store, store_lines, zeros
from .extended_jit import copy_stretch, source
from .lines_jit import correlate_bundles
from .planes_jit import GROUP, TILE, TILE_BYTES, TILE_LINES, Places


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
    begin: int,
    end: int,
) -> bool:
    """Compute groups of TILE_LINES lines, `begin` to `end` of `out`, or add them to it.

    They are counted through the images (n_images, height, width) of the rows, in these through
    strips of the width of `strip` outputs (the last one up to twice as wide), and along the
    height. Outputs [y, x] sum high[image, b] * wide[image, c] * extended[image, y + b, x + c];
    the last two axes of `left` and `right` say what extends the image. What the width's taps
    make of a line is kept until the height's need it no more. Returns whether all is finite.
    """
    height, width = out.shape[1:]
    n_lines, length = rows.shape[2:]
    k_high, k_wide = high.shape[1], wide.shape[1]
    n_strips, n_groups = max(1, width // strip), -(-height // TILE_LINES)
    under = k_high + TILE_LINES - 1  # lines that lie under a tile
    lanes, bundle = VECTOR // rows.itemsize, BUNDLE // rows.itemsize
    # Lines an odd number of vectors apart do not compete for the same places in the cache.
    pitch = -(-min(width, 2 * strip) // bundle) * bundle + lanes
    spare = np.zeros(under * pitch + lanes, rows.dtype)
    start = -spare.ctypes.data % VECTOR // rows.itemsize
    ring = spare[start : start + under * pitch]
    at = np.empty(under, np.intp)
    copied = np.empty(pitch + k_wide, rows.dtype)
    last = np.zeros(TILE // rows.itemsize, rows.dtype)
    x, target = rows.reshape(-1), out.reshape(-1)
    found = zeros(rows, VECTOR)
    while begin < end:
        part = begin // n_groups
        image, x0 = part // n_strips, part % n_strips * strip
        size = width - x0 if part % n_strips == n_strips - 1 else strip
        y, stop = (begin - part * n_groups) * TILE_LINES, (end - part * n_groups) * TILE_LINES
        begin = min(end, (part + 1) * n_groups)
        w, w_high = wide[image * len(wide) // len(out)], high[image * len(high) // len(out)]
        beyond, n_bundles = filler * w.sum(), -(-size // bundle)
        stretch = copied[: n_bundles * bundle + k_wide - 1]
        ready, slot, place = y, 0, 0  # the next line and where it goes, where those of y begin
        while y < min(stop, height):
            while ready < min(y + under, height + k_high - 1):
                to = slot * pitch
                line = source(ready, n_lines, left[1], right[1])
                if line < 0:
                    for i in range(size):
                        ring[to + i] = beyond
                else:
                    # Copied as a whole: to copy only what lies across the ends took longer.
                    origin = (image * n_lines + line) * length
                    samples = x[origin : origin + length]
                    copy_stretch(samples, left[2], right[2], filler, x0, stretch)
                    correlate_bundles(stretch, FIRST, w, ring, to, n_bundles)
                ready += 1
                slot = slot + 1 if slot + 1 < under else 0
            # Those after the last are of no line of the image, and what they make is thrown away.
            line = place
            for i in range(under):
                at[i] = line * pitch
                line = line + 1 if line + 1 < under else 0
            lines, to = min(TILE_LINES, height - y), (image * height + y) * width + x0
            found = found + correlate_down(
                ring, at, w_high, target, to, width, lines, size, last, added
            )
            place = (place + TILE_LINES) % under
            y += TILE_LINES
    store(last, 0, found)
    return bool((last[:lanes] == 0).all())


@leaf
def correlate_down(
    ring: NDArray[Any],
    at: NDArray[np.intp],
    weights: NDArray[Any],
    out: NDArray[Any],
    to: int,
    out_pitch: int,
    lines: int,
    size: int,
    last: NDArray[Any],
    added: bool,
) -> Any:
    """Compute `size` outputs of `lines` lines, which begin at out[to]; return the flaws.

    Line i under the tiles begins at ring[at[i]].
    """
    tile = TILE_BYTES // ring.itemsize
    found = zeros(ring, VECTOR)
    is_whole = lines == TILE_LINES
    done = size // tile * tile if is_whole else 0
    for first in range(0, done, tile):
        found = found + correlate_tile(ring, first, at, weights, out, to + first, out_pitch, added)
    # The rest passes through `last`: to overlap would add twice.
    for first in range(done, size, tile):
        n = min(tile, size - first)
        if added:
            for r in range(lines):
                for i in range(n):
                    last[r * tile + i] = out[to + r * out_pitch + first + i]
        found = found + correlate_tile(ring, first, at, weights, last, FIRST, tile, added)
        for r in range(lines):
            for i in range(n):
                out[to + r * out_pitch + first + i] = last[r * tile + i]
    return found


@leaf
def correlate_tile(
    ring: NDArray[Any],
    start: int,
    at: NDArray[np.intp],
    weights: NDArray[Any],
    out: NDArray[Any],
    to: int,
    out_pitch: int,
    added: bool,
) -> Any:
    """Compute one tile into out[to], its lines `out_pitch` apart; return its flaws.

    Input line i lies under tap i - r of output line r, of fewer at both ends.
    """
    found, is_added = zeros(ring, VECTOR), added
    for group in range(0, len(weights), GROUP):
        y, n = zeros(ring, TILE), min(GROUP, len(weights) - group)
        a, b = group, group + n
        if n >= TILE_LINES - 1:
            y = spread(y, ring, at[a] + start, weights, a, 1, 4, 0, 0)
            y = spread(y, ring, at[a + 1] + start, weights, a + 1, 1, 4, 0, 1)
            y = spread(y, ring, at[a + 2] + start, weights, a + 2, 1, 4, 0, 2)
            for i in range(a + 3, b):
                y = spread(y, ring, at[i] + start, weights, i, 1, 4, 0, 3)
            y = spread(y, ring, at[b] + start, weights, b, 1, 4, 1, 3)
            y = spread(y, ring, at[b + 1] + start, weights, b + 1, 1, 4, 2, 3)
            y = spread(y, ring, at[b + 2] + start, weights, b + 2, 1, 4, 3, 3)
        else:
            for i in range(a, b):
                y = spread(y, ring, at[i] + start, weights, i, 0, 4, 0, 0)
                y = spread(y, ring, at[i + 1] + start, weights, i, 0, 4, 1, 1)
                y = spread(y, ring, at[i + 2] + start, weights, i, 0, 4, 2, 2)
                y = spread(y, ring, at[i + 3] + start, weights, i, 0, 4, 3, 3)
        if is_added:
            store_lines(out, to, out_pitch, y, 4, 1)
        else:
            store_lines(out, to, out_pitch, y, 4, 0)
        found, is_added = found + flaws(y), True
    return found
