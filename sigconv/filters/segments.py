"""Few long signals: segments of one signal run side by side, each from the right state.

The filter is linear: what a segment adds to the states is a weighted sum of its samples, which
needs no recursion. From the state before the first of eight segments follow those before the
others; then all eight are filtered at once. This takes an eighth of the sequential time and the
sums, where filtering every segment twice would take two.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from .sections import Floats, is_stable

Extended = NDArray[np.longdouble]

#: Segments side by side, and samples of each: eight and their weights fit the first-level cache.
LANES, SEGMENT = 8, 256

#: Segments are counted from a row's first sample, whichever way time runs: a row that is cut at
#: multiples of LENGTH, and runs in segments throughout, gets the same bits as one that is not.
LENGTH = LANES * SEGMENT

#: Samples from which on a row runs so. Shorter ones would gain as well, but only the sequential
#: path gives the same bits for a stream, wherever it is cut.
WORTHWHILE = 8 * LENGTH


def worth_it(sets: Floats, n_rows: int, n: int) -> bool:
    """Return whether rows are so few and long that their segments had better run abreast.

    The states of an unstable filter grow beyond all numbers: it runs sequentially.
    """
    return 2 * n_rows <= LANES and n >= WORTHWHILE and all(is_stable(each) for each in sets)


@functools.lru_cache(maxsize=64)
def tables(forms: bytes) -> tuple[Floats, Floats, Floats]:
    """Return what is known of a segment before its samples, for sections in shifted form.

    That is what the samples add to the states, flat (n_states, SEGMENT), in time and when time
    runs backward, and what a 1 in each state becomes meanwhile, (n_states, LANES) a row each.
    """
    step, by_input = one_step(np.frombuffer(forms).reshape(-1, 6))
    # what an input does to the states after 0, 1, 2 ... further steps
    responses, power = by_input[:, np.newaxis], step
    while responses.shape[1] < SEGMENT:
        responses = np.concatenate([responses, power @ responses], axis=1)
        power = power @ power
    backward = responses.astype(np.float64)
    powers = np.zeros((len(power), LANES))
    powers[:, : len(power)] = power.T
    return backward[:, ::-1].ravel(), backward.ravel(), powers


def one_step(forms: Floats) -> tuple[Extended, Extended]:
    """Return what one sample's time does to the states of all sections, and what a 1 adds.

    In extended precision: of a filter for very low frequencies the n-th power would make n
    times the rounding error of a single step.
    """
    rows = forms.astype(np.longdouble)
    size = 2 * len(rows)
    columns = np.zeros((size, size + 1), np.longdouble)
    for column in range(size + 1):
        state = np.zeros(size, np.longdouble)
        state[column : column + 1] = 1
        u = np.longdouble(column == size)
        for section, (b0, n1, n2, d1, d2, s) in enumerate(rows):
            w1, w2 = state[2 * section : 2 * section + 2]
            y = b0 * u + w1
            columns[2 * section, column] = s * w1 + n1 * u + w2 - d1 * y
            columns[2 * section + 1, column] = s * w2 + n2 * u - d2 * y
            u = y
    return columns[:, :-1], columns[:, -1]
