"""Channels of other rates in one recording: brought to the fastest, and back to the sample."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

#: Neighbours to either side that a sample in between follows from. With Kaiser's window of this
#: shape a sine of up to 0.85 of half the slower rate is met to 1e-5.
REACH, SHAPE = 32, 12.0

#: Reads the samples from the first to the second number.
Read = Callable[[int, int], NDArray[np.float64]]


def between(
    read: Read, n: int, ratio: Fraction, start: int, stop: int, *, codes: bool
) -> NDArray[np.float64]:
    """Return samples `start` to `stop` of a signal at `ratio` times its rate.

    Sample i lies at i / ratio of the signal's own, which come back as they are; between them a
    windowed sinc goes through all of them. So a signal that was brought to a higher rate and back
    is what it was. Nothing holds back what a lower rate cannot have: it is for what came from one.
    Codes are held, and their changes stay where they were.

    Parameters
    ----------
    read : callable
        (first, last) -> samples of the signal.
    n : int
        How many it has.
    ratio : Fraction
        New rate over old.
    start, stop : int
    codes : bool
    """
    # numpy's whole numbers would do for years of samples; fractions are exact
    over, under = ratio.numerator, ratio.denominator
    index = np.arange(start, stop, dtype=np.int64) * under
    if codes:
        place = index // over if ratio >= 1 else -(-index // over)
        place = place.clip(0, n - 1)
        return read(int(place[0]), int(place[-1]) + 1)[place - place[0]]
    base, phase = index // over, index % over
    if not phase.any():
        base = base.clip(0, n - 1)
        return read(int(base[0]), int(base[-1]) + 1)[base - base[0]]
    first, last = max(int(base[0]) - REACH + 1, 0), min(int(base[-1]) + REACH + 1, n)
    x = read(min(first, n - 1), max(last, min(first, n - 1) + 1))
    offset = min(first, n - 1)
    weights = _weights(over)
    total = np.zeros(stop - start)
    for tap in range(2 * REACH):  # one term after the other: no cut changes the sum
        place = (base + (tap - REACH + 1)).clip(0, n - 1) - offset
        total += weights[tap, phase] * x[place.clip(0, len(x) - 1)]
    whole = phase == 0
    total[whole] = x[(base[whole] - offset).clip(0, len(x) - 1)]
    return total


def unchanged(
    read: Read, own: Read, n: int, ratio: Fraction, start: int, stop: int, *, codes: bool
) -> NDArray[np.bool_]:
    """Tell which samples at a lower rate hang on none that is not as `own` made it.

    Parameters
    ----------
    read : callable
        (first, last) -> samples at the higher rate, of which there are `n`.
    own : callable
        (first, last) -> samples at the lower rate, from which those of `read` came once.
    ratio : Fraction
        Lower rate over higher.
    start, stop : int
        Of the samples at the lower rate.
    codes : bool
    """
    place = np.arange(start, stop, dtype=np.int64) * ratio.denominator // ratio.numerator
    first, last = max(int(place[0]) - REACH, 0), min(int(place[-1]) + REACH + 1, n)
    before = between(own, int(n * ratio), 1 / ratio, first, last, codes=codes)
    changed = np.concatenate([[0], np.cumsum(before != read(first, last))])
    low, high = ((place + shift).clip(first, last) - first for shift in (-REACH, REACH + 1))
    return changed[low] == changed[high]


@lru_cache(maxsize=8)
def _weights(phases: int) -> NDArray[np.float64]:
    """Return the taps (2 * REACH, phases) for samples that lie a part of a step behind another."""
    taps = np.arange(2 * REACH)[:, np.newaxis] - (REACH - 1)
    away = taps - np.arange(phases) / phases
    inside = np.maximum(1 - (away / REACH) ** 2, 0)
    weights = np.sinc(away) * np.i0(SHAPE * np.sqrt(inside)) / np.i0(SHAPE)
    return weights / weights.sum(axis=0)
