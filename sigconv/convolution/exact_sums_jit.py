"""Sums of windows along a line without any rounding, at a cost that does not grow with the window.

A window's sum is the sum of the window 8 samples before, plus the 8 samples that have come in,
minus the 8 that have gone. That neither drifts nor leaks where no addition rounds:

All samples are below 2**top, and no sum has more than 2**room terms. The *high part* of a sample
is the sample rounded to a multiple of 2**(top + room - 53): every sum of high parts is such a
multiple and below 2**(top + room), so 53 bits hold it. The rest, at most half that unit, is the
*low part*. If no sample has a bit below 2**(top + 2 room - 107), the low parts are multiples of
this unit, their sums are below 2**(top + 2 room - 54), and 53 bits hold them as well. Both sums
are exact, and high + low is the exact sum rounded once. Samples of float32 may need no low part:
they have 24 bits only.

So an answer depends on nothing but the samples in its window: neither on those before it nor on
where a line is cut. What the conditions do not hold for is left to `levels_jit`.
"""

from __future__ import annotations

import math
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
    follow,
    load,
    load_doubles,
    louder,
    prefetch,
    store,
    store_past,
    zeros,
)

#: Vectors by which outputs stay behind their last sample, at least: sums of 8 are read across
#: the vectors in which they have been written, which stalls until they are in the cache.
BEHIND = 8

#: Bytes ahead of what is read that are fetched from memory.
AHEAD = 2048

#: Numbers of a page of memory.
PAGE = 512

#: What `advance` keeps: the last vector and its sums of 2 and 4 for both parts; from SUMS on the
#: sums of both; from HEARD on an `extent`, and behind it the last few outputs of a line.
SUMS, HEARD, STATE = 6 * DOUBLES, 8 * DOUBLES, 10 * DOUBLES


@leaf
def room_of(n_terms: int) -> int:
    """Return the least `room` for so many terms."""
    room = 0
    while 1 << room < n_terms:
        room += 1
    return room


@njit(nogil=True, cache=True)
def grid(top: int, room: int) -> NDArray[np.float64]:
    """Return what rounds a sample to its high part by being added and subtracted, as an array."""
    return np.full(1, math.ldexp(1.5, max(top + room, -1021) - 1))


@njit(nogil=True, cache=True)
def nothing_heard() -> NDArray[np.int64]:
    """Return the `extent` of no samples: bits of the loudest, and of the faintest less 1."""
    extent = np.zeros(2 * DOUBLES, np.int64)
    extent[DOUBLES:] = -1
    return extent


@njit(nogil=True, cache=True)
def listen(a: NDArray[Any], start: int, n: int, extent: NDArray[np.int64]) -> None:
    """Widen `extent` by a[start : start + n]."""
    heard = extent.view(np.float64)
    loud, faint = load(heard, 0, VECTOR), load(heard, DOUBLES, VECTOR)
    for i in range(0, n - DOUBLES + 1, DOUBLES):
        x = load_doubles(a, start + i)
        loud, faint = louder(loud, x), fainter(faint, x)
    rest = np.zeros(DOUBLES)
    for i in range(n - n % DOUBLES, n):
        rest[i % DOUBLES] = a[start + i]
    x = load(rest, 0, VECTOR)
    store(heard, 0, louder(loud, x))
    store(heard, DOUBLES, fainter(faint, x))


@njit(nogil=True, cache=True)
def top_of(extent: NDArray[np.int64]) -> int:
    """Return the least `top` of what has been heard, 1025 if not all of it is finite."""
    bits = int(extent[:DOUBLES].max())
    if bits >> 52 > 0:
        return (bits >> 52) - 1022
    top = -1074  # of denormal numbers, whose exponent tells nothing
    while bits > 0:
        bits, top = bits >> 1, top + 1
    return top


@njit(nogil=True, cache=True)
def levels_of(extent: NDArray[np.int64], top: int, room: int, bits: int) -> int:
    """Return how many parts hold what has been heard, of samples with so many bits.

    The n-th of them ends at 2**(top + n room - 54 n + 1).
    """
    faint = extent[DOUBLES:].view(np.uint64).min()
    if faint == np.uint64(0xFFFFFFFFFFFFFFFF):
        return 1
    exponent = int(np.int64(faint + np.uint64(1)) >> 52)
    bottom = max(exponent, 1) - 1022 - bits
    level = 1
    while top + level * room - bottom > 54 * level - 1:
        level += 1
        if level > 3:
            break
    return level


