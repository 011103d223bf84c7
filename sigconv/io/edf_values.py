"""The values of a recording on their way into an EDF file, and how far they reach."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from . import rates
from .edf_layout import Extent
from .reader import Reader, details_of


class Values:
    """The values of a recording in the units of their headers, each channel at its own rate."""

    def __init__(self, reader: Reader, ratios: list[Fraction], samples: int) -> None:
        self.reader, self.ratios, self.samples = reader, ratios, samples

    def blocks(self) -> Iterator[tuple[int, int, NDArray[np.float64]]]:
        """Yield (start, stop, samples of all channels at the recording's rate)."""
        for start, stop in self.reader.blocks(self.samples):
            yield start, stop, self.reader.read(start, stop).astype(np.float64, copy=False)

    def of(
        self, row: int, start: int, stop: int, block: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Return a channel from `start` to `stop` at its own rate."""
        ratio = self.ratios[row]

        def read(first: int, last: int) -> NDArray[np.float64]:
            if block is not None and start <= first and last <= stop:
                return block[row, first - start : last - start]
            x: NDArray[np.float64] = self.reader.read(first, last, [row])[0]
            return x.astype(np.float64, copy=False)

        if ratio == 1:
            return read(start, stop)
        frame = self.reader.frame
        ends, codes = (int(start * ratio), int(stop * ratio)), frame.kinds[row] == "stim"
        made = rates.between(read, frame.n_times, ratio, *ends, codes=codes)
        if ratio.numerator > 1 and self._is_in_step():
            own = functools.partial(details_of(frame).own, frame.channels[row])
            same = rates.unchanged(read, own, frame.n_times, ratio, *ends, codes=codes)
            made[same] = own(*ends)[same]
        return made

    def _is_in_step(self) -> bool:
        """Return whether the source's samples of a channel lie where they did."""
        frame, details = self.reader.frame, details_of(self.reader.frame)
        n, fs = details.size
        return bool((frame.n_times, frame.fs) == (n, fs))


class Extents:
    """The extents of some signals, as far as they have been looked at."""

    def __init__(self, n: int) -> None:
        self._low, self._high = np.full(n, np.inf), np.full(n, -np.inf)
        self._whole, self._bad = np.ones(n, bool), np.zeros(n, int)

    def add(self, row: int, x: NDArray[np.float64], *, is_stim: bool) -> None:
        """Look at samples of a signal."""
        least, most = x.min(), x.max()
        if not (np.isfinite(least) and np.isfinite(most)):
            self._bad[row] += np.count_nonzero(~np.isfinite(x))
            return
        self._low[row], self._high[row] = min(self._low[row], least), max(self._high[row], most)
        if is_stim and self._whole[row]:
            self._whole[row] = bool(np.all(x == np.rint(x)))

    def of(self, row: int) -> Extent:
        """Return what is known of a signal."""
        ends = float(self._low[row]), float(self._high[row])
        return Extent(*ends, bool(self._whole[row]), int(self._bad[row]))


def extents(values: Values) -> list[Extent]:
    """Go through all values once."""
    kinds = values.reader.frame.kinds
    seen = Extents(len(kinds))
    for start, stop, block in values.blocks():
        for row, kind in enumerate(kinds):
            seen.add(row, values.of(row, start, stop, block), is_stim=kind == "stim")
    return [seen.of(row) for row in range(len(kinds))]
