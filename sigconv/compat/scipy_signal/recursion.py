"""Rows through difference equations and sections, with the states that SciPy's filters have."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import _layout
from ...convolution import convolve
from ...filters import recursive, sections

Filtered = tuple[NDArray[Any], NDArray[Any]]


def run_equation(
    b: NDArray[Any],
    a: NDArray[Any],
    rows: NDArray[Any],
    states: NDArray[Any],
    *,
    backward: bool = False,
) -> Filtered:
    """Filter (n_rows, n) by b/a (a[0] is 1) from states (n_rows, order); return the states after.

    Rows, states and coefficients are all float64 or all complex128.
    """
    if backward:
        turned, after = run_equation(b, a, rows[:, ::-1], states)
        return turned[:, ::-1], after
    order = max(len(a), len(b)) - 1
    b, a = (np.pad(each, (0, order + 1 - len(each))) for each in (b, a))
    if not a[1:].any():
        return _without_feedback(b, rows, states)
    if order <= 2 and not np.iscomplexobj(b) and not np.iscomplexobj(a):
        section = np.concatenate([np.pad(each, (0, 2 - order)) for each in (b, a)])
        padded = np.pad(states, ((0, 0), (0, 2 - order)))
        result, after = run_sections(section[np.newaxis], rows, padded[:, np.newaxis])
        return result, after[:, 0, :order]

    from .difference_jit import LANES, filter_groups

    rows, out = np.ascontiguousarray(rows), np.empty(rows.shape, rows.dtype)
    states = np.array(states, rows.dtype, order="C")
    b, a = (np.ascontiguousarray(each, rows.dtype) for each in (b, a))
    part = functools.partial(filter_groups, rows, out, b, a, states)
    _layout.split_over_threads(part, -(-len(rows) // LANES), None)
    return out, states


def _without_feedback(b: NDArray[Any], rows: NDArray[Any], states: NDArray[Any]) -> Filtered:
    order = len(b) - 1
    whole = convolve(rows, b, axes=-1)
    whole[:, :order] += states
    return whole[:, : rows.shape[1]], whole[:, rows.shape[1] :]


def run_sections(
    sos: NDArray[Any], rows: NDArray[Any], states: NDArray[Any], *, backward: bool = False
) -> Filtered:
    """Filter (n_rows, n) by sections from states (n_rows, n_sections, 2), as `run_equation`."""
    if not np.iscomplexobj(sos):
        own = _own(sos, states, 1)
        result, after = recursive.filter_rows(sos, None, rows, own, backward=backward)
        return result, _own(sos, after, -1)
    after = np.empty_like(states)
    for number, section in enumerate(sos):
        rows, after[:, number] = run_equation(
            section[:3], section[3:], rows, states[:, number], backward=backward
        )
    return rows, after


def _own(sos: NDArray[Any], states: NDArray[Any], sign: int) -> NDArray[Any]:
    """Return the engine's states for those of the direct form, or (sign -1) the reverse.

    In its shifted form, which is exact for very low bands, the second has the first in it.
    """
    result = states.copy()
    result[..., 1] += sign * sections.shifted(sos)[:, 5] * states[..., 0]
    return result


def at_rest(b: NDArray[Any], a: NDArray[Any]) -> NDArray[Any]:
    """Return the state (order,) of b/a (a[0] is 1, equal lengths) under a constant input of 1.

    Under it y = sum(b) / sum(a), and state k holds what is still to come: the sum over j > k
    of b[j] - a[j] y.
    """
    level = b.sum() / a.sum()
    still = (b - a * level)[1:]
    return np.cumsum(still[::-1])[::-1]
