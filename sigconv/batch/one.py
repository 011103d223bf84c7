"""One file of a batch: claimed, read, worked on, written whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from .. import _checks, _files, io
from ..pipeline import Pipeline
from ..recording import Recording
from ..volume import Volume
from . import done, memory, sidecar, streamed
from .job import Job, job_of

#: What is done to a file: (its path, threads) -> what is to be written. One that has `to_dict`,
#: which says in plain data what it does, can be resumed. One that is `Whole` too gets what the file
#: holds.
Work = Callable[[Path, int | None], Recording | Volume]

#: Told what is being done to a file now: "reading", the name of a step, "writing".
Tell = Callable[[str], None]

#: Seconds for which a second attempt waits for the first, and between its looks.
_PATIENCE, _PULSE = 300, 0.2

#: Folders are made and taken away by several files at once.
_folders = threading.Lock()


def run_file(
    source: str | PathLike[str],
    target: str | PathLike[str],
    work: Pipeline | Work,
    *,
    overwrite: bool = False,
    skip_done: bool = False,
    workers: int | None = None,
    max_memory: int | None = None,
    fs: float | None = None,
) -> bool:
    """Do to one file what `run` does to many.

    Parameters
    ----------
    source, target : path-like
        The target's folder is made if need be; its extension says the format.
    work : Pipeline or callable
        As in `run`.
    overwrite : bool
        Replace a target that exists.
    skip_done : bool
        Do nothing if an earlier run did the same with the same input.
    workers : int, optional
        Threads; None is all cores.
    max_memory : int, optional
        Bytes; a quarter of the machine's if not given. Longer recordings are worked on piece by
        piece, with the same result.
    fs : float, optional
        Sampling rate in Hz of an array (.npy) that is a recording; its sidecar may say it as well.

    Returns
    -------
    bool
        False if it was done already.

    Raises
    ------
    FileExistsError
        If the target exists and `overwrite` is not set.
    FileError, FileNotFoundError, ValueError
        If the file cannot be read, worked on or written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sigconv import Pipeline, Step, simulate_eeg, write
    >>> from sigconv.batch import run_file
    >>> with tempfile.TemporaryDirectory() as name:
    ...     folder = Path(name)
    ...     write(folder / "a.fif", simulate_eeg(seed=0, n_trials=2))
    ...     clean = Pipeline([Step("notch", freq=50)])
    ...     run_file(folder / "a.fif", folder / "clean.fif", clean)
    ...     run_file(folder / "a.fif", folder / "clean.fif", clean, skip_done=True)
    True
    False
    """
    job = job_of(Path(source), Path(target), fs=fs)
    return process(
        job,
        work,
        overwrite=overwrite,
        skip_done=skip_done,
        workers=workers,
        allowed=memory.share(max_memory, 1),
    )


@runtime_checkable
class Whole(Protocol):
    """Work on what a file holds: on all of it at once, or in pieces with the same bits."""

    def apply(self, content: Any, workers: int | None) -> Recording | Volume:
        """Return what is to be written."""

    def in_pieces(self, reader: io.Reader, room: Path, workers: int | None) -> io.Reader:
        """Return it for a recording that does not fit into memory; `room` is a folder."""

    def volume_in_pieces(self, reader: io.VolumeReader, room: Path, workers: int | None) -> Volume:
        """Return it for such a volume."""


class _Done(Exception):
    """Nothing is to be done: an earlier run did it."""


def process(
    job: Job,
    work: Pipeline | Work,
    *,
    overwrite: bool,
    skip_done: bool,
    workers: int | None,
    allowed: int,
    again: bool = False,
    tell: Tell = lambda stage: None,
) -> bool:
    """Do one job; False if an earlier run had done it.

    `allowed`: bytes of memory. `again`: an earlier attempt of this very run may have been at it, or
    still be.
    """
    if job.problem:
        raise _checks.FileError(job.problem)
    description = sidecar.describe(work)
    try:
        with _claimed(job.target, patient=again) as partial:
            source = sidecar.Source.of(job.source)
            known = skip_done or again
            found = sidecar.standing(job.target, source, description) if known else ""
            if found == "done":
                raise _Done
            if not overwrite and found != "begun":
                _refuse_existing(job)
            with _room(partial) as room, contextlib.ExitStack() as opened:
                result, ratio = _result(_Task(job, work, room, allowed, workers, tell), opened)
                tell("writing")
                io.write_into(partial, result, job.target)
                source.refuse_changes()
            for event, copy in job.events:
                _copy_events(event, partial.with_name(copy.name), ratio)
            # before the results appear: what is killed in between is known to be ours
            results = sorted(partial.parent.iterdir())
            with _files.settling(results):
                text = sidecar.text(source, description, results)
                with _files.whole(sidecar.path_of(job.target)) as path:
                    path.write_text(text, encoding="utf-8")
    except _Done:
        return False
    return True


def in_the_way(job: Job) -> Path | None:
    """Return what stands already where a result would go, if anything does."""
    places = (*io.parts(job.target), *(copy for _, copy in job.events))
    return next((path for path in places if os.path.lexists(path)), None)


def _refuse_existing(job: Job) -> None:
    if (path := in_the_way(job)) is not None:
        raise FileExistsError(f"{job.source}: {path} exists already; --overwrite replaces it")


@dataclass(frozen=True)
class _Task:
    """What is to be done to a file, and with what."""

    job: Job
    work: Pipeline | Work
    room: Path
    allowed: int
    workers: int | None
    tell: Tell


def _result(
    task: _Task, opened: contextlib.ExitStack
) -> tuple[Recording | io.Reader | Volume, float]:
    """Return what is to be written, and the ratio of the rates after and before.

    What is `opened` stays so until all is written.
    """
    path, work = task.job.source, task.work
    task.tell("reading")
    if not isinstance(work, Pipeline | Whole):
        return work(path, task.workers), 1.0
    if task.job.is_volume and isinstance(work, Whole):
        volume = io.open_volume(path)
        if volume is None or memory.volume_at_once(volume.frame) <= task.allowed:
            return work.apply(io.read_volume(path), task.workers), 1.0
        return work.volume_in_pieces(volume, task.room, task.workers), 1.0
    reader = opened.enter_context(io.open_recording(path, fs=task.job.fs))
    if isinstance(work, Whole):
        if memory.at_once(reader.frame, ()) <= task.allowed:
            return work.apply(reader.load(), task.workers), 1.0
        _refuse_whole_format(task, reader)
        return work.in_pieces(reader, task.room, task.workers), 1.0
    fs = reader.frame.fs
    work.at(fs)  # what is impossible at this rate is so before any step has run
    fits = memory.at_once(reader.frame, work) <= task.allowed
    is_whole = io.extension_of(task.job.target) in io.WHOLE_FORMATS
    if fits and not is_whole and streamed.goes_by_channels(work, reader):
        for step in work:
            task.tell(step.name)
        made = streamed.ByChannels(work, reader, task.room, task.workers)
        opened.callback(made.close)
        made.frame = done.marked(made.frame, work, fs)
        return made, 1.0
    if fits:
        whole = reader.load()
        for step in work:
            task.tell(step.name)
            whole = Pipeline([step]).apply(whole, workers=task.workers)
        return done.marked(whole, work, fs), whole.fs / fs
    _refuse_whole_format(task, reader)
    result = streamed.apply(
        work,
        reader,
        task.room,
        allowed=task.allowed,
        workers=task.workers,
        tell=task.tell,
    )
    result.frame = done.marked(result.frame, work, fs)
    return result, result.frame.fs / fs


def _refuse_whole_format(task: _Task, reader: io.Reader) -> None:
    """Raise FileError if the target's format is written all at once, and that does not fit."""
    if io.extension_of(task.job.target) in io.WHOLE_FORMATS:
        needed = memory.at_once(reader.frame, task.work if isinstance(task.work, Pipeline) else ())
        raise _checks.FileError(
            f"{task.job.target}: its format is written all at once, which takes "
            f"{needed / 1e6:.0f} MB of memory; {task.allowed / 1e6:.0f} MB are allowed for each "
            "file (--max-memory)"
        )


