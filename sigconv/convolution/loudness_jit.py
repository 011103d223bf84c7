"""The compiled look at how loud an image is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(nogil=True, cache=True)
def find_extremes(
    bits: NDArray[Any], stretch: int, quietest: NDArray[Any], loudest: NDArray[Any]
) -> None:
    """Find for every image of (n, height, width) the peaks of its loudest and quietest stretch.

    Stretches run along the height, so that neighbours in memory are compared side by side.
    Floats come as the integers of their bits, whose order is that of the magnitudes once the
    sign is taken away. Silence does not count; the last stretch may be longer.
    """
    mask = np.iinfo(bits.dtype).max
    n_images, height, width = bits.shape
    peaks = np.empty(width, bits.dtype)
    n_stretches = max(1, height // stretch)
    for image in range(n_images):
        low: Any = mask
        high: Any = 0
        for part in range(n_stretches):
            peaks[:] = 0
            stop = height if part + 1 == n_stretches else (part + 1) * stretch
            for line in range(part * stretch, stop):
                for i in range(width):
                    peaks[i] = max(peaks[i], bits[image, line, i] & mask)
            for i in range(width):
                peak = np.int64(peaks[i])
                high = max(high, peak)
                low = min(low, peak if peak > 0 else mask)
        quietest[image], loudest[image] = low, high
