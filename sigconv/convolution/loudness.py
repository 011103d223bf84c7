"""Whether a signal is loud everywhere alike: some methods spread their rounding errors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .extended import Extended
from .geometry import Geometry
from .loudness_jit import find_extremes

#: Rounding errors are spread over a row only while none of its stretches is quieter than its
#: loudest sample by more than this factor: that leaves the quietest nine digits of float64.
LOUDNESS_RANGE = 1e6

#: Louder rows could overflow in a transform, or in a term, where their convolution does not.
LOUDEST = 1e100


def is_even(rows: NDArray[Any] | Extended, geometry: Geometry) -> bool:
    """Return whether the loudness of every row stays within `LOUDNESS_RANGE`, silence apart."""
    if rows.dtype.kind in "iu":  # exact, or refused
        return True
    # Half a span: every window of the kernel holds one such stretch as a whole.
    stretch = max(1, geometry.span[-1] // 2)
    n_whole = max(1, geometry.extended[-1] // stretch)
    joined = rows.joined(geometry) if isinstance(rows, Extended) else rows
    starts = range(0, joined.shape[-1], stretch)
    loudness = np.maximum.reduceat(np.abs(joined), starts, axis=-1)
    loudness = loudness[..., :n_whole].reshape(geometry.n_rows, -1).astype(np.float64)
    quietest = np.where(loudness > 0, loudness, np.inf).min(axis=1)
    loudest = loudness.max(axis=1)
    return bool((loudest / LOUDNESS_RANGE <= quietest).all() and loudest.max() <= LOUDEST)


def is_even_down(rows: NDArray[Any], geometry: Geometry, fill: float = 0.0) -> bool:
    """Return whether no row is `LOUDNESS_RANGE` times as loud as its quietest stretch.

    A stretch is half as long as the kernel along the last axis but one; silence does not count.
    """
    images = rows.reshape(-1, *rows.shape[-2:]).view(f"i{rows.itemsize}")
    quietest, loudest = np.empty((2, len(images)), images.dtype)
    find_extremes(images, max(1, geometry.span[-2] // 2), quietest, loudest)
    # The bits of the largest integer, where all is silent, are a NaN's.
    low = np.fmin.reduce(quietest.view(rows.dtype).reshape(len(rows), -1), axis=1, dtype=float)
    high = np.maximum.reduce(loudest.view(rows.dtype).reshape(len(rows), -1), axis=1, dtype=float)
    if fill:
        low, high = np.fmin(low, abs(fill)), np.maximum(high, abs(fill))
    return bool(((high == 0) | (high <= np.minimum(LOUDNESS_RANGE * low, LOUDEST))).all())
