"""Compiled loops over the images and volumes of `Extended` rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._leaf_jit import inlined, leaf
from .._simd import FIRST, NO, VECTOR, flaws, spread, store, store_lines, zeros
from .extended_jit import Places, copy_stretch, source
from .margins_jit import STRETCH, correlate_margin

#: A tile of outputs is kept in registers: so many lines of so many bytes. What is loaded of an
#: input line serves all output lines that it lies under.
TILE_LINES, TILE_BYTES = 4, 4 * VECTOR
TILE = TILE_LINES * TILE_BYTES

#: Taps (whole lines of them) that are summed by themselves before they are added to the total.
#: SciPy sums all of them in one chain; shorter groups took longer (32: by a quarter at 7 x 7).
GROUP = 256


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
    n_taps = k_height * k_width
    group = max(1, min(k_depth, GROUP // n_taps)), max(1, min(k_height, GROUP // k_width))
    places = np.empty(2 * k_width, np.intp)
    turned = np.zeros((2 * k_width, block[1] + k_height + STRETCH // rows.itemsize), rows.dtype)
    found = zeros(rows, VECTOR)
    for item in range(begin, end):
        row = item // (n_deep * n_high * n_wide)
        z0 = item // (n_high * n_wide) % n_deep * block[0]
        y0 = item // n_wide % n_high * block[1]
        x0 = item % n_wide * block[2]
        x1 = width if item % n_wide == n_wide - 1 else x0 + block[2]
        ranges = (z0, min(z0 + block[0], depth)), (y0, min(y0 + block[1], height)), (x0, x1)
        found = found + correlate_block(
            rows[row],
            left,
            right,
            filler,
            weights[row % len(weights)],
            out[row],
            ranges,
            group,
            ring,
            n_lines,
            pitch,
            at,
            last,
            places,
            turned,
        )
    store(last, 0, found)
    return bool((last[:lanes] == 0).all())


@leaf
def correlate_block(
    row: NDArray[Any],
    left: Places,
    right: Places,
    filler: float,
    weights: NDArray[Any],
    out: NDArray[Any],
    ranges: tuple[tuple[int, int], tuple[int, int], tuple[int, int]],
    group: tuple[int, int],
    ring: NDArray[Any],
    n_lines: int,
    pitch: int,
    at: NDArray[np.intp],
    last: NDArray[Any],
    places: NDArray[np.intp],
    turned: NDArray[Any],
) -> Any:
    """Compute the outputs of a row within `ranges` (first, end) of each axis; return the flaws.

    Lines are read where they lie if what that gives for the margins costs less than copies: 3 x 3
    of 512 x 512 took a fifth less. Else copies of `n_lines` lines of each plane are in the ring.
    """
    (z0, z1), (y0, y1), (x0, x1) = ranges
    k_depth, k_height, k_width = weights.shape
    n_deep, n_high, n_wide = row.shape
    under, size, tile = k_height + TILE_LINES - 1, x1 - x0, TILE_BYTES // row.itemsize
    n_left, n_taps = len(left[2]), k_height * k_width
    x, target = row.reshape(-1), out.reshape(-1)
    in_place = k_depth == 1 and n_taps * (k_width - 1) <= size and size >= 2 * tile
    in_place &= n_taps <= GROUP
    # Tiles over the margins read what stands before and behind the line.
    edge = min(1, n_left + len(right[2]))
    found = zeros(row, VECTOR)
    for z in range(z0 - k_depth + 1, z1):
        plane = z + k_depth - 1  # the newest; the ring keeps those that it needs again
        deep = source(plane, n_deep, left[0], right[0])
        ready = y0  # the next line for the ring
        y = y0
        while y < y1:
            high, n_strips = y - len(left[1]), 0
            if in_place and deep >= 0 and high >= edge:
                n_strips = min(y1 - y, n_high - edge - under - high + TILE_LINES) // TILE_LINES
            if n_strips > 0:
                for i in range(under):
                    at[i] = (deep * n_high + high + i) * n_wide + x0 - n_left
                to = (z * out.shape[1] + y) * out.shape[2] + x0
                found = found + correlate_tiles(
                    x,
                    FIRST,
                    size,
                    n_strips,
                    TILE_LINES * n_wide,
                    at,
                    FIRST,
                    under,
                    weights.reshape(-1),
                    FIRST,
                    weights.shape,
                    n_taps,
                    target,
                    to,
                    out.shape[2],
                    NO,
                )
                y += n_strips * TILE_LINES
            else:
                if ready < y:
                    ready = y
                while ready < min(y + under, y1 + k_height - 1):
                    to = plane % k_depth * n_lines + (ready - y0) % n_lines
                    line = ring[to * pitch : to * pitch + size + k_width - 1]
                    high = source(ready, n_high, left[1], right[1])
                    if deep < 0 or high < 0:
                        for i in range(len(line)):
                            line[i] = filler
                    else:
                        copy_stretch(row[deep, high], left[2], right[2], filler, x0, line)
                    ready += 1
                if z >= z0:
                    slot = (y - y0) % n_lines
                    for a in range(k_depth):
                        first = (z + a) % k_depth * n_lines
                        for i in range(under):
                            place = slot + i if slot + i < n_lines else slot + i - n_lines
                            at[a * under + i] = (first + place) * pitch
                    to = (z * out.shape[1] + y) * out.shape[2] + x0
                    lines = min(TILE_LINES, y1 - y)
                    found = found + correlate_strip(
                        ring, at, weights, group, target, to, out.shape[2], lines, size, last
                    )
                y += TILE_LINES
        if in_place and deep >= 0:
            ends = min(x1, n_left), max(x0, n_left + n_wide - k_width + 1)
            for columns in ((x0, ends[0]), (ends[1], x1)):
                if columns[0] < columns[1]:
                    found = found + correlate_margin(
                        row[deep],
                        left,
                        right,
                        filler,
                        weights[0],
                        out[z],
                        (y0, y1),
                        columns,
                        places,
                        turned,
                        last,
                    )
    return found


@inlined
def correlate_strip(
    x: NDArray[Any],
    at: NDArray[np.intp],
    weights: NDArray[Any],
    group: tuple[int, int],
    out: NDArray[Any],
    to: int,
    out_pitch: int,
    lines: int,
    size: int,
    last: NDArray[Any],
) -> Any:
    """Compute `size` outputs of up to TILE_LINES lines, which begin at out[to]; return the flaws.

    Line i of plane a under them begins at x[at[a * under + i]]. Groups are of the same taps for
    all outputs.
    """
    k_depth, k_height, k_width = weights.shape
    w, tile, under = weights.reshape(-1), TILE_BYTES // x.itemsize, k_height + TILE_LINES - 1
    n_planes, n_lines = group
    is_whole = lines == TILE_LINES and size >= tile
    target, pitch = (out, out_pitch) if is_whole else (last, tile)
    # Several groups are added tile by tile.
    is_one = n_planes == k_depth and n_lines == k_height
    stretch = size if is_whole and is_one else tile
    found, i = zeros(x, VECTOR), 0
    while i < size:  # `range` would divide
        # The last one overlaps the one before rather than reach beyond the line.
        first = max(0, min(i, size - stretch))
        place, plane, line = to + first if is_whole else 0, 0, 0
        while plane < k_depth:
            found = found + correlate_tiles(
                x,
                first,
                stretch,
                FIRST + 1,
                FIRST,
                at,
                plane * under + line,
                under,
                w,
                (plane * k_height + line) * k_width,
                (min(n_planes, k_depth - plane), min(n_lines, k_height - line), k_width),
                k_height * k_width,
                target,
                place,
                pitch,
                plane + line > 0,
            )
            line += n_lines
            if line >= k_height:
                plane, line = plane + n_planes, 0
        if not is_whole:
            for r in range(lines):
                for j in range(min(tile, size)):
                    out[to + r * out_pitch + first + j] = last[r * tile + j]
        i += stretch
    return found


@leaf
def correlate_tiles(
    x: NDArray[Any],
    first: int,
    size: int,
    n_strips: int,
    step: int,
    at: NDArray[np.intp],
    line: int,
    under: int,
    weights: NDArray[Any],
    tap: int,
    taps: tuple[int, int, int],
    plane_taps: int,
    out: NDArray[Any],
    to: int,
    out_pitch: int,
    added: bool,
) -> Any:
    """Compute whole tiles of one group of taps, or add them to what is there; return the flaws.

    They are of `size` outputs of each line in `n_strips` strips of lines, whose inputs begin `step`
    samples after each other. The group is of `taps` planes, lines and columns from weights[tap]
    on, and line i of its plane a begins at x[at[line + a * under + i]] for the first strip.
    """
    n_planes, n_lines, k_width = taps
    tile, found = TILE_BYTES // x.itemsize, zeros(x, VECTOR)
    for strip in range(n_strips):
        place, begin = to + strip * TILE_LINES * out_pitch, first + strip * step
        for i in range(0, size, tile):
            # The last one overlaps the one before rather than reach beyond the line.
            ahead, y = min(i, size - tile), zeros(x, TILE)
            for a in range(n_planes):
                p, w = line + a * under, tap + a * plane_taps
                if n_lines == 3 and k_width == 3:
                    y = add_products(y, x, begin + ahead, at, p, weights, w, 3, 3)
                else:
                    y = add_products(y, x, begin + ahead, at, p, weights, w, n_lines, k_width)
            if added:
                store_lines(out, place + ahead, out_pitch, y, 4, 1)
            else:
                store_lines(out, place + ahead, out_pitch, y, 4, 0)
            found = found + flaws(y)
    return found


@inlined
def add_products(
    y: Any,
    x: NDArray[Any],
    first: int,
    at: NDArray[np.intp],
    p: int,
    w: NDArray[Any],
    tap: int,
    n: int,
    k_width: int,
) -> Any:
    """Add to a tile the products of `n` lines of taps from w[tap] on, and return it.

    Line i from at[p] on lies under tap line i - r of output line r, of fewer at both ends.
    """
    if n < TILE_LINES - 1:
        for i in range(p, p + n):
            for c in range(k_width):
                y = spread(y, x, at[i] + first + c, w, tap + c, 0, 4, 0, 0)
                y = spread(y, x, at[i + 1] + first + c, w, tap + c, 0, 4, 1, 1)
                y = spread(y, x, at[i + 2] + first + c, w, tap + c, 0, 4, 2, 2)
                y = spread(y, x, at[i + 3] + first + c, w, tap + c, 0, 4, 3, 3)
            tap += k_width
        return y
    for c in range(k_width):
        y = spread(y, x, at[p] + first + c, w, tap + c, k_width, 4, 0, 0)
    tap += k_width
    for c in range(k_width):
        y = spread(y, x, at[p + 1] + first + c, w, tap + c, k_width, 4, 0, 1)
    tap += k_width
    for c in range(k_width):
        y = spread(y, x, at[p + 2] + first + c, w, tap + c, k_width, 4, 0, 2)
    for i in range(p + 3, p + n):
        tap += k_width
        for c in range(k_width):
            y = spread(y, x, at[i] + first + c, w, tap + c, k_width, 4, 0, 3)
    p, tap = p + n, tap + k_width
    for c in range(k_width):
        y = spread(y, x, at[p] + first + c, w, tap + c, k_width, 4, 1, 3)
    tap += k_width
    for c in range(k_width):
        y = spread(y, x, at[p + 1] + first + c, w, tap + c, k_width, 4, 2, 3)
    tap += k_width
    for c in range(k_width):
        y = spread(y, x, at[p + 2] + first + c, w, tap + c, k_width, 4, 3, 3)
    return y
