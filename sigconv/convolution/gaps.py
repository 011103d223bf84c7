"""NaN and infinities in the signal: which outputs they touch, and bridges over them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import running_sum
from .geometry import Geometry


def bridge(rows: NDArray[Any], gaps: NDArray[np.bool_]) -> NDArray[Any]:
    """Replace the gaps in rows (n_rows, n) linearly from their neighbours.

    Gaps at an end take the nearest value. A row that is nothing but a gap stays as it is.
    """
    bridged = rows.copy()
    index = np.arange(rows.shape[1])
    for row in np.flatnonzero(gaps.any(axis=1) & ~gaps.all(axis=1)):
        gap = gaps[row]
        bridged[row, gap] = np.interp(index[gap], index[~gap], rows[row, ~gap])
    return bridged


def touched(gaps: NDArray[np.bool_], geometry: Geometry, workers: int | None) -> NDArray[np.bool_]:
    """Return which outputs have a gap under one of their taps, zeros among the taps included."""
    return running_sum.box_sums(gaps.view(np.int8), geometry, workers) > 0


def aligned(gaps: NDArray[np.bool_], before: int, geometry: Geometry) -> NDArray[np.bool_]:
    """Return which outputs of a one-axis problem are centred on a gap of the signal.

    `before` is how far the signal was extended to the left.
    """
    centres = np.arange(geometry.output[0]) * geometry.stride[0] - before + geometry.span[0] // 2
    inside = (centres >= 0) & (centres < gaps.shape[1])
    result = np.zeros((len(gaps), len(centres)), bool)
    result[:, inside] = gaps[:, centres[inside]]
    return result
