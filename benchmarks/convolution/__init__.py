"""`sigconv.convolve` over the grid of sizes against everything else that convolves.

`cases` draws the data, `peers` calls the others, `measure` checks and times a cell, `goals` and
`table` say what came out. This file strings the parts together; it loads the peers only when
they are known to be there.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from .. import requirements

#: Part -> the heading of its section.
GRIDS = {
    "1d": "1D: random kernels",
    "2d": "2D: random kernels of full rank, and Gaussians",
    "box": "2D: boxes, beside the list",
    "3d": "3D: random kernels of full rank, and Gaussians",
}
PARTS = ("1d", "2d", "box", "3d", "average", "overhead", "first", "matmul", "threads")

INTRODUCTION = """\
How to read the tables, and how to run parts of them: `docs/benchmarks.md`. A part that is run
anew replaces only its own section, so each says when and on what it was measured."""


def run(
    parts: tuple[str, ...] = (), *, quick: bool = False, seed: int = 0
) -> Iterator[tuple[str, str]]:
    """Yield the heading and the text of each section; raise if a peer is missing."""
    requirements.require()
    from ..results import circumstances

    sizes = f"Sizes drawn with seed {seed}."
    shortened = " Shortened run: its numbers mean little." if quick else ""
    where = f"{circumstances(*requirements.distributions())} {sizes}{shortened}"
    yield "convolution", INTRODUCTION
    for part in parts or PARTS:
        for heading, text in _part(part, quick, seed):
            yield f"convolution: {heading}", f"{where}\n\n{text}"


def _part(part: str, quick: bool, seed: int) -> Iterator[tuple[str, str]]:
    if part in ("overhead", "matmul"):
        heading = {"overhead": "the cost of a call", "matmul": "direct 1D against numpy.matmul"}
        module = importlib.import_module(f".{part}", __name__)
        yield heading[part], module.run(seed, quick)
    elif part == "first":
        from . import first_calls

        yield "compiling, and the first call of a process", first_calls.run(quick)
    elif part == "average":
        from . import average

        for threads, name in ((1, "one thread"), (2, "two threads")):
            yield f"moving averages, {name}", average.run(seed, quick, threads)
    else:
        from . import grids

        names = list(GRIDS) if part == "threads" else [part]
        threads = 2 if part == "threads" else 1
        for name in names:
            heading = GRIDS[name] + (", two threads" if threads > 1 else "")
            yield heading, grids.run(name, seed, quick, threads)
