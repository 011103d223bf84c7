"""How fast each method runs on this machine, measured in terms of its own estimate."""

from __future__ import annotations

import itertools
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import choose
from .convolve import convolve
from .machine import Speed, Speeds
from .problem import Form, pose

#: Signals and kernel lengths by number of axes: from where the call is all that counts to where
#: the work is, and beyond the caches. Those of several axes are large because transforms of small
#: ones told half of what large ones take: "auto" then took them for 5 taps a side, up to four
#: times as slow as the definition.
PROBLEMS: dict[int, tuple[tuple[tuple[int, ...], int], ...]] = {
    1: (
        ((500,), 5),
        ((20_000,), 31),
        ((20_000,), 501),
        ((300_000,), 101),
        ((1_000_000,), 31),
        ((1_000_000,), 3301),
    ),
    2: (((16, 16), 5), ((150, 150), 9), ((512, 512), 5), ((512, 512), 31), ((1500, 1500), 15)),
    3: (
        ((8, 8, 8), 3),
        ((32, 32, 32), 5),
        ((64, 64, 64), 3),
        ((64, 64, 64), 9),
        ((128, 128, 128), 5),
        ((128, 128, 128), 9),
    ),
}

#: Trials that take longer than so many ns, by the method's own estimate, are left out: shorter
#: ones tell as much of a method.
LONGEST = 20e6

#: Every type that is computed in.
DTYPES = ("float32", "float64", "complex64", "complex128", "int64")

#: Outer products in the kernels that the methods are tried on, as many as they can take apart.
N_TERMS = {"separable": 1, "low_rank": 2}

#: Rounds of a measurement, however long they last.
FEWEST = 2

_FORM = Form(None, "same", "zero", 0, 1, 1, "propagate")


class Measured(NamedTuple):
    """What one problem took."""

    method: str
    dtype: str
    n_axes: int
    estimate: float  # ns, by the method itself
    time: float  # ns, of the best round


class Trial(NamedTuple):
    """One problem to be solved by one method."""

    method: str
    dtype: str
    shape: tuple[int, ...]
    n_taps: int  # along each axis

    def measure(self, seconds: float) -> Measured | None:
        """Time the problem on one thread for so long.

        None where the method does not apply, or would take too long.
        """
        rng = np.random.default_rng(0)
        x = _noise(rng, self.shape, self.dtype)
        h = self._kernel(rng)
        problem = pose(x, h, _FORM, correlation=False)
        weights, geometry = problem.weights, problem.plan.geometry
        method = choose.METHODS[self.method]
        rows = x.reshape(1, *x.shape)
        if method.unmet(rows, weights, geometry):
            return None
        estimate = (
            method.cost(geometry, x.dtype)
            if method.cost_of is None
            else method.cost_of(geometry, x.dtype, weights)
        )
        if estimate > LONGEST:
            return None
        out = np.empty_like(x)
        best, spent, rounds = np.inf, 0.0, -1  # the first round compiles
        while rounds < FEWEST or spent < seconds:
            started = time.perf_counter()
            convolve(x, h, mode="same", method=self.method, workers=1, out=out)
            lasted = time.perf_counter() - started
            if rounds >= 0:
                best, spent = min(best, lasted), spent + lasted
            rounds += 1
        return Measured(self.method, self.dtype, x.ndim, float(estimate), best * 1e9)

    def _kernel(self, rng: np.random.Generator) -> NDArray[Any]:
        shape = (self.n_taps,) * len(self.shape)
        if self.method == "running_sum":
            return np.full(shape, 3, self.dtype)
        total = np.zeros(shape, self.dtype)
        if self.method not in N_TERMS:
            return total + _noise(rng, shape, self.dtype)
        for _ in range(N_TERMS[self.method]):
            term = np.ones((), self.dtype)
            for n in shape:
                factor = np.abs(_noise(rng, (n,), self.dtype))  # others go the long way
                term = np.multiply.outer(term, factor.astype(self.dtype))
            total += term
        return total


def trials() -> list[Trial]:
    """Return what there is to measure."""
    return [
        Trial(method, dtype, shape, n_taps)
        for dtype, problems in itertools.product(DTYPES, PROBLEMS.values())
        for shape, n_taps in problems
        for method in choose.METHODS
    ]


def fit(measured: Iterable[Measured]) -> Speeds:
    """Return the speeds that come closest to what was measured, in relative terms."""
    cells: dict[tuple[str, str, int], list[Measured]] = defaultdict(list)
    for each in measured:
        cells[each.method, each.dtype, each.n_axes].append(each)
    return Speeds({key: _fit(found) for key, found in cells.items()})


def misfits(measured: Iterable[Measured], speeds: Speeds) -> Iterator[float]:
    """Yield by what factor each time is off, 1 being right."""
    for method, dtype, n_axes, estimate, taken in measured:
        told = speeds.time(method, dtype, n_axes, estimate)
        yield max(told / taken, taken / told)


def _fit(measured: list[Measured]) -> Speed:
    """Return the call and factor >= 0 with the smallest sum of squared relative errors."""
    estimates, times = (np.array([m[i] for m in measured]) for i in (3, 4))
    columns = np.stack([1 / times, estimates / times])
    (a, b), (_, d) = columns @ columns.T
    right = columns.sum(axis=1)
    if len(measured) > 1 and a * d - b * b > 1e-9 * a * d:
        call, factor = np.linalg.solve([[a, b], [b, d]], right)
        if call >= 0 and factor > 0:
            return Speed(float(call), float(factor))
    return Speed(0.0, float(right[1] / d))


def _noise(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
    if dtype == "int64":
        return rng.integers(-5, 6, shape)
    noise = rng.normal(size=shape)
    if dtype.startswith("complex"):
        noise = noise + 1j * rng.normal(size=shape)
    return noise.astype(dtype)
