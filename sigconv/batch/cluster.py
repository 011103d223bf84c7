"""Files worked on by the workers of a Dask cluster; what dies with a worker is done by another."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from .. import __version__, _checks
from .job import Job, PlanError
from .one import in_the_way
from .runners import Do

#: Seconds until a scheduler must have answered.
_TIMEOUT = 10

#: Seconds between looks at whether the run was stopped.
_PULSE = 0.1


class Cluster:
    """The workers of a Dask scheduler, one thread a file; they see the files under the same paths.

    A worker has as many files at once as it has threads, so that whoever started it with one
    thread a core has his cores shared out exactly.

    Parameters
    ----------
    address : str
        Of the scheduler: "tcp://host:8786".
    stop : threading.Event
        Halts, too.
    """

    def __init__(self, address: str, stop: threading.Event) -> None:
        self._address, self._stop = address, stop
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Cluster:
        _checks.require("distributed", extra="dask", purpose="a scheduler")
        import distributed

        with self._stack as stack:
            try:
                client = distributed.Client(
                    self._address, timeout=_TIMEOUT, set_as_default=False, name="sigconv"
                )
            except (OSError, ValueError, TypeError) as error:
                raise PlanError(
                    "scheduler must be the address of a Dask scheduler, as in tcp://host:8786; got "
                    f"{self._address!r} ({' '.join(str(error).split())})"
                ) from error
            self._client = stack.enter_context(client)
            _refuse_other_versions(client, self._address)
            # side effects must happen: without `pure` no answer of an earlier run is taken
            self._executor = client.get_executor(pure=False)
            self._halted = distributed.Event(client=client)
            stack.callback(self._halted.clear)
            stack.callback(self._executor.shutdown, wait=True)
            stack.enter_context(self._watched())
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def submit(self, do: Do, job: Job) -> Future[Any]:
        """Let a job be done by the next worker that is free, and by others should it die."""
        there = _absolute(job)
        # what is not there now can only come from an attempt of this run
        again = in_the_way(there) is None
        future: Future[Any] = self._executor.submit(_begin, do, there, again, self._halted.name)
        return future

    def halt(self) -> None:
        """Begin no more jobs."""
        self._halted.set()

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        """Pass a stop on to the workers while the block lasts."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(_PULSE):
                if self._stop.is_set():
                    self.halt()
                    return

        watcher = threading.Thread(target=watch, name="sigconv-watch", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()


def _begin(do: Do, job: Job, again: bool, halted: str) -> Any:
    """Do a job on a worker; None if the run was halted before."""
    import distributed

    if distributed.Event(halted).is_set():
        return None
    at_once = distributed.get_worker().state.nthreads
    return do(job, workers=1, at_once=at_once, again=again, tell=_tell_nobody)


def _tell_nobody(stage: str) -> None:
    """Take what is told of stages: whoever wants to know is on another machine."""


def _absolute(job: Job) -> Job:
    """Return a job with paths that do not depend on where a process was started."""

    def full(path: Path) -> Path:
        return path.absolute()

    return dataclasses.replace(
        job,
        source=full(job.source),
        target=full(job.target),
        events=tuple((full(event), full(copy)) for event, copy in job.events),
    )


def _refuse_other_versions(client: Any, address: str) -> None:
    try:
        versions = set(client.run(_version).values())
    except Exception as error:  # of whatever kind: the workers cannot load this package
        raise PlanError(
            f"scheduler must have workers with sigconv {__version__}; those of {address} have none "
            f"({type(error).__name__}: {' '.join(str(error).split())})"
        ) from error
    if versions - {__version__}:
        raise PlanError(
            f"scheduler must have workers with sigconv {__version__}; those of {address} have "
            f"{', '.join(sorted(versions))}"
        )


def _version() -> str:
    return __version__
