"""The compiled loop of total variation denoising: dynamic programming, linear in time."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(nogil=True, cache=True)
def denoise(x: NDArray[Any], present: NDArray[np.bool_], limit: float, out: NDArray[Any]) -> None:
    """Fill `out` with the z of least sum((x - z)**2) / 2 + limit * sum(abs(diff(z))).

    Samples that are not present have no say in the first sum. The cost of the best z up to a
    sample, as a function of the value there, has a derivative that is piecewise linear and,
    what comes after allowing no more, cut off at -limit and limit. The pieces are kept between
    their knots: each has a place, and by how much slope and offset change there.
    """
    n = len(x)
    zero = 0.0  # a sample, taken away from all: sums of large numbers would be rounded
    for i in range(n):
        if present[i]:
            zero = np.float64(x[i])
            break
    lowest, highest = np.empty(n), np.empty(n)
    knots = np.empty((2 * n + 2, 3))
    first, last = n + 1, n  # knots[first : last + 1] are in use
    best = 0.0
    begun = False
    for i in range(n):
        if limit == 0 and present[i]:
            lowest[i] = highest[i] = best = x[i] - zero
        elif limit == 0 or not present[i]:
            lowest[i], highest[i] = -np.inf, np.inf
        else:
            y = x[i] - zero
            edge = limit if begun else 0.0  # before the first sample nothing costs anything
            slope, offset = 1.0, -y - edge
            while first <= last and slope * knots[first, 0] + offset <= -limit:
                slope += knots[first, 1]
                offset += knots[first, 2]
                first += 1
            low, low_slope, low_offset = (-limit - offset) / slope, slope, offset
            slope, offset = 1.0, -y + edge
            while first <= last and slope * knots[last, 0] + offset >= limit:
                slope -= knots[last, 1]
                offset -= knots[last, 2]
                last -= 1
            high = (limit - offset) / slope
            first -= 1
            knots[first] = (low, low_slope, low_offset + limit)
            last += 1
            knots[last] = (high, -slope, limit - offset)
            lowest[i], highest[i] = low, high
            begun = True
    if limit > 0:  # the cut-off derivative is zero where the uncut one is
        slope, offset = 0.0, -limit
        while slope * knots[first, 0] + offset < 0:
            slope += knots[first, 1]
            offset += knots[first, 2]
            first += 1
        best = -offset / slope
    for i in range(n - 1, -1, -1):
        best = min(max(best, lowest[i]), highest[i])
        out[i] = best + zero
