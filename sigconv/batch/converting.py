"""Files to another format, as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .. import io
from ..pipeline.room import Room
from ..recording import Recording
from ..volume import Volume
from .streamed import mapped


class Conversion:
    """What `run` does to every file to write it in the format of its target, and nothing else.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sigconv import simulate_eeg, write
    >>> from sigconv.batch import Conversion, plan, run
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder) / "a.fif", simulate_eeg(seed=0, n_trials=2))
    ...     jobs = plan([folder], Path(folder) / "edf", to=".edf")
    ...     [(outcome.status, outcome.target.name) for outcome in run(jobs, Conversion())]
    [('done', 'a.edf')]
    """

    def __call__(self, path: Path, workers: int | None) -> Recording | Volume:
        """Read a file."""
        return io.read_volume(path) if io.is_volume(path) else io.read(path)

    def apply(self, content: Recording | Volume, workers: int | None) -> Recording | Volume:
        """Return what is in a file as it is."""
        return content

    def in_pieces(self, reader: io.Reader, room: Path, workers: int | None) -> io.Reader:
        """Return what is read piece by piece as it is."""
        return reader

    def volume_in_pieces(self, reader: io.VolumeReader, room: Path, workers: int | None) -> Volume:
        """Return a volume whose samples lie in a map of a file."""
        frame = reader.frame
        return frame.replace(data=mapped(reader, Room(room), frame.data.dtype))

    def to_dict(self) -> dict[str, Any]:
        """Return what is done as plain data: only the format changes."""
        return {"conversion": {}}
