"""A real Dask cluster on this machine: a scheduler and workers, each a process of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import REPOSITORY


class LocalCluster:
    """Processes that are started one by one and may be killed.

    Parameters
    ----------
    folder : Path
        Where the workers are started (another one than that of the tests) and write.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self._note = folder / "scheduler.json"
        self._start("scheduler", "--port", "0", "--no-dashboard")
        until = time.monotonic() + 60
        while not self._note.exists():
            assert time.monotonic() < until, (folder / "scheduler.txt").read_text()
            time.sleep(0.05)
        self.address: str = json.loads(self._note.read_text())["address"]

    def start_workers(self, n: int, *, nanny: bool = False) -> None:
        """Start workers of one thread each, and wait until the scheduler knows them."""
        expected = n + (len(self.pids()) if len(self._processes) > 1 else 0)
        for _ in range(n):
            self._start(
                "worker", "--nthreads", "1", "--no-dashboard", *([] if nanny else ["--no-nanny"])
            )
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(expected, timeout=60)

    def pids(self) -> list[int]:
        """Return the processes of the workers themselves, not of their nannies."""
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            return sorted(client.run(os.getpid).values())

    def close(self) -> None:
        """End all processes."""
        for process in reversed(self._processes):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _start(self, what: str, *options: str) -> None:
        note = ["--scheduler-file", str(self._note)]
        with (self._folder / f"{what}.txt").open("ab") as log:
            self._processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "dask", what, *note, *options],
                    cwd=self._folder,
                    env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )


@contextlib.contextmanager
def local_cluster(folder: Path) -> Iterator[LocalCluster]:
    """Give a cluster without workers."""
    made = LocalCluster(folder)
    try:
        yield made
    finally:
        made.close()
