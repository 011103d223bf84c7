"""Compiled loops over the images and volumes of `Extended` rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._leaf_jit import leaf
from .._simd import VECTOR, flaws, spread, store, store_lines, zeros
from .extended_jit import copy_stretch, source

#: A tile of outputs is kept in registers: so many lines of so many bytes. What is loaded of an
#: input line serves all output lines that it lies under.
TILE_LINES, TILE_BYTES = 4, 4 * VECTOR
TILE = TILE_LINES * TILE_BYTES

#: Taps (whole lines of them) that are summed by themselves before they are added to the total.
#: SciPy sums all of them in one chain; shorter groups took longer (32: by a quarter at 7 x 7).
GROUP = 256

Places = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]


@njit(nogil=True, cache=True)
def correlate_planes(
    rows: NDArray[Any],
    left: Places,
    right: Places,
    filler: float,
    weights: NDArray[Any],
    out: NDArray[Any],
    block: tuple[int, int, int],
    begin: int,
    end: int,
) -> bool:
    """Compute blocks `begin` to `end` of `out`, counted through the rows and in them.

    Outputs [z, y, x] of a row sum weights[row, a, b, c] * extended[row, z + a, y + b, x + c]
    over the taps in their order in memory. Blocks are of depth, height and width `block`; the
    last ones along the width are up to twice as long. Returns whether all outputs are finite.
    """
    depth, height, width = out.shape[1:]
    n_deep, n_high = -(-depth // block[0]), -(-height // block[1])
    n_wide = max(1, width // block[2])
    k_depth, k_height, k_width = weights.shape[1:]
    under = k_height + TILE_LINES - 1  # lines that lie under a tile
    lanes, tile = VECTOR // rows.itemsize, TILE_BYTES // rows.itemsize
    # One plane needs only the lines under a tile; several are kept while z moves on.
    n_lines = under if k_depth == 1 else -(-block[1] // TILE_LINES) * TILE_LINES + k_height - 1
    # Lines an odd number of vectors apart do not compete for the same places in the cache.
    longest = max(min(width, 2 * block[2]), tile) + k_width - 1
    pitch = ((longest + lanes - 1) // lanes | 1) * lanes
    spare = np.zeros(k_depth * n_lines * pitch + lanes, rows.dtype)
    start = -spare.ctypes.data % VECTOR // rows.itemsize
    ring = spare[start : start + k_depth * n_lines * pitch]
    at = np.empty(k_depth * under, np.intp)
    last = np.empty(TILE_LINES * tile, rows.dtype)
    found = zeros(rows, VECTOR)
    for item in range(begin, end):
        row = item // (n_deep * n_high * n_wide)
        z0 = item // (n_high * n_wide) % n_deep * block[0]
        y0 = item // n_wide % n_high * block[1]
        x0 = item % n_wide * block[2]
        size = width - x0 if item % n_wide == n_wide - 1 else block[2]
        lines = min(block[1], height - y0)
        w = weights[row % len(weights)].reshape(-1)
        for z in range(z0 - k_depth + 1, min(z0 + block[0], depth)):
            plane = z + k_depth - 1  # the newest; the ring keeps those that it needs again
            deep = source(plane, rows.shape[1], left[0], right[0])
            ready = 0
            for y in range(0, lines, TILE_LINES):
                while ready < min(y + under, lines + k_height - 1):
                    to = (plane % k_depth * n_lines + ready % n_lines) * pitch
                    line = ring[to : to + size + k_width - 1]
                    high = source(y0 + ready, rows.shape[2], left[1], right[1])
                    if deep < 0 or high < 0:
                        line[:] = filler
                    else:
                        copy_stretch(rows[row, deep, high], left[2], right[2], filler, x0, line)
                    ready += 1
                if z < z0:
                    continue
                for a in range(k_depth):
                    for i in range(under):
                        at[a * under + i] = (
                            (z + a) % k_depth * n_lines + (y + i) % n_lines
                        ) * pitch
                target = out[row, z, y0 + y : y0 + min(y + TILE_LINES, lines)]
                found = found + correlate_tiles(
                    ring, at, w, k_depth, k_height, k_width, target, x0, size, last
                )
    store(last, 0, found)
    return bool((last[:lanes] == 0).all())


@leaf
def correlate_tiles(
    ring: NDArray[Any],
    at: NDArray[np.intp],
    weights: NDArray[Any],
    k_depth: int,
    k_height: int,
    k_width: int,
    out: NDArray[Any],
    x0: int,
    size: int,
    last: NDArray[Any],
) -> Any:
    """Compute `size` outputs from x0 on of up to TILE_LINES lines; return the flaws.

    Line i of plane a under the tiles begins at ring[at[a * under + i]].
    """
    n_lines, out_pitch = out.shape
    tile = TILE_BYTES // ring.itemsize
    flat = out.reshape(-1)
    found = zeros(ring, VECTOR)
    is_whole = n_lines == TILE_LINES and size >= tile
    target, pitch = (flat, out_pitch) if is_whole else (last, tile)
    for x in range(0, size, tile):
        # The last one overlaps the one before rather than reach beyond the line.
        first = max(0, min(x, size - tile))
        to = x0 + first if is_whole else 0
        found = found + correlate_tile(
            ring, first, at, weights, k_depth, k_height, k_width, target, to, pitch
        )
        if not is_whole:
            for r in range(n_lines):
                for i in range(min(tile, size)):
                    out[r, x0 + first + i] = last[r * tile + i]
    return found


@leaf
def correlate_tile(
    ring: NDArray[Any],
    start: int,
    at: NDArray[np.intp],
    weights: NDArray[Any],
    k_depth: int,
    k_height: int,
    k_width: int,
    out: NDArray[Any],
    to: int,
    out_pitch: int,
) -> Any:
    """Compute one tile into out[to], its lines `out_pitch` apart; return its flaws.

    Input line i lies under tap line i - r of output line r, of fewer at both ends. Groups are
    of the same taps for all outputs.
    """
    y, under = zeros(ring, TILE), k_height + TILE_LINES - 1
    found, is_first = zeros(ring, VECTOR), True
    held = 0
    n_lines = max(1, GROUP // k_width)
    for plane in range(k_depth):
        for line in range(0, k_height, n_lines):
            n = min(n_lines, k_height - line)
            held += n * k_width
            for i in range(n + TILE_LINES - 1):
                first, final = max(0, i - n + 1), min(i, TILE_LINES - 1)
                p = at[plane * under + line + i] + start
                w = (plane * k_height + line + i) * k_width
                case = first * TILE_LINES + final
                if case == 3:
                    for c in range(k_width):
                        y = spread(y, ring, p + c, weights, w + c, k_width, 4, 0, 3)
                elif case == 0:
                    for c in range(k_width):
                        y = spread(y, ring, p + c, weights, w + c, k_width, 4, 0, 0)
                elif case == 1:
                    for c in range(k_width):
                        y = spread(y, ring, p + c, weights, w + c, k_width, 4, 0, 1)
                elif case == 2:
                    for c in range(k_width):
                        y = spread(y, ring, p + c, weights, w + c, k_width, 4, 0, 2)
                elif case == 5:
                    for c in range(k_width):
                        y = spread(y, ring, p + c, weights, w + c, k_width, 4, 1, 1)
                elif case == 6:
                    for c in range(k_width):
                        y = spread(y, ring, p + c, weights, w + c, k_width, 4, 1, 2)
                elif case == 7:
                    for c in range(k_width):
                        y = spread(y, ring, p + c, weights, w + c, k_width, 4, 1, 3)
                elif case == 10:
                    for c in range(k_width):
                        y = spread(y, ring, p + c, weights, w + c, k_width, 4, 2, 2)
                elif case == 11:
                    for c in range(k_width):
                        y = spread(y, ring, p + c, weights, w + c, k_width, 4, 2, 3)
                elif case == 15:
                    for c in range(k_width):
                        y = spread(y, ring, p + c, weights, w + c, k_width, 4, 3, 3)
            more = min(n_lines, k_height - line - n) * k_width
            if more == 0 and plane + 1 < k_depth:
                more = min(n_lines, k_height) * k_width
            if more > 0 and held + more <= GROUP:
                continue
            if is_first:
                store_lines(out, to, out_pitch, y, 4, 0)
            else:
                store_lines(out, to, out_pitch, y, 4, 1)
            found = found + flaws(y)
            y, held, is_first = zeros(ring, TILE), 0, False
    return found
