"""Compiled loops over the lines of `Extended` rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._simd import BUNDLE, fill, load, store, zeros
from .extended_jit import copy_stretch

#: Taps summed before they are added to the total, whose lost digits are carried along: the
#: error stays below twice that of NumPy, whose last taps are summed in double precision.
GROUP = 8


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
    width, length = BUNDLE // rows.itemsize, out.shape[1]
    n_bundles = (length + width - 1) // width
    n_before = len(left)
    offsets = np.arange(weights.shape[1])
    edge = np.empty(width + weights.shape[1] - 1, rows.dtype)
    last = np.empty(width, rows.dtype)
    excess = zeros(rows, BUNDLE)
    while begin < end:
        row = begin // n_bundles
        stop = min(end, (row + 1) * n_bundles)
        x, target, w = rows[row], out[row], weights[row % len(weights)]
        for bundle in range(begin - row * n_bundles, stop - row * n_bundles):
            first = bundle * width
            start = first - n_before
            if start >= 0 and start + len(edge) <= len(x) and first + width <= length:
                total = correlate_bundle(x, start, w, offsets)
                store(target, first, total)
            else:
                copy_stretch(x, left, right, filler, first, edge)
                total = correlate_bundle(edge, 0, w, offsets)
                store(last, 0, total)
                target[first : first + width] = last[: min(width, length - first)]
            excess = excess + (total - total)
        begin = stop
    store(last, 0, excess)
    return bool((last == 0).all())


@njit(nogil=True, cache=True)
def correlate_bundle(
    x: NDArray[Any],
    start: int,
    weights: NDArray[Any],
    offsets: NDArray[np.intp],
) -> Any:
    """Compute as many neighbouring outputs as a bundle holds, from x[start + offsets] on."""
    n_taps = len(weights)
    total = sum_products(x, start, weights, offsets, 0, min(GROUP, n_taps))
    lost = zeros(x, BUNDLE)
    for group in range(GROUP, n_taps, GROUP):
        stop = min(group + GROUP, n_taps)
        part = sum_products(x, start, weights, offsets, group, stop) - lost
        longer = total + part
        lost = (longer - total) - part
        total = longer
    return total


@njit(nogil=True, cache=True)
def sum_products(
    x: NDArray[Any],
    start: int,
    weights: NDArray[Any],
    offsets: NDArray[np.intp],
    begin: int,
    end: int,
) -> Any:
    """Sum the products of taps `begin` to `end`, as a bundle."""
    total = zeros(x, BUNDLE)
    for t in range(begin, end):
        total = total + fill(weights, t, BUNDLE) * load(x, start + offsets[t], BUNDLE)
    return total


@njit(nogil=True, cache=True)
def gather(
    before: NDArray[Any], row: NDArray[Any], after: NDArray[Any], first: int, target: NDArray[Any]
) -> None:
    """Copy the extended row from its sample `first` on; zeros lie beyond its end."""
    at = copy_part(before, first, target, 0)
    at = copy_part(row, max(0, first - len(before)), target, at)
    at = copy_part(after, max(0, first - len(before) - len(row)), target, at)
    target[at:] = 0


@njit(nogil=True, cache=True)
def copy_part(part: NDArray[Any], first: int, target: NDArray[Any], at: int) -> int:
    """Copy `part` from `first` on to `at` and beyond; return where that ends."""
    count = max(0, min(len(part) - first, len(target) - at))
    copy, source = target[at : at + count], part[first : first + count]
    for i in range(count):
        copy[i] = source[i]
    return at + count


@njit(nogil=True, cache=True)
def peaks(
    before: NDArray[Any],
    rows: NDArray[Any],
    after: NDArray[Any],
    stretch: int,
    largest: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Find the largest sample, sign apart, of stretches `begin` to `end` of the extended rows.

    All arrays hold the bits of floats: without the sign these are ordered as the floats are,
    with NaN above all, and unlike floats they are compared several at once.
    """
    n, n_before = rows.shape[1], before.shape[1]
    for item in range(begin, end):
        row = item // largest.shape[1]
        first = item % largest.shape[1] * stretch
        start = first - n_before
        found = peak(rows[row], start, start + stretch)
        if start < 0 or start + stretch > n:
            found = max(
                found,
                peak(before[row], first, first + stretch),
                peak(after[row], start - n, start - n + stretch),
            )
        largest[row, item % largest.shape[1]] = found


@njit(nogil=True, cache=True)
def peak(part: NDArray[Any], first: int, last: int) -> Any:
    """Return the largest of samples `first` to `last`, as far as there are any."""
    magnitude = np.iinfo(part.dtype).max
    found = part.dtype.type(0)
    for bits in part[max(0, first) : max(0, last)]:
        found = max(found, bits & magnitude)
    return found
