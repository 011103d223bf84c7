"""A command, its time, and the memory of all its processes together."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

SIGCONV = [sys.executable, "-m", "sigconv"]

#: Seconds between looks at the memory.
_PULSE = 0.05

_PSS = re.compile(rb"^Pss:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """How long a command took, and its peak memory in MB: of all processes, and of the largest."""

    seconds: float
    peak: float
    largest: float


def run(words: Sequence[object], cwd: Path | None = None) -> Run:
    """Run a command; raise if it fails."""
    # who may not keep byte code compiles its own modules at every start, those installed not
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    with subprocess.Popen(
        [str(word) for word in words],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        peaks = [0.0]
        watch = threading.Thread(target=_watch, args=(process.pid, peaks), daemon=True)
        watch.start()
        told = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.join()
    if process.returncode:
        raise RuntimeError(f"{words[:4]} ended with {process.returncode}: {told.decode()[-2000:]}")
    return Run(seconds, max(peaks), usage.ru_maxrss / 1024)


def _watch(pid: int, peaks: list[float]) -> None:
    try:
        top = psutil.Process(pid)
        while top.status() != psutil.STATUS_ZOMBIE:
            peaks.append(sum(map(_pss, [top, *top.children(recursive=True)])))
            time.sleep(_PULSE)
    except psutil.NoSuchProcess:
        return


def _pss(process: psutil.Process) -> float:
    """Return the memory of a process in MB, what it shares divided by those it shares it with."""
    try:
        text = Path(f"/proc/{process.pid}/smaps_rollup").read_bytes()
    except OSError:  # it has ended
        return 0.0
    found = _PSS.search(text)
    return int(found[1]) / 1024 if found else 0.0


def read_all(folder: Path) -> None:
    """Bring files into the system's cache."""
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            while file.read(1 << 24):
                pass
