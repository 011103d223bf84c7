"""Where a tile of the extended signal lies: in the signal itself, or in a copy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..._leaf_jit import leaf
from ..extended_jit import BEYOND, copy_stretch, source

Triple = tuple[int, int, int]
Ends = tuple[NDArray[np.intp], ...]  # left and right of depth, of height and of width


@leaf
def fetch(
    rows: NDArray[Any],
    row: int,
    origin: Triple,
    ends: Ends,
    fill: float,
    shape: Triple,
    tiles: NDArray[Any],
    at: int,
) -> tuple[bool, int, tuple[int, int]]:
    """Return whether a tile lies in the signal as a whole, where it begins, and its strides.

    If it does not it is copied to tiles[at:], with zeros beyond the extended signal.
    """
    _, depth, height, width = rows.shape
    z, y, x = origin[0] - len(ends[0]), origin[1] - len(ends[2]), origin[2] - len(ends[4])
    inside = (
        min(z, y, x) >= 0
        and z + shape[0] <= depth
        and y + shape[1] <= height
        and x + shape[2] <= width
    )
    if inside:
        start = ((row * depth + z) * height + y) * width + x
        return True, start, (height * width, width)
    for p in range(shape[0]):
        z = source(origin[0] + p, depth, ends[0], ends[1])
        for q in range(shape[1]):
            y = source(origin[1] + q, height, ends[2], ends[3])
            line = tiles[at + (p * shape[1] + q) * shape[2] :][: shape[2]]
            if min(z, y) >= 0:
                copy_stretch(rows[row, z, y], ends[4], ends[5], fill, origin[2], line)
            else:
                length = len(ends[4]) + width + len(ends[5])
                blank = 0.0 if min(z, y) == BEYOND else fill
                for i in range(len(line)):
                    line[i] = blank if origin[2] + i < length else 0.0
    return False, at, (shape[1] * shape[2], shape[2])
