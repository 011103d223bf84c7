"""Compiled loops of convolutions by tiles: four neighbouring outputs and five taps at a time.

Their twenty products become eight: taps and outputs are polynomials of degree 4 and 3, and the
product of such is known from its values at eight points (Toom and Cook; Winograd for filters),
here 0, 1, -1, 2, -2, 1/2, -1/2 and infinity. Values of many groups of taps are summed before
their sum is taken back, so this costs little. Of float32, errors grow threefold.

A stride has phases: of signals `s` samples apart each has every s-th tap. `depth` counts the
groups of taps of all phases, phases first. Signals come as `x` (trials, phases, 4, far): tile i's
sample j is x[..., j % 4, i + j // 4].
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..._simd import (
    BUNDLE,
    VECTOR,
    every_fourth,
    load,
    settle,
    splat,
    spread,
    store,
    store_in_turns,
    store_lines,
    sum_lanes,
    transpose,
    zeros,
)

OUTPUTS, TAPS, POINTS = 4, 5, 8

#: Kernels whose sums are taken side by side, for two vectors of tiles each.
MAPS = 8
SUMS = 2 * MAPS * VECTOR

#: Pairs of vectors of tiles in a block: 2 KB of a row are written at a time.
PAIRS = 4

#: Kernels whose gradients are taken side by side, for one vector of groups of taps each.
LINES = 8

#: Tiles whose gradients are summed before others join them; as much is read of a row at a time.
BLOCK = 128


@njit(nogil=True, cache=True)
def _sample(x: NDArray[Any], at: int, far: int, j: int) -> Any:
    """Return sample j of a vector of tiles, the first of them at `at`."""
    return load(x, at + j % OUTPUTS * far + j // OUTPUTS, VECTOR)


@njit(nogil=True, cache=True)
def _to_points(x: NDArray[Any], at: int, far: int, j: int, to: NDArray[Any], step: int) -> None:
    """Write what eight samples of a vector of tiles, from the j-th on, are at each point."""
    d0, d1 = _sample(x, at, far, j), _sample(x, at, far, j + 1)
    d2, d3 = _sample(x, at, far, j + 2), _sample(x, at, far, j + 3)
    d4, d5 = _sample(x, at, far, j + 4), _sample(x, at, far, j + 5)
    d6, d7 = _sample(x, at, far, j + 6), _sample(x, at, far, j + 7)
    half, two, four = splat(0.5, x), splat(2.0, x), splat(4.0, x)
    a, b, c = splat(5.25, x), splat(4.25, x), splat(2.5, x)
    store(to, 0, d0 - d6 + a * (d4 - d2))
    even, odd = d2 + d6 - b * d4, d1 + d5 - b * d3
    store(to, step, even + odd)
    store(to, 2 * step, even - odd)
    even, odd = d6 + half * (half * d2 - c * d4), half * d1 - c * d3 + two * d5
    store(to, 3 * step, even + odd)
    store(to, 4 * step, even - odd)
    even, odd = d6 + four * d2 - two * (c * d4), two * d1 - c * d3 + half * d5
    store(to, 5 * step, even + odd)
    store(to, 6 * step, even - odd)
    store(to, 7 * step, d7 - d1 + a * (d3 - d5))


@njit(nogil=True, cache=True)
def _points_of(
    x: NDArray[Any], at: int, far: int, phases: int, groups: int, to: NDArray[Any], step: int
) -> None:
    """Write to[(point * depth + group of taps) * step + tile], for a vector of tiles at `at`."""
    for phase in range(phases):
        for group in range(groups):
            depth = phase * groups + group
            start = at + phase * OUTPUTS * far
            _to_points(x, start, far, TAPS * group, to[depth * step :], phases * groups * step)


@njit(nogil=True, cache=True)
def _outputs(sums: NDArray[Any], at: int, step: int, bias: float) -> Any:
    """Return the four outputs of a vector of tiles; sums[at + point * step] were theirs."""
    m0, m7 = load(sums, at, VECTOR), load(sums, at + 7 * step, VECTOR)
    m1, m2 = load(sums, at + step, VECTOR), load(sums, at + 2 * step, VECTOR)
    m3, m4 = load(sums, at + 3 * step, VECTOR), load(sums, at + 4 * step, VECTOR)
    m5, m6 = load(sums, at + 5 * step, VECTOR), load(sums, at + 6 * step, VECTOR)
    shift, half, quarter = splat(bias, sums), splat(0.5, sums), splat(0.25, sums)
    two, four = splat(2.0, sums), splat(4.0, sums)
    one, another = m1 + m2, m1 - m2
    by_two, but_two = m3 + m4, two * (m3 - m4)
    by_half, but_half = m5 + m6, half * (m5 - m6)
    y0 = shift + (m0 + one + (by_two + by_half))
    y1 = shift + (another + (but_two + but_half))
    y2 = shift + (one + (four * by_two + quarter * by_half))
    y3 = shift + (m7 + another + (four * but_two + quarter * but_half))
    return y0, y1, y2, y3


@njit(nogil=True, cache=True)
def filter_tiles(
    x: NDArray[Any],
    groups: int,
    taps: NDArray[Any],
    bias: NDArray[Any],
    out: NDArray[Any],
    past: bool,
    begin: int,
    end: int,
) -> None:
    """Compute blocks `begin` to `end` of `out` (trials, maps, length), numbered over trials.

    A block has PAIRS pairs of vectors of tiles. `taps` (points, depth, maps) has values at the
    points; its maps are a multiple of MAPS. `past`: past the caches, where rows of `out` begin
    where vectors can lie.
    """
    phases, far = x.shape[1], x.shape[3]
    _, n_maps, length = out.shape
    lanes, depth, columns = VECTOR // x.itemsize, taps.shape[1], taps.shape[2]
    tiles = 2 * lanes
    width, size = OUTPUTS * tiles, POINTS * depth * tiles
    n_blocks = (length + PAIRS * width - 1) // (PAIRS * width)
    signal, kernels, target = x.reshape(-1), taps.reshape(-1), out.reshape(-1)
    points = np.empty(PAIRS * size, x.dtype)
    sums = np.empty(POINTS * MAPS * tiles, x.dtype)
    last = np.empty(width, x.dtype)
    for block in range(begin, end):
        trial, start = block // n_blocks, block % n_blocks * PAIRS * width
        n_pairs = min(PAIRS, (length - start + width - 1) // width)
        for side in range(2 * n_pairs):
            at = trial * phases * OUTPUTS * far + start // OUTPUTS + side * lanes
            to = points[side // 2 * size + side % 2 * lanes :]
            _points_of(signal, at, far, phases, groups, to, tiles)
        for first in range(0, n_maps, MAPS):
            for pair in range(n_pairs):
                for point in range(POINTS):
                    total = zeros(x, SUMS)
                    for i in range(point * depth, (point + 1) * depth):
                        here = pair * size + i * tiles
                        total = spread(
                            total, points, here, kernels, i * columns + first, -1, 8, 0, 7
                        )
                    store_lines(sums, point * MAPS * tiles, tiles, total, 8, 0)
                t = start + pair * width
                for row in range(min(MAPS, n_maps - first)):
                    place = (trial * n_maps + first + row) * length + t
                    shift = bias[first + row]
                    is_whole = t + width <= length
                    for side in range(2):
                        at, after = row * tiles + side * lanes, side * OUTPUTS * lanes
                        y0, y1, y2, y3 = _outputs(sums, at, MAPS * tiles, shift)
                        if not is_whole:
                            store_in_turns(last, after, y0, y1, y2, y3, 0)
                        elif past:
                            store_in_turns(target, place + after, y0, y1, y2, y3, 1)
                        else:
                            store_in_turns(target, place + after, y0, y1, y2, y3, 0)
                    if not is_whole:
                        target[place : place + length - t] = last[: length - t]
    settle()


@njit(nogil=True, cache=True)
def _gradient_points(gradient: NDArray[Any], t: int, to: NDArray[Any], at: int, step: int) -> Any:
    """Write what the gradients of a vector of tiles' outputs are at each point; return sums."""
    g0, g1 = every_fourth(gradient, t, 0), every_fourth(gradient, t, 1)
    g2, g3 = every_fourth(gradient, t, 2), every_fourth(gradient, t, 3)
    half, quarter = splat(0.5, gradient), splat(0.25, gradient)
    two, four = splat(2.0, gradient), splat(4.0, gradient)
    store(to, at, g0)
    even, odd = g0 + g2, g1 + g3
    total = even + odd
    store(to, at + step, total)
    store(to, at + 2 * step, even - odd)
    even, odd = g0 + four * g2, two * (g1 + four * g3)
    store(to, at + 3 * step, even + odd)
    store(to, at + 4 * step, even - odd)
    even, odd = g0 + quarter * g2, half * (g1 + quarter * g3)
    store(to, at + 5 * step, even + odd)
    store(to, at + 6 * step, even - odd)
    store(to, at + 7 * step, g3)
    return total


