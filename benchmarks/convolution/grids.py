"""The parts that are grids: every listed cell, and on one thread a drawn one beside each."""

from __future__ import annotations

import numpy as np
from tqdm import tqdm

from . import cases, goals, table
from .measure import Bench, Row

#: Seconds of rounds a cell, on one thread and on two.
SECONDS = {1: 0.3, 2: 0.2}


def run(part: str, seed: int, quick: bool, threads: int) -> str:
    """Return the table of a part and what it says about the goals."""
    rng = np.random.default_rng(seed)
    cells = []
    for cell in cases.grid(part, quick):
        cells += [cell] if threads > 1 else [cell, cases.near(cell, rng)]
    bench = Bench(threads, 0.02 if quick else SECONDS[threads], seed)
    rows: list[Row] = []
    with tqdm(cells, desc=f"{part}, {threads} thread(s)", unit="cell") as bar:
        for cell in bar:
            bar.set_postfix_str(cell.name)
            rows.append(bench.measure(cell))
    lines = goals.of_grid(part, rows)
    if threads > 1:
        lines.append(goals.of_two_threads(rows))
    return "\n\n".join([table.of(rows, threads), "\n".join(lines), table.left_out(rows)])
