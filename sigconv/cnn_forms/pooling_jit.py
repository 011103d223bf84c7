"""The compiled loops of pooling: one axis at a time, which serves any number of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(nogil=True, cache=True)
def window_maxima(
    x: NDArray[Any],
    window: int,
    stride: int,
    before: int,
    out: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Put the largest of every window along the middle axis of x (n_outer, n, n_inner) in out.

    Window j begins at ``j * stride - before`` and is cut at the ends. Items `begin` to `end`
    count the windows through n_outer. A NaN wins. Without neighbours to run side by side
    (n_inner is 1) the running maximum stays in a register, at a third of the time.
    """
    n_windows, n_inner = out.shape[1], out.shape[2]
    outer, j = begin // n_windows, begin % n_windows
    for _ in range(begin, end):
        first = max(0, j * stride - before)
        stop = min(x.shape[1], j * stride - before + window)
        if n_inner == 1:
            top = x[outer, first, 0]
            for i in range(first + 1, stop):
                rival = x[outer, i, 0]
                top = rival if rival > top or rival != rival else top
            out[outer, j, 0] = top
        else:
            best = out[outer, j]
            best[:] = x[outer, first]
            for i in range(first + 1, stop):
                rivals = x[outer, i]
                for inner in range(n_inner):
                    rival = rivals[inner]
                    best[inner] = rival if rival > best[inner] or rival != rival else best[inner]
        j += 1
        if j == n_windows:
            outer, j = outer + 1, 0


@njit(nogil=True, cache=True)
def window_winners(
    x: NDArray[Any],
    index: NDArray[np.int64],
    pitch: int,
    window: int,
    stride: int,
    before: int,
    out: NDArray[Any],
    winners: NDArray[np.int64],
    begin: int,
    end: int,
) -> None:
    """Do as `window_maxima`, and tell where each of the largest stood.

    `index` (of the shape of x) says where the candidates stood along the axes that were pooled
    before, or is empty for the first one; a step along this axis adds `pitch`. Of equal values
    the first wins, of NaNs the last, which is torch's order if the last axis is pooled first.
    """
    n_windows, n_inner = out.shape[1], out.shape[2]
    outer, j = begin // n_windows, begin % n_windows
    for _ in range(begin, end):
        first = max(0, j * stride - before)
        stop = min(x.shape[1], j * stride - before + window)
        for inner in range(n_inner):
            best, winner = x[outer, first, inner], first
            for i in range(first + 1, stop):
                rival = x[outer, i, inner]
                if rival > best or rival != rival:
                    best, winner = rival, i
            out[outer, j, inner] = best
            inherited = index[outer, winner, inner] if index.size else 0
            winners[outer, j, inner] = inherited + winner * pitch
        j += 1
        if j == n_windows:
            outer, j = outer + 1, 0


@njit(nogil=True, cache=True)
def window_sums(
    x: NDArray[Any],
    window: int,
    stride: int,
    before: int,
    out: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Do as `window_maxima` with the sum of every window."""
    n_windows, n_inner = out.shape[1], out.shape[2]
    outer, j = begin // n_windows, begin % n_windows
    for _ in range(begin, end):
        first = max(0, j * stride - before)
        stop = min(x.shape[1], j * stride - before + window)
        if n_inner == 1:
            single = x[outer, first, 0]
            for i in range(first + 1, stop):
                single += x[outer, i, 0]
            out[outer, j, 0] = single
        else:
            total = out[outer, j]
            total[:] = x[outer, first]
            for i in range(first + 1, stop):
                terms = x[outer, i]
                for inner in range(n_inner):
                    total[inner] += terms[inner]
        j += 1
        if j == n_windows:
            outer, j = outer + 1, 0


@njit(nogil=True, cache=True)
def spread_sums(
    grad: NDArray[Any],
    window: int,
    stride: int,
    before: int,
    out: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Add every value to all samples of its window: the transpose of `window_sums`.

    Items `begin` to `end` count n_outer; `out` holds zeros.
    """
    for outer in range(begin, end):
        for j in range(grad.shape[1]):
            first = max(0, j * stride - before)
            stop = min(out.shape[1], j * stride - before + window)
            for i in range(first, stop):
                for inner in range(grad.shape[2]):
                    out[outer, i, inner] += grad[outer, j, inner]


@njit(nogil=True, cache=True)
def spread_winners(
    grad: NDArray[Any], index: NDArray[np.int64], out: NDArray[Any], begin: int, end: int
) -> None:
    """Add grad (n_rows, m) to the places of out (n_rows, n) that `index` names, row by row."""
    for row in range(begin, end):
        for j in range(grad.shape[1]):
            out[row, index[row, j]] += grad[row, j]
