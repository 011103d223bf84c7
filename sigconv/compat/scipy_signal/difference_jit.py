"""The compiled loop of a difference equation of any order, in transposed direct form II."""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..._simd import flush_denormals, restore_denormals

#: Signals side by side: the inner loops run over them and become vectors.
LANES = 8

#: Samples of each signal that lie side by side at a time.
TILE = 256


@njit(nogil=True, cache=True)
def filter_groups(
    rows: NDArray[Any],
    out: NDArray[Any],
    b: NDArray[Any],
    a: NDArray[Any],
    states: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Run groups `begin` to `end` of rows (n_rows, n) through b/a, carrying `states` on.

    b and a have one length, a[0] is 1; states (n_rows, len(b) - 1). All are of one type.
    """
    mode = flush_denormals()  # in which every decaying tail would end
    n, order = rows.shape[1], len(b) - 1
    tile = np.zeros((TILE, LANES), rows.dtype)
    state = np.zeros((order + 1, LANES), rows.dtype)
    u, y = np.zeros(LANES, rows.dtype), np.zeros(LANES, rows.dtype)
    for group in range(begin, end):
        first = group * LANES
        n_lanes = min(LANES, len(rows) - first)
        for lane in range(n_lanes):
            for k in range(order):
                state[k, lane] = states[first + lane, k]
        for start in range(0, n, TILE):
            size = min(TILE, n - start)
            for lane in range(n_lanes):
                for i in range(size):
                    tile[i, lane] = rows[first + lane, start + i]
            for i in range(size):
                for lane in range(LANES):
                    u[lane] = tile[i, lane]
                    y[lane] = b[0] * u[lane] + state[0, lane]
                    tile[i, lane] = y[lane]
                for k in range(order):
                    for lane in range(LANES):
                        state[k, lane] = state[k + 1, lane] + (
                            b[k + 1] * u[lane] - a[k + 1] * y[lane]
                        )
            for lane in range(n_lanes):
                for i in range(size):
                    out[first + lane, start + i] = tile[i, lane]
        for lane in range(n_lanes):
            for k in range(order):
                states[first + lane, k] = state[k, lane]
    restore_denormals(mode)
