"""One cell: everybody's answer is checked, then the fastest few are timed in turns with us."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

import sigconv

from ..threads import limited
from ..timing import best_times, error
from .cases import Cell, Problem, make
from .peers import PEERS, Peer

#: Units of the signal's precision within which a peer's answer counts as the same.
SAME = 2000.0

#: A peer is left out of a cell that would take it so many seconds and so many times as long as the
#: fastest peer, by the shortest time per unit of work that it has needed so far in this run.
SLOW, BEHIND = 0.25, 2.0

#: A first call longer than this many seconds is not repeated before the rounds.
LONG = 0.02

#: After its first calls a peer goes into the rounds only within this factor of the fastest.
IN_REACH = 1.7

OURS, ONE_THREAD = "sigconv", "sigconv, one thread"


@dataclass(frozen=True)
class Row:
    """What came out of a cell; times in seconds."""

    cell: Cell
    ours: float
    peer: str
    theirs: float
    error: float
    peer_error: float
    direct_error: float  # of SciPy's direct method
    one_thread: float = math.nan  # ours, where `ours` had more
    unfit: dict[str, str] = field(default_factory=dict)  # peer -> why it cannot
    hopeless: dict[str, tuple[float, float]] = field(default_factory=dict)  # expected, fastest

    @property
    def ratio(self) -> float:
        """How many times faster than the fastest peer."""
        return self.theirs / self.ours

    @property
    def speedup(self) -> float:
        """How many times faster than on one thread."""
        return self.one_thread / self.ours

    @property
    def is_right(self) -> bool:
        """Whether our error is no worse than twice that of SciPy's direct method."""
        return self.error <= 2 * self.direct_error


@dataclass
class Bench:
    """Measures cells one after the other, and remembers how fast the peers have been."""

    threads: int = 1
    seconds: float = 0.4
    seed: int = 0
    speeds: dict[tuple[str, str], float] = field(default_factory=dict)  # seconds a unit of work

    def measure(self, cell: Cell) -> Row:
        """Run a cell."""
        problem = make(cell, self.seed)
        with limited(self.threads):
            return self._measure(problem)

    def _measure(self, problem: Problem) -> Row:
        cell, exact = problem.cell, problem.exact()
        firsts: dict[str, float] = {}
        errors: dict[str, float] = {}
        answers: dict[str, Callable[[], np.ndarray]] = {}
        unfit = {peer.name: why for peer in PEERS if (why := peer.unmet(cell))}
        hopeless: dict[str, tuple[float, float]] = {}
        fit = [peer for peer in PEERS if peer.name not in unfit]
        for peer in sorted(fit, key=lambda peer: self._expected(peer, cell)):
            expected = self._expected(peer, cell)
            fastest = min(firsts.values(), default=math.inf)
            if expected > max(SLOW, BEHIND * fastest):
                hopeless[peer.name] = expected, fastest
                continue
            answers[peer.name] = answer = peer.prepare(problem)
            errors[peer.name], once = _checked(peer.name, answer, problem, exact)
            firsts[peer.name] = once if once > LONG else _best_of_a_few(answer)
            self._learn(peer, cell, firsts[peer.name])

        ours = {OURS: _ours(problem, self.threads)}
        if self.threads > 1:
            ours[ONE_THREAD] = _ours(problem, 1)
        our_error = max(_checked(name, answer, problem, exact)[0] for name, answer in ours.items())
        bar = IN_REACH * min(firsts.values())
        within = {name: answers[name] for name, first in firsts.items() if first <= bar}
        times = best_times({**ours, **within}, self.seconds, fewest=2)
        theirs = {name: min(times[name], firsts[name]) for name in within}
        peer_name = min(theirs, key=lambda name: theirs[name])
        return Row(
            cell,
            times[OURS],
            peer_name,
            theirs[peer_name],
            our_error,
            errors[peer_name],
            error(problem.direct(), exact),
            times.get(ONE_THREAD, math.nan),
            unfit,
            hopeless,
        )

    def _expected(self, peer: Peer, cell: Cell) -> float:
        """Return how many seconds a peer would need, 0 if that is unknown."""
        return self.speeds.get((peer.name, cell.dtype), 0.0) * peer.amount(cell)

    def _learn(self, peer: Peer, cell: Cell, seconds: float) -> None:
        if not peer.work:
            return
        key = peer.name, cell.dtype
        self.speeds[key] = min(self.speeds.get(key, math.inf), seconds / peer.amount(cell))


def _ours(problem: Problem, workers: int) -> Callable[[], np.ndarray]:
    return lambda: sigconv.convolve(problem.x, problem.h, mode="same", workers=workers)


def _checked(
    name: str, answer: Callable[[], np.ndarray], problem: Problem, exact: np.ndarray
) -> tuple[float, float]:
    """Return the error and the seconds of a call; a wrong answer ends the run."""
    before = time.perf_counter()
    y = answer()
    seconds = time.perf_counter() - before
    if y.shape != problem.x.shape or y.dtype != problem.x.dtype:
        raise AssertionError(f"{name} gave {y.dtype} {y.shape} at {problem.cell.name}")
    off = error(y[problem.places], exact)
    if not off <= SAME * np.finfo(problem.x.dtype).eps:
        raise AssertionError(f"{name} is off by {off:.1e} at {problem.cell.name}")
    return off, seconds


def _best_of_a_few(answer: Callable[[], np.ndarray]) -> float:
    return best_times({"": answer}, seconds=LONG, fewest=2, most=5)[""]
