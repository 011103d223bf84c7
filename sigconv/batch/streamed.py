"""Recordings that do not fit into the memory that is allowed: worked on piece by piece."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks, _layout, _maps, io
from ..pipeline import DESIGNS, Pipeline
from ..pipeline import pieces as pipeline_pieces
from ..pipeline.room import Room
from ..recording import UNTOUCHED_KINDS, Recording
from . import memory

#: Channels that are filtered at a time, on each thread: recursive filters take eight side by side.
_CHANNELS = 8

#: Samples of a block on its way through a file: 4 MB.
_BLOCK = 1 << 19

#: Samples from which on that is worth the way through a file: 32 MB of them.
_WORTH = 1 << 22


class Pieced(io.Reader):
    """Signals and other channels that lie apart, as one recording."""

    def __init__(self, state: pipeline_pieces.State) -> None:
        super().__init__(state.frame)
        self._state = state

    def _read(self, start: int, stop: int, rows: Any) -> NDArray[np.float64]:
        state = self._state
        out = np.empty((self.frame.n_channels, stop - start))
        for source, where in ((state.signals, state.rows), (state.others, state.rest)):
            if where:
                out[where] = source[:, start:stop]
        for each in (state.signals, state.others):
            _maps.release(each)
        return out[rows]


def apply(
    pipeline: Pipeline,
    reader: io.Reader,
    room: Path,
    *,
    allowed: int,
    workers: int | None,
    tell: Callable[[str], None],
) -> Pieced:
    """Apply a pipeline to a recording piece by piece, with the bits of the whole at once.

    Raises
    ------
    FileError
        If a step takes more at once than is allowed.
    """
    path = reader.path
    assert path is not None
    refuse_whole_steps(pipeline, path, reader.frame, allowed)
    try:
        state = pipeline_pieces.run(
            pipeline, reader, room, memory=allowed, workers=workers, tell=tell
        )
    except pipeline_pieces.TooLarge as error:
        raise _checks.FileError(f"{path}: {error}") from error
    return Pieced(state)


def _blocks(shape: tuple[int, int], multiple: int = 1) -> Iterator[tuple[int, int]]:
    step = max(1, _BLOCK // shape[0] // multiple) * multiple
    for start in range(0, shape[1], step):
        yield start, min(start + step, shape[1])


class _OnDisk:
    """Samples in a file without a name, read and written as they are: a map would take memory."""

    def __init__(self, folder: Path, shape: tuple[int, int]) -> None:
        self.shape, self.dtype = shape, np.dtype(np.float64)
        self._file: Any = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115

    def __setitem__(self, index: tuple[slice, slice], values: NDArray[np.float64]) -> None:
        for place, row in zip(self._places(index), values, strict=True):
            self._file.seek(place)
            left = memoryview(np.ascontiguousarray(row).view(np.uint8).data)
            while left:
                left = left[self._file.write(left) :]

    def __getitem__(self, index: tuple[slice, slice]) -> NDArray[np.float64]:
        places, (start, stop, _) = self._places(index), index[1].indices(self.shape[1])
        out = np.empty((len(places), stop - start))
        for place, row in zip(places, out, strict=True):
            self._file.seek(place)
            left = memoryview(row.view(np.uint8).data)
            while left:
                if not (n := self._file.readinto(left)):
                    raise OSError("samples between two steps are gone")
                left = left[n:]
        return out

    def _places(self, index: tuple[slice, slice]) -> list[int]:
        """Return where in the file the rows of an index begin."""
        rows = range(*index[0].indices(self.shape[0]))
        return [8 * (row * self.shape[1] + (index[1].start or 0)) for row in rows]

    def close(self) -> None:
        """Close the file, which takes it away."""
        self._file.close()


class ByChannels(Pieced):
    """Recursive filters over some channels after the other, each over its whole length.

    So no more than these channels stands in memory; they fit into the processor's caches, and no
    fresh memory has to be cleared. Writers that cannot take them as they come (`groups`) read what
    lies in a file between; its blocks are short, for they make several copies of each.
    """

    def __init__(
        self, pipeline: Pipeline, reader: io.Reader, room: Path, workers: int | None
    ) -> None:
        super().__init__(pipeline_pieces.begin(reader))
        self._reader, self._room = reader, room
        self._filter = pipeline_pieces.filters_in_place(pipeline, reader.frame.fs)
        self._workers = workers
        self._spooled: _OnDisk | None = None

    def groups(self) -> Iterator[tuple[list[int], NDArray[np.float64]]] | None:
        """Return an iterator over the channels as they are made, if they can be read so."""
        return self._groups() if self._reader.reads_rows else None

    def blocks(self, multiple: int = 1) -> Iterator[tuple[int, int]]:
        """Yield (start, stop)."""
        yield from _blocks(self.shape, multiple)

    def close(self) -> None:
        """Give the space on the disk back."""
        if self._spooled is not None:
            self._spooled.close()

    def _groups(self) -> Iterator[tuple[list[int], NDArray[np.float64]]]:
        state, n_times = self._state, self.frame.n_times
        for first, last in self._edges():
            rows = state.rows[first:last]
            x = self._reader.read(0, n_times, rows).astype(np.float64, copy=False)
            group = rows, self._filtered(x)
            del x  # before the next are read, nobody holds these
            yield group
            del group
        if state.rest:
            rest = self._reader.read(0, n_times, state.rest)
            yield state.rest, rest.astype(np.float64, copy=False)

    def _read(self, start: int, stop: int, rows: Any) -> NDArray[np.float64]:
        if self._spooled is None:
            self._spooled = self._state.signals = self._spool()
        return super()._read(start, stop, rows)

    def _spool(self) -> _OnDisk:
        samples = _OnDisk(self._room, self._state.signals.shape)
        for start, stop in _blocks(self.shape):
            x = self._reader.read(start, stop, self._state.rows)
            samples[:, start:stop] = x.astype(np.float64, copy=False)
        for first, last in self._edges():
            samples[first:last, :] = self._filtered(samples[first:last, :])
        return samples

    def _edges(self) -> Iterator[tuple[int, int]]:
        n, step = len(self._state.rows), _CHANNELS * _layout.thread_count(self._workers)
        starts = range(0, max(n - step, 0) + 1, step)  # the last are never few
        return itertools.pairwise([*starts, n])

    def _filtered(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        self._filter(self.frame, x, self._workers)
        return x


def goes_by_channels(pipeline: Pipeline, reader: io.Reader) -> bool:
    """Return whether a pipeline over some channels at a time is worth it, and gives the same bits.

    Recursive filters run over each channel by itself, eight of them side by side. Other methods
    may choose by how many channels there are.
    """
    frame = reader.frame
    n_signals = sum(kind not in UNTOUCHED_KINDS for kind in frame.kinds)
    return (
        reader.dtype == np.float64
        and n_signals >= 2 * _CHANNELS
        and n_signals * frame.n_times >= _WORTH
        and len(pipeline.steps) > 0
        and all(step.name in DESIGNS and step.name != "fir" for step in pipeline)
    )


def mapped(reader: io.VolumeReader, room: Room, dtype: Any) -> NDArray[Any]:
    """Return the samples of a volume in a map of a file, which no one can make shorter."""
    x = room.array(reader.frame.data.shape, np.dtype(dtype).newbyteorder("="), reader.order)
    reader.copy_into(x)
    return x


def refuse_whole_steps(pipeline: Pipeline, path: Path, frame: Recording, allowed: int) -> None:
    """Raise FileError if a step takes the whole recording at once, which does not fit."""
    whole = pipeline_pieces.whole_steps(pipeline)
    if whole:
        needed = memory.at_once(frame, pipeline)
        raise _checks.FileError(
            f"{path}: the step {whole[0].name!r} takes the whole recording at once, "
            f"{needed / 1e6:.0f} MB of memory; {allowed / 1e6:.0f} MB are allowed for each file "
            "(--max-memory)"
        )
