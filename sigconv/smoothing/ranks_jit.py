"""The compiled loop of running quantiles in windows with gaps: a tree of counts over ranks."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._leaf_jit import leaf


@njit(nogil=True, cache=True)
def running_quantile(
    x: NDArray[Any], order: NDArray[np.intp], width: int, share: float, out: NDArray[Any]
) -> None:
    """Fill `out` (n,) from x (n + width - 1,), of which `order` sorts the samples, NaN last.

    A window without a sample gives NaN. Every step takes some log2 of the length of `x`.
    """
    n = len(x)
    rank = np.empty(n, np.intp)
    for k in range(n):
        rank[order[k]] = k
    top = 1
    while top < n:
        top *= 2
    counts = np.zeros(top + 1, np.int32)  # of samples in the window, in Fenwick's order
    kept = 0
    for i in range(n):
        for j, change in ((i, 1), (i - width, -1)):
            if j >= 0 and not np.isnan(x[j]):
                kept += change
                place = rank[j] + 1
                while place <= top:
                    counts[place] += change
                    place += place & -place
        if i < width - 1:
            continue
        if kept == 0:
            out[i - width + 1] = np.nan
            continue
        position = share * (kept - 1)
        below = int(np.floor(position))
        low = x[order[find(counts, top, below)]]
        between = position - below
        if between > 0:
            high = x[order[find(counts, top, below + 1)]]
            if high != low:  # equal ones must not be rounded
                low = low * (1 - between) + high * between
        out[i - width + 1] = low


@leaf
def find(counts: NDArray[np.int32], top: int, k: int) -> int:
    """Return the rank of the sample of the window that has k others below it."""
    place = 0
    while top:
        if place + top < len(counts) and counts[place + top] <= k:
            place += top
            k -= counts[place]
        top //= 2
    return place
