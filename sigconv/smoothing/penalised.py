"""Whittaker-Eilers smoothing: least squares with a penalty on differences."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks, _layout

#: The greatest square root of the penalty times the gain of the differences: beyond it rounding
#: spoils the seventh digit.
STIFFEST = 1e9


def whittaker(width: float, *, order: int) -> functools.partial[None]:
    """Prepare the smoother that halves a sine of the period `width`, in samples."""
    order = _checks.whole("order", order)
    if width <= 2:
        raise ValueError(
            f"width must be above 2 samples for the method 'whittaker', the shortest period there "
            f"is; got {width:g}"
        )
    root = (2 * math.sin(math.pi / width)) ** -order
    if not root * 2**order < STIFFEST:
        widest = math.pi / math.asin(STIFFEST ** (-1 / order))
        raise ValueError(
            f"width must be below {widest:.3g} samples for differences of order {order}; "
            f"got {width:g}"
        )
    # the slowest part of the impulse response falls to the rounding of a double
    reach = math.ceil(37 * width / (2 * math.pi * math.sin(math.pi / (2 * order))))
    return functools.partial(_run, root, order, reach)


def _run(
    root: float,
    order: int,
    reach: int,
    rows: NDArray[Any],
    boundary: str | None,
    omit: bool,
    workers: int | None,
    out: NDArray[Any],
) -> None:
    from . import penalised_jit as jit

    if np.iscomplexobj(rows):  # each part by itself, but a gap is one of both
        broken = np.where(np.isfinite(rows), rows, np.nan * (1 + 1j))
        for values, target in ((broken.real, out.real), (broken.imag, out.imag)):
            answer = np.empty_like(values)
            _run(root, order, reach, values.copy(), boundary, omit, workers, answer)
            target[...] = answer
        return
    start = 0 if boundary is None else reach
    signals = rows if boundary is None else _layout.extend(rows, [(reach, reach)], [boundary])
    penalty = root * np.diff(np.eye(order + 1), order, axis=0)[0]  # of one difference
    present = np.isfinite(signals)
    complete = present.all(axis=1)
    whole = np.flatnonzero(complete)
    ones = np.ones(signals.shape[1], bool)
    shared = jit.factor(ones, penalty)

    def solve_whole(begin: int, end: int) -> None:
        for group in range(begin, end):
            those = whole[group * jit.ABREAST : (group + 1) * jit.ABREAST]
            answer = np.empty((len(those), out.shape[1]), out.dtype)
            jit.solve(signals[those], ones, *shared, start, answer)
            out[those] = answer

    def solve_broken(begin: int, end: int) -> None:
        for row in np.flatnonzero(~complete[begin:end]) + begin:
            if not omit or present[row].sum() < order:
                out[row] = np.nan
            else:
                own = jit.factor(present[row], penalty)
                part = slice(row, row + 1)
                jit.solve(signals[part], present[row], *own, start, out[part])

    _layout.split_over_threads(solve_whole, -(-whole.size // jit.ABREAST), workers)
    if not complete.all():
        _layout.split_over_threads(solve_broken, len(rows), workers)
