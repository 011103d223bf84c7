"""First and last stages of rows whose length has a factor of three or five."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from ..._leaf_jit import leaf
from ..._simd import VECTOR, fill, load, load_as, store
from .butterflies_jit import bring_two, put
from .odd_butterflies_jit import (
    eight_vectors,
    four_vectors,
    load_five,
    load_three,
    store_five,
    store_three,
    times_five,
    times_three,
    turn_five,
    turn_three,
    undo_times_five,
    undo_times_three,
)


@leaf
def first_odd_stage(
    x: NDArray[Any],
    i: int,
    y: NDArray[Any],
    j: int,
    gains: NDArray[Any],
    re: NDArray[Any],
    im: NDArray[Any],
    at: int,
    points: int,
    radix: int,
    twiddles: NDArray[Any],
    out: NDArray[Any],
    p: int,
    q: int,
) -> int:
    """Do as `stages_jit.first_stage` does, with butterflies of three or five points."""
    lanes, part = VECTOR // re.itemsize, points // radix
    g, h = fill(gains, 0, VECTOR), fill(gains, 1, VECTOR)
    for n in range(0, part, lanes):
        k, m = i + n, j + n
        for place in range(n, points, part):
            bring_two(out, p + place, q - p)
        a, b, c = load_as(x, k, re), load_as(x, k + part, re), load_as(x, k + 2 * part, re)
        d, e, f = load_as(y, m, re), load_as(y, m + part, re), load_as(y, m + 2 * part, re)
        if radix == 3:
            three = turn_three((a * g, b * g, c * g, d * h, e * h, f * h), re)
            store_three(re, im, at + n, part, times_three(three, four_vectors(twiddles, 4 * n)))
        else:
            r, s = load_as(x, k + 3 * part, re) * g, load_as(x, k + 4 * part, re) * g
            t, u = load_as(y, m + 3 * part, re) * h, load_as(y, m + 4 * part, re) * h
            five = turn_five((a * g, b * g, c * g, r, s, d * h, e * h, f * h, t, u), re)
            store_five(re, im, at + n, part, times_five(five, eight_vectors(twiddles, 8 * n)))
    return part


@leaf
def last_odd_stage(
    re: NDArray[Any],
    im: NDArray[Any],
    at: int,
    points: int,
    radix: int,
    twiddles: NDArray[Any],
    gains: NDArray[Any],
    out: NDArray[Any],
    i: int,
    x_count: int,
    j: int,
    y_count: int,
    tail: NDArray[Any],
    x: NDArray[Any],
    u: int,
    v: int,
) -> None:
    """Undo `first_odd_stage`, times the points, as `stages_jit.last_stage` does."""
    lanes, part = VECTOR // re.itemsize, points // radix
    g, h = fill(gains, 0, VECTOR), fill(gains, 1, VECTOR)
    for n in range(0, part, lanes):
        for place in range(n, points, part):
            bring_two(x, u + place, v - u)
        if radix == 3:
            group = undo_times_three(
                load_three(re, im, at + n, part), four_vectors(twiddles, 4 * n)
            )
            d, e, f, a, b, c = turn_three(group, re)
        else:
            group = undo_times_five(load_five(re, im, at + n, part), eight_vectors(twiddles, 8 * n))
            d, e, f, r, s, a, b, c, p, q = turn_five(group, re)
            k = n + 3 * part
            put(out, i, k, x_count, p * g, tail)
            put(out, j, k, y_count, r * h, tail)
            k += part
            put(out, i, k, x_count, q * g, tail)
            put(out, j, k, y_count, s * h, tail)
        put(out, i, n, x_count, a * g, tail)
        put(out, j, n, y_count, d * h, tail)
        k = n + part
        put(out, i, k, x_count, b * g, tail)
        put(out, j, k, y_count, e * h, tail)
        k += part
        put(out, i, k, x_count, c * g, tail)
        put(out, j, k, y_count, f * h, tail)


@leaf
def forward_twos(
    re: NDArray[Any],
    im: NDArray[Any],
    at: int,
    points: int,
    half: int,
    twiddles: NDArray[Any],
    w: int,
) -> None:
    """Split every 2 * half of the points into two transforms of a half."""
    lanes = VECTOR // re.itemsize
    for start in range(at, at + points, 2 * half):
        for j in range(0, half, lanes):
            i, k = start + j, start + j + half
            a, e, b, f = (
                load(re, i, VECTOR),
                load(im, i, VECTOR),
                load(re, k, VECTOR),
                load(im, k, VECTOR),
            )
            p, q = load(twiddles, w + 2 * j, VECTOR), load(twiddles, w + 2 * j + lanes, VECTOR)
            store(re, i, a + b)
            store(im, i, e + f)
            a, e = a - b, e - f
            store(re, k, a * p - e * q)
            store(im, k, a * q + e * p)


@leaf
def backward_twos(
    re: NDArray[Any],
    im: NDArray[Any],
    at: int,
    points: int,
    half: int,
    twiddles: NDArray[Any],
    w: int,
) -> None:
    """Undo `forward_twos`, times 2."""
    lanes = VECTOR // re.itemsize
    for start in range(at, at + points, 2 * half):
        for j in range(0, half, lanes):
            i, k = start + j, start + j + half
            a, e, c, d = (
                load(re, i, VECTOR),
                load(im, i, VECTOR),
                load(re, k, VECTOR),
                load(im, k, VECTOR),
            )
            p, q = load(twiddles, w + 2 * j, VECTOR), load(twiddles, w + 2 * j + lanes, VECTOR)
            b, f = c * p + d * q, d * p - c * q
            store(re, i, a + b)
            store(im, i, e + f)
            store(re, k, a - b)
            store(im, k, e - f)
