"""Real rows along one axis at stride 1, the common case: no copy is made to extend them."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _layout
from .._simd import BUNDLE
from .geometry import Geometry
from .lines_jit import correlate_lines, peak, peaks

#: Samples compared by one thread at least.
WORTH_A_THREAD = 1_000_000

#: Bits of infinity by the bytes of a float, which those of NaN exceed and no others reach.
_INFINITY = {n: int(np.array(np.inf, f"f{n}").view(f"i{n}")) for n in (4, 8)}


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


def lay(rows: NDArray[Any], width: tuple[int, int], boundary: str, cval: float | complex) -> Lines:
    """Return rows of floats beside the samples that `boundary` puts before and after them."""
    n, (before, after) = rows.shape[1], width
    if boundary == "constant":
        ends = [np.zeros((len(rows), count), rows.dtype) for count in width]
        if cval != 0:
            for end in ends:
                end[...] = cval
    else:
        index = _layout.sources(np.r_[-before:0, n : n + after], n, boundary)
        ends = [np.ascontiguousarray(rows[:, part]) for part in (index[:before], index[before:])]
    return Lines(ends[0], rows, ends[1])


def is_finite(rows: NDArray[Any], workers: int | None) -> bool:
    """Return whether no sample of contiguous rows is NaN or infinite."""
    if rows.size > WORTH_A_THREAD:
        return bool(np.isfinite(whole(rows).loudness(rows.shape[1], workers)).all())
    bits = f"i{rows.itemsize}"
    return bool(peak(rows.view(bits).reshape(-1), 0, rows.size) < _INFINITY[rows.itemsize])


def whole(rows: NDArray[Any]) -> Lines:
    """Return rows that are extended already."""
    nothing = np.empty((len(rows), 0), rows.dtype)
    return Lines(nothing, np.ascontiguousarray(rows), nothing)


def fits(geometry: Geometry, dtype: np.dtype[Any]) -> bool:
    """Return whether the problem is one of `Lines`."""
    plain = geometry.stride == geometry.dilation == (1,)
    return plain and dtype.kind == "f"


def correlate(
    lines: Lines, weights: NDArray[Any], geometry: Geometry, workers: int | None
) -> NDArray[Any]:
    """Solve the problem of `Geometry` by its definition."""
    out = np.empty((geometry.n_rows, *geometry.output), lines.dtype)
    split = functools.partial(
        correlate_lines, *lines, np.ascontiguousarray(weights, lines.dtype), out
    )
    n_bundles = -(-out.shape[1] * out.itemsize // BUNDLE)
    _layout.split_over_threads(split, geometry.n_rows * n_bundles, workers)
    return out
