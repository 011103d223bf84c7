"""Real rows along one axis between the samples that extend them, as overlap-save reads them."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _layout
from .extended import Extended
from .geometry import Geometry
from .lines_jit import peaks

#: Samples compared by one thread at least.
WORTH_A_THREAD = 1_000_000


class Lines(NamedTuple):
    """Rows (n_rows, n) and what lies before and after them, all of one type of float."""

    before: NDArray[Any]
    rows: NDArray[Any]
    after: NDArray[Any]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the samples."""
        return self.rows.dtype

    def joined(self) -> NDArray[Any]:
        """Return the extended rows as one array."""
        return np.concatenate(self, axis=1)

    def loudness(self, stretch: int, workers: int | None) -> NDArray[Any]:
        """Return the largest magnitude in each stretch of the extended rows: (n_rows, m).

        The last stretch may be shorter. One that holds NaN has NaN.
        """
        length = sum(part.shape[1] for part in self)
        bits = f"i{self.dtype.itemsize}"
        largest = np.empty((len(self.rows), -(-length // stretch)), bits)
        find = functools.partial(peaks, *[part.view(bits) for part in self], stretch, largest)
        threads = workers if len(self.rows) * length > WORTH_A_THREAD else 1
        _layout.split_over_threads(find, largest.size, threads)
        return largest.view(self.dtype)


def of(extended: Extended) -> Lines:
    """Return `Extended` rows of one axis."""
    rows = extended.rows.reshape(len(extended.rows), -1)
    ends = []
    for index in (extended.left[-1], extended.right[-1]):
        end = rows[:, index]
        end[:, index < 0] = extended.fill
        ends.append(np.ascontiguousarray(end))
    return Lines(ends[0], rows, ends[1])


def whole(rows: NDArray[Any]) -> Lines:
    """Return rows that are extended already."""
    nothing = np.empty((len(rows), 0), rows.dtype)
    return Lines(nothing, np.ascontiguousarray(rows), nothing)


def fits(geometry: Geometry, dtype: np.dtype[Any]) -> bool:
    """Return whether the problem is one of `Lines`."""
    plain = geometry.stride == geometry.dilation == (1,)
    return plain and dtype.kind == "f"
