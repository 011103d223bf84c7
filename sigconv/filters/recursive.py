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
    in_segments: bool | None = None,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Filter (n_rows, n) from states (n_rows, n_sections, 2); return rows and the final states.

    `sections` are (n_sections, 6) for all rows, or (n_rows, n_sections, 6) with a set for each.
    Backward, time runs from the last sample to the first. `out` may be `rows`. Whoever brings
    pieces of longer rows says `in_segments` what `segments_suit` said of the whole.
    """
    if in_segments is None:
        in_segments = segments_suit(sections, len(rows), rows.shape[1], np.iscomplexobj(rows))
    if out is None:
        out = np.empty(rows.shape, rows.dtype)
    if np.iscomplexobj(rows):
        # Real coefficients act on real and imaginary parts alike.
        parts, part_states = filter_rows(
            sections if sections.ndim == 2 else np.concatenate([sections, sections]),
            workers,
            np.concatenate([rows.real, rows.imag]),
            np.concatenate([states.real, states.imag]),
            backward=backward,
            in_segments=in_segments,
        )
        half = len(rows)
        out.real, out.imag = parts[:half], parts[half:]
        return out, part_states[:half] + 1j * part_states[half:]

    from .recursive_jit import LANES, filter_groups

    # the compiled loops check neither bounds nor layout
    rows = np.ascontiguousarray(rows)
    if not (out.flags.c_contiguous and out.shape == rows.shape):
        raise AssertionError("out must be laid out as rows are")
    sets = sections if sections.ndim == 3 else sections[np.newaxis]

    def run(
        sets: Floats, rows: NDArray[Any], states: NDArray[Any], backward: bool, out: NDArray[Any]
    ) -> NDArray[Any]:
        states = np.array(states, np.float64, order="C")
        coefficients = np.array([shifted(each).ravel() for each in sets])
        part = functools.partial(filter_groups, rows, out, coefficients, states, backward)
        _layout.split_over_threads(part, -(-len(rows) // LANES), workers)
        return states

    if in_segments:
        lines = zip(rows, states, out, strict=True)
        ends = []
        for i, (x, z, y) in enumerate(lines):
            own = sets[i if len(sets) > 1 else 0]
            alone = functools.partial(run, own[np.newaxis])
            ends.append(segments.filter_row(own, alone, x, z, backward, y))
        return out, np.array(ends)
    return out, run(sets, rows, states, backward, out)


def segments_suit(sections: Floats, n_rows: int, n: int, is_complex: bool) -> bool:
    """Return whether rows (n_rows, n) run in segments side by side."""
    from .recursive_jit import LANES

    if n < segments.WORTHWHILE:
        return False
    parts = n_rows * (1 + is_complex)  # real and imaginary ones
    sets = sections if sections.ndim == 3 else sections[np.newaxis]
    return all(segments.worth_it(each, parts, n, LANES) for each in sets)
