"""Commands that do the same job: their outputs compared, their times and memory in a table."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from . import processes
from .processes import Run

OURS = "sigconv"


def contest(
    commands: Mapping[str, Sequence[object]],
    warm: Sequence[object],
    out: Path,
    same: Callable[[Path], object],
    compare: Callable[[str, object, object], None],
    rounds: int,
) -> dict[str, Run]:
    """Run all commands in turns, each of which makes `out`; return the best run of each.

    `warm` is ours for one file and runs before, so that what is compiled lies in the cache.
    `same` reads what was made, `compare` raises if a peer's is not as ours.
    """
    best: dict[str, Run] = {}
    processes.run(warm)
    shutil.rmtree(out)
    for _ in range(rounds):
        ours: object = None
        for name, words in commands.items():
            run = processes.run(words)
            made = same(out)
            shutil.rmtree(out)
            if name == OURS:
                ours = made
            else:
                compare(name, ours, made)
            known = best.get(name, run)
            best[name] = Run(
                min(known.seconds, run.seconds),
                min(known.peak, run.peak),
                min(known.largest, run.largest),
            )
    return best


def table(best: Mapping[str, Run], n_files: int) -> str:
    """Return the runs as a table."""
    ours = best[OURS]
    lines = ["| | seconds | ms a file | peak MB | time ÷ ours | memory ÷ ours |"]
    lines.append("|---|---|---|---|---|---|")
    lines += [
        f"| {name} | {run.seconds:.1f} | {1e3 * run.seconds / n_files:.0f} | {run.peak:.0f} | "
        f"{run.seconds / ours.seconds:.2f} | {run.peak / ours.peak:.2f} |"
        for name, run in best.items()
    ]
    return "\n".join(lines)


def goal(what: str, got: float, wanted: float, *, at_most: bool = False) -> str:
    """Return a sentence that says whether a goal is met."""
    met = got <= wanted if at_most else got >= wanted
    sign = "≤" if at_most else "≥"
    return f"- {what}: {got:.2f} (goal {sign} {wanted:g}: {'met' if met else 'MISSED'})."
