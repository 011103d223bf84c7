"""Compiled loops of filters along rows, one kernel a row: the filter and its gradients.

Rows are contiguous, of float32 or float64, and have their kernels' type; kernels are padded with
zeros to whole vectors. Sums over samples are kept in float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..._leaf_jit import leaf
from ..._simd import BUNDLE, VECTOR, load, slide, store, sum_lanes, zeros
from .sums_jit import moments

#: Taps that share what they load lie one vector apart; so many of them at once.
TAPS = 4

#: Lags whose sums are taken side by side.
LAGS = 8


@leaf
def _bundle(x: NDArray[Any], start: int, taps: NDArray[Any]) -> Any:
    """Return the outputs from x[start] on that fill a bundle; groups of taps are summed apart."""
    lanes = VECTOR // x.itemsize
    total = zeros(x, BUNDLE)
    whole = len(taps) // (TAPS * lanes) * (TAPS * lanes)
    for group in range(0, whole, TAPS * lanes):
        part = zeros(x, BUNDLE)
        for tap in range(group, group + lanes):
            part = slide(part, x, start + tap, taps, tap, TAPS)
        total = total + part
    for group in range(whole, len(taps), lanes):
        part = zeros(x, BUNDLE)
        for tap in range(group, group + lanes):
            part = slide(part, x, start + tap, taps, tap, 1)
        total = total + part
    return total


@leaf
def _filter(x: NDArray[Any], taps: NDArray[Any], out: NDArray[Any], last: NDArray[Any]) -> None:
    """Write sum over k of taps[k] x[t + k] to out[t]; x reaches a bundle beyond the last."""
    width = len(last)
    for t in range(0, len(out), width):
        total = _bundle(x, t, taps)
        if t + width <= len(out):
            store(out, t, total)
        else:
            store(last, 0, total)
            for i in range(t, len(out)):  # a slice would count references
                out[i] = last[i - t]


@leaf
def _lags(a: NDArray[Any], b: NDArray[Any], n: int, out: NDArray[np.float64]) -> None:
    """Add sum over t of a[t] b[t + k] to out[k].

    `a` is followed by zeros up to a multiple of a bundle, `b` reaches a bundle beyond the last
    lag. Lags one vector apart share what they load.
    """
    lanes = VECTOR // a.itemsize
    whole = len(out) // (TAPS * lanes) * (TAPS * lanes)
    for group in range(0, whole, TAPS * lanes):
        for k in range(group, group + lanes, 2):
            s0, s1, s2, s3 = _four_lags(a, b, n, k)
            for i in range(2):
                out[k + i] += s0[i]
                out[k + i + lanes] += s1[i]
                out[k + i + 2 * lanes] += s2[i]
                out[k + i + 3 * lanes] += s3[i]
    for k in range(whole, len(out), LAGS):
        sums = _neighbouring_lags(a, b, n, k)
        for i in range(min(LAGS, len(out) - k)):
            out[k + i] += sums[i]


@leaf
def _four_lags(a: NDArray[Any], b: NDArray[Any], n: int, k: int) -> Any:
    """Return the sums of lags k and k + 1 and of those one, two and three vectors later."""
    v = VECTOR // a.itemsize
    s0, s1, s2, s3 = zeros(a, VECTOR), zeros(a, VECTOR), zeros(a, VECTOR), zeros(a, VECTOR)
    r0, r1, r2, r3 = zeros(a, VECTOR), zeros(a, VECTOR), zeros(a, VECTOR), zeros(a, VECTOR)
    for t in range(0, n, 4 * v):
        a0, a1 = load(a, t, VECTOR), load(a, t + v, VECTOR)
        a2, a3 = load(a, t + 2 * v, VECTOR), load(a, t + 3 * v, VECTOR)
        i = t + k
        b0, b1, b2 = load(b, i, VECTOR), load(b, i + v, VECTOR), load(b, i + 2 * v, VECTOR)
        b3, b4 = load(b, i + 3 * v, VECTOR), load(b, i + 4 * v, VECTOR)
        b5, b6 = load(b, i + 5 * v, VECTOR), load(b, i + 6 * v, VECTOR)
        s0, s1, s2, s3 = s0 + a0 * b0, s1 + a0 * b1, s2 + a0 * b2, s3 + a0 * b3
        s0, s1, s2, s3 = s0 + a1 * b1, s1 + a1 * b2, s2 + a1 * b3, s3 + a1 * b4
        s0, s1, s2, s3 = s0 + a2 * b2, s1 + a2 * b3, s2 + a2 * b4, s3 + a2 * b5
        s0, s1, s2, s3 = s0 + a3 * b3, s1 + a3 * b4, s2 + a3 * b5, s3 + a3 * b6
        i += 1
        b0, b1, b2 = load(b, i, VECTOR), load(b, i + v, VECTOR), load(b, i + 2 * v, VECTOR)
        b3, b4 = load(b, i + 3 * v, VECTOR), load(b, i + 4 * v, VECTOR)
        b5, b6 = load(b, i + 5 * v, VECTOR), load(b, i + 6 * v, VECTOR)
        r0, r1, r2, r3 = r0 + a0 * b0, r1 + a0 * b1, r2 + a0 * b2, r3 + a0 * b3
        r0, r1, r2, r3 = r0 + a1 * b1, r1 + a1 * b2, r2 + a1 * b3, r3 + a1 * b4
        r0, r1, r2, r3 = r0 + a2 * b2, r1 + a2 * b3, r2 + a2 * b4, r3 + a2 * b5
        r0, r1, r2, r3 = r0 + a3 * b3, r1 + a3 * b4, r2 + a3 * b5, r3 + a3 * b6
    return (
        (sum_lanes(s0), sum_lanes(r0)),
        (sum_lanes(s1), sum_lanes(r1)),
        (sum_lanes(s2), sum_lanes(r2)),
        (sum_lanes(s3), sum_lanes(r3)),
    )


@leaf
def _neighbouring_lags(a: NDArray[Any], b: NDArray[Any], n: int, k: int) -> Any:
    """Return the sums of LAGS lags from k on."""
    s0, s1, s2, s3 = zeros(a, VECTOR), zeros(a, VECTOR), zeros(a, VECTOR), zeros(a, VECTOR)
    s4, s5, s6, s7 = zeros(a, VECTOR), zeros(a, VECTOR), zeros(a, VECTOR), zeros(a, VECTOR)
    for t in range(0, n, VECTOR // a.itemsize):
        value, i = load(a, t, VECTOR), t + k
        s0 = s0 + value * load(b, i, VECTOR)
        s1 = s1 + value * load(b, i + 1, VECTOR)
        s2 = s2 + value * load(b, i + 2, VECTOR)
        s3 = s3 + value * load(b, i + 3, VECTOR)
        s4 = s4 + value * load(b, i + 4, VECTOR)
        s5 = s5 + value * load(b, i + 5, VECTOR)
        s6 = s6 + value * load(b, i + 6, VECTOR)
        s7 = s7 + value * load(b, i + 7, VECTOR)
    one, two = (sum_lanes(s0), sum_lanes(s1)), (sum_lanes(s2), sum_lanes(s3))
    three, four = (sum_lanes(s4), sum_lanes(s5)), (sum_lanes(s6), sum_lanes(s7))
    return one + two + three + four


@leaf
def _room(length: int, n_taps: int, width: int) -> int:
    """Return how long a padded row must be for `length` outputs in bundles of `width`."""
    return (length + width - 1) // width * width + n_taps + width


@njit(nogil=True, cache=True)
def filter_rows(
    x: NDArray[Any],
    taps: NDArray[Any],
    fan: int,
    repeat: int,
    left: int,
    out: NDArray[Any],
    sums: NDArray[np.float64],
    begin: int,
    end: int,
) -> None:
    """Compute rows `begin` to `end` of `out`.

    Row r is row r // fan of x, with `left` zeros before it and as many behind it as it takes,
    under kernel r // repeat, modulo their number. `sums` (rows, 2) gets the sums of the outputs
    and of their squares; it may have no rows.
    """
    n, length, n_taps = x.shape[1], out.shape[1], taps.shape[1]
    width = BUNDLE // x.itemsize
    padded = np.zeros(max(_room(length, n_taps, width), left + n), x.dtype)
    last = np.empty(width, x.dtype)
    for row in range(begin, end):
        padded[left : left + n] = x[row // fan]
        _filter(padded, taps[row // repeat % len(taps)], out[row], last)
        if len(sums):
            sums[row, 0], sums[row, 1] = moments(out[row])


@njit(nogil=True, cache=True)
def gradients(
    x: NDArray[Any],
    mirrored: NDArray[Any],
    repeat: int,
    left: int,
    n_taps: int,
    out: NDArray[Any],
    gradient: NDArray[Any],
    slopes: NDArray[Any],
    to_x: NDArray[Any],
    to_taps: NDArray[np.float64],
    begin: int,
    end: int,
) -> None:
    """Take the gradient of `filter_rows` back to the rows and the kernels.

    `gradient` belongs to the outputs; `slopes` (channels, 2), where it has rows, to the sums of
    outputs and squares, summed over all rows of a channel. `mirrored` holds the kernels, last tap
    first. `to_x` may have no rows; `to_taps` (rows, n_taps) is one gradient a row, or no rows.
    """
    n, length = x.shape[1], gradient.shape[1]
    width = BUNDLE // x.itemsize
    padded = np.zeros(_room(length, n_taps + LAGS, width) + left + n, x.dtype)
    before = n_taps - 1 - left
    own = np.zeros(_room(max(length, n), mirrored.shape[1], width) + n_taps, x.dtype)
    g = own[before : before + length]
    last = np.empty(width, x.dtype)
    for row in range(begin, end):
        if len(slopes):
            channel = row % len(slopes)
            first, second = slopes[channel, 0], slopes[channel, 1] + slopes[channel, 1]
            y, given = out[row], gradient[row]
            for t in range(length):
                g[t] = given[t] + (first + second * y[t])
        else:
            g[:] = gradient[row]
        if len(to_x):
            _filter(own, mirrored[row // repeat % len(mirrored)], to_x[row], last)
        if len(to_taps):
            padded[left : left + n] = x[row]
            to_taps[row] = 0
            _lags(own[before:], padded, length, to_taps[row])


@njit(nogil=True, cache=True)
def spread_rows(
    gradient: NDArray[Any],
    mirrored: NDArray[Any],
    fan: int,
    before: int,
    out: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Compute rows `begin` to `end` of `out`: what `filter_rows` made of each, taken back to it.

    `mirrored` holds a kernel for each row of `gradient` in turn, last tap first; `before` zeros
    stand before these rows.
    """
    n, length = gradient.shape[1], out.shape[1]
    width = BUNDLE // gradient.itemsize
    padded = np.zeros(max(_room(length, mirrored.shape[1], width), before + n), gradient.dtype)
    last, part = np.empty(width, gradient.dtype), np.empty(length, gradient.dtype)
    for row in range(begin, end):
        for source in range(row * fan, (row + 1) * fan):
            padded[before : before + n] = gradient[source]
            if source == row * fan:
                _filter(padded, mirrored[source % len(mirrored)], out[row], last)
                continue
            _filter(padded, mirrored[source % len(mirrored)], part, last)
            for t in range(length):
                out[row, t] += part[t]


