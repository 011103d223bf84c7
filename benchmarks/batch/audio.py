"""Stereo FLAC files through one biquad, against sox and a loop of soundfile and SciPy."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile

from sigconv import _layout

from . import contest, inputs, processes

SOX, LOOP = "sox, as many processes", "soundfile + SciPy, a loop"

#: Goals: how many times as fast.
AS_SOX, AS_LOOP = 1, 2


def run(folder: Path, *, quick: bool) -> str:
    n_files, seconds = (10, 5.0) if quick else (300, 60.0)
    source, out = folder / "in", folder / "out"
    inputs.audio(source, n_files, seconds)
    processes.read_all(source)
    n = _layout.available_cores()
    filters = ["--highpass", 100, "--order", 2, "--causal"]
    form = ["-o", out, *filters, "--jobs", n, "--quiet"]
    ours = [*processes.SIGCONV, "filter", source, *form]
    warm = [*processes.SIGCONV, "filter", next(source.iterdir()), *form]
    # -D: no dither, as everybody else
    sox = (
        f"mkdir {out} && cd {source} && "
        f"ls | xargs -P {{}} -I NAME sox -D NAME {out}/NAME highpass 100"
    )
    commands = {
        contest.OURS: ours,
        SOX: ["sh", "-c", sox.format(n)],
        LOOP: [sys.executable, Path(__file__).with_name("audio_loop.py"), source, out],
    }
    best = contest.contest(commands, warm, out, _first, _compare, rounds=1)
    mine = best[contest.OURS].seconds
    lines = [
        f"### {n_files} stereo FLAC files of {seconds:g} s, {n} at once",
        "",
        "A high-pass of second order at 100 Hz, forward only: sox's `highpass 100` is the same "
        f"biquad ({_version()}).",
        "",
        contest.table(best, n_files),
        "",
        contest.goal("Times as fast as sox in as many processes", best[SOX].seconds / mine, AS_SOX),
        contest.goal("Times as fast as the loop", best[LOOP].seconds / mine, AS_LOOP),
    ]
    return "\n".join(lines)


def _version() -> str:
    told = subprocess.run(["sox", "--version"], capture_output=True, text=True, check=True).stdout
    return told.strip().replace("sox:      ", "")


def _first(out: Path) -> object:
    files = sorted(out.glob("*.flac"))
    return len(files), soundfile.read(files[0], dtype="int16")[0]


def _compare(name: str, ours: object, theirs: object) -> None:
    (n, x), (m, y) = ours, theirs  # type: ignore[misc]
    apart = int(np.abs(x.astype(int) - y).max())
    if n != m or apart > 1:  # one rounds, another cuts off
        raise AssertionError(f"{name} made {m} files of ours {n}, apart by {apart} steps")
