"""Zero-phase filters from a memory map into another: time and peak memory, beside SciPy in memory.

`python -m benchmarks out_of_core` takes 3 GB; `python -m benchmarks.out_of_core 0.3` as many GB as
it says, and prints its line. The files lie in the system's folder for temporary files (TMPDIR).
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy import signal

import sigconv

from .results import circumstances

GIGABYTES, CHANNELS, FS = 3.0, 64, 250.0

#: Layouts of the file -> the axis of the time.
LAYOUTS = {"channels × time": 1, "time × channels": 0}

#: Peak memory that is allowed, in MB.
ALLOWED = 600


def run(gigabytes: float = GIGABYTES) -> str:
    lines = [
        circumstances("numpy", "scipy", "numba"),
        "",
        f"{gigabytes:g} GB of float64, {CHANNELS} channels, one thread. Peak memory of the "
        f"process, its imports included (goal: {ALLOWED} MB at most). SciPy's rate is that of a "
        f"part in memory, without reading or writing a file; sigconv has both (goal: as fast).",
        "",
        "| filter | file | seconds | MB/s | SciPy in memory, MB/s | peak MB |",
        "|---|---|---|---|---|---|",
    ]
    for kind in ("iir", "fir"):
        theirs = _in_memory(kind)
        for layout, axis in LAYOUTS.items():
            seconds, peak = _measured(kind, axis, gigabytes)
            lines.append(
                f"| {kind} 1-40 Hz | {layout} | {seconds:.1f} | {1000 * gigabytes / seconds:.0f} | "
                f"{theirs:.0f} | {peak:.0f} |"
            )
    return "\n".join(lines)


def _filter(kind: str) -> sigconv.TransferFunction:
    return sigconv.bandpass((1, 40), fs=FS) if kind == "iir" else sigconv.fir((1, 40), fs=FS)


def _in_memory(kind: str) -> float:
    """Return how many MB a second SciPy filters, of 100 MB."""
    tf, x = _filter(kind), np.random.default_rng(0).normal(size=(CHANNELS, 200_000))
    best = np.inf
    for _ in range(3):
        began = time.perf_counter()
        if kind == "iir":
            signal.sosfiltfilt(tf.sos, x)
        else:
            signal.oaconvolve(x, tf.b[np.newaxis], mode="same", axes=-1)
        best = min(best, time.perf_counter() - began)
    return x.nbytes / 1e6 / best


def _measured(kind: str, axis: int, gigabytes: float) -> tuple[float, float]:
    """Return seconds and peak MB of a process of its own, which found its input as a file."""
    with tempfile.TemporaryDirectory() as folder:
        x = Path(folder) / "x"
        noise = np.random.default_rng(0).normal(size=1 << 20)
        with x.open("wb") as file:
            for _ in range(max(1, round(gigabytes * 1e9 / noise.nbytes))):
                file.write(noise.tobytes())
        (Path(folder) / "y").write_bytes(b"")
        words = [sys.executable, "-m", "benchmarks.out_of_core", kind, str(axis), folder]
        line = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    seconds, peak = line.split()[-2:]
    return float(seconds), float(peak)


def _one(kind: str, axis: int, folder: Path) -> None:
    n = (folder / "x").stat().st_size // 8 // CHANNELS
    shape = (CHANNELS, n) if axis else (n, CHANNELS)
    x = np.memmap(folder / "x", np.float64, "r", shape=shape)
    y = np.memmap(folder / "y", np.float64, "w+", shape=shape)
    tf = _filter(kind)
    tf.zero_phase(np.zeros((CHANNELS, 5000)), workers=1)  # compiles
    began = time.perf_counter()
    tf.zero_phase(x, axis=axis, out=y, workers=1)
    seconds = time.perf_counter() - began
    print(seconds, _peak())


def _peak() -> float:
    """Return the most memory that this program has held so far, in MB.

    What getrusage tells of a child begins with its parent's.
    """
    lines = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) / 1024


if __name__ == "__main__":
    if len(sys.argv) == 4:
        _one(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
    else:
        print(run(*map(float, sys.argv[1:])))
