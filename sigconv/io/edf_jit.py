"""Between the records of EDF files and signals: whole numbers of 16 bits.

Records lie in one piece (n_records, samples of all signals), of which a signal's are `width` from
`begin` on: loops over arrays that are parts of others do not become vectors, and took four times
as long.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(nogil=True, cache=True)
def to_signal(
    records: NDArray[np.int16],
    begin: int,
    width: int,
    gain: float,
    offset: float,
    scale: float,
    skipped: int,
    out: NDArray[np.float64],
) -> None:
    """Turn a signal's numbers into values, after `skipped` ones."""
    place = -skipped
    for record in range(len(records)):
        first, last = max(0, -place), max(0, min(width, len(out) - place))
        given, to = records[record, begin + first : begin + last], out[place + first : place + last]
        for i in range(len(to)):
            to[i] = (given[i] * gain + offset) * scale
        place += width


@njit(nogil=True, cache=True)
def to_numbers(
    x: NDArray[np.float64],
    scale: float,
    offset: float,
    gain: float,
    limits: tuple[int, int],
    records: NDArray[Any],
    begin: int,
    width: int,
) -> None:
    """Turn values into a signal's numbers, in their place in the records."""
    low, high = float(limits[0]), float(limits[1])
    for record in range(len(records)):
        given = x[record * width : (record + 1) * width]
        to = records[record, begin : begin + width]
        for i in range(len(to)):
            number = np.rint((given[i] / scale - offset) / gain)
            to[i] = np.int32(min(max(number, low), high))  # ends may be rounded
