"""The compiled loop of filters whose coefficients change in time: normalised lattices."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._simd import flush_denormals, restore_denormals


@njit(nogil=True, cache=True)
def lattice_rows(
    rows: NDArray[Any],
    out: NDArray[Any],
    lattices: NDArray[Any],
    block: int,
    offset: int,
    states: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Run rows `begin` to `end` through the sections of each block, carrying `states` on.

    rows and out (n_rows, n) real, lattices (n_blocks, n_sections, 9) as `time_varying.lattices`
    gives them, states (n_rows, n_sections, 2). Of the first block `offset` samples are gone.
    """
    mode = flush_denormals()
    n, n_sections = rows.shape[1], lattices.shape[1]
    signal = np.empty(min(block, n))
    for row in range(begin, end):
        for number in range(len(lattices)):
            start = max(number * block - offset, 0)
            size = min((number + 1) * block - offset, n) - start
            for i in range(size):
                signal[i] = rows[row, start + i]
            for section in range(n_sections):
                s, e1, k1, c1, k2, c2, d, r, v2 = lattices[number, section]
                g0, g1 = states[row, section]
                for i in range(size):
                    u = signal[i]
                    f1 = c2 * u - k2 * g1
                    g2 = k2 * u + c2 * g1
                    # k1 g0 = e1 g0 - s g0, and e1 keeps the digits of a low frequency
                    f0 = s * g0 + (c1 * f1 - e1 * g0)
                    g1 = k1 * f1 + c1 * g0
                    # the remainder's r/z is a delayed g0, which is what g0 still is
                    signal[i] = d * u + v2 * g2 + r * g0
                    g0 = f0
                states[row, section, 0], states[row, section, 1] = g0, g1
            for i in range(size):
                out[row, start + i] = signal[i]
    restore_denormals(mode)
