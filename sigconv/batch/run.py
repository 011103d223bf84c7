"""Doing the same to many files: each succeeds or fails alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, as_completed, wait
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from .. import _checks, _files, io
from ..pipeline import Pipeline
from . import memory
from .cluster import Cluster
from .job import Job
from .looking import Seen, look_at
from .one import Tell, Work, process
from .runners import Local, Runner


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Parameters
    ----------
    source, target : Path
    status : str
        "done", "skipped" (an earlier run had done the same) or "failed".
    message : str
        Why it failed: one sentence that starts with the file's path.
    notices : tuple of str
        What was changed or left out, each a sentence.
    seconds : float
        Time it took.
    seen : Seen, optional
        What its files look like, if `run` was asked for it.
    """

    source: Path
    target: Path
    status: str
    message: str = ""
    notices: tuple[str, ...] = ()
    seconds: float = 0.0
    seen: Seen | None = None


def run(
    jobs: Sequence[Job],
    work: Pipeline | Work,
    *,
    overwrite: bool = False,
    skip_done: bool = False,
    at_once: int = 1,
    scheduler: str = "",
    max_memory: int | None = None,
    pictures: int | None = None,
    stop: threading.Event | None = None,
    tell: Callable[[Job, str], None] | None = None,
) -> Iterator[Outcome]:
    """Do the same to many files, one outcome after the other as they finish.

    A file that cannot be processed never stops the others and leaves nothing behind. The
    folders of the targets are made when there is something to put into them, and what killed runs
    left half made in them is removed. Beside each result lies a sidecar (`.sigconv.json`) that says
    what was done to what. If the caller stops early, files that have begun are finished and no
    others begun.

    Parameters
    ----------
    jobs : sequence of Job
        From `plan`.
    work : Pipeline or callable
        A pipeline is for recordings; a function takes a path and the number of threads (None: all
        cores) and returns the Recording or Volume that is to be written.
    overwrite : bool
        Replace targets that exist; otherwise those files fail.
    skip_done : bool
        Leave what an earlier run did in the same way to the same input, by the hashes in the
        sidecar.
    at_once : int
        How many files are worked on at the same time, as many as there are cores at most; they
        share the cores.
    scheduler : str
        Address of a Dask scheduler, as in "tcp://host:8786": its workers do the files, one in each
        of their threads, in place of `at_once`. They must have this version of sigconv and see
        the files under the same paths. What a worker that dies had begun is done by another.
    max_memory : int, optional
        Bytes that all files at once may take, a quarter of the machine's if not given; of a cluster
        on each worker. Recordings for which that is too little are worked on piece by piece, with
        the same result; a step that cannot be, or a format, fails its file.
    pictures : int, optional
        Look at the files, too: the outcomes tell of clipped channels and the like; of so many
        files, the first ones, with traces and spectra before and after. It takes the time of
        reading them again.
    stop : threading.Event, optional
        Once it is set no more files are begun.
    tell : callable, optional
        Called with a job and what is being done to it now ("reading", the name of a step,
        "writing"), from the thread that does it; not by the workers of a cluster.

    Returns
    -------
    iterator of Outcome
        One for each job that was begun.

    Raises
    ------
    TypeError, ValueError
        If `at_once` is not a whole number of at least 1.
    PlanError
        If there is no scheduler at that address, or its workers have another sigconv.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from sigconv import Pipeline, Recording, Step, write
    >>> from sigconv.batch import plan, run
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(Path(folder) / "a.edf", Recording(np.random.randn(2, 1000) * 1e-5, fs=250))
    ...     jobs = plan([Path(folder) / "a.edf"], Path(folder) / "out")
    ...     for outcome in run(jobs, Pipeline([Step("lowpass", cutoff=40)])):
    ...         print(outcome.source.name, outcome.status)
    a.edf done
    """
    at_once = _checks.whole("at_once", at_once)
    stop = stop or threading.Event()
    runner: Runner
    if scheduler:
        runner = Cluster(scheduler, stop)
    else:
        runner = Local(at_once, len(jobs), stop, tell or (lambda job, stage: None))
    tasks = []
    for number, job in enumerate(jobs):
        look = "" if pictures is None else "draw" if number < pictures else "tell"
        tasks.append((job, partial(_do, work, overwrite, skip_done, max_memory, look)))
    return _outcomes(tasks, runner)


def _outcomes(
    tasks: Sequence[tuple[Job, Callable[..., Outcome]]], runner: Runner
) -> Iterator[Outcome]:
    folders = sorted({job.target.parent for job, _ in tasks})
    with runner:
        for folder in folders:
            _files.sweep(folder)
        pending = {runner.submit(do, job): job for job, do in tasks}
        told = set()
        try:
            for each in as_completed(pending):
                told.add(each)
                if (outcome := _outcome(each, pending[each])) is not None:
                    yield outcome
        except KeyboardInterrupt:
            runner.halt()
            for each in as_completed(pending.keys() - told):
                if (outcome := _outcome(each, pending[each])) is not None:
                    yield outcome
            raise
        finally:
            runner.halt()
            wait(pending)
    for folder in folders:  # of a worker that died over a file for the last time
        _files.sweep(folder)


def _outcome(future: Future[Outcome | None], job: Job) -> Outcome | None:
    """Return what became of a job, under its own paths; None if the run was halted before."""
    try:
        outcome = future.result()
    except Exception as error:  # not of the file: `_do` has told of those
        reason = " ".join(str(error).split()) or type(error).__name__
        return Outcome(job.source, job.target, "failed", f"{job.source}: was lost ({reason})")
    return None if outcome is None else replace(outcome, source=job.source, target=job.target)


def _do(
    work: Pipeline | Work,
    overwrite: bool,
    skip_done: bool,
    max_memory: int | None,
    look: str,
    job: Job,
    *,
    workers: int,
    at_once: int,
    again: bool,
    tell: Tell,
) -> Outcome:
    """Do one job, and tell what became of it whatever happens."""
    began = time.perf_counter()
    message, status = "", "done"
    with io.collected() as notices:
        if job.converted and not job.problem:
            writable = io.format_of(job.source).writable
            reason = "BIDS takes other formats" if writable else "its format can only be read"
            made = io.format_of(job.target).name
            notices.append(f"{job.source}: {reason}; the result is {made}, {job.target.name}")
        try:
            changed = process(
                job,
                work,
                overwrite=overwrite,
                skip_done=skip_done,
                workers=workers,
                allowed=memory.share(max_memory, at_once),
                again=again,
                tell=tell,
            )
            status = "done" if changed or again else "skipped"
        except Exception as error:  # whatever it is, it concerns this file only
            status = "failed"
            message = " ".join(str(error).split()) or type(error).__name__
            if not message.startswith((str(job.source), str(job.target))):
                message = f"{job.source}: {message}"
    seconds = time.perf_counter() - began
    kept = () if status == "skipped" else tuple(notices)
    seen = None
    if look and status != "failed":
        tell("looking")
        seen = look_at(job, drawn=look == "draw")
    return Outcome(job.source, job.target, status, message, kept, seconds, seen)
