"""Which method answers: the table of methods, and the cheapest that is accurate."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import direct, fourier, loudness, low_rank, machine, running_sum, separable
from .extended import Extended
from .geometry import REFERENCE_ROWS, Geometry

#: With fewer taps "auto" takes no transform, even where a call of one is shorter: what the
#: definition gives exactly, such as small whole numbers, is to stay so.
FEWEST_TAPS = 16

#: What a method needs before "auto" takes it, though it could answer.
SEVERAL_AXES = "a kernel that runs along several axes, or to be asked for"
EXACT = "a kernel for which transforms are as exact as the definition, or to be asked for"
MANY_TAPS = f"at least {FEWEST_TAPS} taps, or to be asked for"
ONE_KERNEL = "one kernel for all rows, or to be asked for"

#: Problems cheaper than this many ns are not worth waking another thread.
WORTH_THREADS = 200_000

#: A whole problem of one row in one compiled call: the signal, the places of the boundary before
#: and after it, the value beyond the ends, the kernel, whether it is flipped, the answer. Returns
#: whether all of that is finite.
AtOnce = Callable[
    [NDArray[Any], NDArray[np.intp], NDArray[np.intp], float, NDArray[Any], bool, NDArray[Any]],
    bool,
]


class Method(NamedTuple):
    """A way to solve the problem of `Geometry`.

    `correlate` takes extended rows of any type, without gaps, and returns its answer. `into`
    takes `Extended` rows as they come, writes its answer into an array, and returns whether it
    stands: it does not if a NaN or an infinity came out.
    """

    correlate: Callable[[NDArray[Any], NDArray[Any], Geometry, int | None], NDArray[Any]]
    into: Callable[[Extended, NDArray[Any], Geometry, int | None, NDArray[Any]], bool]
    unmet: Callable[[Any, NDArray[Any], Geometry], str]  # of an array or `Extended`
    cost: Callable[[Geometry, np.dtype[Any]], float]  # ns on one thread, before the kernel is seen
    cost_of: Callable[[Geometry, np.dtype[Any], NDArray[Any]], float] | None = None  # with it
    one_kernel: bool = False  # is for one kernel only, if "auto" is to take it
    local: bool = True  # `correlate` keeps errors where the loud samples are
    local_into: bool = True  # and so does `into`
    serves: Callable[[Geometry, np.dtype[Any]], bool] = lambda *_: True  # for "auto"
    served: str = ""  # what "auto" needs for it
    at_once: Callable[[Geometry], AtOnce | None] | None = None


def _of_several_axes(geometry: Geometry, dtype: np.dtype[Any]) -> bool:
    """Return whether a kernel can come apart: along one axis alone it is its own factor."""
    return sum(k > 1 for k in geometry.taps) > 1


METHODS = {
    "direct": Method(
        direct.correlate, direct.into, direct.unmet, direct.cost, at_once=direct.at_once
    ),
    "separable": Method(
        separable.correlate,
        separable.into,
        separable.unmet,
        separable.least_cost,
        separable.cost,
        serves=_of_several_axes,
        served=SEVERAL_AXES,
    ),
    "low_rank": Method(
        low_rank.correlate,
        low_rank.into,
        low_rank.unmet,
        low_rank.least_cost,
        low_rank.cost,
        one_kernel=True,
        serves=_of_several_axes,
        served=SEVERAL_AXES,
    ),
    "running_sum": Method(
        running_sum.correlate, running_sum.into, running_sum.unmet, running_sum.cost
    ),
    "fft": Method(
        fourier.correlate_whole,
        fourier.whole_into,
        fourier.unmet,
        fourier.cost_whole,
        local=False,
        local_into=False,
        serves=fourier.whole_serves,
        served=EXACT,
    ),
    "overlap_save": Method(
        fourier.correlate_blocks,
        fourier.blocks_into,
        fourier.unmet,
        fourier.cost_blocks,
        local=False,
        serves=fourier.blocks_serve,
        served=EXACT,
    ),
}


class Choice(NamedTuple):
    """A method and what it is expected to take, in ns on one thread."""

    name: str
    method: Method
    cost: float
    weight: float  # the same of REFERENCE_ROWS rows, by which "auto" compares methods


def choose(
    name: str, rows: NDArray[Any] | Extended, weights: NDArray[Any], geometry: Geometry
) -> Choice:
    """Return the method `name`, or the cheapest fit one for "auto"."""
    if name != "auto":
        unmet = METHODS[name].unmet(rows, weights, geometry)
        if unmet:
            raise ValueError(refusal(name, unmet))
        return priced(name, weights, geometry, rows.dtype)
    best = None
    for choice in considered(geometry, rows.dtype, len(weights)):
        if best is not None and best.weight <= choice.weight:
            break
        method = choice.method
        local = method.local_into if isinstance(rows, Extended) else method.local
        if (local or loudness.is_even(rows, geometry)) and not method.unmet(
            rows, weights, geometry
        ):
            if method.cost_of is not None:
                choice = priced(choice.name, weights, geometry, rows.dtype)
            best = choice if best is None or choice.weight < best.weight else best
    assert best is not None, "the direct method serves every problem"
    return best


@functools.lru_cache
def considered(geometry: Geometry, dtype: np.dtype[Any], n_kernels: int) -> list[Choice]:
    """Return the methods that "auto" may take, the cheapest first.

    Nothing is looked for behind the first one that serves whatever the signal and the kernel.
    """
    found = []
    for choice in by_cost(geometry, dtype):
        if not missed(choice, n_kernels, geometry, dtype):
            found.append(choice)
            if choice.name == "direct":
                break
    return found


def missed(choice: Choice, n_kernels: int, geometry: Geometry, dtype: np.dtype[Any]) -> str:
    """Return what a method misses for "auto" to take it: to be exact enough, and found soon.

    To take many kernels apart would cost more than it saves.
    """
    method = choice.method
    if not method.local and math.prod(geometry.taps) < FEWEST_TAPS:
        return MANY_TAPS
    if not method.serves(geometry, dtype):
        return method.served
    return ONE_KERNEL if method.one_kernel and n_kernels > 1 else ""


def refusal(name: str, unmet: str) -> str:
    """Return the sentence that refuses a method."""
    return f"method {name!r} needs {unmet}; 'auto' and 'direct' do not"


def priced(name: str, weights: NDArray[Any], geometry: Geometry, dtype: np.dtype[Any]) -> Choice:
    """Return a method that the kernel fits and what it takes with this very kernel."""
    if METHODS[name].cost_of is None:
        return next(choice for choice in by_cost(geometry, dtype) if choice.name == name)
    return _priced(name, weights.tobytes(), weights.dtype, weights.shape, geometry, dtype)


@functools.lru_cache(maxsize=16)
def _priced(
    name: str,
    data: bytes,
    kind: np.dtype[Any],
    shape: tuple[int, ...],
    geometry: Geometry,
    dtype: np.dtype[Any],
) -> Choice:
    of, weights = METHODS[name].cost_of, np.frombuffer(data, kind).reshape(shape)
    assert of is not None, "asked for with a kernel only where it has one"
    return _choice(name, geometry, dtype, lambda problem, dtype: of(problem, dtype, weights))


@functools.lru_cache
def by_cost(geometry: Geometry, dtype: np.dtype[Any]) -> list[Choice]:
    """Return all methods as "auto" tries them, as far as can be said before the kernel is seen."""
    choices = [_choice(name, geometry, dtype, method.cost) for name, method in METHODS.items()]
    return sorted(choices, key=lambda choice: choice.weight)


def _choice(
    name: str,
    geometry: Geometry,
    dtype: np.dtype[Any],
    cost: Callable[[Geometry, np.dtype[Any]], float],
) -> Choice:
    """Return a method with its costs on this machine."""
    speeds, n_axes = machine.speeds(), len(geometry.taps)
    reference = dataclasses.replace(geometry, n_rows=REFERENCE_ROWS)
    own, weight = (
        speeds.time(name, dtype.name, n_axes, cost(problem, dtype))
        for problem in (geometry, reference)
    )
    return Choice(name, METHODS[name], own, weight)
