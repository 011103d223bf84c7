"""Compiled loops over volumes and outer products: along the depth, and then plane by plane."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._leaf_jit import leaf
from .._simd import FIRST, NO, VECTOR, store, zeros
from .extended_jit import source
from .planes_jit import Places
from .separable_jit import LINES, correlate_down, correlate_image, lay, room

#: Samples of a plane that go through the depth together.
STRETCH = 2048


@njit(nogil=True, cache=True)
def correlate_volumes(
    rows: NDArray[Any],
    left: Places,
    right: Places,
    filler: float,
    deep: NDArray[Any],
    high: NDArray[Any],
    wide: NDArray[Any],
    out: NDArray[Any],
    band: int,
    added: bool,
    begin: int,
    end: int,
) -> bool:
    """Compute `begin` to `end` of the groups of LINES planes of `out`, or add them to it.

    They are counted through the rows (n_rows, depth, height, width), in these through bands of
    `band` output lines, and along the depth: what neighbours see lies in the caches. As in
    `correlate_outer`, there is one kernel for each axis, one or one a row.
    """
    depth, height, width = out.shape[1:]
    n_planes, n_lines, length = rows.shape[1:]
    n_bands, n_groups = -(-height // band), -(-depth // LINES)
    x, target = rows.reshape(-1), out.reshape(-1)
    lanes = VECTOR // rows.itemsize
    memory = room(x, width + wide.shape[1] - 1, high.shape[1])
    planes = np.empty((LINES, (band + high.shape[1] - 1) * length + lanes), rows.dtype)
    under = deep.shape[1] + LINES - 1
    edge = np.empty((under, max(STRETCH, length) + lanes), rows.dtype)
    origins, at = np.empty(under, np.intp), np.empty(under, np.intp)
    nothing = left[0][:0]
    before, behind = (nothing, nothing, left[2]), (nothing, nothing, right[2])
    found = zeros(rows, VECTOR)
    for item in range(begin, end):
        row, part = item // (n_bands * n_groups), item // n_groups % n_bands
        z, y = item % n_groups * LINES, part * band
        lines = min(band, height - y)
        a, b = deep[row * len(deep) // len(out)], high[row * len(high) // len(out)]
        for i in range(under):
            plane = source(z + i, n_planes, left[0], right[0])
            origins[i] = (row * n_planes + plane) * n_lines * length if plane >= 0 else -1
        filled = filler * a.sum()
        tall = lines + high.shape[1] - 1
        # Of the lines under the band, `first` to `last` of the row lie one after another.
        first = max(0, y - len(left[1]))
        last = max(first, min(n_lines, y + tall - len(left[1])))
        i = 0
        while i < tall:  # in order: what is less than a vector spills over to the next line
            line, n = source(y + i, n_lines, left[1], right[1]), 1
            if y + i - len(left[1]) == first < last:
                n = last - first
            if line >= 0:
                correlate_deep(
                    x, origins, line * length, n * length, filler, a, edge, at, planes, i * length
                )
            else:
                for r in range(LINES):
                    for j in range(i * length, (i + 1) * length):
                        planes[r, j] = filled
            i += n
        w = wide[row * len(wide) // len(out)]
        for r in range(min(LINES, depth - z)):
            to = (((row * depth) + z + r) * height + y) * width
            found = found + correlate_image(
                planes.reshape(-1), r * planes.shape[1], tall, length, before, behind, filled, b, w,
                memory, target, to, width, FIRST, width, FIRST, lines, added, NO,
            )  # fmt: skip
    tile = memory[3]
    store(tile, 0, found)
    return bool((tile[:lanes] == 0).all())


@leaf
def correlate_deep(
    x: NDArray[Any],
    origins: NDArray[np.intp],
    start: int,
    n: int,
    filler: float,
    weights: NDArray[Any],
    edge: NDArray[Any],
    at: NDArray[np.intp],
    out: NDArray[Any],
    to: int,
) -> None:
    """Write n sums along the depth of LINES planes to out[:, to] and on.

    The samples begin `start` after the places `origins` of the planes, which are negative beyond
    the ends.
    """
    lanes = VECTOR // x.itemsize
    for first in range(0, n, STRETCH):
        first = max(0, min(first, n - lanes))
        size = min(STRETCH, n - first)
        is_inside = True
        for i in range(len(at)):
            is_inside &= origins[i] >= 0
            at[i] = origins[i] + start + first if origins[i] >= 0 else -1
        if is_inside:
            correlate_down(x, at, weights, size, out.reshape(-1), to + first, out.shape[1])
        else:
            lay(x, at, size, filler, edge)
            lines = edge.reshape(-1)
            correlate_down(lines, at, weights, size, out.reshape(-1), to + first, out.shape[1])
