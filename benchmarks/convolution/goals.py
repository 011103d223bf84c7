"""What was asked for, and plain sentences that say whether it is met."""

from __future__ import annotations

from collections.abc import Sequence

from ..timing import geometric_mean
from .measure import Row

#: Part -> the geometric mean of the ratios that is asked for (each cell's own goal is in `cases`).
LEAST_MEAN = {"1d": 4.0, "2d": 2.5, "box": 2.5, "3d": 5.0}

#: Direct 1D convolution's GFLOP/s over those of `numpy.matmul`.
LEAST_OF_MATMUL = 0.6

#: A moving average's time over that of `numpy.copyto` of the same array.
MOST_COPIES = 1.4

#: The geometric mean of `bottleneck.move_mean`'s time over ours.
LEAST_OVER_BOTTLENECK = 2.5

#: Seconds of one call on 1,000 samples and 3 taps.
MOST_OVERHEAD = 15e-6

#: Seconds of `sigconv tune` with empty caches, and of a process's first call of what it compiled.
MOST_TUNE, MOST_FIRST_CALL = 90.0, 0.2

#: Two threads' speed over one's, in cells that take one thread longer than `WORTH_TWO` seconds.
LEAST_SPEEDUP, WORTH_TWO = 1.7, 0.05


def verdict(met: bool) -> str:
    """Return the word of a table."""
    return "met" if met else "MISSED"


def of_grid(part: str, rows: Sequence[Row]) -> list[str]:
    """Return the sentences under a table of ratios to the best peer."""
    lines = []
    for drawn, kind in ((False, "listed"), (True, "drawn")):
        some = [row for row in rows if row.cell.drawn is drawn]
        if not some:
            continue
        goal, mean = LEAST_MEAN[part], geometric_mean([row.ratio for row in some])
        lines.append(
            f"- Geometric mean over the {kind} sizes: {mean:.2f} (goal ≥ {goal:g}: "
            f"{verdict(mean >= goal)}); smallest {min(row.ratio for row in some):.2f}."
        )
        missed = [f"{row.cell.name}: {row.ratio:.2f} of {row.cell.least:g}" for row in _slow(some)]
        lines.append(_counted(f"Goal of the {kind} cells", len(some), missed))
    return [*lines, of_errors(rows)]


def _slow(rows: Sequence[Row]) -> list[Row]:
    missed = [row for row in rows if row.ratio < row.cell.least]
    return sorted(missed, key=lambda row: row.ratio / row.cell.least)


def of_errors(rows: Sequence[Row]) -> str:
    """Return the sentence on errors."""
    wrong = [
        f"{row.cell.name}: {row.error:.1e} against {row.direct_error:.1e}"
        for row in rows
        if not row.is_right
    ]
    return _counted("Error no worse than twice that of SciPy's direct method", len(rows), wrong)


def of_two_threads(rows: Sequence[Row]) -> str:
    """Return the sentence on how much a second thread helps."""
    long = [row for row in rows if row.one_thread > WORTH_TWO]
    missed = [f"{row.cell.name}: {row.speedup:.2f}" for row in long if row.speedup < LEAST_SPEEDUP]
    what = f"Two threads ≥ {LEAST_SPEEDUP:g} × one in cells over {WORTH_TWO * 1e3:.0f} ms"
    return _counted(what, len(long), missed)


def _counted(what: str, n: int, missed: Sequence[str]) -> str:
    names = f"; MISSED at {'; '.join(missed)}" if missed else ""
    return f"- {what}: met at {n - len(missed)} of {n}{names}."
