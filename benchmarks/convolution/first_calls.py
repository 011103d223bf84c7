"""What compiling takes: all of it once, and the first call of a process that finds it done."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

from .goals import MOST_FIRST_CALL, MOST_TUNE, verdict

#: What a process does first, once it has imported and has its data; `sigconv tune` has compiled it
#: all.
CALLS = {
    "convolve, 1D float32, 10,000 with 31": "noise((10_000,), 'f4'), noise((31,), 'f4')",
    "convolve, 1D float64, 10,000 with 31": "noise((10_000,)), noise((31,))",
    "convolve, 1D float64, 100,000 with 501": "noise((100_000,)), noise((501,))",
    "convolve, 1D float32, a box of 101": "noise((100_000,), 'f4'), np.ones(101, 'f4')",
    "convolve, 2D float32, 512² with 5²": "noise((512, 512), 'f4'), noise((5, 5), 'f4')",
    "convolve, 2D float64, 512² with 31²": "noise((512, 512)), noise((31, 31))",
    "convolve, 3D float32, 64³ with 5³": "noise((64,) * 3, 'f4'), noise((5,) * 3, 'f4')",
    "smooth, 64 × 10,000 float64": "noise((64, 10_000)), 11",
}

#: A new process each: imports first, whatever the function itself loads with it.
PROGRAM = """\
import time
import numpy as np
import scipy.fft, numba
from sigconv import convolve, smooth
def noise(shape, dtype="f8"):
    return np.random.default_rng(0).normal(size=shape).astype(dtype)
x, h = {data}
began = time.perf_counter()
{function}(x, h)
print(time.perf_counter() - began)
"""

#: Processes a call; the shortest counts.
ROUNDS = 3


def run(quick: bool) -> str:
    """Return the table: `sigconv tune` with empty caches, then the first calls."""
    rounds, calls = (1, list(CALLS)[:1]) if quick else (ROUNDS, list(CALLS))
    lines = ["| what | seconds | goal |", "|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        caches = {"NUMBA_CACHE_DIR": f"{folder}/numba", "SIGCONV_CACHE": f"{folder}/sigconv"}
        surroundings = {**os.environ, **({} if quick else caches)}
        if not quick:
            began = time.perf_counter()
            _output([sys.executable, "-m", "sigconv", "tune", "--quiet"], surroundings)
            seconds = time.perf_counter() - began
            lines.append(_line("sigconv tune, all caches empty", seconds, MOST_TUNE))
        for name in calls:
            program = [sys.executable, "-c", program_of(name)]
            seconds = min(float(_output(program, surroundings)) for _ in range(rounds))
            lines.append(_line(f"first call: {name}", seconds, MOST_FIRST_CALL))
    return "\n".join(lines)


def program_of(name: str) -> str:
    """Return the program that times a call."""
    return PROGRAM.format(data=CALLS[name], function=name.split(",")[0])


def _line(name: str, seconds: float, most: float) -> str:
    return f"| {name} | {seconds:.3g} | ≤ {most:g} {verdict(seconds <= most)} |"


def _output(command: list[str], surroundings: dict[str, str]) -> str:
    return subprocess.run(
        command, env=surroundings, check=True, capture_output=True, text=True
    ).stdout
