"""Where files are worked on: in threads of this process, or on a Dask cluster (`cluster`)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol

from .cores import Cores
from .job import Job

#: Does one job: (job, threads, how many files share the memory, whether an earlier attempt of this
#: very run may have been at it, what is told of its stages) -> what became of it.
Do = Callable[..., Any]

Tell = Callable[[Job, str], None]


class Runner(Protocol):
    """Works on files; as a context manager, it leaves when all that has begun is finished."""

    def __enter__(self) -> Any:
        """Be ready for jobs."""

    def __exit__(self, *_: object) -> None:
        """Finish what was begun."""

    def submit(self, do: Do, job: Job) -> Future[Any]:
        """Let a job be done as `Do` says; the answer is None once halted."""

    def halt(self) -> None:
        """Begin no more jobs."""


class Local:
    """Threads of this process: compiled code and the files' packages let go of Python's lock.

    Parameters
    ----------
    at_once, n_files : int
        Files at the same time, and in all.
    stop : threading.Event
        Halts, too.
    tell : callable
        Told of the stages of each job.
    """

    def __init__(self, at_once: int, n_files: int, stop: threading.Event, tell: Tell) -> None:
        self._cores = Cores(at_once, n_files)
        self._pool = ThreadPoolExecutor(self._cores.places, thread_name_prefix="sigconv-file")
        self._stop, self._tell = stop, tell
        self._halted = threading.Event()

    def __enter__(self) -> Local:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, do: Do, job: Job) -> Future[Any]:
        """Let a job be done by the next thread that is free."""
        return self._pool.submit(self._begin, do, job)

    def halt(self) -> None:
        """Begin no more jobs."""
        self._halted.set()

    def _begin(self, do: Do, job: Job) -> Any:
        if self._stop.is_set() or self._halted.is_set():
            return None
        with self._cores.share() as workers:
            told = partial(self._tell, job)
            at_once = self._cores.places
            return do(job, workers=workers, at_once=at_once, again=False, tell=told)
