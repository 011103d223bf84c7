"""Running second-order sections over rows, with the state before and after."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _layout
from . import segments
from .sections import Floats, shifted


def filter_rows(
    sections: Floats,
    workers: int | None,
    rows: NDArray[Any],
    states: NDArray[Any],
    *,
    backward: bool = False,
    out: NDArray[Any] | None = None,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Filter (n_rows, n) from states (n_rows, n_sections, 2); return rows and the final states.

    Backward, time runs from the last sample to the first. `out` may be `rows`.
    """
    if out is None:
        out = np.empty(rows.shape, rows.dtype)
    if np.iscomplexobj(rows):
        # Real coefficients act on real and imaginary parts alike.
        parts, part_states = filter_rows(
            sections,
            workers,
            np.concatenate([rows.real, rows.imag]),
            np.concatenate([states.real, states.imag]),
            backward=backward,
        )
        half = len(rows)
        out.real, out.imag = parts[:half], parts[half:]
        return out, part_states[:half] + 1j * part_states[half:]

    from .recursive_jit import LANES, filter_groups

    # the compiled loops check neither bounds nor layout
    rows = np.ascontiguousarray(rows)
    if not (out.flags.c_contiguous and out.shape == rows.shape):
        raise AssertionError("out must be laid out as rows are")
    coefficients = np.ascontiguousarray(shifted(sections)).ravel()

    def run(
        rows: NDArray[Any], states: NDArray[Any], backward: bool, out: NDArray[Any]
    ) -> NDArray[Any]:
        states = np.array(states, np.float64, order="C")
        part = functools.partial(filter_groups, rows, out, coefficients, states, backward)
        _layout.split_over_threads(part, -(-len(rows) // LANES), workers)
        return states

    if segments.worth_it(sections, len(rows), rows.shape[1], LANES):
        lines = zip(rows, states, out, strict=True)
        ends = [segments.filter_row(sections, run, x, z, backward, y) for x, z, y in lines]
        return out, np.array(ends)
    return out, run(rows, states, backward, out)
