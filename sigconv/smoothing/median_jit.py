"""The compiled loop of the running median."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(nogil=True, cache=True)
def running_median(
    rows: NDArray[Any], width: int, omit: bool, out: NDArray[Any], begin: int, end: int
) -> None:
    """Fill rows `begin` to `end` of `out` (n_rows, n) from rows (n_rows, n + width - 1).

    The finite samples of the window are kept sorted. A window with others in it gives NaN, or
    the median of the rest with `omit`.
    """
    window = np.empty(width, rows.dtype)
    for row in range(begin, end):
        n_kept = 0
        for i in range(rows.shape[1]):
            if i >= width:
                old = rows[row, i - width]
                if np.isfinite(old):
                    place = np.searchsorted(window[:n_kept], old)
                    for j in range(place, n_kept - 1):
                        window[j] = window[j + 1]
                    n_kept -= 1
            new = rows[row, i]
            if np.isfinite(new):
                place = np.searchsorted(window[:n_kept], new)
                for j in range(n_kept, place, -1):
                    window[j] = window[j - 1]
                window[place] = new
                n_kept += 1
            if i < width - 1:
                continue
            middle = n_kept // 2
            if n_kept == 0 or (n_kept < width and not omit):
                out[row, i - width + 1] = np.nan
            elif n_kept % 2:
                out[row, i - width + 1] = window[middle]
            else:
                out[row, i - width + 1] = window[middle - 1] / 2 + window[middle] / 2