@njit(nogil=True, cache=True)
def products(
    gradient: NDArray[Any],
    x: NDArray[Any],
    fan: int,
    left: int,
    out: NDArray[np.float64],
    begin: int,
    end: int,
) -> None:
    """Write sum over t of gradient[t] x[t + k - left] to out[k], for rows `begin` to `end`."""
    n, length, n_taps = x.shape[1], gradient.shape[1], out.shape[1]
    width = BUNDLE // x.itemsize
    padded = np.zeros(_room(length, n_taps + LAGS, width) + left + n, x.dtype)
    own = np.zeros(length + width, x.dtype)
    for row in range(begin, end):
        own[:length] = gradient[row]
        padded[left : left + n] = x[row // fan]
        out[row] = 0
        _lags(own, padded, length, out[row])


@njit(nogil=True, cache=True)
def autocorrelations(
    x: NDArray[Any], out: NDArray[np.float64], sums: NDArray[np.float64], begin: int, end: int
) -> None:
    """Sum x[t] x[t + k], and x[t], over the rows and samples of trials `begin` to `end`.

    `x` (trials, rows, samples); `out` (trials, lags).
    """
    n = x.shape[2]
    padded = np.zeros(_room(n, out.shape[1] + LAGS, BUNDLE // 8), np.float64)
    for trial in range(begin, end):
        out[trial] = 0
        total = 0.0
        for row in range(x.shape[1]):
            padded[:n] = x[trial, row]
            _lags(padded, padded, n, out[trial])
            total += moments(padded[:n])[0]
        sums[trial] = total
