"""A recording that is read piece by piece, from a file or from memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from ..recording import Recording
from .heading import Heading
from .origin import Origin

#: Samples of a block, all channels together: 16 MB of float64.
BLOCK = 1 << 21

#: Some of the channels: all of them, a part, or those of these numbers.
Rows = slice | Sequence[int]

ALL = slice(None)


class Reader:
    """A recording whose samples are read a stretch at a time; made by `open_recording`.

    To filters and smoothers that write into `out` it is a signal like those of h5py or zarr: it
    has `shape` and `dtype`, and is sliced.

    Attributes
    ----------
    frame : Recording
        All but the samples: the zeros in their place take no room.
    dtype : dtype
        Of the samples.
    """

    dtype: np.dtype[Any] = np.dtype(np.float64)

    #: Whether some channels of all times are read as quickly as all channels of some times.
    reads_rows: bool = False

    def __init__(self, frame: Recording, path: Path | None = None, name: str = "") -> None:
        self.frame, self.path, self.name = frame, path, name

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of channels and of samples."""
        return self.frame.n_channels, self.frame.n_times

    @property
    def heading(self) -> Heading:
        """What the file says, as `read_heading` returns it."""
        f = self.frame
        facts = f.channels, f.kinds, f.units, f.annotations, f.start
        return Heading(f.fs, f.n_times, *facts)

    def read(
        self, start: int = 0, stop: int | None = None, rows: Rows = ALL
    ) -> NDArray[np.floating[Any]]:
        """Read the samples from `start` up to `stop`.

        Parameters
        ----------
        start, stop : int
            To the end if `stop` is not given.
        rows : slice or sequence of int
            Which channels; all if not given.

        Returns
        -------
        array, shape (n_rows, stop - start)
            Which the caller may write to.

        Raises
        ------
        FileError
            If the file is damaged there, or has become shorter.
        ValueError
            If there are no such samples.
        """
        n = self.frame.n_times
        stop = n if stop is None else stop
        if not 0 <= start <= stop <= n:
            raise ValueError(f"start and stop must lie within {n} samples; got {start} and {stop}")
        try:
            return self._read(start, stop, rows)
        except (_checks.FileError, _checks.MissingExtra, MemoryError):
            raise
        except Exception as error:  # damage is met in every way there is
            raise cannot_be_read(self.path or Path(), self.name, error) from error

    def blocks(self, multiple: int = 1) -> Iterator[tuple[int, int]]:
        """Yield (start, stop) of the blocks in which all is read; their lengths are multiples."""
        n_channels, n = self.shape
        step = max(1, BLOCK // n_channels // multiple) * multiple
        for start in range(0, n, step):
            yield start, min(start + step, n)

    def groups(self) -> Iterator[tuple[list[int], NDArray[np.float64]]] | None:
        """Return an iterator over some channels after the other, whole; None if blocks are better.

        Each channel comes once, as (their numbers, their samples).
        """
        return None

    def load(self) -> Recording:
        """Read everything."""
        data = np.empty(self.shape, self.dtype)
        for start, stop in self.blocks():
            data[:, start:stop] = self.read(start, stop)
        return self.frame.replace(data=data)

    def close(self) -> None:
        """Close the file."""

    def _read(self, start: int, stop: int, rows: Rows) -> NDArray[np.floating[Any]]:
        raise NotImplementedError

    def __getitem__(self, index: Any) -> NDArray[Any]:
        rows, times = index
        start, stop, step = times.indices(self.frame.n_times)
        if step != 1:
            raise ValueError(f"index must be of neighbouring samples; got steps of {step}")
        return self.read(start, max(start, stop), rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return repr(self.frame).replace("<Recording", f"<{type(self).__name__}")


class Loaded(Reader):
    """A recording that is in memory already."""

    def __init__(self, recording: Recording) -> None:
        super().__init__(frame_of(recording))
        self._data = recording.data
        self.dtype = recording.data.dtype

    def _read(self, start: int, stop: int, rows: Rows) -> NDArray[Any]:
        return np.array(self._data[rows, start:stop])


def empty_frame(
    n_times: int,
    fs: float,
    channels: Sequence[str],
    kinds: str | Sequence[str],
    units: str | Sequence[str],
    **others: Any,
) -> Recording:
    """Return a recording with nothing for its samples."""
    data = np.broadcast_to(np.zeros(1), (len(channels), n_times))
    return Recording(data, fs, channels, kinds, units, **others)


def frame_of(recording: Recording) -> Recording:
    """Return a recording with nothing for its samples, in their shape."""
    return recording.replace(data=np.broadcast_to(np.zeros(1), recording.data.shape))


def details_of(frame: Recording) -> Any:
    """Return what only its family's writer understands."""
    return frame.origin.details if isinstance(frame.origin, Origin) else None


def cannot_be_read(path: Path, name: str, error: Exception) -> _checks.FileError:
    """Return the sentence for a reader's error."""
    return _checks.FileError(f"{path}: cannot be read as {name} ({one_line(error)})")


def one_line(error: Exception) -> str:
    """Return what an error says, short and on one line."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = " ".join(str(error).split())
    text = text if len(text) < 300 else text[:300] + " ..."  # some print tables
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
