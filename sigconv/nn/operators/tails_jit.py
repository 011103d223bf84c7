"""Compiled loops of what stands behind a batch norm: ReLU, ELU and the maximum, or the mean power.

Rows are contiguous, of float32 or float64; row r is of channel r modulo the channels, whose norm is
scale * x + shift. Sums over samples are kept in float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .pool_jit import _exponential
from .sums_jit import moments, products


@njit(nogil=True, cache=True, error_model="numpy")
def rectified(
    x: NDArray[Any],
    scale: NDArray[Any],
    shift: NDArray[Any],
    out: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Write what the norm gives, zero where that is negative; what is no number stays so."""
    zero = x.dtype.type(0)
    for row in range(begin, end):
        a, b = scale[row % len(scale)], shift[row % len(scale)]
        y, target = x[row], out[row]
        for t in range(len(y)):
            value = a * y[t] + b
            target[t] = zero if value < zero else value


@njit(nogil=True, cache=True, error_model="numpy")
def back_to_rectified(
    x: NDArray[Any],
    out: NDArray[Any],
    gradient: NDArray[Any],
    to_normed: NDArray[Any],
    to_affine: NDArray[np.float64],
    begin: int,
    end: int,
) -> None:
    """Take the gradient of what was rectified back to what the norm gave and to its map."""
    zero = x.dtype.type(0)
    for row in range(begin, end):
        y, o, given, target = x[row], out[row], gradient[row], to_normed[row]
        for t in range(len(y)):
            target[t] = zero if o[t] <= zero else given[t]
        to_affine[row, 0], to_affine[row, 1] = products(target, y), moments(target)[0]


@njit(nogil=True, cache=True, error_model="numpy")
def elu_of_maxima(
    x: NDArray[Any],
    scale: NDArray[Any],
    shift: NDArray[Any],
    table: NDArray[Any],
    whole: NDArray[Any],
    window: int,
    place: NDArray[np.uint8],
    out: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Write the largest activation of each window, and where in the window it is.

    ELU rises, so it is taken of the largest alone; what is no number is for `scale` to show.
    """
    zero, one = x.dtype.type(0), x.dtype.type(1)
    steps = out.shape[1]
    negative, powers = np.empty(steps, x.dtype), np.empty(steps, x.dtype)
    shifted = np.empty(steps, x.dtype)
    integers = shifted.view(whole.dtype)
    for row in range(begin, end):
        a, b = scale[row % len(scale)], shift[row % len(scale)]
        y, target, places = x[row], out[row], place[row]
        # where all are one, the first of them counts
        sign = one if a > zero else (-one if a < zero else zero)
        for step in range(steps):
            best, best_place = sign * y[step * window], 0
            for i in range(1, window):
                value = sign * y[step * window + i]
                if value > best:
                    best, best_place = value, i
            target[step] = a * (sign * best) + b
            places[step] = best_place
        for step in range(steps):
            negative[step] = zero if target[step] > zero else target[step]
        _exponential(negative, table, whole, shifted, integers, powers)
        for step in range(steps):
            target[step] = target[step] if target[step] > zero else powers[step] - one


@njit(nogil=True, cache=True, error_model="numpy")
def back_to_maxima(
    x: NDArray[Any],
    out: NDArray[Any],
    place: NDArray[np.uint8],
    gradient: NDArray[Any],
    window: int,
    to_normed: NDArray[Any],
    to_affine: NDArray[np.float64],
    begin: int,
    end: int,
) -> None:
    """Take the gradient of the maxima back to what the norm gave and, a row each, to its map."""
    zero, one = x.dtype.type(0), x.dtype.type(1)
    for row in range(begin, end):
        y, o, given, target = x[row], out[row], gradient[row], to_normed[row]
        target[:] = zero
        first = second = 0.0
        for step in range(len(o)):
            at = step * window + place[row, step]
            value = given[step] * (one if o[step] > zero else o[step] + one)
            target[at] = value
            first += np.float64(value) * np.float64(y[at])
            second += value
        to_affine[row, 0], to_affine[row, 1] = first, second


@njit(nogil=True, cache=True, error_model="numpy")
def mean_powers(
    x: NDArray[Any],
    scale: NDArray[Any],
    shift: NDArray[Any],
    window: int,
    stride: int,
    out: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Write the mean square of what the norm gives over windows."""
    n, steps = x.shape[1], out.shape[1]
    squares = np.empty(n, np.float64)
    for row in range(begin, end):
        a, b = scale[row % len(scale)], shift[row % len(scale)]
        y = x[row]
        for t in range(n):
            value = np.float64(a * y[t] + b)
            squares[t] = value * value
        total = 0.0
        for t in range(n):
            total += squares[t]
            squares[t] = total
        for step in range(steps):
            start = step * stride
            before = squares[start - 1] if start else 0.0
            out[row, step] = (squares[start + window - 1] - before) / window


@njit(nogil=True, cache=True, error_model="numpy")
def back_to_powers(
    x: NDArray[Any],
    scale: NDArray[Any],
    shift: NDArray[Any],
    gradient: NDArray[Any],
    window: int,
    stride: int,
    to_normed: NDArray[Any],
    to_affine: NDArray[np.float64],
    begin: int,
    end: int,
) -> None:
    """Take the gradient of the mean powers back to what the norm gave and to its map."""
    n = x.shape[1]
    changes = np.empty(n + 1, np.float64)
    for row in range(begin, end):
        a, b = scale[row % len(scale)], shift[row % len(scale)]
        y, given, target = x[row], gradient[row], to_normed[row]
        changes[:] = 0
        for step in range(len(given)):
            start = step * stride
            changes[start] += given[step]
            changes[start + window] -= given[step]
        total = 0.0
        for t in range(n):
            total += changes[t]
            changes[t] = total * 2 / window
        for t in range(n):
            target[t] = (a * y[t] + b) * changes[t]
        to_affine[row, 0], to_affine[row, 1] = products(target, y), moments(target)[0]


@njit(nogil=True, cache=True, error_model="numpy")
def back_through_norm(
    x: NDArray[Any],
    scale: NDArray[Any],
    slope: NDArray[Any],
    centre: NDArray[Any],
    constant: NDArray[Any],
    gradient: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Make scale * gradient + slope * (x - centre) + constant of `gradient`, in its place."""
    for row in range(begin, end):
        k = row % len(scale)
        a, s, m, c = scale[k], slope[k], centre[k], constant[k]
        y, target = x[row], gradient[row]
        for t in range(len(y)):
            target[t] = a * target[t] + (s * (y[t] - m) + c)
