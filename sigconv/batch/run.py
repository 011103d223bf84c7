"""Doing the same to many files: each succeeds or fails alone."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .. import _checks, _files, io
from ..pipeline import Pipeline
from .job import Job
from .one import Work, process


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
    """

    source: Path
    target: Path
    status: str
    message: str = ""
    notices: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class _Manners:
    """What `run` was asked, for every file."""

    overwrite: bool
    skip_done: bool
    workers: int | None
    stop: threading.Event
    tell: Callable[[Job, str], None]


def run(
    jobs: Sequence[Job],
    work: Pipeline | Work,
    *,
    overwrite: bool = False,
    skip_done: bool = False,
    at_once: int = 1,
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
        How many files are worked on at the same time; they share the cores.
    stop : threading.Event, optional
        Once it is set no more files are begun.
    tell : callable, optional
        Called with a job and what is being done to it now ("reading", the name of a step,
        "writing"), from the thread that does it.

    Returns
    -------
    iterator of Outcome
        One for each job that was begun.

    Raises
    ------
    TypeError, ValueError
        If `at_once` is not a whole number of at least 1.

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
    manners = _Manners(
        overwrite=overwrite,
        skip_done=skip_done,
        workers=None if at_once == 1 else max(1, (os.cpu_count() or 1) // at_once),
        stop=stop or threading.Event(),
        tell=tell or (lambda job, stage: None),
    )
    return _outcomes(jobs, work, manners, at_once)


def _outcomes(
    jobs: Sequence[Job], work: Pipeline | Work, manners: _Manners, at_once: int
) -> Iterator[Outcome]:
    for folder in sorted({job.target.parent for job in jobs}):
        _files.sweep(folder)
    with ThreadPoolExecutor(at_once, thread_name_prefix="sigconv-file") as pool:
        pending = [pool.submit(_process, job, work, manners) for job in jobs]
        told = set()
        try:
            for each in as_completed(pending):
                told.add(each)
                if (outcome := each.result()) is not None:
                    yield outcome
        except KeyboardInterrupt:
            pool.shutdown(wait=True, cancel_futures=True)
            for each in pending:
                if each not in told and not each.cancelled() and (outcome := each.result()):
                    yield outcome
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _process(job: Job, work: Pipeline | Work, manners: _Manners) -> Outcome | None:
    """Do one job; None if the run was stopped before."""
    if manners.stop.is_set():
        return None
    began = time.perf_counter()
    message, status = "", "done"
    with io.collected() as notices:
        if job.converted and not job.problem:
            notices.append(
                f"{job.source}: its format can only be read; the result is FIF, {job.target.name}"
            )
        try:
            changed = process(
                job,
                work,
                overwrite=manners.overwrite,
                skip_done=manners.skip_done,
                workers=manners.workers,
                tell=partial(manners.tell, job),
            )
            status = "done" if changed else "skipped"
        except Exception as error:  # whatever it is, it concerns this file only
            status = "failed"
            message = " ".join(str(error).split()) or type(error).__name__
            if not message.startswith((str(job.source), str(job.target))):
                message = f"{job.source}: {message}"
    seconds = time.perf_counter() - began
    kept = () if status == "skipped" else tuple(notices)
    return Outcome(job.source, job.target, status, message, kept, seconds)
