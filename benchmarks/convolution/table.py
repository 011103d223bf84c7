"""A grid's rows as Markdown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from .goals import LEAST_SPEEDUP, WORTH_TWO, verdict
from .measure import BEHIND, SLOW, Row


def of(rows: Sequence[Row], threads: int) -> str:
    """Return the table of a grid; with two threads it has columns for what the second brings."""
    head = ["case", "sigconv, ms", "best peer", "peer, ms", "ratio", "goal"]
    head += ["error", "peer's error", "SciPy direct's error", "≤ 2 ×"]
    if threads > 1:
        head += ["one thread, ms", "speedup", f"goal {LEAST_SPEEDUP:g}"]
    lines = [_line(head), _line(["---"] * len(head))]
    lines += [_line(_fields(row, threads)) for row in rows]
    return "\n".join(lines)


def _fields(row: Row, threads: int) -> list[str]:
    fields = [
        row.cell.name + (", drawn" if row.cell.drawn else ""),
        f"{row.ours * 1e3:.3g}",
        row.peer,
        f"{row.theirs * 1e3:.3g}",
        f"{row.ratio:.2f}",
        f"≥ {row.cell.least:g} {verdict(row.ratio >= row.cell.least)}",
        f"{row.error:.1e}",
        f"{row.peer_error:.1e}",
        f"{row.direct_error:.1e}",
        "yes" if row.is_right else "NO",
    ]
    if threads > 1:
        met = verdict(row.speedup >= LEAST_SPEEDUP) if row.one_thread > WORTH_TWO else ""
        fields += [f"{row.one_thread * 1e3:.3g}", f"{row.speedup:.2f}", met]
    return fields


def _line(fields: Sequence[str]) -> str:
    return f"| {' | '.join(fields)} |"


def left_out(rows: Sequence[Row]) -> str:
    """Say which peers were left out of which cells, and why."""
    unfit: dict[tuple[str, str], int] = defaultdict(int)
    hopeless: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for row in rows:
        for peer, why in row.unfit.items():
            unfit[peer, why] += 1
        for peer, (expected, fastest) in row.hopeless.items():
            hopeless[peer].append((expected, fastest, row.cell.name))
    lines = [f"{peer} {why} ({_cells(n)})" for (peer, why), n in unfit.items()]
    for peer, cells in hopeless.items():
        expected, fastest, name = min(cells, key=lambda cell: cell[0] / cell[1])
        lines.append(
            f"{peer} would take more than {SLOW:g} s and {BEHIND:g} × the fastest peer "
            f"({_cells(len(cells))}; closest at {name}: {expected:.3g} s, by the shortest "
            f"time per unit of work it showed in this run, against {fastest:.3g} s)"
        )
    return f"Left out: {'; '.join(lines)}." if lines else "No peer was left out."


def _cells(n: int) -> str:
    return f"{n} cell{'' if n == 1 else 's'}"
