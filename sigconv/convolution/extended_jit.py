"""Reading `Extended` rows in compiled loops."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._leaf_jit import leaf
from .._simd import VECTOR, load, store

#: Marks of places at which no sample stands: they have the fill value; they lie beyond the
#: extended axis.
FILLED, BEYOND = -1, -2

#: Of each core axis (depth, height, width) the sample that stands at each place beyond an end.
Places = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]


@leaf
def source(place: int, n: int, left: NDArray[np.intp], right: NDArray[np.intp]) -> int:
    """Return the sample that stands at a place of an extended axis, or FILLED or BEYOND.

    Of the n samples the first stands at the place len(left).
    """
    at = place - len(left)
    if at < 0:
        return left[place]
    if at < n:
        return at
    if at < n + len(right):
        return right[at - n]
    return BEYOND


@leaf
def copy_stretch(
    line: NDArray[Any],
    left: NDArray[np.intp],
    right: NDArray[np.intp],
    fill: float,
    first: int,
    target: NDArray[Any],
) -> None:
    """Copy the extended line from its place `first` on; zeros lie beyond its end."""
    n, n_left = len(line), len(left)
    filler = target.dtype.type(fill)
    size = max(0, min(len(target), n_left + n + len(right) - first))
    inside = max(0, min(size, n_left - first))  # the first of the line itself
    for i in range(inside):
        at = left[first + i]
        target[i] = line[at] if at >= 0 else filler
    beyond = max(inside, min(size, n_left + n - first))
    start = first - n_left
    lanes = VECTOR // line.itemsize
    whole = beyond - (beyond - inside) % lanes
    for i in range(inside, whole, lanes):
        store(target, i, load(line, start + i, VECTOR))
    if whole < beyond and inside + lanes <= beyond:  # the last vector overlaps the one before
        store(target, beyond - lanes, load(line, start + beyond - lanes, VECTOR))
    else:
        for i in range(whole, beyond):
            target[i] = line[start + i]
    for i in range(beyond, size):
        at = right[start + i - n]
        target[i] = line[at] if at >= 0 else filler
    target[size:] = 0
