"""Compiled loops over the margins of images: columns whose taps reach beyond the lines' ends."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._leaf_jit import leaf
from .._simd import VECTOR, fill, flaws, load, store, zeros
from .extended_jit import Places, source

#: Outputs computed together lie below each other: so many bytes of them.
STRETCH = 4 * VECTOR


@leaf
def correlate_margin(
    image: NDArray[Any],
    left: Places,
    right: Places,
    filler: float,
    weights: NDArray[Any],
    out: NDArray[Any],
    lines: tuple[int, int],
    columns: tuple[int, int],
    places: NDArray[np.intp],
    turned: NDArray[Any],
    last: NDArray[Any],
) -> Any:
    """Compute outputs [y, x] of `lines` (first, end) and `columns` of an image; return their flaws.

    Taps are taken in the order in which tiles take them, so that the bits are the same. `turned`
    (columns, lines) has room for the columns under the margin, and for a stretch below.
    """
    k_height, k_width = weights.shape
    (y0, y1), (x0, x1) = lines, columns
    n_columns, n_wide, pitch = x1 - x0 + k_width - 1, image.shape[1], turned.shape[1]
    samples, x, beyond = image.reshape(-1), turned.reshape(-1), image.dtype.type(filler)
    for j in range(n_columns):
        places[j] = source(x0 + j, n_wide, left[2], right[2])
    for i in range(y1 - y0 + k_height - 1):
        line = source(y0 + i, image.shape[0], left[1], right[1])
        for j in range(n_columns):
            there = line >= 0 and places[j] >= 0
            x[j * pitch + i] = samples[line * n_wide + places[j]] if there else beyond
    w, lanes, found = weights.reshape(-1), STRETCH // image.itemsize, zeros(image, VECTOR)
    for column in range(x1 - x0):
        for y in range(0, y1 - y0, lanes):
            total = zeros(image, STRETCH)
            for b in range(k_height):
                for c in range(k_width):
                    tap = fill(w, b * k_width + c, STRETCH)
                    total = total + tap * load(x, (column + c) * pitch + y + b, STRETCH)
            found = found + flaws(total)
            store(last, 0, total)
            for i in range(min(lanes, y1 - y0 - y)):
                out[y0 + y + i, x0 + column] = last[i]
    return found
