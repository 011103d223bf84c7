"""Compiled loops over the lines of `Extended` rows, along which the kernel runs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._leaf_jit import leaf
from .._simd import BUNDLE, FIRST, VECTOR, fill, flaws, load, slide, store, zeros
from .extended_jit import copy_stretch

#: Taps summed by themselves, one after another, and up to how many taps that is fastest (in
#: double precision) or as accurate as NumPy, which sums 12 to 31 taps of floats in double.
GROUP, FEW_SINGLE, FEW_DOUBLE = 8, 11, 24

#: Steps (of up to four taps each) of a longer kernel summed before they are added: few where
#: NumPy sums in double, and more where there would be too many groups.
FINE_STEPS, STEPS, MANY, MANY_STEPS = 2, 4, 512, 16


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


@leaf
def correlate_bundles(
    x: NDArray[Any], start: int, weights: NDArray[Any], target: NDArray[Any], first: int, count: int
) -> Any:
    """Write `count` bundles of outputs from target[first] on, computed from x[start] on.

    Returns their flaws.
    """
    width, n_taps, is_single = BUNDLE // x.itemsize, len(weights), x.itemsize == 4
    found = zeros(x, VECTOR)
    if n_taps <= GROUP:
        for i in range(0, count * width, width):
            total = sum_products(x, start + i, weights, FIRST, n_taps)
            store(target, first + i, total)
            found = found + flaws(total)
    elif n_taps <= (FEW_SINGLE if is_single else FEW_DOUBLE):
        for i in range(0, count * width, width):
            total = sum_products(x, start + i, weights, FIRST, min(GROUP, n_taps))
            for group in range(GROUP, n_taps, GROUP):
                end = min(group + GROUP, n_taps)
                total = total + sum_products(x, start + i, weights, group, end)
            store(target, first + i, total)
            found = found + flaws(total)
    elif is_single and n_taps <= 2 * VECTOR // x.itemsize:
        for i in range(0, count * width, width):
            total = correlate_some(x, start + i, weights)
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
    for tap in range(begin, end):
        total = total + fill(weights, tap, BUNDLE) * load(x, start + tap, BUNDLE)
    return total


@leaf
def correlate_some(x: NDArray[Any], start: int, weights: NDArray[Any]) -> Any:
    """Return a bundle of outputs for at most two taps a lane, nearly as if summed in double.

    Groups of up to four are summed; what rounding takes away from their total is carried along.
    """
    n_taps, lanes = len(weights), VECTOR // x.itemsize
    total, lost = zeros(x, BUNDLE), zeros(x, BUNDLE)
    n_pairs, n_steps = max(0, n_taps - lanes), min(n_taps, lanes)
    for group in range(0, n_steps, FINE_STEPS):
        part = zeros(x, BUNDLE)
        for tap in range(group, min(group + FINE_STEPS, n_pairs)):
            part = slide(part, x, start + tap, weights, tap, 2)
        for tap in range(max(group, n_pairs), min(group + FINE_STEPS, n_steps)):
            part = slide(part, x, start + tap, weights, tap, 1)
        part = part - lost
        both = total + part
        lost = (both - total) - part
        total = both
    return total


@leaf
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
