"""Matrices of integers as sums of outer products of integers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def integer_outer_products(matrix: NDArray[Any]) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    """Return as many outer products of integers as the rank; their sum is `matrix` exactly.

    Euclid's algorithm on the rows gives the matrix its Hermite form H, ``matrix = L @ H`` with
    L the inverse of the steps, which are all unimodular: integers throughout. Where they do not
    fit, both factors wrap around, and so does their product, to the right answer.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.convolution.integer_rank import integer_outer_products
    >>> pairs = integer_outer_products(np.array([[2, 4], [3, 5]]))
    >>> sum(np.outer(a, b) for a, b in pairs)
    array([[2, 4],
           [3, 5]])
    """
    rows = matrix.copy()
    inverse = np.eye(len(rows), dtype=rows.dtype)
    if np.linalg.matrix_rank(matrix) == len(rows):  # nothing to gain, and steps make numbers grow
        return list(zip(inverse, rows, strict=True))
    done = 0
    for column in range(rows.shape[1]):
        if done == len(rows):
            break
        while True:
            below = np.abs(rows[done:, column])
            left = np.flatnonzero(below)
            if not len(left):
                break
            pivot = done + left[np.argmin(below[left])]
            _swap(rows, inverse, done, pivot)
            quotients = rows[done + 1 :, column] // rows[done, column]
            rows[done + 1 :] -= np.multiply.outer(quotients, rows[done])
            inverse[:, done] += inverse[:, done + 1 :] @ quotients
            if not rows[done + 1 :, column].any():
                done += 1
                break
    return [(inverse[:, i].copy(), rows[i].copy()) for i in range(done)]


def _swap(rows: NDArray[Any], inverse: NDArray[Any], a: int, b: int) -> None:
    rows[[a, b]] = rows[[b, a]]
    inverse[:, [a, b]] = inverse[:, [b, a]]
