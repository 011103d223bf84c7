"""What a job will be, from the header of its file: rate, filters, memory, size of the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import io
from ..filters.facts import facts
from ..pipeline import DESIGNS, Pipeline
from . import memory, streamed
from .job import Job

#: Bytes a sample in a file, of formats that do not compress.
_SAMPLE_BYTES = {".edf": 2, ".bdf": 3, ".fif": 4, ".vhdr": 4, ".set": 4, ".npy": 8}


@dataclass(frozen=True)
class Forecast:
    """What a job will be.

    Parameters
    ----------
    fs, new_fs : float
        Sampling rates of source and target in Hz.
    n_channels, n_signals : int
        All channels, and those that the steps change.
    seconds : float
        Length of the recording.
    filters : tuple of (str, str, float)
        Of each filter: its step, what it is, and its transient in seconds.
    memory_bytes, output_bytes : int
        About so much memory, and so large a result.
    in_pieces : bool
        Whether the recording as a whole would take more than is allowed.
    """

    fs: float
    new_fs: float
    n_channels: int
    n_signals: int
    seconds: float
    filters: tuple[tuple[str, str, float], ...]
    memory_bytes: int
    output_bytes: int
    in_pieces: bool = False


def forecast(
    job: Job, work: Any, *, max_memory: int | None = None, at_once: int = 1
) -> Forecast | None:
    """Look at the header of a job's source; None for pictures and volumes.

    Parameters
    ----------
    job : Job
    work : Pipeline or callable
    max_memory, at_once : int
        As for `run`.

    Returns
    -------
    Forecast or None

    Raises
    ------
    FileError, FileNotFoundError, ValueError
        As reading the file, or a step at its rate, would.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sigconv import Pipeline, Step, simulate_eeg, write
    >>> from sigconv.batch import forecast, plan
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder) / "a.fif", simulate_eeg(seed=0, n_trials=2))
    ...     (job,) = plan([folder], Path(folder) / "out")
    ...     seen = forecast(job, Pipeline([Step("lowpass", cutoff=40)]))
    >>> seen.fs, seen.n_channels, seen.filters[0][1]
    (250.0, 8, 'IIR of order 4, 2 sections, fs 250 Hz')
    """
    if job.is_volume and not isinstance(work, Pipeline):
        return None
    with io.open_recording(job.source, fs=job.fs) as reader:
        frame, heading = reader.frame, reader.heading
    filters, fs = [], heading.fs
    for step in work if isinstance(work, Pipeline) else ():
        step.at(fs)
        if step.name in DESIGNS:
            tf = step.filter_at(fs)
            text = repr(tf).removeprefix("<TransferFunction: ").rstrip(">")
            filters.append((str(step), text, facts(tf, delayed=False).transient))
        fs = step.rate_after(fs)
    samples = heading.n_channels * heading.n_times
    needed, allowed = memory.at_once(frame, work), memory.share(max_memory, at_once)
    in_pieces = needed > allowed
    if in_pieces:
        if isinstance(work, Pipeline):
            streamed.refuse_whole_steps(work, job.source, frame, allowed)
        needed = min(needed, memory.PIECES)
    return Forecast(
        fs=heading.fs,
        new_fs=fs,
        n_channels=heading.n_channels,
        n_signals=heading.n_signals,
        seconds=heading.duration,
        filters=tuple(filters),
        memory_bytes=needed,
        in_pieces=in_pieces,
        output_bytes=_size(job, samples, fs / heading.fs),
    )


def _size(job: Job, samples: int, ratio: float) -> int:
    """Return about how large the result will be."""
    extension = io.extension_of(job.target)
    if extension in _SAMPLE_BYTES:
        return round(_SAMPLE_BYTES[extension] * samples * ratio)
    own = sum(part.stat().st_size for part in io.companions(job.source) if part.is_file())
    if extension == io.extension_of(job.source):  # as deep, and as compressible
        return round(own * ratio)
    return round(2 * samples * ratio)
