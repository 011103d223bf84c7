"""The compiled loop of recursive filters."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

#: Anything smaller counts as zero: arithmetic on denormal numbers takes a hundred times as long,
#: and a decaying tail would otherwise end in them.
TINY = 1e-290


@njit(nogil=True, cache=True)
def filter_rows(
    rows: NDArray[Any],
    out: NDArray[Any],
    coefficients: NDArray[Any],
    states: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Run rows `begin` to `end` through the sections, carrying `states` on.

    rows and out (n_rows, n) real, coefficients (n_sections, 6) in shifted form, states
    (n_rows, n_sections, 2). Every sample meets the same operations wherever a row is cut.
    """
    n_sections = len(coefficients)
    for row in range(begin, end):
        state = states[row]
        for i in range(rows.shape[1]):
            y = np.float64(rows[row, i])
            if abs(y) < TINY:
                y = np.float64(0)
            # Sections inside, samples outside: the recursions of the sections then overlap.
            for section in range(n_sections):
                u = y
                b0, n1, n2, d1, d2, s = coefficients[section]
                w1, w2 = state[section]
                y = b0 * u + w1
                w1 = s * w1 + ((n1 * u - d1 * y) + w2)
                w2 = s * w2 + (n2 * u - d2 * y)
                state[section, 0] = 0.0 if abs(w1) < TINY else w1
                state[section, 1] = 0.0 if abs(w2) < TINY else w2
            out[row, i] = y
