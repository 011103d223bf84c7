"""Compiled loops of maxima over windows, one axis after the other, and back.

Maps are (rows, depth, height, width), contiguous; what lies beyond their ends is in no window.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Three = tuple[int, int, int]


@njit(nogil=True, cache=True, error_model="numpy")
def _raise(target: NDArray[Any], other: NDArray[Any]) -> None:
    """Put the larger of both in `target`; what is no number stays there."""
    for t in range(len(target)):
        a, b = target[t], other[t]
        target[t] = b if b > a or b != b else a


@njit(nogil=True, cache=True, error_model="numpy")
def _along(
    x: NDArray[Any],
    n: int,
    inner: int,
    window: int,
    stride: int,
    padding: int,
    m: int,
    out: NDArray[Any],
) -> None:
    """Write maxima along an axis of n samples, `inner` apart, to one of m."""
    for line in range(len(x) // (n * inner)):
        for j in range(m):
            to = (line * m + j) * inner
            target = out[to : to + inner]
            first = max(0, j * stride - padding)
            start = (line * n + first) * inner
            target[:] = x[start : start + inner]
            for i in range(first + 1, min(n, j * stride - padding + window)):
                at = (line * n + i) * inner
                _raise(target, x[at : at + inner])


@njit(nogil=True, cache=True, error_model="numpy")
def _along_last(
    x: NDArray[Any],
    n: int,
    window: int,
    stride: int,
    padding: int,
    m: int,
    out: NDArray[Any],
) -> None:
    """Write maxima along an axis whose samples lie side by side."""
    for line in range(len(x) // n):
        y, target = x[line * n : (line + 1) * n], out[line * m : (line + 1) * m]
        for j in range(m):
            first = max(0, j * stride - padding)
            best = y[first]
            for i in range(first + 1, min(n, j * stride - padding + window)):
                value = y[i]
                best = value if value > best or value != value else best
            target[j] = best


@njit(nogil=True, cache=True, error_model="numpy")
def largest(
    x: NDArray[Any],
    window: Three,
    stride: Three,
    padding: Three,
    out: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Write the maxima of rows `begin` to `end`."""
    _, depth, height, width = x.shape
    _, far, high, wide = out.shape
    first = np.empty(far * height * width, x.dtype)
    second = np.empty(far * high * width, x.dtype)
    for row in range(begin, end):
        y = x[row].reshape(-1)
        if window[0] > 1 or stride[0] > 1:
            inner = height * width
            _along(y, depth, inner, window[0], stride[0], padding[0], far, first)
            y = first
        if window[1] > 1 or stride[1] > 1:
            _along(y, height, width, window[1], stride[1], padding[1], high, second)
            y = second
        target = out[row].reshape(-1)
        _along_last(y, width, window[2], stride[2], padding[2], wide, target)


@njit(nogil=True, cache=True, error_model="numpy")
def back_to_largest(
    x: NDArray[Any],
    out: NDArray[Any],
    gradient: NDArray[Any],
    window: Three,
    stride: Three,
    padding: Three,
    to_x: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Add the gradients of rows `begin` to `end` to where the maxima are, the first of equals."""
    _, depth, height, width = x.shape
    _, far, high, wide = out.shape
    for row in range(begin, end):
        y, best, given, target = x[row], out[row], gradient[row], to_x[row]
        target[:] = 0
        for d in range(far):
            d0, d1 = d * stride[0] - padding[0], d * stride[0] - padding[0] + window[0]
            for h in range(high):
                h0, h1 = h * stride[1] - padding[1], h * stride[1] - padding[1] + window[1]
                for w in range(wide):
                    w0, w1 = w * stride[2] - padding[2], w * stride[2] - padding[2] + window[2]
                    value = best[d, h, w]
                    is_found = False
                    for i in range(max(d0, 0), min(d1, depth)):
                        for j in range(max(h0, 0), min(h1, height)):
                            for k in range(max(w0, 0), min(w1, width)):
                                other = y[i, j, k]
                                if other == value or (other != other and value != value):
                                    target[i, j, k] += given[d, h, w]
                                    is_found = True
                                    break
                            if is_found:
                                break
                        if is_found:
                            break