@contextlib.contextmanager
def _room(partial: Path) -> Iterator[Path]:
    """Give a folder for what lies between the steps, which a killed run's successor removes."""
    with tempfile.TemporaryDirectory(dir=partial.parent, prefix=".between-") as name:
        yield Path(name)


def _copy_events(event: Path, copy: Path, ratio: float) -> None:
    if ratio == 1:
        shutil.copyfile(event, copy)
    else:  # events count samples
        io.copy_events(event, copy, ratio)


@contextlib.contextmanager
def _claimed(target: Path, *, patient: bool) -> Iterator[Path]:
    """Give a path of `_files.whole`; the folder is made, and taken away if nothing comes of it.

    Whoever is `patient` waits for a while until another has left the target alone.
    """
    until = time.monotonic() + (_PATIENCE if patient else 0)
    with contextlib.ExitStack() as stack:
        while True:
            try:
                with contextlib.ExitStack() as attempt:
                    with _folders:
                        folder = attempt.enter_context(_folder(target.parent))
                        partial = attempt.enter_context(_files.whole(folder / target.name))
                    stack.push(attempt.pop_all())
                break
            except _files.Busy:
                if time.monotonic() > until:
                    raise
            time.sleep(_PULSE)
        yield partial


@contextlib.contextmanager
def _folder(folder: Path) -> Iterator[Path]:
    made = []
    above = folder
    while not above.exists():
        made.append(above)
        above = above.parent
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    except BaseException:
        with _folders:
            for each in made:
                with contextlib.suppress(OSError):  # another file has come to lie in it
                    each.rmdir()
        raise
