"""One long file in bounded memory, and one short file from a cold start."""

import shutil
from pathlib import Path

import sigconv

from . import contest, inputs, processes

#: Goals: MB for the long file; seconds for the short one and for `sigconv --help`.
MEMORY, FIRST, HELP = 600, 1.5, 0.4

_TRIES = 5


#: Bytes of disk for each of the long file: itself, its result, and between the steps the samples as
#: float64, in whose place the second step writes. The peak seen with 0.25 GB was 6.1.
_DISK = 6.3


def long(folder: Path, *, quick: bool) -> str:
    """Return the text about one long file."""
    gigabytes = 0.1 if quick else 4.0
    head = [f"### One EDF file of {gigabytes:g} GB", ""]
    needed = _DISK * 1e9 * gigabytes
    if shutil.disk_usage(folder).free < needed:
        return "\n".join([*head, f"- MISSED: not run, it needs {needed / 1e9:.1f} GB of disk."])
    source, out = folder / "long.edf", folder / "out"
    inputs.long_recording(source, gigabytes)
    filters = ["--bandpass", 1, 40, "--notch", 50]
    run = processes.run([*processes.SIGCONV, "filter", source, "-o", out, *filters, "--quiet"])
    sizes = source.stat().st_size, (out / "long.edf").stat().st_size
    source.unlink()
    shutil.rmtree(out)
    if abs(sizes[1] - sizes[0]) > 0.01 * sizes[0]:
        raise AssertionError(f"the long file became one of {sizes[1]} bytes; it had {sizes[0]}")
    lines = [
        *head,
        "Zero-phase 1-40 Hz and a notch at 50 Hz, all cores, imports included: "
        f"{run.seconds:.1f} s, {sizes[0] / 1e6 / run.seconds:.0f} MB/s.",
        "",
        contest.goal("Peak memory of the process, MB", run.largest, MEMORY, at_most=True),
    ]
    return "\n".join(lines)


def short(folder: Path, *, quick: bool) -> str:
    """Return the text about cold starts; `quick` ones are no shorter."""
    sigconv.write(folder / "short.edf", sigconv.simulate_eeg(seed=0, n_trials=5))
    filters = ["--bandpass", 1, 40, "--notch", 50, "--overwrite", "--quiet"]
    words = [*processes.SIGCONV, "filter", folder / "short.edf", "-o", folder / "out", *filters]
    first = [processes.run(words).seconds for _ in range(_TRIES)]
    helped = [processes.run([*processes.SIGCONV, "--help"]).seconds for _ in range(_TRIES)]
    lines = [
        "### A cold start",
        "",
        f"Best of {_TRIES}; what is compiled, Python's byte code too, lies in the cache on disk.",
        "",
        contest.goal("`sigconv filter` on one small file, s", min(first), FIRST, at_most=True),
        contest.goal("`sigconv --help`, s", min(helped), HELP, at_most=True),
    ]
    return "\n".join(lines)
