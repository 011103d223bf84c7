"""The compiled loop of exponential moving standardisation."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._simd import flush_denormals, restore_denormals


@njit(nogil=True, cache=True)
def standardise_rows(
    rows: NDArray[Any],
    factor: float,
    eps: float,
    states: NDArray[np.float64],
    out: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Fill rows `begin` to `end` of `out` from rows (n_rows, n) and states (n_rows, 3).

    A state holds the sum of the weights, the mean, and the mean square of the distances from it,
    both of which move by a share of their error: a flat signal gives exactly zero, which sums of
    weighted samples would not. What is not finite adds nothing and gives NaN.
    """
    mode = flush_denormals()  # in which the means of a signal that falls silent would end
    keep = 1 - factor
    for row in range(begin, end):
        weight, mean, variance = states[row]
        for i in range(rows.shape[1]):
            value = np.float64(rows[row, i])
            weight *= keep
            if not np.isfinite(value):
                out[row, i] = np.nan
                continue
            weight += 1
            mean += (value - mean) / weight
            distance = value - mean
            variance += (distance * distance - variance) / weight
            out[row, i] = distance / max(eps, np.sqrt(variance))
        states[row, 0] = weight
        states[row, 1] = mean
        states[row, 2] = variance
    restore_denormals(mode)
