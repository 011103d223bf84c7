"""Between the whole numbers of audio files, moment by moment, and signals, channel by channel."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

#: Moments that are turned over at a time: what is read or written across stays in the cache.
_TILE = 512


@njit(nogil=True, cache=True)
def to_signals(numbers: NDArray[Any], scale: float, out: NDArray[np.float64]) -> None:
    """Turn whole numbers (n, n_channels) into signals (n_channels, n)."""
    n, n_channels = numbers.shape
    for start in range(0, n, _TILE):
        stop = min(start + _TILE, n)
        for channel in range(n_channels):
            for i in range(start, stop):
                out[channel, i] = numbers[i, channel] * scale


@njit(nogil=True, cache=True)
def to_numbers(
    signals: NDArray[np.float64], full: float, shift: int, out: NDArray[Any]
) -> tuple[int, int]:
    """Turn signals into whole numbers from -full to full - 1, left-justified by a shift.

    Returns how many samples are not finite, and how many others lie beyond [-1, 1] and are cut off.
    """
    n_channels, n = signals.shape
    bad = beyond = 0
    for start in range(0, n, _TILE):
        stop = min(start + _TILE, n)
        for channel in range(n_channels):
            x = signals[channel, start:stop]
            if not _all_inside(x):
                for value in x:
                    bad += not np.isfinite(value)
                    beyond += np.isfinite(value) and abs(value) > 1
                x = np.where(np.isfinite(x), x, 0.0).clip(-1.0, 1.0)
            for i in range(stop - start):
                number = np.int32(min(np.rint(x[i] * full), full - 1))
                out[start + i, channel] = number << shift
    return bad, beyond


@njit(nogil=True, cache=True)
def _all_inside(x: NDArray[np.float64]) -> bool:
    outside = 0
    for i in range(len(x)):  # a sum, not a way out, which would keep it from running in vectors
        outside += not abs(x[i]) <= 1.0
    return outside == 0
