"""Compiled loops that lead sums over windows along, from one place of a window to the next."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@njit(nogil=True, cache=True)
def along_diagonals(
    lags: Numbers,
    leaving: Numbers,
    first_leaving: int,
    coming: Numbers,
    first_coming: int,
    products: Numbers,
) -> None:
    """Write [i, i + k] and [i + k, i] of `products`, (kernel, kernel), for all lags k.

    `lags[k]` is the sum of x[t] x[t + k] over all samples; `leaving` and `coming` are squares of
    the products that each step along a diagonal leaves out and takes in, from their first place
    on; there are none beyond.
    """
    kernel = len(products)
    for k in range(kernel):
        value = lags[k]
        for j in range(len(coming) - k):
            value -= coming[j, j + k]
        for i in range(kernel - k):
            products[i, i + k] = products[i + k, i] = value
            j = i - first_coming
            if 0 <= j < len(coming) - k:
                value += coming[j, j + k]
            j = i - first_leaving
            if 0 <= j < len(leaving) - k:
                value -= leaving[j, j + k]


@njit(nogil=True, cache=True)
def along_window(
    total: float,
    leaving: Numbers,
    first_leaving: int,
    coming: Numbers,
    first_coming: int,
    sums: Numbers,
) -> None:
    """Write the sums of the samples at each place of the window, from the sum of all samples."""
    value = total - coming.sum()
    for i in range(len(sums)):
        sums[i] = value
        if 0 <= i - first_coming < len(coming):
            value += coming[i - first_coming]
        if 0 <= i - first_leaving < len(leaving):
            value -= leaving[i - first_leaving]
