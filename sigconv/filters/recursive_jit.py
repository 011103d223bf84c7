"""The compiled loops of recursive filters: eight lines side by side in vector registers.

A recursion cannot be spread over time, each output needs the one before; it can over lines,
which are signals, or pieces of one signal whose states at their beginnings are known. Samples
are turned, go through all sections and are turned back without leaving the registers: kept in
memory between the sections they took twice as long.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._leaf_jit import leaf
from .._simd import VECTOR, fill, flush_denormals, load, prefetch, restore_denormals, store
from .._simd.squares import (
    LANES,
    load_all,
    load_square,
    store_all,
    store_square,
    through_sections,
    total,
    weigh,
    zeros_all,
)
from .segments import LENGTH, SEGMENT


@njit(nogil=True, cache=True)
def filter_lines(
    source: NDArray[Any],
    starts: NDArray[Any],
    target: NDArray[Any],
    to: NDArray[Any],
    n: int,
    backward: bool,
    coefficients: NDArray[Any],
    states: NDArray[Any],
    factors: tuple[int, ...],
    memory: tuple[int, ...],
) -> None:
    """Run lines of n samples through the sections, LANES at a time, carrying `states` on.

    Lines begin at source[starts[i]] and go to target[to[i]], both flat, which may be the same
    array. coefficients (1 or n_lines, n_factors) as `through_sections` takes them, states
    (n_lines, n_sections, 2); the tuples tell the compiler how many factors and states a line
    has. Every sample meets the same operations wherever a line is cut and whatever lies beside
    it. Backward, time runs from the last sample to the first.
    """
    # arithmetic on denormal numbers takes a hundred times as long, and every decaying tail
    # would end in them
    mode = flush_denormals()
    n_lines = len(starts)
    at, there = np.empty(LANES, np.int64), np.empty(LANES, np.int64)
    laid, lanes = np.empty(len(factors) * LANES), np.empty(len(memory) * LANES)
    for first in range(0, n_lines, LANES):
        for lane in range(LANES):
            line = min(first + lane, n_lines - 1)  # spare lanes repeat the last line
            at[lane], there[lane] = starts[line], to[line]
            own = min(line, len(coefficients) - 1)
            for i in range(len(factors)):
                laid[i * LANES + lane] = coefficients[own, i]
            for i in range(len(memory)):
                lanes[i * LANES + lane] = states[line, i // 2, i % 2]
        _sweep(source, at, target, there, n, backward, laid, lanes, factors, memory)
        for lane in range(min(LANES, n_lines - first)):
            for i in range(len(memory)):
                states[first + lane, i // 2, i % 2] = lanes[i * LANES + lane]
    restore_denormals(mode)


@njit(nogil=True, cache=True)
def filter_line(
    source: NDArray[Any],
    start: int,
    target: NDArray[Any],
    to: int,
    n: int,
    backward: bool,
    coefficients: NDArray[Any],
    state: NDArray[Any],
    factors: tuple[int, ...],
    memory: tuple[int, ...],
    weights: NDArray[Any],
    power: NDArray[Any],
) -> None:
    """Run one line of n samples through the sections, segments of SEGMENT samples side by side.

    As `filter_lines` otherwise, with coefficients (n_factors,), state (n_sections, 2).
    weights (n_states, SEGMENT), flat: what the samples of a segment add to each state at its end;
    power (n_states, LANES): row k is what a 1 in state k becomes meanwhile, and zeros. With them
    the states at the beginning of each segment are known before any of them is filtered. Segments
    are counted from the first sample in either direction; what does not fill LANES of them runs
    as a single line.
    """
    mode = flush_denormals()
    n_states = len(memory)
    at, there = np.empty(LANES, np.int64), np.empty(LANES, np.int64)
    laid, lanes = np.empty(len(factors) * LANES), np.empty(n_states * LANES)
    now, sums = np.empty(LANES), np.empty(n_states * LANES * LANES)
    lines = np.minimum(np.arange(LANES), n_states - 1) * (LANES * LANES)
    for i in range(len(factors)):
        laid[i * LANES : (i + 1) * LANES] = coefficients[i]
    for i in range(n_states):
        now[i] = state[i // 2, i % 2]
    own, powers = now[:n_states], power.reshape(-1)
    whole = n // LENGTH * LENGTH
    # a literal has a type of its own, for which `_sweep` would be compiled once more
    size = min(n, SEGMENT)
    if backward:
        _alone(
            source,
            start + whole,
            target,
            to + whole,
            n - whole,
            backward,
            laid,
            own,
            factors,
            memory,
        )
    for done in range(0, whole, LENGTH):
        block = whole - done - LENGTH if backward else done
        for lane in range(LANES):
            begin = block + (LANES - 1 - lane if backward else lane) * SEGMENT
            at[lane], there[lane] = start + begin, to + begin
        _weigh_segments(source, at, -LENGTH if backward else LENGTH, weights, sums, memory)
        for lane in range(LANES):
            then = total(load_square(sums, lines, lane * LANES))
            for k in range(n_states):
                then = then + fill(now, k, VECTOR) * load(powers, k * LANES, VECTOR)
                lanes[k * LANES + lane] = now[k]
            store(now, 0, then)
        _sweep(source, at, target, there, size, backward, laid, lanes, factors, memory)
    if not backward:
        _alone(
            source,
            start + whole,
            target,
            to + whole,
            n - whole,
            backward,
            laid,
            own,
            factors,
            memory,
        )
    for i in range(n_states):
        state[i // 2, i % 2] = now[i]
    restore_denormals(mode)


@njit(nogil=True, cache=True)
def _alone(
    source: NDArray[Any],
    start: int,
    target: NDArray[Any],
    to: int,
    n: int,
    backward: bool,
    laid: NDArray[Any],
    state: NDArray[Any],
    factors: tuple[int, ...],
    memory: tuple[int, ...],
) -> None:
    """Run one line of n samples through the sections, in all lanes alike."""
    at, there = np.full(LANES, start), np.full(LANES, to)
    lanes = np.repeat(state, LANES)
    _sweep(source, at, target, there, n, backward, laid, lanes, factors, memory)
    state[:] = lanes[::LANES]


@leaf
def _weigh_segments(
    source: NDArray[Any],
    at: NDArray[Any],
    ahead: int,
    weights: NDArray[Any],
    sums: NDArray[Any],
    memory: tuple[int, ...],
) -> None:
    """Write to `sums` what segments from rest leave in the states.

    For each state a row of vectors, one a segment, whose lanes are still to be added. Two segments
    share the weights; the same places `ahead`, where the processor does not expect to go next, are
    fetched meanwhile.
    """
    square = LANES * LANES
    for lane in range(0, LANES, 2):
        one, two = zeros_all(memory), zeros_all(memory)
        first, second = at[lane], at[lane + 1]
        for i in range(0, SEGMENT, LANES):
            prefetch(source, first + ahead + i)
            prefetch(source, second + ahead + i)
            one = weigh(one, source, first + i, weights, i, SEGMENT)
            two = weigh(two, source, second + i, weights, i, SEGMENT)
        store_all(sums, lane * LANES, square, one)
        store_all(sums, (lane + 1) * LANES, square, two)


@njit(nogil=True, cache=True)
def _sweep(
    source: NDArray[Any],
    at: NDArray[Any],
    target: NDArray[Any],
    there: NDArray[Any],
    n: int,
    backward: bool,
    laid: NDArray[Any],
    lanes: NDArray[Any],
    factors: tuple[int, ...],
    memory: tuple[int, ...],
) -> None:
    """Run LANES lines of n samples through the sections."""
    coefficients, states = load_all(laid, factors), load_all(lanes, memory)
    rest = n % LANES
    if backward:
        for i in range(n - LANES, -1, -LANES):
            square = load_square(source, at, i)
            square, states = through_sections(square, coefficients, states, True)
            store_square(target, there, i, square)
    else:
        for i in range(0, n - rest, LANES):
            square = load_square(source, at, i)
            square, states = through_sections(square, coefficients, states, False)
            store_square(target, there, i, square)
    if rest:  # last in time
        column = np.empty(LANES)
        for k in range(rest):
            i = rest - 1 - k if backward else n - rest + k
            for lane in range(LANES):
                column[lane] = source[at[lane] + i]
            single = load_all(column, (0,))
            single, states = through_sections(single, coefficients, states, False)
            store_all(column, 0, 0, single)
            for lane in range(LANES):
                target[there[lane] + i] = column[lane]
    store_all(lanes, 0, LANES, states)
