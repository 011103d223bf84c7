"""The rows as Markdown, and plain sentences that say which goals are met."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..convolution.goals import verdict
from .measure import CopyRow, Row

HEAD = (
    "case",
    "best peer",
    "peer, ms",
    "sigconv, ms",
    "ratio",
    "goal",
    "out=, ms",
    "ratio",
    "two threads, ms",
    "ratio",
    "goal",
    "error",
    "peer's error",
)

#: What the float32 rows do not show by themselves.
FLOAT32 = (
    "The float32 rows are not like for like: SciPy answers float64 sections in float64 and writes "
    "twice as many bytes, sigconv in float32 (its rule); both compute in float64."
)


def of(rows: Sequence[Row]) -> str:
    """Return the table."""
    lines = [_line(HEAD), _line(["---"] * len(HEAD))]
    return "\n".join([*lines, *[_line(_fields(row)) for row in rows]])


def _fields(row: Row) -> list[str]:
    return [
        row.case.name,
        row.peer,
        f"{row.theirs * 1e3:.3g}",
        f"{row.one * 1e3:.3g}",
        f"{row.ratio:.2f}",
        _goal(row.ratio, row.case.least),
        *(["", ""] if math.isnan(row.into) else [f"{row.into * 1e3:.3g}", f"{row.ratio_into:.2f}"]),
        f"{row.two * 1e3:.3g}",
        f"{row.ratio_of_two:.2f}",
        _goal(row.ratio_of_two, row.case.least_of_two),
        f"{row.error:.1e}",
        f"{row.peer_error:.1e}",
    ]


def _goal(ratio: float, least: float) -> str:
    return "" if math.isnan(least) else f"≥ {least:g} {verdict(ratio >= least)}"


def _line(fields: Sequence[str]) -> str:
    return f"| {' | '.join(fields)} |"


def verdicts(rows: Sequence[Row], copy: CopyRow) -> str:
    """Return the sentences under the table."""
    lines = []
    for threads, values in (
        ("one thread", [(row, row.ratio, row.case.least) for row in rows]),
        ("two threads", [(row, row.ratio_of_two, row.case.least_of_two) for row in rows]),
    ):
        asked = [each for each in values if not math.isnan(each[2])]
        missed = [
            f"{row.case.name}: {got:.2f} of {least:g}" for row, got, least in asked if got < least
        ]
        lines.append(_counted(f"Goals on {threads}", len(asked), missed))
    same = [row for row in rows if not math.isnan(row.case.most_apart)]
    far = [f"{row.case.name}: {row.apart:.1e}" for row in same if row.apart > row.case.most_apart]
    lines.append(_counted("The answer within 1e-7 of MNE's", len(same), far))
    worse = [
        f"{row.case.name}: {row.error:.1e} against {row.peer_error:.1e}"
        for row in rows
        if row.error > row.peer_error
    ]
    lines.append(_counted("Error no larger than the fastest peer's", len(rows), worse))
    times = copy.into / copy.copyto
    lines.append(
        f"- {copy.case.name}, into an array: {copy.into * 1e3:.3g} ms, {times:.2f} × the "
        f"{copy.copyto * 1e3:.3g} ms of numpy.copyto (goal ≤ {copy.case.most:g}: "
        f"{verdict(times <= copy.case.most)}); into a new one {copy.fresh * 1e3:.3g} ms, "
        f"{copy.fresh / copy.copy:.2f} × a copy's {copy.copy * 1e3:.3g} ms."
    )
    return "\n".join([*lines, "", FLOAT32])


def _counted(what: str, n: int, missed: Sequence[str]) -> str:
    names = f"; MISSED at {'; '.join(missed)}" if missed else ""
    return f"- {what}: met at {n - len(missed)} of {n}{names}."
