"""Doing the same to many files: each succeeds or fails alone."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from .. import _checks, _files, io
from ..pipeline import Pipeline
from ..recording import Recording
from ..volume import Volume
from .plan import Job

#: What is done to a file: (its path, threads) -> what is to be written.
Work = Callable[[Path, int | None], Recording | Volume]


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Parameters
    ----------
    source, target : Path
    status : str
        "done" or "failed".
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


def run(
    jobs: Sequence[Job], work: Pipeline | Work, *, overwrite: bool = False, at_once: int = 1
) -> Iterator[Outcome]:
    """Do the same to many files, one outcome after the other as they finish.

    A file that cannot be processed never stops the others and leaves nothing behind. The
    folders of the targets are made when there is something to put into them. If the caller
    stops early, files that have begun are finished and no others begun.

    Parameters
    ----------
    jobs : sequence of Job
        From `plan`.
    work : Pipeline or callable
        A pipeline is for recordings; a function takes a path and the number of threads (None: all
        cores) and returns the Recording or Volume that is to be written.
    overwrite : bool
        Replace targets that exist; otherwise those files fail.
    at_once : int
        How many files are worked on at the same time; they share the cores.

    Returns
    -------
    iterator of Outcome
        One for each job.

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
    return _outcomes(jobs, work, overwrite, _checks.whole("at_once", at_once))


def _outcomes(
    jobs: Sequence[Job], work: Pipeline | Work, overwrite: bool, at_once: int
) -> Iterator[Outcome]:
    workers = None if at_once == 1 else max(1, (os.cpu_count() or 1) // at_once)
    with ThreadPoolExecutor(at_once, thread_name_prefix="sigconv-file") as pool:
        pending = [pool.submit(_process, job, work, overwrite, workers) for job in jobs]
        told = set()
        try:
            for each in as_completed(pending):
                told.add(each)
                yield each.result()
        except KeyboardInterrupt:
            pool.shutdown(wait=True, cancel_futures=True)
            for each in pending:
                if each not in told and not each.cancelled():
                    yield each.result()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _process(job: Job, work: Pipeline | Work, overwrite: bool, workers: int | None) -> Outcome:
    began = time.perf_counter()
    message = ""
    with io.collected() as notices:
        if job.converted and not job.problem:
            notices.append(
                f"{job.source}: its format can only be read; the result is FIF, {job.target.name}"
            )
        try:
            _do(job, work, overwrite, workers)
        except Exception as error:  # whatever it is, it concerns this file only
            message = " ".join(str(error).split()) or type(error).__name__
            if not message.startswith((str(job.source), str(job.target))):
                message = f"{job.source}: {message}"
    return Outcome(
        job.source,
        job.target,
        "failed" if message else "done",
        message,
        tuple(notices),
        time.perf_counter() - began,
    )


def _do(job: Job, work: Pipeline | Work, overwrite: bool, workers: int | None) -> None:
    if job.problem:
        raise _checks.FileError(job.problem)
    if not overwrite:
        for path in (*io.parts(job.target), *(copy for _, copy in job.events)):
            if path.exists():
                raise FileExistsError(
                    f"{job.source}: {path} exists already; --overwrite replaces it"
                )
    ratio = 1.0  # of the sampling rates after and before
    if isinstance(work, Pipeline):
        result, ratio = _filtered(job.source, work, workers)
    else:
        result = work(job.source, workers)
    with _folder(job.target.parent):
        if isinstance(result, Volume):
            io.write_volume(job.target, result, overwrite=overwrite)
        else:
            io.write(job.target, result, overwrite=overwrite)
        for event, copy in job.events:
            with _files.whole(copy) as partial:
                if ratio == 1:
                    shutil.copyfile(event, partial)
                else:  # events count samples
                    io.copy_events(event, partial, ratio)


def _filtered(
    path: Path, pipeline: Pipeline, workers: int | None
) -> tuple[Recording | Volume, float]:
    recording = io.read(path)
    result: Recording = pipeline.apply(recording, workers=workers)
    highpass, lowpass = passband(pipeline)
    if result.fs < recording.fs:
        lowpass = min(lowpass or result.fs / 2, result.fs / 2)
    marked = io.mark_filtered(result, highpass=highpass, lowpass=lowpass)
    return marked, result.fs / recording.fs


def passband(pipeline: Pipeline) -> tuple[float | None, float | None]:
    """Return the highest high-pass and the lowest low-pass cutoff of a pipeline in Hz.

    Examples
    --------
    >>> from sigconv import Pipeline, Step
    >>> from sigconv.batch import passband
    >>> passband(Pipeline([Step("bandpass", cutoff=(1, 40)), Step("lowpass", cutoff=30)]))
    (1.0, 30.0)
    """
    highs, lows = [], []
    for step in pipeline:
        kind = step.parameters.get("kind", "lowpass") if step.name == "fir" else step.name
        if kind == "bandpass":
            low, high = step.parameters["cutoff"]
            highs.append(float(low))
            lows.append(float(high))
        elif kind == "highpass":
            highs.append(float(step.parameters["cutoff"]))
        elif kind == "lowpass":
            lows.append(float(step.parameters["cutoff"]))
    return max(highs, default=None), min(lows, default=None)


@contextlib.contextmanager
def _folder(folder: Path) -> Iterator[None]:
    """Make a folder; take it away again if the block fails and nothing lies in it."""
    made = []
    above = folder
    while not above.exists():
        made.append(above)
        above = above.parent
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for each in made:
            with contextlib.suppress(OSError):  # another file has come to lie in it
                each.rmdir()
        raise
