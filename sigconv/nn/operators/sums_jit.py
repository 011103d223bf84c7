"""Sums along a row in float64, a vector at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..._simd import DOUBLES, VECTOR, load_doubles, sum_lanes, zeros


@njit(nogil=True, cache=True)
def moments(y: NDArray[Any]) -> tuple[float, float]:
    """Return the sums of y and of its square."""
    wide = np.empty(0, np.float64)
    total, square = zeros(wide, VECTOR), zeros(wide, VECTOR)
    whole = len(y) // DOUBLES * DOUBLES
    for t in range(0, whole, DOUBLES):
        value = load_doubles(y, t)
        total = total + value
        square = square + value * value
    first, second = sum_lanes(total), sum_lanes(square)
    for t in range(whole, len(y)):
        item = np.float64(y[t])
        first += item
        second += item * item
    return first, second


@njit(nogil=True, cache=True)
def products(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Return the sum of a times b."""
    total = zeros(np.empty(0, np.float64), VECTOR)
    whole = len(a) // DOUBLES * DOUBLES
    for t in range(0, whole, DOUBLES):
        total = total + load_doubles(a, t) * load_doubles(b, t)
    result = sum_lanes(total)
    for t in range(whole, len(a)):
        result += np.float64(a[t]) * np.float64(b[t])
    return result


@njit(nogil=True, cache=True)
def moments_of_rows(x: NDArray[Any], sums: NDArray[np.float64], begin: int, end: int) -> None:
    """Write the sums of rows `begin` to `end` and of their squares."""
    for row in range(begin, end):
        sums[row, 0], sums[row, 1] = moments(x[row])
