"""Long single signals: their segments run side by side, each from the state the one before left.

A pass over all segments from rest tells what each adds to the state; the states follow from
that, since the filter is linear; a second pass gives the output. Two passes of eight segments
at once take a quarter of the time that one sequential pass takes.

Segments are all of one length, counted from the signal's first sample, whichever way time runs.
So the answer depends neither on the number of threads nor on what follows, and a signal that is
brought piece by piece, in whole segments, gets the same bits as one that lies in memory.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .sections import Floats, is_stable, shifted

#: Samples of a segment: many beside the work between segments.
LENGTH = 8192
#: Samples from which on it is worth it.
WORTHWHILE = 16 * LENGTH

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
    n_segments = len(row) // LENGTH
    edge = n_segments * LENGTH
    body, tail = slice(0, edge), slice(edge, None)
    if backward and edge < len(row):
        state = run(row[np.newaxis, tail], state[np.newaxis], backward, out[np.newaxis, tail])[0]
    if n_segments:
        source, target = (each[body].reshape(n_segments, LENGTH) for each in (row, out))
        rest = np.zeros((n_segments, *state.shape))
        added = run(source, rest, backward, np.empty_like(source)).reshape(n_segments, -1)
        power, states = (
            transition(np.asarray(sections, np.float64).tobytes(), LENGTH),
            np.empty(added.shape),
        )
        flat = state.ravel()
        for segment in reversed(range(n_segments)) if backward else range(n_segments):
            states[segment] = flat
            flat = power @ flat + added[segment]
        state = flat.reshape(state.shape)
        run(source, states.reshape(rest.shape), backward, target)
    if not backward and edge < len(row):
        state = run(row[np.newaxis, tail], state[np.newaxis], backward, out[np.newaxis, tail])[0]
    return state


@functools.lru_cache(maxsize=32)
def transition(sections: bytes, n: int) -> Floats:
    """Return the matrix that takes the states of all sections through n samples of silence.

    `sections` are the bytes of (n_sections, 6), for the cache: pieces ask again and again.

    In extended precision: of a filter for very low frequencies the n-th power would make n
    times the rounding error of a single step.
    """
    rows = shifted(np.frombuffer(sections).reshape(-1, 6)).astype(np.longdouble)
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
