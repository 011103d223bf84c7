"""Compiled loops over the lines of `Extended` rows, along which the kernel runs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._leaf_jit import inlined, leaf
from .._simd import BUNDLE, DOUBLES, FIRST, VECTOR, fill, flaws, glide, load, slide, store, zeros
from .extended_jit import copy_stretch

#: Taps summed by themselves, one after another, and up to how many taps that is fastest (in
#: single precision) or needed: 20 doubles in longer groups came out twice as far off as NumPy.
GROUP, FEW_SINGLE, FEW_DOUBLE = 8, 23, 24

#: Steps (of up to four taps each) of a longer kernel summed before they are added: more where
#: there would be too many groups.
STEPS, MANY, MANY_STEPS = 4, 512, 16

#: With 12 to 31 taps of floats NumPy, and with it SciPy, sums in double: what is summed in single
#: precision, whatever is carried along, is more than twice as far off in a third of all cases.
#: Bundles of outputs whose samples are made doubles at once: they stay in the first-level cache.
LEAST_WIDE, MOST_WIDE, WIDE_BUNDLES = 12, 31, 8


@njit(nogil=True, cache=True)
def convolve_line(
    x: NDArray[Any],
    left: NDArray[np.intp],
    right: NDArray[np.intp],
    filler: float,
    h: NDArray[Any],
    flip: bool,
    out: NDArray[Any],
) -> bool:
    """Do as `correlate_lines` for all of one row and its kernel, which may have to be flipped."""
    weights = np.empty((1, len(h)), h.dtype)
    for tap in range(len(h)):
        weights[0, tap] = h[len(h) - 1 - tap if flip else tap]
    rows, lines = x.reshape(1, len(x)), out.reshape(1, len(out))
    n_bundles = (len(out) * out.itemsize + BUNDLE - 1) // BUNDLE
    return correlate_lines(rows, left, right, filler, weights, lines, FIRST, n_bundles)


@njit(nogil=True, cache=True)
def correlate_lines(
    rows: NDArray[Any],
    left: NDArray[np.intp],
    right: NDArray[np.intp],
    filler: float,
    weights: NDArray[Any],
    out: NDArray[Any],
    begin: int,
    end: int,
) -> bool:
    """Compute bundles `begin` to `end` of `out`, counted through the rows and along them.

    Output j of a row sums weights[row, t] * extended[row, j + t] over the taps t. Returns
    whether all of them are finite.
    """
    if rows.itemsize == 4 and LEAST_WIDE <= weights.shape[1] <= MOST_WIDE:
        return correlate_wide(rows, left, right, filler, weights, out, begin, end)
    width, length, n = BUNDLE // rows.itemsize, out.shape[1], rows.shape[1]
    n_bundles = (length + width - 1) // width
    reach = width + weights.shape[1] - 1
    edge = np.empty(reach, rows.dtype)
    last = np.empty(width, rows.dtype)
    found = zeros(rows, VECTOR)
    # Bundles that read nothing but the row, and write nothing beyond it.
    inner = (len(left) + width - 1) // width
    outer = min(length // width, (len(left) + n - reach) // width + 1)
    while begin < end:
        row = begin // n_bundles
        bundle, stop = begin - row * n_bundles, min(end - row * n_bundles, n_bundles)
        begin += stop - bundle
        x, target, w = rows[row], out[row], weights[row % len(weights)]
        while bundle < stop:
            if inner <= bundle < outer:
                count, first = min(outer, stop) - bundle, bundle * width
                found = found + correlate_bundles(x, first - len(left), w, target, first, count)
                bundle += count
                continue
            # The last one overlaps the one before rather than reach beyond the row.
            first = max(0, min(bundle * width, length - width))
            copy_stretch(x, left, right, filler, first, edge)
            found = found + correlate_bundles(edge, FIRST, w, last, FIRST, np.intp(1))
            target[first : first + width] = last[: min(width, length)]
            bundle += 1
    store(last, 0, found)
    return bool((last[: VECTOR // rows.itemsize] == 0).all())


@njit(nogil=True, cache=True)
def correlate_wide(
    rows: NDArray[Any],
    left: NDArray[np.intp],
    right: NDArray[np.intp],
    filler: float,
    weights: NDArray[Any],
    out: NDArray[Any],
    begin: int,
    end: int,
) -> bool:
    """Do as `correlate_lines`, with sums in double precision."""
    width, length = BUNDLE // rows.itemsize, out.shape[1]
    n_bundles = (length + width - 1) // width
    reach = weights.shape[1] - 1
    samples = np.empty(WIDE_BUNDLES * width + reach)
    spare = np.empty(WIDE_BUNDLES * width, out.dtype)
    taps = weights.astype(np.float64)
    half = width // 2  # as many doubles fill a bundle
    found = zeros(samples, VECTOR)
    while begin < end:
        row = begin // n_bundles
        bundle = begin - row * n_bundles
        count = min(WIDE_BUNDLES, n_bundles - bundle, end - begin)
        size = min(count * width, length)
        # The last ones overlap those before rather than reach beyond the row.
        first = min(bundle * width, length - size)
        stretch = samples[: count * width + reach]
        copy_stretch(rows[row], left, right, filler, first, stretch)
        target, to, w = out[row], first, taps[row % len(taps)]
        if size < count * width:
            target, to = spare, 0
        for i in range(0, count * width, half):
            total = sum_wide(stretch, i, w)
            store(target, to + i, total)
            found = found + flaws(total)
        if size < count * width:
            out[row, :size] = spare[:size]
        begin += count
    store(samples, 0, found)
    return bool((samples[: VECTOR // samples.itemsize] == 0).all())


@leaf
def correlate_bundles(
    x: NDArray[Any], start: int, weights: NDArray[Any], target: NDArray[Any], first: int, count: int
) -> Any:
    """Write `count` bundles of outputs from target[first] on, computed from x[start] on.

    Returns their flaws.
    """
    width, n_taps, is_single = BUNDLE // x.itemsize, len(weights), x.itemsize == 4
    found = zeros(x, VECTOR)
    if n_taps <= (FEW_SINGLE if is_single else FEW_DOUBLE):
        for i in range(0, count * width, width):
            total = sum_products(x, start + i, weights, FIRST, min(GROUP, n_taps))
            for group in range(GROUP, n_taps, GROUP):
                end = min(group + GROUP, n_taps)
                total = total + sum_products(x, start + i, weights, group, end)
            store(target, first + i, total)
            found = found + flaws(total)
    else:
        for i in range(0, count * width, width):
            total = correlate_many(x, start + i, weights)
            store(target, first + i, total)
            found = found + flaws(total)
    return found


@leaf
def sum_products(x: NDArray[Any], start: int, weights: NDArray[Any], begin: int, end: int) -> Any:
    """Return a bundle of sums over the taps `begin` to `end`."""
    total = zeros(x, BUNDLE)
    for tap in range(begin, end - 1, 2):
        total = glide(total, x, start + tap, weights, tap)
    if (end - begin) % 2 == 1:
        total = total + fill(weights, end - 1, BUNDLE) * load(x, start + end - 1, BUNDLE)
    return total


@inlined
def sum_wide(x: NDArray[Any], start: int, weights: NDArray[Any]) -> Any:
    """Return a bundle of outputs for LEAST_WIDE to MOST_WIDE taps, one after another."""
    rounds, more = len(weights) // DOUBLES, len(weights) % DOUBLES
    total = zeros(x, BUNDLE)
    if rounds == 3:
        for tap in range(more):
            total = slide(total, x, start + tap, weights, tap, 4)
        for tap in range(more, DOUBLES):
            total = slide(total, x, start + tap, weights, tap, 3)
    elif rounds == 2:
        for tap in range(more):
            total = slide(total, x, start + tap, weights, tap, 3)
        for tap in range(more, DOUBLES):
            total = slide(total, x, start + tap, weights, tap, 2)
    else:
        for tap in range(more):
            total = slide(total, x, start + tap, weights, tap, 2)
        for tap in range(more, DOUBLES):
            total = slide(total, x, start + tap, weights, tap, 1)
    return total


@inlined
def correlate_many(x: NDArray[Any], start: int, weights: NDArray[Any]) -> Any:
    """Return a bundle of outputs for any number of taps."""
    n_taps, lanes = len(weights), VECTOR // x.itemsize
    steps = STEPS if n_taps < MANY else MANY_STEPS
    total = zeros(x, BUNDLE)
    for block in range(0, n_taps, 4 * lanes):
        # Step t sums the taps block + t, block + t + lanes, ... as far as there are any.
        rest = min(4 * lanes, n_taps - block)
        count, stop, t = rest // lanes + 1, rest % lanes, 0
        whole = zeros(x, BUNDLE)  # of the block: fewer additions at the size of the total
        while t < lanes:
            if t == stop:
                count, stop = count - 1, lanes
            end = min(stop, t + steps)
            part = zeros(x, BUNDLE)
            if count == 4:
                for tap in range(block + t, block + end):
                    part = slide(part, x, start + tap, weights, tap, 4)
            elif count == 3:
                for tap in range(block + t, block + end):
                    part = slide(part, x, start + tap, weights, tap, 3)
            elif count == 2:
                for tap in range(block + t, block + end):
                    part = slide(part, x, start + tap, weights, tap, 2)
            elif count == 1:
                for tap in range(block + t, block + end):
                    part = slide(part, x, start + tap, weights, tap, 1)
            whole = whole + part
            t = end
        total = total + whole
    return total
