"""Real rows and what lies beyond their ends: nothing is copied to extend them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _layout
from .geometry import Geometry

#: Core axes that the compiled loops know: depth, height and width.
AXES = 3

Places = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]

_NOTHING = np.empty(0, np.intp)


class Extended(NamedTuple):
    """Rows of one type of float and, axis by axis, the places that a boundary adds.

    A place holds the index of the sample that stands there, or -1 for `fill`. Core axes that a
    problem does not have are of length 1 and come first.
    """

    rows: NDArray[Any]  # (n_rows, depth, height, width), C-contiguous
    left: Places
    right: Places
    fill: float

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the samples."""
        return self.rows.dtype

    def joined(self, geometry: Geometry) -> NDArray[Any]:
        """Return the extended rows as one array: (n_rows, *geometry.extended)."""
        rows = self.rows
        for axis, (before, after) in enumerate(zip(self.left, self.right, strict=True), start=1):
            if len(before) == len(after) == 0:
                continue
            index = np.concatenate([before, np.arange(rows.shape[axis]), after])
            rows = rows.take(index, axis)
            if (index < 0).any():
                rows[(slice(None),) * axis + (index < 0,)] = self.fill
        return rows.reshape(geometry.n_rows, *geometry.extended)


def fits(geometry: Geometry, dtype: np.dtype[Any]) -> bool:
    """Return whether the problem is one of `Extended` rows."""
    return dtype.kind == "f" and len(geometry.taps) <= AXES


class Layout(NamedTuple):
    """`Extended` rows but for the samples: their shape, and the places of the boundaries."""

    shape: tuple[int, ...]
    left: Places
    right: Places


def layout(
    n_rows: int,
    lengths: Sequence[int],
    widths: Sequence[tuple[int, int]],
    boundaries: Sequence[str],
) -> Layout:
    """Return the layout of rows of core axes of `lengths`, extended by `widths`."""
    missing = AXES - len(widths)
    ends = [(_NOTHING, _NOTHING)] * missing + [
        _places(n, width, boundary)
        for n, width, boundary in zip(lengths, widths, boundaries, strict=True)
    ]
    left, right = zip(*ends, strict=True)
    return Layout((n_rows, *(1,) * missing, *lengths), left, right)


def lay(
    rows: NDArray[Any],
    widths: Sequence[tuple[int, int]],
    boundaries: Sequence[str],
    cval: float,
) -> Extended:
    """Return contiguous rows (n_rows, *core) with what `boundaries` put before and after them."""
    shape, left, right = layout(len(rows), rows.shape[1:], widths, boundaries)
    return Extended(rows.reshape(shape), left, right, float(cval))


def whole(rows: NDArray[Any]) -> Extended:
    """Return rows (n_rows, *core) that are extended already."""
    n_axes = rows.ndim - 1
    return lay(np.ascontiguousarray(rows), [(0, 0)] * n_axes, ["constant"] * n_axes, 0.0)


@functools.lru_cache(maxsize=64)
def _places(
    n: int, width: tuple[int, int], boundary: str
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    before, after = width
    if boundary == "constant":
        return np.full(before, -1, np.intp), np.full(after, -1, np.intp)
    index = _layout.sources(np.r_[-before:0, n : n + after].astype(np.intp), n, boundary)
    return index[:before], index[before:].copy()
