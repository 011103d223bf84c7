"""The compiled loops of running sums along the last axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._simd import DOUBLES, FIRST, NO, settle
from .exact_sums_jit import (
    grid,
    levels_of,
    line_sums,
    listen,
    nothing_heard,
    ring,
    room_of,
    top_of,
)
from .extended_jit import copy_stretch
from .levels_jit import add_levels, most_levels, take_level, window_sums

#: Samples after the last window that `line_sums` may read.
SPARE = 2 * DOUBLES

#: Sums that are under way beside those of a window, in samples.
BESIDE = 2 * DOUBLES

#: Fewer outputs are not worth being computed apart from those at the ends of a row.
APART = 512

#: Outputs that are computed again together where two parts do not hold the samples.
AGAIN = 2048

#: Largest exponent of a sum.
HIGHEST = 1022


@njit(nogil=True, cache=True)
def sum_rows(
    rows: NDArray[Any],
    left: NDArray[np.intp],
    right: NDArray[np.intp],
    filler: float,
    width: int,
    factors: NDArray[Any],
    part: int,
    past: bool,
    out: NDArray[Any],
    begin: int,
    end: int,
) -> bool:
    """Fill parts `begin` to `end` of out (n_rows, m), counted through the rows and along them.

    rows (n_rows, n) lie between what `left` and `right` name; factors are float64, one or one a
    row. Returns False if a sample is not finite or so large that a sum may not be.
    """
    n, m = rows.shape[1], out.shape[1]
    x, y = rows.reshape(-1), out.reshape(-1)
    n_parts = (m + part - 1) // part
    memory = ring(width)
    edge = np.empty(min(part, m) + width + SPARE, rows.dtype)
    # outputs before the first place that `store_past` can write to
    odd = -(y.ctypes.data // y.itemsize) % DOUBLES
    guess = np.zeros(1, np.int64)
    guess[0] = -HIGHEST
    stands = True
    for item in range(begin, end):
        row, k = item // n_parts, item % n_parts
        first, last = k * part, min(m, (k + 1) * part)
        factor = factors[row % len(factors) :][:1]
        inner = first
        while inner < last and (inner < len(left) or (past and (row * m + inner - odd) % DOUBLES)):
            inner += 1
        outer = min(last, len(left) + n - width - SPARE)
        if outer - inner < APART:
            inner = outer = last
        # One place of calling for all: each would be compiled apart.
        for start, stop in ((first, inner), (inner, outer), (outer, last)):
            if stop == start:
                continue
            a, at = x, row * n + start - len(left)
            beyond = past and start == inner and stop == outer
            if start < inner or start >= outer:
                a, at = edge, 0
                stretch = edge[: stop - start + width + SPARE]
                copy_stretch(rows[row], left, right, filler, start, stretch)
            stands &= piece(
                a, at, stop - start, width, factor, memory, y, row * m + start, beyond, guess
            )
        if not stands:
            break
    if past:
        settle()
    return stands


@njit(nogil=True, cache=True)
def piece(
    a: NDArray[Any],
    start: int,
    n: int,
    width: int,
    factor: NDArray[np.float64],
    memory: Any,
    out: NDArray[Any],
    to: int,
    past: bool,
    guess: NDArray[np.int64],
) -> bool:
    """Sum n windows from a[start] on as if no sample reached 2**guess; if one does, again."""
    room, bits = room_of(width + BESIDE), 53 if a.itemsize == 8 else 24
    if bits == 24:  # high parts may be all there is
        extent = nothing_heard()
        line_sums(a, start, None, None, width, factor, memory, out, to, n, past, extent)
        heard = top_of(extent)
        if heard + room > HIGHEST:
            return False
        if levels_of(extent, heard, room, bits) == 1:
            return True
        guess[0] = heard + 2
    for _ in range(2):
        top = min(guess[0], HIGHEST - room)
        extent = nothing_heard()
        unit = grid(top, room)
        line_sums(a, start, None, unit, width, factor, memory, out, to, n, past, extent)
        heard = top_of(extent)
        if heard + room > HIGHEST:
            return False
        if heard <= top and levels_of(extent, top, room, bits) <= 2:
            return True
        if levels_of(extent, heard, room, bits) > 2:
            break
        guess[0] = heard + (levels_of(extent, heard + 1, room, bits) <= 2)
    count = max(AGAIN, width)
    for first in range(0, n, count):
        again(a, start + first, min(count, n - first), width, factor, memory, out, to + first)
    return True


@njit(nogil=True, cache=True)
def again(
    a: NDArray[Any],
    start: int,
    n: int,
    width: int,
    factor: NDArray[np.float64],
    memory: Any,
    out: NDArray[Any],
    to: int,
) -> None:
    """Sum n windows from a[start] on, whatever the samples."""
    room, bits = room_of(width + BESIDE), 53 if a.itemsize == 8 else 24
    n_samples = n + width - 1
    rest = np.zeros(n_samples + SPARE, a.dtype)
    rest[:n_samples] = a[start : start + n_samples]
    extent = nothing_heard()
    listen(rest, FIRST, n_samples, extent)
    top = top_of(extent)
    if levels_of(extent, top, room, bits) <= 2:
        unit = grid(top, room)
        line_sums(rest, FIRST, None, unit, width, factor, memory, out, to, n, NO, extent)
        return
    wide = rest[:n_samples].astype(np.float64)
    highs = np.empty(n_samples)
    sums = np.empty((most_levels(room), n))
    n_levels = 0
    while take_level(wide, room, highs):
        window_sums(highs.reshape(1, -1), np.intp(1), width, sums[n_levels])
        n_levels += 1
    add_levels(sums, n_levels, factor[0], out, to)
