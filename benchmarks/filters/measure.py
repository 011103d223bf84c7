"""One case: everybody's answer is checked, then all are timed in turns."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..threads import limited
from ..timing import best_times
from .cases import SAMPLED, Case, CopyCase

OURS, INTO, TWO = "sigconv", "sigconv, out=", "sigconv, two threads"

#: Units of the signal's precision within which every answer must be right; SciPy's sections lose
#: digits in bands far below the rate, and its transfer functions many more.
OURS_RIGHT, PEERS_RIGHT = 1e4, 1e9


@dataclass(frozen=True)
class Row:
    """What came out of a case; times in seconds."""

    case: Case
    one: float
    into: float
    two: float
    peer: str
    theirs: float
    error: float
    peer_error: float
    apart: float  # from the peer's answer

    @property
    def ratio(self) -> float:
        """How many times faster than the fastest peer, on one thread."""
        return self.theirs / self.one

    @property
    def ratio_into(self) -> float:
        """The same, writing into an array."""
        return self.theirs / self.into

    @property
    def ratio_of_two(self) -> float:
        """The same, on two threads."""
        return self.theirs / self.two


def run(case: Case, seconds: float = 2.0) -> Row:
    """Check and time a case."""
    calls = {OURS: lambda: case.ours(1, None), TWO: lambda: case.ours(2, None)}
    if case.takes_out:
        into = np.empty_like(case.x)
        calls[INTO] = lambda: case.ours(1, into)
    with limited(1):
        exact = case.exact()
        answers = {name: call() for name, call in {**calls, **case.peers}.items()}
        errors = {name: _error(case, name, y, exact) for name, y in answers.items()}
        ours = answers[OURS]
        for name in calls:
            if not (answers[name] == ours).all():
                raise AssertionError(f"{name} differs from {OURS} at {case.name}")
        apart = {
            name: float(np.abs(answers[name] - ours).max() / np.abs(ours).max())
            for name in case.peers
        }
        del answers
        times = best_times({**calls, **case.peers}, seconds)
    peer = min(case.peers, key=lambda name: times[name])
    return Row(
        case,
        times[OURS],
        times.get(INTO, math.nan),
        times[TWO],
        peer,
        times[peer],
        errors[OURS],
        errors[peer],
        apart[peer],
    )


def _error(case: Case, name: str, answer: NDArray, exact: NDArray) -> float:
    half = dict(case.behind).get(name, 0)
    y, right = answer[SAMPLED], exact
    if half:  # whole windows only, at the sample that they end at
        y, right = y[:, 2 * half :], right[:, half : right.shape[1] - half]
    error = float(np.abs(y - right).max() / np.abs(exact).max())
    most = (PEERS_RIGHT if name in case.peers else OURS_RIGHT) * np.finfo(case.x.dtype).eps
    if y.shape != right.shape or not error <= most:
        raise AssertionError(f"{name} is off by {error:.1e} at {case.name}")
    return error


@dataclass(frozen=True)
class CopyRow:
    """Times of a filter and of copies, in seconds, into an array and into a new one."""

    case: CopyCase
    into: float
    copyto: float
    fresh: float
    copy: float


def against_copy(case: CopyCase, seconds: float = 2.0) -> CopyRow:
    """Time a filter and copies on one thread."""
    out = np.empty_like(case.x)
    calls: dict[str, Callable[[], object]] = {
        "into": lambda: case.ours(1, out),
        "copyto": lambda: np.copyto(out, case.x),
        "fresh": lambda: case.ours(1, None),
        "copy": lambda: case.x.copy(),
    }
    with limited(1):
        calls["into"]()  # compiles
        times = best_times(calls, seconds)
    return CopyRow(case, **times)
