"""Plain problems, most of which come again and again: all but the numbers is looked up.

A signal of 1,000 samples takes longer to be posed than to be convolved.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _layout, _memory
from .._start_jit import start
from . import choose
from .extended import Extended, Layout
from .problem import Form, Plan, plan_of


class Ready(NamedTuple):
    """What is known of a plain problem before its numbers are: one kernel, one type of float."""

    plan: Plan
    layout: Layout
    cval: float
    flip: bool
    at_once: choose.AtOnce | None  # in one compiled call
    unless_equal: bool  # a running sum takes less where all taps are equal
    empty: Callable[[tuple[int, ...], np.dtype[Any]], NDArray[Any]]  # makes the answer


@functools.lru_cache(maxsize=256, typed=True)
def ready(
    x_shape: tuple[int, ...],
    x_dtype: np.dtype[Any],
    h_shape: tuple[int, ...],
    h_dtype: np.dtype[Any],
    correlation: bool,
    name: str,
    workers: int | None,
    *words: Any,
) -> Ready | None:
    """Return what a plain problem is but for its numbers, None for all others.

    Arguments that are not allowed raise what `problem.pose` raises, or give None.
    """
    form = Form(*words)
    # Of equal sequences one may be allowed and another not: (1,) and (1.0,).
    plain = not isinstance(form.axes, tuple) and type(form.stride) is type(form.dilation) is int
    if not plain or form.nan_policy != "propagate" or 0 in x_shape + h_shape or not h_shape:
        return None
    plan, cval = plan_of(x_shape, x_dtype, h_shape, h_dtype, form)
    shared = len(h_shape) == len(plan.axes)
    if plan.layout is None or not (shared and plan.are_last and x_dtype == h_dtype == plan.work):
        return None
    geometry, threads = plan.geometry, _layout.thread_count(workers)
    choices = choose.considered(geometry, x_dtype, 1)
    if name != "auto":
        choices = [choice for choice in choose.by_cost(geometry, x_dtype) if choice.name == name]
        if not choices:
            return None
    at_once, unless_equal = None, len(choices) > 1 and choices[0].name == "running_sum"
    _, method, cost, _ = choices[unless_equal]
    if len(x_shape) == 1 and (threads == 1 or cost < choose.WORTH_THREADS):
        at_once = method.at_once and method.at_once(geometry)
    size = math.prod(plan.output_shape) * x_dtype.itemsize
    empty = np.empty if size < _memory.LEAST else _memory.empty  # which takes longer to call
    flip = not correlation
    start()
    return Ready(plan, plan.layout, float(cval.real), flip, at_once, unless_equal, empty)


def solve(
    x: NDArray[Any],
    h: NDArray[Any],
    known: Ready,
    name: str,
    workers: int | None,
    out: NDArray[Any] | None,
) -> NDArray[Any] | None:
    """Solve a plain problem of finite numbers; return None if some are not, or `out` does not fit.

    All arrays are C-contiguous and writeable: others are of types of their own to compiled code.
    """
    plan, (shape, left, right), cval, flip, at_once, unless_equal, empty = known
    if out is None:
        out = empty(plan.output_shape, x.dtype)
    elif out.shape != plan.output_shape or out.dtype != x.dtype:
        return None
    # To compare two taps takes 0.1 us, and to go the other way 5.
    if at_once is not None and not (unless_equal and h[0] == h[len(h) // 2]):
        return out if at_once(x, left[-1], right[-1], cval, h, flip, out) else None
    weights = (h[plan.flip[1:]] if flip else h).copy()[np.newaxis]
    laid = Extended(x.reshape(shape), left, right, cval)
    _, method, cost, _ = choose.choose(name, laid, weights, plan.geometry)
    result = out.reshape(shape[0], *plan.geometry.output)
    threads = workers if cost >= choose.WORTH_THREADS else 1
    return out if method.into(laid, weights, plan.geometry, threads, result) else None
