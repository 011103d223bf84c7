"""Running second-order sections over rows, with the state before and after."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _layout
from .sections import Floats, shifted


def filter_rows(
    sections: Floats, workers: int | None, rows: NDArray[Any], states: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Filter (n_rows, n) from states (n_rows, n_sections, 2); return rows and the final states."""
    if np.iscomplexobj(rows):
        # Real coefficients act on real and imaginary parts alike.
        parts, part_states = filter_rows(
            sections,
            workers,
            np.concatenate([rows.real, rows.imag]),
            np.concatenate([states.real, states.imag]),
        )
        half = len(rows)
        result = np.empty(rows.shape, rows.dtype)
        result.real, result.imag = parts[:half], parts[half:]
        return result, part_states[:half] + 1j * part_states[half:]

    from .recursive_jit import filter_rows as compiled

    out = np.empty_like(rows)
    states = states.astype(np.float64)
    part = functools.partial(compiled, rows, out, shifted(sections), states)
    _layout.split_over_threads(part, len(rows), workers)
    return out, states
