"""The samples of EDF and BDF files: whole numbers in records, each signal at its own rate."""

from __future__ import annotations

import dataclasses
import functools
import io
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .. import _checks, _memory
from ..recording import Recording
from . import edf_layout, rates
from .edf_header import EdfHeader, SignalHeader
from .reader import Reader, Rows, details_of, empty_frame


class EdfReader(Reader):
    """Reads samples in volts, or in the signal's own unit; codes keep all their bits.

    Of some neighbouring channels no more than their part of each record is read.

    Parameters
    ----------
    path : Path
    header : EdfHeader
    n_records : int
        How many are there.

    Attributes
    ----------
    frame : Recording
        To be set: its channels are the header's signals without annotations, at the rate of the
        fastest.
    """

    reads_rows = True

    def __init__(self, path: Path, header: EdfHeader, n_records: int) -> None:
        super().__init__(empty_frame(0, 1.0, (), (), ()), path)
        self._header, self._n_records = header, n_records
        self._signals: list[SignalHeader] = []
        self._columns: list[int] = []  # where a signal's samples begin in a record
        column = 0
        for signal in header.signals:
            if not signal.holds_annotations:
                self._signals.append(signal)
                self._columns.append(column)
            column += signal.samples_per_record
        self._samples = max(signal.samples_per_record for signal in self._signals)
        self._scratch = np.empty(0, np.uint8)
        # unbuffered: of a few kilobytes a buffer would read, and copy, twice as many
        self._file = path.open("rb", buffering=0)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self._scratch = np.empty(0, np.uint8)  # readers wait long for the search for garbage

    def own(self, channel: str, start: int, stop: int) -> NDArray[np.float64]:
        """Return a channel's samples at its own rate."""
        return self._physical(self.frame.channels.index(channel), start, stop)

    def load(self) -> Recording:
        """Read everything, and what is needed to write channels at rates of their own."""
        details = details_of(self.frame)
        held = {
            name: self._physical(row, 0, self._n_records * signal.samples_per_record)
            for row, (name, signal) in enumerate(details.signals.items())
            if self._samples % signal.samples_per_record
        }
        details = dataclasses.replace(details, own=_Held(held))
        origin = dataclasses.replace(self.frame.origin, details=details)
        return super().load().replace(origin=origin)

    def digital(self, row: int, start: int, stop: int) -> NDArray[np.int32]:
        """Return whole numbers as they stand in the file, counted at the channel's own rate."""
        per_record = self._signals[row].samples_per_record
        first, last = start // per_record, -(-stop // per_record)
        return self._cut(self._records(first, last), row, start - first * per_record, stop - start)

    def _read(self, start: int, stop: int, rows: Rows) -> NDArray[np.float64]:
        chosen = np.arange(len(self._signals))[rows]
        out = _memory.empty((len(chosen), stop - start), np.float64)
        if not out.size:
            return out
        first, last = start // self._samples, -(-stop // self._samples)
        raw, begin, size = None, 0, self._header.sample_bytes
        for x, row in zip(out, chosen, strict=True):
            signal = self._signals[row]
            if signal.samples_per_record < self._samples:
                x[:] = self._faster(row, start, stop)
                continue
            if raw is None:
                ends = [self._columns[r] + self._signals[r].samples_per_record for r in chosen]
                begin = min(self._columns[r] for r in chosen)
                if max(ends) - begin > self._header.record_bytes // size // 2:
                    raw, begin = self._records(first, last), 0
                else:
                    raw = self._part(first, last, begin * size, max(ends) * size)
            skipped = start - first * self._samples
            if self._header.sample_bytes == 2 and self.frame.kinds[row] != "stim":
                self._convert(raw, row, skipped, x, begin)
                continue
            x[:] = self._cut(raw, row, skipped, stop - start, begin)
            self._calibrate(x, row)
        return out

    def _convert(
        self, raw: NDArray[np.uint8], row: int, skipped: int, out: NDArray[np.float64], begin: int
    ) -> None:
        """Cut and calibrate in one pass, with the same bits."""
        from . import edf_jit  # not for what only asks what is in a file

        signal, column = self._signals[row], self._columns[row] - begin
        place = raw.view("<i2"), column, signal.samples_per_record
        scale = edf_layout.VOLTS.get(signal.dimension, 1.0)
        edf_jit.to_signal(*place, signal.gain, signal.offset, scale, skipped, out)

    def _faster(self, row: int, start: int, stop: int) -> NDArray[np.float64]:
        """Return a channel of a lower rate at the rate of the fastest."""
        per_record = self._signals[row].samples_per_record
        read = functools.partial(self._physical, row)
        ratio = Fraction(self._samples, per_record)
        n, codes = self._n_records * per_record, self.frame.kinds[row] == "stim"
        return rates.between(read, n, ratio, start, stop, codes=codes)

    def _physical(self, row: int, start: int, stop: int) -> NDArray[np.float64]:
        x = self.digital(row, start, stop).astype(np.float64)
        self._calibrate(x, row)
        return x

    def _calibrate(self, x: NDArray[np.float64], row: int) -> None:
        """Turn whole numbers into volts, the signal's own unit, or codes."""
        signal = self._signals[row]
        is_stim = self.frame.kinds[row] == "stim"
        if is_stim and self._header.is_bdf:
            return  # codes are the numbers of the file
        x *= signal.gain
        x += signal.offset
        if is_stim:  # EDF's are the physical values, which a calibration may leave beside the code
            nearest = np.rint(x)
            np.copyto(x, nearest, where=np.abs(x - nearest) < 1e-6)
        elif signal.dimension in edf_layout.VOLTS:
            x *= edf_layout.VOLTS[signal.dimension]

    def _cut(
        self, raw: NDArray[np.uint8], row: int, skipped: int, n: int, begin: int = 0
    ) -> NDArray[np.int32]:
        """Return `n` whole numbers of a signal from records that begin with column `begin`."""
        size, column = self._header.sample_bytes, self._columns[row] - begin
        width = self._signals[row].samples_per_record
        part = raw[:, column * size : (column + width) * size]
        if size == 2:
            return part.view("<i2").reshape(-1)[skipped : skipped + n].astype(np.int32)
        wide = np.zeros((len(raw), width, 4), np.uint8)
        wide[:, :, 1:] = part.reshape(len(raw), width, 3)
        return (wide.view("<i4").reshape(-1) >> 8)[skipped : skipped + n]

    def _records(self, first: int, last: int) -> NDArray[np.uint8]:
        """Return records (n, bytes) as they are."""
        size = self._header.record_bytes
        raw = np.empty((last - first, size), np.uint8)
        there = self._fill(raw.reshape(-1).data, self._header.length + first * size)
        if there < raw.size:
            raise self._truncated(first + there // size)
        return _sealed(raw)

    def _part(self, first: int, last: int, begin: int, end: int) -> NDArray[np.uint8]:
        """Return some bytes of each record (n, end - begin); they last until the next call."""
        width, step = end - begin, self._header.record_bytes
        place = self._header.length + first * step + begin
        if len(self._scratch) < (last - first) * width:  # fresh memory took four times as long
            self._scratch = np.empty((last - first) * width, np.uint8)
        part = self._scratch[: (last - first) * width]
        room = part.data
        for record in range(last - first):
            if self._fill(room[record * width : (record + 1) * width], place) < width:
                raise self._truncated(first + record)
            place += step
        return _sealed(part.reshape(last - first, width))

    def _fill(self, room: memoryview, place: int) -> int:
        """Read from a place of the file on until the room is full, or the file at its end."""
        there = _read_at(self._file, room, place)
        while there < len(room) and (n := _read_at(self._file, room[there:], place + there)):
            there += n
        return there

    def _truncated(self, there: int) -> _checks.FileError:
        return _checks.FileError(
            f"{self.path}: is truncated: of {self._n_records} records {there} are there"
        )


if hasattr(os, "preadv"):

    def _read_at(file: io.FileIO, room: memoryview, place: int) -> int:
        """Read into a room from a place of the file; return how many bytes came."""
        return os.preadv(file.fileno(), [room], place)

else:  # Windows

    def _read_at(file: io.FileIO, room: memoryview, place: int) -> int:
        file.seek(place)
        return file.readinto(room) or 0


def _sealed(raw: NDArray[np.uint8]) -> NDArray[np.uint8]:
    raw.flags.writeable = False  # one type for compiled code
    return raw


@dataclasses.dataclass(frozen=True)
class _Held:
    """Samples of channels that are in memory."""

    samples: dict[str, NDArray[np.float64]]

    def __call__(self, channel: str, start: int, stop: int) -> NDArray[np.float64]:
        return self.samples[channel][start:stop]