@njit(nogil=True, cache=True)
def ring(width: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the memory of `line_sums`: sums of 8 high parts, of 8 low parts, and vectors."""
    size = -(-width // DOUBLES) * DOUBLES + (BEHIND + 3) * DOUBLES
    # Half a page apart: what is written to one line and read from the other at about the same
    # place of a page would wait for each other.
    apart = -(-size // PAGE) * PAGE + PAGE // 2
    memory = np.empty(apart + size + STATE + 2 * DOUBLES)
    skip = -(memory.ctypes.data // 8) % DOUBLES
    memory = memory[skip:]
    return memory[:size], memory[apart : apart + size], memory[apart + size :]


@leaf
def line_sums(
    a: NDArray[Any],
    start: int,
    lows: NDArray[np.float64] | None,
    unit: NDArray[np.float64] | None,
    width: int,
    factor: NDArray[np.float64],
    memory: Any,
    out: NDArray[Any],
    to: int,
    n: int,
    past: bool,
    extent: NDArray[np.int64],
) -> None:
    """Write n sums of windows, times the factor, to out[to] and on.

    The first begins at a[start]. `lows` are the low parts if `a` holds high parts; `unit`
    tells them apart if `a` holds both; without either there are none. Up to 2 DOUBLES samples
    after the last window are read, and do not count. What is read widens `extent`.
    """
    high, low, state = memory
    heard = extent.view(np.float64)
    for k in range(HEARD):
        state[k] = 0
    for k in range(HEARD, STATE):
        state[k] = heard[k - HEARD]
    lead = -(-width // DOUBLES) + BEHIND
    whole, rest = n // DOUBLES, n % DOUBLES
    n_read = -(-n // DOUBLES) + lead - BEHIND
    last = lead + whole
    tail = state[STATE : STATE + DOUBLES].view(out.dtype)
    target, at, beyond, begin = out, to, past, FIRST
    # One place of calling for all: each would be compiled apart.
    for end in (lead, last, last + (rest > 0)):
        if end > last:
            target, at, beyond = tail, -whole * DOUBLES, NO
        advance(a, start, lows, unit, width, factor, memory, target, at, beyond, n_read, begin, end)
        if begin == 0:
            # The windows that begin 8 samples before the start.
            add_slots(high, width, state[SUMS:])
            if lows is not None or unit is not None:
                add_slots(low, width, state[SUMS + DOUBLES :])
        begin = end
    for k in range(rest):
        out[to + whole * DOUBLES + k] = tail[k]
    for k in range(HEARD, STATE):
        heard[k - HEARD] = state[k]


@leaf
def add_slots(sums: NDArray[np.float64], width: int, total: NDArray[np.float64]) -> None:
    """Add every 8th sum before slot `width`, and before each of the 7 slots after it."""
    vector = load(total, 0, VECTOR)
    for slot in range(width - DOUBLES, -1, -DOUBLES):
        vector = vector + load(sums, slot, VECTOR)
    store(total, 0, vector)
    tail = width % DOUBLES
    for k in range(tail):
        total[DOUBLES - tail + k] += sums[k]


@leaf
def advance(
    a: NDArray[Any],
    start: int,
    lows: NDArray[np.float64] | None,
    unit: NDArray[np.float64] | None,
    width: int,
    factor: NDArray[np.float64],
    memory: Any,
    out: NDArray[Any],
    to: int,
    past: bool,
    n_read: int,
    begin: int,
    end: int,
) -> None:
    """Do the steps `begin` to `end` of `line_sums`, each of a vector of samples and of outputs.

    Slot s holds the sum of the 8 samples that end with the one before start + s; samples before
    the start count 0. After the last slot the first ones are repeated. Nothing is called here:
    what lies in registers would have to leave them.
    """
    high, low, state = memory
    size = len(high) - DOUBLES
    lead = -(-width // DOUBLES) + BEHIND
    tap, nothing = fill(factor, 0, VECTOR), zeros(factor, VECTOR)
    c = nothing if unit is None else fill(unit, 0, VECTOR)
    h1, h2, h4 = (
        load(state, 0, VECTOR),
        load(state, DOUBLES, VECTOR),
        load(state, 2 * DOUBLES, VECTOR),
    )
    r1, r2, r4 = (
        load(state, 3 * DOUBLES, VECTOR),
        load(state, 4 * DOUBLES, VECTOR),
        load(state, 5 * DOUBLES, VECTOR),
    )
    highs, rests = load(state, SUMS, VECTOR), load(state, SUMS + DOUBLES, VECTOR)
    loud, faint = load(state, HEARD, VECTOR), load(state, HEARD + DOUBLES, VECTOR)
    slot = begin * DOUBLES % size
    gone = max(0, begin - lead) * DOUBLES % size
    come = (max(0, begin - lead) * DOUBLES + width) % size
    at = start - 1 + begin * DOUBLES
    place = to + (begin - lead) * DOUBLES
    ahead = AHEAD // a.itemsize
    for i in range(begin, end):
        if i < n_read:
            h = follow(nothing, load_doubles(a, start), 1) if i == 0 else load_doubles(a, at)
            prefetch(a, at + ahead)
            if lows is None:
                loud, faint = louder(loud, h), fainter(faint, h)
            if unit is not None:
                x = h
                h = (x + c) - c
                r = x - h
            if lows is not None:
                if i == 0:
                    r = follow(nothing, load(lows, start, VECTOR), 1)
                else:
                    r = load(lows, at, VECTOR)
            two = h + follow(h1, h, 1)
            four = two + follow(h2, two, 2)
            eight = four + follow(h4, four, 4)
            h1, h2, h4 = h, two, four
            store(high, slot, eight)
            if slot == 0:
                store(high, size, eight)
            if lows is not None or unit is not None:
                two = r + follow(r1, r, 1)
                four = two + follow(r2, two, 2)
                eight = four + follow(r4, four, 4)
                r1, r2, r4 = r, two, four
                store(low, slot, eight)
                if slot == 0:
                    store(low, size, eight)
            at += DOUBLES
            slot += DOUBLES
            if slot == size:
                slot = 0
        if i >= lead:
            highs = highs + (load(high, come, VECTOR) - load(high, gone, VECTOR))
            y = highs
            if lows is not None or unit is not None:
                rests = rests + (load(low, come, VECTOR) - load(low, gone, VECTOR))
                y = highs + rests
            if past:
                store_past(out, place, y * tap)
            else:
                store(out, place, y * tap)
            come += DOUBLES
            if come >= size:
                come -= size
            gone += DOUBLES
            if gone == size:
                gone = 0
        place += DOUBLES
    for k, vector in enumerate((h1, h2, h4, r1, r2, r4, highs, rests, loud, faint)):
        store(state, k * DOUBLES, vector)
