"""The compiled loops of penalised least squares: a banded QR factorisation.

The normal equations would square the condition, which for smooth answers is large already.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._simd import flush_denormals, restore_denormals

#: Rows that are solved side by side: each step waits for the one before.
ABREAST = 8


@njit(nogil=True, cache=True)
def factor(
    present: NDArray[np.bool_], penalty: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the rotations (n, d + 1, 2) and the triangle (n, d + 1) of the equations.

    These are z[i] = y[i] for each sample that is present, and for each d + 1 neighbours that
    their difference of order d, weighed by `penalty`, is zero. The triangle is kept by rows,
    from the diagonal on.
    """
    n, size = len(present), len(penalty)
    triangle = np.zeros((n, size))
    turns = np.empty((n, size, 2))
    turns[:, :, 0] = 1
    turns[:, :, 1] = 0
    for i in range(n):
        triangle[i, 0] = 1.0 if present[i] else 0.0
    new = np.empty(size)
    for i in range(n - size + 1):
        new[:] = penalty
        for k in range(size):  # turn the difference into the rows of its samples
            row = triangle[i + k]
            length = np.hypot(row[0], new[k])
            if length == 0:
                continue
            c, s = row[0] / length, new[k] / length
            turns[i, k, 0], turns[i, k, 1] = c, s
            for m in range(size - k):
                row[m], new[k + m] = c * row[m] + s * new[k + m], c * new[k + m] - s * row[m]
    return turns, triangle


@njit(nogil=True, cache=True)
def solve(
    rows: NDArray[Any],
    present: NDArray[np.bool_],
    turns: NDArray[np.float64],
    triangle: NDArray[np.float64],
    start: int,
    out: NDArray[Any],
) -> None:
    """Fill `out` with the answers for up to ABREAST rows (n_rows, n) from sample `start` on."""
    mode = flush_denormals()  # in which an answer fades away from a lone sample
    n, size = triangle.shape
    z = np.zeros((n, ABREAST))
    for i in range(n):
        if present[i]:
            for row in range(len(rows)):
                z[i, row] = rows[row, i]
    new = np.empty(ABREAST)
    for i in range(n - size + 1):
        new[:] = 0
        for k in range(size):
            c, s = turns[i, k, 0], turns[i, k, 1]
            for row in range(ABREAST):
                old = z[i + k, row]
                z[i + k, row] = c * old + s * new[row]
                new[row] = c * new[row] - s * old
    for i in range(n - 1, -1, -1):
        for m in range(1, min(size, n - i)):
            for row in range(ABREAST):
                z[i, row] -= triangle[i, m] * z[i + m, row]
        inverse = 1 / triangle[i, 0]
        for row in range(ABREAST):
            z[i, row] *= inverse
    for i in range(out.shape[1]):
        for row in range(len(rows)):
            out[row, i] = z[start + i, row]
    restore_denormals(mode)
