"""Between the records of EDF files and signals: whole numbers of 16 bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(nogil=True, cache=True)
def to_signal(
    records: NDArray[np.int16],
    gain: float,
    offset: float,
    scale: float,
    skipped: int,
    out: NDArray[np.float64],
) -> None:
    """Turn a signal's numbers (n_records, samples a record) into values, after `skipped` ones."""
    width = records.shape[1]
    place = -skipped
    for record in range(len(records)):
        for i in range(max(0, -place), min(width, len(out) - place)):
            out[place + i] = (records[record, i] * gain + offset) * scale
        place += width


@njit(nogil=True, cache=True)
def to_numbers(
    x: NDArray[np.float64],
    scale: float,
    offset: float,
    gain: float,
    limits: tuple[int, int],
    records: NDArray[Any],
) -> None:
    """Turn values into a signal's numbers, in their place in the records."""
    n_records, width = records.shape
    low, high = float(limits[0]), float(limits[1])
    for record in range(n_records):
        for i in range(width):
            number = np.rint((x[record * width + i] / scale - offset) / gain)
            records[record, i] = np.int32(min(max(number, low), high))  # ends may be rounded
