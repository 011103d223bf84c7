"""The direct method's arithmetic against that of matrix multiplication on the same core."""

from __future__ import annotations

import numpy as np

import sigconv

from ..threads import limited
from ..timing import best_times
from .cases import DTYPES, Cell, make, near
from .goals import LEAST_OF_MATMUL, verdict

#: Of the square matrices: large enough for full speed, small enough for many rounds.
SIZE = 1024
#: Calls of ours in a row: the goal is of data in cache, and a matrix product's 12 MB drive it out
#: (the one call after it takes up to three times as long as the next).
CALLS = 50


def run(seed: int, quick: bool) -> str:
    """Return the table of GFLOP/s; a product with its sum counts as two."""
    lines = [
        "| case, method direct | sigconv, GFLOP/s | numpy.matmul, GFLOP/s | share | goal |",
        "|---|---|---|---|---|",
    ]
    rng, shares = np.random.default_rng(seed), []
    for dtype in DTYPES:
        matrix = rng.standard_normal((SIZE, SIZE), dtype=dtype)
        product = np.empty_like(matrix)
        for k in (31, 101) if quick else (31, 47, 64, 101):
            listed = Cell((100_000,), (k,), dtype, least=LEAST_OF_MATMUL)
            for cell in (listed, near(listed, rng)):
                problem = make(cell, seed)
                x, h, out = problem.x, problem.h, np.empty_like(problem.x)
                calls = {
                    "sigconv": lambda x=x, h=h, out=out: _in_cache(x, h, out),
                    "matmul": lambda a=matrix, y=product: np.matmul(a, a, out=y),
                }
                with limited(1):
                    times = best_times(calls, 0.1 if quick else 1.0)
                ours = 2 * cell.n_products * CALLS / times["sigconv"] / 1e9
                theirs = 2 * SIZE**3 / times["matmul"] / 1e9
                shares.append(ours / theirs)
                lines.append(
                    f"| {cell.name}{', drawn' if cell.drawn else ''} | {ours:.1f} | {theirs:.1f} | "
                    f"{shares[-1]:.2f} | ≥ {LEAST_OF_MATMUL:g} "
                    f"{verdict(shares[-1] >= LEAST_OF_MATMUL)} |"
                )
    met = sum(share >= LEAST_OF_MATMUL for share in shares)
    lines.append(
        f"\n- At least {LEAST_OF_MATMUL:g} of numpy.matmul's GFLOP/s: {met} of {len(shares)}; "
        f"smallest {min(shares):.2f}."
    )
    return "\n".join(lines)


def _in_cache(x: np.ndarray, h: np.ndarray, out: np.ndarray) -> None:
    for _ in range(CALLS):
        sigconv.convolve(x, h, mode="same", method="direct", workers=1, out=out)
