"""Exact sums of samples that two parts do not hold: as many parts as it takes.

A part is removed from the samples after the other, each with sums that are exact. Their sum is
rounded once. It is slow, and wanted only where samples differ by a factor of 2**30 and more.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._leaf_jit import leaf
from .._simd import FIRST
from .exact_sums_jit import grid, listen, nothing_heard, top_of


@leaf
def most_levels(room: int) -> int:
    """Return how many levels hold any numbers: each takes 54 - room of their 2098 bits."""
    return 2100 // (53 - room) + 2


@njit(nogil=True, cache=True)
def take_level(rest: NDArray[np.float64], room: int, highs: NDArray[np.float64]) -> bool:
    """Move the high parts of `rest` to `highs`; return whether there were any."""
    extent = nothing_heard()
    listen(rest, FIRST, len(rest), extent)
    if extent[:8].max() == 0:
        return False
    c = grid(top_of(extent), room)[0]
    for i in range(len(rest)):
        highs[i] = (rest[i] + c) - c
        rest[i] -= highs[i]
    return True


@njit(nogil=True, cache=True)
def window_sums(
    highs: NDArray[np.float64], height: int, width: int, sums: NDArray[np.float64]
) -> None:
    """Sum windows of high parts (n_lines, n) one after another: no addition rounds."""
    n = highs.shape[1]
    columns = np.zeros(n)
    to = 0
    for i in range(len(highs)):
        for j in range(n):
            columns[j] += highs[i, j]
        if i >= height:
            for j in range(n):
                columns[j] -= highs[i - height, j]
        if i < height - 1:
            continue
        total = 0.0
        for j in range(width - 1):
            total += columns[j]
        for j in range(n - width + 1):
            total += columns[j + width - 1]
            sums[to + j] = total
            total -= columns[j]
        to += n - width + 1


@njit(nogil=True, cache=True)
def add_levels(
    sums: NDArray[np.float64], n_levels: int, factor: float, out: NDArray[Any], to: int
) -> None:
    """Write the sum of each column of sums (levels, n), rounded once, times the factor."""
    terms = np.empty(n_levels)
    for i in range(sums.shape[1]):
        terms[:] = sums[:n_levels, i]
        out[to + i] = rounded(terms) * factor


@leaf
def rounded(terms: NDArray[np.float64]) -> float:
    """Return the sum of terms, which get lost, as the number nearest to it (as `math.fsum`)."""
    # Numbers whose sum is that of the terms so far, and no two of which have bits in common.
    n = 0
    for i in range(len(terms)):
        term, kept = terms[i], 0
        for k in range(n):
            other = terms[k]
            total = term + other
            back = total - term
            lost = (term - (total - back)) + (other - back)
            if lost != 0:
                terms[kept] = lost
                kept += 1
            term = total
        terms[kept] = term
        n = kept + 1
    # From the largest on, until something is lost.
    if n == 0:
        return 0.0
    n -= 1
    total, lost = terms[n], 0.0
    while n > 0:
        n -= 1
        before = total
        total = before + terms[n]
        lost = terms[n] - (total - before)
        if lost != 0:
            break
    # Halfway between two numbers, what is smaller still decides.
    if n > 0 and lost != 0 and (lost > 0) == (terms[n - 1] > 0):
        twice = 2 * lost
        farther = total + twice
        if farther - total == twice:
            total = farther
    return total
