"""One case against its peers: the best of several rounds taken in turns, and everybody's error."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Answer = Callable[[], np.ndarray]

#: Rounds go on for about this long a case, so that small cases get many and large ones a few.
SECONDS = 1.0
FEWEST, MOST = 3, 200


@dataclass(frozen=True)
class Case:
    """What is computed: by us, by the peers, and exactly (in extended precision, on `sample`)."""

    name: str
    ours: Answer
    peers: Mapping[str, Answer]
    exact: Answer
    sample: object = ...


def table(cases: Sequence[Case]) -> str:
    """Run the cases; return a Markdown table with a closing line of the geometric mean."""
    lines = [
        "| case | sigconv, ms | best peer | peer, ms | ratio | error | peer's error |",
        "|---|---|---|---|---|---|---|",
    ]
    ratios = []
    for case in cases:
        exact = case.exact()
        answers = {"sigconv": case.ours, **case.peers}
        errors = {name: error(answer()[case.sample], exact) for name, answer in answers.items()}
        times = best_times(answers)
        peer = min(case.peers, key=lambda name: times[name])
        ratios.append(times[peer] / times["sigconv"])
        lines.append(
            f"| {case.name} | {times['sigconv'] * 1e3:.3g} | {peer} | {times[peer] * 1e3:.3g} | "
            f"{ratios[-1]:.2f} | {errors['sigconv']:.1e} | {errors[peer]:.1e} |"
        )
    lines.append(
        f"\nRatio: how many times faster than the fastest peer (below 1: slower); geometric mean "
        f"{geometric_mean(ratios):.2f}, smallest {min(ratios):.2f}. Error: largest difference from "
        "extended precision over the largest value. One thread each, outputs allocated inside the "
        "time."
    )
    return "\n".join(lines)


def error(values: np.ndarray, exact: np.ndarray) -> float:
    """Return the largest difference from the exact answer over the largest exact value."""
    return float(np.abs(values - exact).max() / np.abs(exact).max())


def geometric_mean(ratios: Sequence[float]) -> float:
    return float(np.exp(np.mean(np.log(ratios))))


def best_times(
    answers: Mapping[str, Callable[[], object]],
    seconds: float = SECONDS,
    fewest: int = FEWEST,
    most: int = MOST,
) -> dict[str, float]:
    """Return the shortest time of each in seconds, over rounds in which all have their turn."""
    best = dict.fromkeys(answers, np.inf)
    started = time.perf_counter()
    for round_ in range(most):
        for name, answer in answers.items():
            before = time.perf_counter()
            answer()
            best[name] = min(best[name], time.perf_counter() - before)
        if round_ + 1 >= fewest and time.perf_counter() - started > seconds:
            break
    return best