@njit(nogil=True, cache=True)
def tile_products(
    x: NDArray[Any],
    groups: int,
    given: NDArray[Any],
    strides: tuple[int, int, int],
    length: int,
    out: NDArray[Any],
    totals: NDArray[np.float64],
    begin: int,
    end: int,
) -> None:
    """Sum, over the tiles of trials `begin` to `end`, gradients times samples at each point.

    The gradient of (trial, map, time) lies in `given` at the sum of these times `strides`. It goes
    to `out` (trials, points, maps, depth), whose maps are a multiple of LINES and whose depth is
    one of a vector's lanes, and its sum over time to `totals` (trials, maps).
    """
    phases, far = x.shape[1], x.shape[3]
    n_maps = totals.shape[1]
    lanes, depth, columns = VECTOR // x.itemsize, out.shape[3], out.shape[2]
    signal, target = x.reshape(-1), out.reshape(-1)
    across = np.zeros((POINTS * depth + lanes) * lanes, x.dtype)
    points = np.empty(POINTS * BLOCK * depth, x.dtype)
    slopes = np.zeros(POINTS * LINES * BLOCK, x.dtype)
    last = np.zeros(OUTPUTS * BLOCK, x.dtype)
    n_tiles = (length + OUTPUTS - 1) // OUTPUTS
    for trial in range(begin, end):
        out[trial] = 0
        totals[trial] = 0
        for start in range(0, n_tiles, BLOCK):
            n = min(BLOCK, n_tiles - start)
            for tile in range(0, n, lanes):
                at = trial * phases * OUTPUTS * far + start + tile
                _points_of(signal, at, far, phases, groups, across, lanes)
                for point in range(POINTS):
                    for i in range(0, depth, lanes):
                        here = (point * BLOCK + tile) * depth + i
                        transpose(
                            across,
                            (point * phases * groups + i) * lanes,
                            lanes,
                            points,
                            here,
                            depth,
                        )
            t = OUTPUTS * start
            n_here = min(OUTPUTS * BLOCK, length - t)
            in_place = n_here == OUTPUTS * BLOCK and strides[2] == 1
            for first in range(0, n_maps, LINES):
                for row in range(min(LINES, n_maps - first)):
                    place = trial * strides[0] + (first + row) * strides[1] + t * strides[2]
                    if not in_place:
                        for i in range(n_here):
                            last[i] = given[place + i * strides[2]]
                        for i in range(n_here, OUTPUTS * BLOCK):
                            last[i] = 0
                    over_time = zeros(x, VECTOR)
                    for tile in range(0, n, lanes):
                        at = row * BLOCK + tile
                        if in_place:
                            sums = _gradient_points(
                                given, place + OUTPUTS * tile, slopes, at, LINES * BLOCK
                            )
                        else:
                            sums = _gradient_points(last, OUTPUTS * tile, slopes, at, LINES * BLOCK)
                        over_time = over_time + sums
                    totals[trial, first + row] += sum_lanes(over_time)
                for point in range(POINTS):
                    for i in range(0, depth, lanes):
                        total = zeros(x, BUNDLE)
                        for tile in range(n):
                            here = (point * BLOCK + tile) * depth + i
                            total = spread(
                                total,
                                points,
                                here,
                                slopes,
                                point * LINES * BLOCK + tile,
                                -BLOCK,
                                8,
                                0,
                                7,
                            )
                        to = ((trial * POINTS + point) * columns + first) * depth + i
                        store_lines(target, to, depth, total, 8, 1)
