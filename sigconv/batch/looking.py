"""What a report shows of one file: the files themselves are looked at, as they lie there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .. import io
from ..report.glimpse import Glimpse, Looker
from ..report.slices import Slice, slice_of
from .job import Job


@dataclass(frozen=True)
class Seen:
    """The files of a job.

    Parameters
    ----------
    before : Glimpse or Slice
        The source.
    after : Glimpse or Slice, optional
        The target, if it is drawn.
    problem : str
        Why they could not be looked at, if so: one sentence.
    """

    before: Glimpse | Slice | None = None
    after: Glimpse | Slice | None = None
    problem: str = ""


def look_at(job: Job, *, drawn: bool) -> Seen:
    """Look at the source of a job that is done; if they are to be drawn, at its target too."""
    try:
        with io.collected():  # it has been told already
            if job.is_volume:
                before = slice_of(io.read_volume(job.source))
                return Seen(before, slice_of(io.read_volume(job.target)) if drawn else None)
            looker = _look(job.source, None, drawn, job.fs)
            seen = looker.glimpse()
            return Seen(seen, _look(job.target, looker.span, True).glimpse() if drawn else None)
    except Exception as error:  # whatever it is, the file itself is done
        return Seen(problem=f"{job.target}: could not be looked at ({_one_line(error)})")


def _look(
    path: Path, span: tuple[float, float] | None, drawn: bool, fs: float | None = None
) -> Looker:
    with io.open_recording(path, fs=fs) as reader:
        looker = Looker(reader.frame, span=span, draws=drawn)
        for start, stop in reader.blocks():
            looker.push(reader.read(start, stop))
    return looker


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
