"""The compiled copy of an array into one whose axes lie in memory the other way round."""

from typing import Any

from numba import njit
from numpy.typing import NDArray

from ._simd import VECTOR, transpose

#: Lines of the longer axis that are copied before the shorter one goes on: with 64 lines beside
#: each other that is 32 KB to either side, and every line of the cache is used as a whole.
BLOCK = 64


@njit(nogil=True, cache=True)
def turn(
    source: NDArray[Any],
    source_step: int,
    target: NDArray[Any],
    target_step: int,
    n_rows: int,
    n_columns: int,
) -> None:
    """Copy source[i * source_step + j] to target[j * target_step + i], all of one float type."""
    lanes = VECTOR // source.itemsize
    rows, columns = n_rows - n_rows % lanes, n_columns - n_columns % lanes
    tall = rows > columns
    long, short = (rows, columns) if tall else (columns, rows)
    for block in range(0, long, BLOCK):
        for b in range(0, short, lanes):
            for a in range(block, min(block + BLOCK, long), lanes):
                i, j = (a, b) if tall else (b, a)
                at, to = i * source_step + j, j * target_step + i
                transpose(source, at, source_step, target, to, target_step)
    for i in range(n_rows):
        for j in range(columns if i < rows else 0, n_columns):
            target[j * target_step + i] = source[i * source_step + j]
