"""The compiled loop of exponential moving standardisation."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


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

    A state holds the sums of the weights, of the weighted samples, and of their weighted squared
    distances from the mean. What is not finite adds nothing to them and gives NaN.
    """
    keep = 1 - factor
    for row in range(begin, end):
        weight, total, squares = states[row]
        for i in range(rows.shape[1]):
            value = np.float64(rows[row, i])
            weight *= keep
            total *= keep
            squares *= keep
            if not np.isfinite(value):
                out[row, i] = np.nan
                continue
            weight += 1
            total += value
            distance = value - total / weight
            squares += distance * distance
            deviation = np.sqrt(squares / weight)
            out[row, i] = distance / max(eps, deviation)
        states[row, 0] = weight
        states[row, 1] = total
        states[row, 2] = squares
