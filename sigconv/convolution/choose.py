"""Which method answers: the table of methods, and the cheapest that is accurate."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import direct, fourier, running_sum, separable
from .extended import Extended
from .geometry import Geometry


class Method(NamedTuple):
    """A way to solve the problem of `Geometry`.

    `correlate` takes extended rows of any type, without gaps, and returns its answer. `into`
    takes `Extended` rows as they come, writes its answer into an array, and returns whether it
    stands: it does not if a NaN or an infinity came out.
    """

    correlate: Callable[[NDArray[Any], NDArray[Any], Geometry, int | None], NDArray[Any]]
    into: Callable[[Extended, NDArray[Any], Geometry, int | None, NDArray[Any]], bool]
    unmet: Callable[[Any, NDArray[Any], Geometry], str]  # of an array or `Extended`
    cost: Callable[[Geometry, np.dtype[Any]], float]  # ns on one thread, an estimate
    local: bool = True  # `correlate` keeps errors where the loud samples are
    local_into: bool = True  # and so does `into`
    serves: Callable[[Geometry, np.dtype[Any]], bool] = lambda *_: True  # exact enough for "auto"


METHODS = {
    "direct": Method(direct.correlate, direct.into, direct.unmet, direct.cost),
    "separable": Method(separable.correlate, separable.into, separable.unmet, separable.cost),
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
        serves=fourier.serves,
    ),
    "overlap_save": Method(
        fourier.correlate_blocks,
        fourier.blocks_into,
        fourier.unmet,
        fourier.cost_blocks,
        local=False,
        serves=fourier.serves,
    ),
}


def choose(
    name: str, rows: NDArray[Any] | Extended, weights: NDArray[Any], geometry: Geometry
) -> tuple[Method, float]:
    """Return the method `name`, or the cheapest fit one for "auto", and its cost in ns."""
    if name != "auto":
        method = METHODS[name]
        unmet = method.unmet(rows, weights, geometry)
        if unmet:
            raise ValueError(f"method {name!r} needs {unmet}; 'auto' and 'direct' do not")
        return method, method.cost(geometry, rows.dtype)
    for method, cost in _by_cost(geometry, rows.dtype):
        local = method.local_into if isinstance(rows, Extended) else method.local
        local = local or fourier.is_even(rows, geometry)
        if local and not method.unmet(rows, weights, geometry):
            return method, cost
    raise AssertionError("the direct method serves every problem")


@functools.lru_cache
def _by_cost(geometry: Geometry, dtype: np.dtype[Any]) -> list[tuple[Method, float]]:
    methods = [method for method in METHODS.values() if method.serves(geometry, dtype)]
    costs = [(method, method.cost(geometry, dtype)) for method in methods]
    return sorted(costs, key=lambda entry: entry[1])
