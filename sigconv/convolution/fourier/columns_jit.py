"""Stages of the Fourier transform down columns of vectors, forward and back.

As in `stages_jit` the spectrum stays in scrambled order. Lengths are powers of two, times threes
and fives if they are multiples of four.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from ..._leaf_jit import leaf
from .butterflies_jit import (
    backward_two,
    forward_two,
    load_four,
    root_all_over,
    store_four,
    times,
    turn,
    turn_back,
    undo_times,
)
from .odd_butterflies_jit import (
    four_roots,
    load_five,
    load_three,
    store_five,
    store_three,
    times_five,
    times_three,
    turn_five,
    turn_three,
    two_roots,
    undo_times_five,
    undo_times_three,
)

#: The bits of even powers of two, which stages of four leave nothing of.
_POWERS_OF_FOUR = 0x5555555555555555


@leaf
def first_radix(points: int) -> int:
    """Return of how many points the butterflies of the first stage are: fives, threes, two, fours.

    A two comes before the fours where they alone do not end.
    """
    if points % 5 == 0:
        return 5
    if points % 3 == 0:
        return 3
    return 4 if points & _POWERS_OF_FOUR else 2


@leaf
def down_columns(
    re: NDArray[Any],
    im: NDArray[Any],
    at: int,
    step: int,
    points: int,
    twiddles: NDArray[Any],
) -> None:
    """Transform a column of vectors `step` apart."""
    size, w, end = points, 0, at + points * step
    while size > 4 or size == 2:
        radix = first_radix(size)
        part = size // radix
        for j in range(part):
            first, root = at + j * step, w + 2 * (radix - 1) * j
            if radix == 4:
                roots = root_all_over(twiddles, root)
                for i in range(first, end, size * step):
                    group = times(turn(load_four(re, im, i, part * step)), roots)
                    store_four(re, im, i, part * step, group)
            elif radix == 2:
                for i in range(first, end, size * step):
                    forward_two(re, im, i, i + part * step, twiddles, root)
            elif radix == 3:
                two = two_roots(twiddles, root)
                for i in range(first, end, size * step):
                    group = turn_three(load_three(re, im, i, part * step), re)
                    store_three(re, im, i, part * step, times_three(group, two))
            else:
                four = four_roots(twiddles, root)
                for i in range(first, end, size * step):
                    group = turn_five(load_five(re, im, i, part * step), re)
                    store_five(re, im, i, part * step, times_five(group, four))
        w += 2 * (radix - 1) * part
        size = part
    if size == 4:
        for i in range(at, end, 4 * step):
            store_four(re, im, i, step, turn(load_four(re, im, i, step)))


@leaf
def up_columns(
    re: NDArray[Any],
    im: NDArray[Any],
    at: int,
    step: int,
    points: int,
    twiddles: NDArray[Any],
) -> None:
    """Undo `down_columns`, times the points."""
    part, w, end = 1, len(twiddles), at + points * step
    if points > 2:
        for i in range(at, end, 4 * step):
            store_four(re, im, i, step, turn_back(load_four(re, im, i, step)))
        part = 4
    while part < points:
        radix = radix_after(points, part)
        size = radix * part
        w -= 2 * (radix - 1) * part
        for j in range(part):
            first, root = at + j * step, w + 2 * (radix - 1) * j
            if radix == 4:
                roots = root_all_over(twiddles, root)
                for i in range(first, end, size * step):
                    group = turn_back(undo_times(load_four(re, im, i, part * step), roots))
                    store_four(re, im, i, part * step, group)
            elif radix == 2:
                for i in range(first, end, size * step):
                    backward_two(re, im, i, i + part * step, twiddles, root)
            elif radix == 3:
                two = two_roots(twiddles, root)
                for i in range(first, end, size * step):
                    group = undo_times_three(load_three(re, im, i, part * step), two)
                    a, b, c, d, e, f = turn_three(group, re)
                    store_three(re, im, i, part * step, (d, e, f, a, b, c))
            else:
                four = four_roots(twiddles, root)
                for i in range(first, end, size * step):
                    group = undo_times_five(load_five(re, im, i, part * step), four)
                    a, b, c, d, e, f, g, h, k, m = turn_five(group, re)
                    store_five(re, im, i, part * step, (f, g, h, k, m, a, b, c, d, e))
        part = size


@leaf
def radix_after(points: int, part: int) -> int:
    """Return the radix of the stage that left transforms of `part` points."""
    left = points // part
    for radix in (4, 2, 3):
        if left % radix == 0:
            return radix
    return 5
