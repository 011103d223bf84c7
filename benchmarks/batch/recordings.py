"""EDF files, zero-phase band-pass and notch, against a script of MNE's in a process pool."""

import sys
from pathlib import Path

import numpy as np

import sigconv
from sigconv import _layout

from . import contest, inputs, processes

MNE_FIR, MNE_IIR = "MNE, its default filters", "MNE, the same filters"

#: Goals: how many times faster than the fastest peer, and what part of the least memory of any.
FASTER, MEMORY = 3, 1 / 3


def run(folder: Path, *, quick: bool) -> str:
    n_files, minutes = (6, 1.0) if quick else (60, 10.0)
    source, out = folder / "in", folder / "out"
    inputs.recordings(source, n_files, minutes)
    processes.read_all(source)
    n = _layout.available_cores()
    script = [sys.executable, Path(__file__).with_name("mne_script.py"), source, out, n]
    filters = ["--bandpass", 1, 40, "--notch", 50]
    form = ["-o", out, *filters, "--jobs", n, "--quiet"]
    ours = [*processes.SIGCONV, "filter", source, *form]
    warm = [*processes.SIGCONV, "filter", next(source.iterdir()), *form]
    commands = {contest.OURS: ours, MNE_FIR: [*script, "fir"], MNE_IIR: [*script, "iir"]}
    best = contest.contest(commands, warm, out, _first, _compare, rounds=1)
    peers = [best[MNE_FIR], best[MNE_IIR]]
    mine = best[contest.OURS]
    lines = [
        f"### {n_files} EDF files of 64 channels, {minutes:g} minutes at 256 Hz, {n} at once",
        "",
        "Zero-phase 1-40 Hz and a notch at 50 Hz. The script reads with `mne.io.read_raw`, "
        "filters, and writes with `mne.export.export_raw`, in a process pool; once with MNE's "
        "default filters (FIR), once with the Butterworth and notch filters of ours.",
        "",
        contest.table(best, n_files),
        "",
        contest.goal(
            "Times as fast as the faster script",
            min(run.seconds for run in peers) / mine.seconds,
            FASTER,
        ),
        contest.goal(
            "Peak memory over that of the smaller script",
            mine.peak / min(run.peak for run in peers),
            round(MEMORY, 3),
            at_most=True,
        ),
    ]
    return "\n".join(lines)


def _first(out: Path) -> object:
    files = sorted(out.glob("*.edf"))
    return len(files), sigconv.read(files[0]).data


def _compare(name: str, ours: object, theirs: object) -> None:
    (n, x), (m, y) = ours, theirs  # type: ignore[misc]
    inside = slice(2000, -2000)  # ends are extended in other ways
    x, y = x[:, inside], y[:, inside]
    apart = np.abs(x - y).max() / np.abs(x).max()
    alike = min(np.corrcoef(ours, theirs)[0, 1] for ours, theirs in zip(x, y, strict=True))
    # the same filters agree to some steps of 16 bits; others have other edges
    right = alike > 0.8 if name == MNE_FIR else apart < 1e-3
    if n != m or not right:
        raise AssertionError(
            f"{name} made {m} files of ours {n}, apart by {apart:.1e}, alike by {alike:.2f}"
        )
