"""Signals a piece at a time: from files, through types that must be converted, between breaks.

A piece is a block of rows for a part of the time. Filters carry their state from one to the
next. Pieces are whole segments (see `segments`) from
the first sample on, and depend on shapes alone: wherever signals lie, the bits are the same.
"""

from __future__ import annotations

import itertools
import math
import os
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _layout, _maps
from . import segments, zero_phase

#: Samples of a piece: 16 MB of float64. What is larger is mapped anew each time by the memory
#: allocator, and to fill fresh pages took three times as long as to filter them.
SIZE = 1 << 21

#: Their lengths are multiples of this: segments are not cut.
MULTIPLE = segments.LENGTH

#: Rows of a piece for recursive filters, which in files often lie side by side; and for kernels,
#: whose methods want length.
ROWS, KERNEL_ROWS = 64, 16

#: A part of the rows: a slice along each axis but that of the time.
Block = tuple[slice, ...]


def blocks(batch: tuple[int, ...], most: int) -> Iterator[Block]:
    """Yield parts of `most` rows or fewer, cut first along the axes that come first."""
    lengths = list(batch)
    for axis in range(len(lengths)):
        inner = math.prod(lengths[axis + 1 :])
        lengths[axis] = min(lengths[axis], max(1, most // inner))
    cuts = [
        [slice(start, min(start + length, n)) for start in range(0, n, length)]
        for n, length in zip(batch, lengths, strict=True)
    ]
    yield from itertools.product(*cuts)


def rows_of(n: int, n_taps: int) -> int:
    """Return the rows of a piece of signals of n samples; no taps: a recursive filter."""
    return max(KERNEL_ROWS if n_taps else ROWS, SIZE // n)


def length(n_rows: int, n_taps: int = 0) -> int:
    """Return the samples of a piece in time: long beside a kernel, and whole segments."""
    wanted = max(SIZE // n_rows, 4 * n_taps)
    return -(-wanted // MULTIPLE) * MULTIPLE


def parts(n: int, step: int) -> list[tuple[int, int]]:
    """Return (start, stop) of all pieces in time, in order."""
    return [(start, min(start + step, n)) for start in range(0, n, step)]


class Place:
    """An array, a map of a file, a reader or a writer: rows along an axis, by blocks."""

    def __init__(self, x: Any, axis: int, written: bool = False) -> None:
        self.x, self._axis = x, axis
        self._file = _maps.open_below(x) if written else None
        if self._file is not None:
            weakref.finalize(self, os.close, self._file)

    def read(self, block: Block, start: int, stop: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        """Return a copy (n_rows, stop - start) of a piece."""
        piece = np.moveaxis(np.asarray(self.x[self._index(block, start, stop)]), self._axis, -1)
        rows = np.empty(piece.shape, dtype)
        _copy(rows, piece)
        _maps.release(self.x)
        return rows.reshape(-1, stop - start)

    def write(self, block: Block, start: int, rows: NDArray[Any]) -> None:
        """Put rows (n_rows, n) to where a piece begins."""
        shape = [part.stop - part.start for part in block]
        given = rows.reshape(*shape, -1)
        piece = np.moveaxis(given, -1, self._axis)
        if piece.dtype != self.x.dtype or not piece.flags.c_contiguous:
            piece = np.empty(piece.shape, self.x.dtype)
            with np.errstate(over="ignore"):  # float16, as in any other arithmetic on it
                _copy(np.moveaxis(piece, self._axis, -1), given)
        index = self._index(block, start, start + rows.shape[1])
        if self._file is None or not _maps.write_below(self.x[index], piece, self._file):
            self.x[index] = piece
            _maps.release(self.x)

    def _index(self, block: Block, start: int, stop: int) -> tuple[slice, ...]:
        return (*block[: self._axis], slice(start, stop), *block[self._axis :])


#: Bytes that are converted at a time: they stay in the cache until they are in their places.
_CACHED = 1 << 17


def _copy(target: NDArray[Any], source: NDArray[Any]) -> None:
    """Copy (..., n), which may lie in another order and be of another type."""
    if source.dtype == target.dtype:
        _layout.copy(target, source)
        return
    if all(each.strides[-1] == each.itemsize for each in (target, source)):
        target[...] = source
        return
    n = source.shape[-1]
    step = max(64, _CACHED * n // source.nbytes)
    for start in range(0, n, step):
        part = source[..., start : start + step].astype(target.dtype, order="K")
        _layout.copy(target[..., start : start + step], part)


class Stretch:
    """What a filter is to see of a block of rows between two breaks, and where its answer goes.

    `n` samples from 0 on, which is sample `start` of the signal. Gaps (NaN, infinities) are
    bridged for the policy "interpolate", from this stretch alone, and put back; for "omit" they
    are 0.
    """

    def __init__(
        self,
        source: Place,
        target: Place,
        block: Block,
        ends: tuple[int, int],
        dtypes: tuple[np.dtype[Any], np.dtype[Any]],
        nan_policy: str,
        step: int,
    ) -> None:
        self._source, self._target, self._block = source, target, block
        self.start, self.n, self.step = ends[0], ends[1] - ends[0], step
        self.work, self._dtype = dtypes
        self._policy = nan_policy
        self._bridge = _Bridge(self) if nan_policy == "interpolate" else None
        if self._bridge is not None and not self._bridge.any_gap:
            self._bridge = None

    def as_it_is(self, start: int, stop: int) -> NDArray[Any]:
        """Return samples with their gaps."""
        ends = (self.start + start, self.start + stop)
        return self._source.read(self._block, *ends, self.work)

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Return samples as the filter is to see them."""
        if self._bridge is not None:
            return self._bridge.read(start, stop)
        rows = self.as_it_is(start, stop)
        if self._policy == "omit":
            rows[~np.isfinite(rows)] = 0
        return rows

    def write(self, start: int, rows: NDArray[Any]) -> None:
        """Put an answer in its place; the samples there have all been read."""
        if self._bridge is not None:
            rows[~np.isfinite(self.as_it_is(start, start + rows.shape[1]))] = np.nan
        with np.errstate(over="ignore"):
            rows = rows.astype(self._dtype, copy=False)
        self._target.write(self._block, self.start + start, rows)


class _Bridge:
    """Linear bridges over gaps that may be longer than a piece.

    A look at all pieces finds each one's first and last good sample; then every piece knows
    between which samples its bridges run.
    """

    def __init__(self, stretch: Stretch) -> None:
        self._stretch = stretch
        self._parts = parts(stretch.n, stretch.step)
        self._held: dict[int, NDArray[Any]] = {}
        self.any_gap = False
        self._ends = [self._good_ends(*part) for part in self._parts]

    def _good_ends(self, start: int, stop: int) -> list[list[tuple[int, Any]]]:
        """Return for each row its first and last good samples, with their times."""
        rows = self._stretch.as_it_is(start, stop)
        good = np.isfinite(rows)
        self.any_gap |= not good.all()
        ends: list[list[tuple[int, Any]]] = []
        for row, known in zip(rows, good, strict=True):
            if not known.any():
                ends.append([])
                continue
            first, last = int(known.argmax()), len(known) - 1 - int(known[::-1].argmax())
            ends.append([(start + first, row[first]), (start + last, row[last])])
        return ends

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Return samples with their gaps bridged; calls go on in time, forward or backward."""
        step = self._stretch.step
        wanted = range(start // step, (stop - 1) // step + 1)
        # held: where signals are filtered in place, samples of both may be gone by now
        self._held = {i: self._held[i] if i in self._held else self._bridged(i) for i in wanted}
        pieces = [(self._held[i], *self._parts[i]) for i in wanted]
        cut = [rows[:, max(start - a, 0) : min(stop, b) - a] for rows, a, b in pieces]
        return np.concatenate(cut, axis=1)

    def _bridged(self, i: int) -> NDArray[Any]:
        start, stop = self._parts[i]
        rows = self._stretch.as_it_is(start, stop)
        index = np.arange(start, stop)
        for number, row in enumerate(rows):
            known = np.isfinite(row)
            if known.all():
                continue
            before = next((e[number][1] for e in self._ends[:i][::-1] if e[number]), None)
            after = next((e[number][0] for e in self._ends[i + 1 :] if e[number]), None)
            around = [each for each in (before, after) if each is not None]
            times = np.concatenate([index[known], np.array([t for t, _ in around], np.intp)])
            if not times.size:
                continue  # nothing but a gap
            values = np.concatenate([row[known], np.array([v for _, v in around], row.dtype)])
            order = np.argsort(times)
            row[~known] = np.interp(index[~known], times[order], values[order])
        return rows


class Extended:
    """A stretch with its padding: `length` samples before it and after it, silence beyond."""

    def __init__(self, stretch: Stretch, length: int, padding: str) -> None:
        self.stretch, self.length = stretch, length
        n = stretch.n
        last = stretch.read(n - 1 - length, n) if length else stretch.read(0, 1)
        first = stretch.read(0, length + 1) if length else last
        self._before = zero_phase.extend(first, length, padding)[:, :length]
        self._after = zero_phase.extend(last, length, padding)[:, last.shape[1] + length :]

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Return a copy of the samples from `start` to `stop`, which may lie beyond the stretch."""
        n, length = self.stretch.n, self.length
        n_rows, dtype = len(self._before), self.stretch.work
        found = []
        for low, high, take in (
            (-length, 0, lambda a, b: self._before[:, a + length : b + length].copy()),
            (0, n, self.stretch.read),
            (n, n + length, lambda a, b: self._after[:, a - n : b - n].copy()),
        ):
            a, b = max(start, low), min(stop, high)
            if a < b:
                found.append((a, b, take(a, b)))
        if len(found) == 1 and found[0][:2] == (start, stop):
            return found[0][2]
        rows = np.zeros((n_rows, stop - start), dtype)
        for a, b, part in found:
            rows[:, a - start : b - start] = part
        return rows
