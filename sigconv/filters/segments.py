"""Long single signals: their segments run side by side, each from the state the one before left.

A pass over all segments from rest tells what each adds to the state; the states follow from
that, since the filter is linear; a second pass gives the output. Two passes of eight segments
at once take a quarter of the time that one sequential pass takes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .sections import Floats, is_stable, shifted

#: So many segments, whatever the number of threads: the answer must not depend on it.
SEGMENTS = 32
#: Samples from which on it is worth it, and segments are long beside the work between them.
WORTHWHILE = SEGMENTS * 4096

#: (rows, states, backward, out) -> final states
Run = Callable[[NDArray[Any], NDArray[Any], bool, NDArray[Any]], NDArray[Any]]


def worth_it(sections: Floats, n_rows: int, n: int, lanes: int) -> bool:
    """Return whether rows are so few and long that their segments had better run abreast.

    The states of an unstable filter grow beyond all numbers: it runs sequentially.
    """
    return 2 * n_rows <= lanes and n >= WORTHWHILE and is_stable(sections)


def filter_row(
    sections: Floats,
    run: Run,
    row: NDArray[Any],
    state: NDArray[Any],
    backward: bool,
    out: NDArray[Any],
) -> NDArray[Any]:
    """Filter one row (n,) from a state (n_sections, 2) into `out`; return the final state."""
    length = len(row) // SEGMENTS
    # what does not fill a segment comes last in time
    rest = len(row) - SEGMENTS * length
    body = slice(rest, None) if backward else slice(0, len(row) - rest)
    tail = slice(0, rest) if backward else slice(len(row) - rest, None)
    source, target = (each[body].reshape(SEGMENTS, length) for each in (row, out))

    added = run(source, np.zeros((SEGMENTS, *state.shape)), backward, np.empty_like(source))
    power = transition(sections, length)
    states = np.empty((SEGMENTS, *state.shape))
    for segment in reversed(range(SEGMENTS)) if backward else range(SEGMENTS):
        states[segment] = state
        state = (power @ state.ravel()).reshape(state.shape) + added[segment]
    run(source, states, backward, target)
    if rest:
        state = run(row[np.newaxis, tail], state[np.newaxis], backward, out[np.newaxis, tail])[0]
    return state


def transition(sections: Floats, n: int) -> Floats:
    """Return the matrix that takes the states of all sections through n samples of silence.

    In extended precision: of a filter for very low frequencies the n-th power would make n
    times the rounding error of a single step.
    """
    rows = shifted(sections).astype(np.longdouble)
    size = 2 * len(rows)
    step = np.zeros((size, size), np.longdouble)
    for column in range(size):
        state = np.zeros(size, np.longdouble)
        state[column] = 1
        u = np.longdouble(0)
        for section, (b0, n1, n2, d1, d2, s) in enumerate(rows):
            w1, w2 = state[2 * section : 2 * section + 2]
            y = b0 * u + w1
            step[2 * section, column] = s * w1 + n1 * u + w2 - d1 * y
            step[2 * section + 1, column] = s * w2 + n2 * u - d2 * y
            u = y
    return np.linalg.matrix_power(step, n).astype(np.float64)
