"""The compiled loop of the running sum."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._leaf_jit import leaf


@njit(nogil=True, cache=True)
def window_sums(
    x: NDArray[Any],
    width: int,
    dilation: int,
    stride: int,
    out: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Sum windows of `width` samples along the middle axis of x (n_outer, n, n_inner).

    The axis (each of its `dilation` interleaved parts) is cut into blocks of `width`; a window
    is the end of one block and the beginning of the next. No term outside the window is ever
    added and taken away again, so nothing drifts and nothing leaks, and blocks are independent:
    items `begin` to `end` count them through n_outer, the parts and the blocks.
    Sums along a block are compensated (Kahan), so their error does not grow with the width.
    """
    n_inner = x.shape[2]
    n_starts = x.shape[1] - (width - 1) * dilation
    n_blocks = ((n_starts + dilation - 1) // dilation + width - 1) // width
    ends = np.empty((width, n_inner), x.dtype)
    total = np.empty(n_inner, x.dtype)
    lost = np.empty(n_inner, x.dtype)
    for item in range(begin, end):
        outer = item // (dilation * n_blocks)
        part = item // n_blocks % dilation
        first = part + item % n_blocks * width * dilation
        if first >= n_starts:
            continue
        total[:] = 0
        lost[:] = 0
        for r in range(width - 1, -1, -1):
            accumulate(x[outer, first + r * dilation], total, lost)
            ends[r] = total
        total[:] = 0
        lost[:] = 0
        for r in range(width):
            start = first + r * dilation
            if start >= n_starts:
                break
            if r > 0:
                accumulate(x[outer, start + (width - 1) * dilation], total, lost)
            if start % stride == 0:
                target = out[outer, start // stride]
                for i in range(n_inner):
                    target[i] = ends[r, i] + total[i]


@leaf
def accumulate(terms: NDArray[Any], total: NDArray[Any], lost: NDArray[Any]) -> None:
    """Add `terms` to `total`, carrying in `lost` what rounding took away."""
    for i in range(len(total)):
        term = terms[i] - lost[i]
        longer = total[i] + term
        lost[i] = (longer - total[i]) - term
        total[i] = longer
