"""What a call costs that has next to nothing to compute."""

from __future__ import annotations

import numpy as np

import sigconv

from ..threads import limited
from ..timing import best_times
from .cases import DTYPES, Cell, make, near
from .goals import MOST_OVERHEAD, verdict

#: Calls between two looks at the clock.
CALLS = 50


def run(seed: int, quick: bool) -> str:
    """Return the table of calls on 1,000 samples and 3 taps, called as users do."""
    lines = ["| call | µs | goal | numpy.convolve, µs |", "|---|---|---|---|"]
    missed, n = [], 0
    rng = np.random.default_rng(seed)
    for dtype in DTYPES:
        listed = Cell((1000,), (3,), dtype)
        for cell in (listed, near(listed, rng)):
            problem = make(cell, seed)
            x, h = problem.x, problem.h
            calls = {
                "convolve same": lambda x=x, h=h: sigconv.convolve(x, h, mode="same"),
                "convolve full": lambda x=x, h=h: sigconv.convolve(x, h),
                "correlate same": lambda x=x, h=h: sigconv.correlate(x, h, mode="same"),
                "numpy": lambda x=x, h=h: np.convolve(x, h, "same"),
            }
            with limited(1):
                times = _times(calls, 0.05 if quick else 1.0)
            for name in list(calls)[:-1]:
                label = f"{name}, {cell.name}{', drawn' if cell.drawn else ''}"
                met = times[name] <= MOST_OVERHEAD
                lines.append(
                    f"| {label} | {times[name] * 1e6:.1f} | ≤ {MOST_OVERHEAD * 1e6:.0f} "
                    f"{verdict(met)} | {times['numpy'] * 1e6:.1f} |"
                )
                n += 1
                missed += [] if met else [name]
    lines.append(f"\n- One call in at most {MOST_OVERHEAD * 1e6:.0f} µs: {n - len(missed)} of {n}.")
    return "\n".join(lines)


def _times(calls: dict, seconds: float) -> dict[str, float]:
    def repeated(call):
        def run() -> None:
            for _ in range(CALLS):
                call()

        return run

    times = best_times({name: repeated(call) for name, call in calls.items()}, seconds, most=10_000)
    return {name: each / CALLS for name, each in times.items()}
