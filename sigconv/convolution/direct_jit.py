"""The compiled loops of the direct method, one for floats and one for the rest.

Both serve all dimensions: rows (n_rows, n) are flattened, and output j of line l sums, over the
taps t, weights[row, t] times rows[row, starts[l] + offsets[t] + j].
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._leaf_jit import leaf
from .._simd import BUNDLE, FIRST, fill, load, store, zeros

#: Outputs computed side by side: their sums stay in the first-level cache.
TILE = 1024

#: Taps summed at once, pair by pair; a multiple of half as many is wanted.
GROUP = 8


@njit(nogil=True, cache=True)
def correlate_tiles(
    rows: NDArray[Any],
    weights: NDArray[Any],
    offsets: NDArray[np.intp],
    starts: NDArray[np.intp],
    out: NDArray[Any],
    wide: np.dtype[Any],
    begin: int,
    end: int,
) -> None:
    """Compute tiles `begin` to `end` of `out`, counted through rows, lines and along the line.

    Taps come first and outputs last so that the inner loop runs over neighbours in memory.
    Sums of groups are added in the type `wide`, first to blocks, so that errors grow with the
    root of the number of taps at most.
    """
    n_lines, length = out.shape[1], out.shape[2]
    n_tiles = (length + TILE - 1) // TILE
    n_taps = len(offsets)
    n_block = GROUP * max(1, int(np.ceil(np.sqrt(n_taps / GROUP))))
    total = np.empty(TILE, wide)
    part = np.empty(TILE, wide)
    for item in range(begin, end):
        line = item // n_tiles
        first = item % n_tiles * TILE
        row = line // n_lines
        line -= row * n_lines
        size = min(TILE, length - first)
        x = rows[row, starts[line] + first :]
        w = weights[row % len(weights)]
        total[:size] = 0
        for block in range(0, n_taps, n_block):
            stop = min(block + n_block, n_taps)
            part[:size] = 0
            for t in range(block, stop, GROUP):
                w0, w1, w2, w3 = w[t], w[t + 1], w[t + 2], w[t + 3]
                x0, x1 = x[offsets[t] :], x[offsets[t + 1] :]
                x2, x3 = x[offsets[t + 2] :], x[offsets[t + 3] :]
                if t + 4 == stop:
                    for j in range(size):
                        part[j] += (w0 * x0[j] + w1 * x1[j]) + (w2 * x2[j] + w3 * x3[j])
                    break
                w4, w5, w6, w7 = w[t + 4], w[t + 5], w[t + 6], w[t + 7]
                x4, x5 = x[offsets[t + 4] :], x[offsets[t + 5] :]
                x6, x7 = x[offsets[t + 6] :], x[offsets[t + 7] :]
                for j in range(size):
                    part[j] += ((w0 * x0[j] + w1 * x1[j]) + (w2 * x2[j] + w3 * x3[j])) + (
                        (w4 * x4[j] + w5 * x5[j]) + (w6 * x6[j] + w7 * x7[j])
                    )
            for j in range(size):
                total[j] += part[j]
        for j in range(size):
            out[row, line, first + j] = total[j]


@njit(nogil=True, cache=True)
def correlate_bundles(
    rows: NDArray[Any],
    weights: NDArray[Any],
    offsets: NDArray[np.intp],
    starts: NDArray[np.intp],
    out: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Compute lines `begin` to `end` of `out` (real floats), counted through the rows."""
    n_lines, length = out.shape[1], out.shape[2]
    width = BUNDLE // rows.itemsize
    reach = offsets.max() + width
    edge = np.empty(reach, rows.dtype)
    last = np.empty(width, rows.dtype)
    for item in range(begin, end):
        row = item // n_lines
        line = item - row * n_lines
        x, target, w = rows[row], out[row, line], weights[row % len(weights)]
        for first in range(0, length, width):
            start = starts[line] + first
            if first + width <= length:
                store(target, first, correlate_bundle(x, start, w, offsets))
                continue
            if start + reach <= len(x):  # what lies beyond the line is computed in vain
                store(last, 0, correlate_bundle(x, start, w, offsets))
            else:
                edge[: len(x) - start] = x[start:]
                edge[len(x) - start :] = 0
                store(last, 0, correlate_bundle(edge, FIRST, w, offsets))
            target[first:] = last[: length - first]


@leaf
def correlate_bundle(
    x: NDArray[Any], start: int, weights: NDArray[Any], offsets: NDArray[np.intp]
) -> Any:
    """Return as many neighbouring outputs as a bundle holds, from x[start + offsets] on.

    Groups of taps are summed each by itself; what rounding takes away from the total is carried.
    """
    n_taps = len(weights)
    total, lost = zeros(x, BUNDLE), zeros(x, BUNDLE)
    for group in range(0, n_taps, GROUP):
        part = zeros(x, BUNDLE)
        for t in range(group, min(group + GROUP, n_taps)):
            part = part + fill(weights, t, BUNDLE) * load(x, start + offsets[t], BUNDLE)
        part = part - lost
        longer = total + part
        lost = (longer - total) - part
        total = longer
    return total
