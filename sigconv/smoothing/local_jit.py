"""The compiled loop of lines through neighbourhoods at the ends, where windows do not slide on."""

from typing import Any

from numba import njit
from numpy.typing import NDArray


@njit(nogil=True, cache=True)
def weighted_sums(
    y: NDArray[Any], trust: NDArray[Any], width: int, out: NDArray[Any], begin: int, end: int
) -> None:
    """Fill the ends of rows `begin` to `end` of `out` (5, n_rows, n) with their windows' sums.

    Those of w, w d, w d**2, w y and w d y, where d is the distance from the sample in radii of
    its window and w the tricube of d times `trust`. The ends are width // 2 samples long, or
    all there is if one window holds it all.
    """
    n = y.shape[1]
    half = width // 2
    for row in range(begin, end):
        for i in range(n):
            if n > width and half <= i < n - half:
                continue
            first = min(max(i - half, 0), n - width)
            radius = max(i - first, first + width - 1 - i, 1)
            out[:, row, i] = 0
            for j in range(first, first + width):
                d = (j - i) / radius
                weight = trust[row, j] * (1 - abs(d) ** 3) ** 3
                out[0, row, i] += weight
                out[1, row, i] += weight * d
                out[2, row, i] += weight * d * d
                out[3, row, i] += weight * y[row, j]
                out[4, row, i] += weight * y[row, j] * d
