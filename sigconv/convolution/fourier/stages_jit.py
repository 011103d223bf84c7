"""Stages of the Fourier transform along rows, forward and back; `columns_jit` has those of columns.

Forward stages decimate in frequency and leave the spectrum in scrambled order; backward ones are
their mirror image, so nothing is ever put in order. Real and imaginary parts are arrays of their
own.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from ..._leaf_jit import leaf
from ..._simd import VECTOR, fill, load, load_as, store
from .butterflies_jit import (
    bring_four,
    bring_two,
    is_odd,
    load_four,
    put,
    roots,
    store_four,
    take_four,
    times,
    turn,
    turn_back,
    undo_times,
)

#: Bytes of a row up to which what is brought closer stays there until it is used.
NEAR = 1 << 15


@leaf
def along_row(
    re: NDArray[Any],
    im: NDArray[Any],
    first: int,
    points: int,
    size: int,
    twiddles: NDArray[Any],
    at: int,
) -> int:
    """Run stages of four on transforms of `size` among the points, down to vectors.

    Returns where the twiddles end.
    """
    quarter = size // 4
    while quarter >= VECTOR // re.itemsize:
        forward_fours(re, im, first, points, quarter, twiddles, at)
        at += 6 * quarter
        quarter //= 4
    return at


@leaf
def back_along_row(
    re: NDArray[Any],
    im: NDArray[Any],
    first: int,
    points: int,
    size: int,
    twiddles: NDArray[Any],
    at: int,
) -> None:
    """Undo `along_row`, times the size; `at` is where the twiddles end."""
    quarter = VECTOR // re.itemsize
    while 4 * quarter <= size:
        at -= 6 * quarter
        backward_fours(re, im, first, points, quarter, twiddles, at)
        quarter *= 4


@leaf
def forward_fours(
    re: NDArray[Any],
    im: NDArray[Any],
    first: int,
    points: int,
    quarter: int,
    twiddles: NDArray[Any],
    at: int,
) -> None:
    """Split every 4 * quarter of the points into four transforms of a quarter."""
    for start in range(first, first + points, 4 * quarter):
        for j in range(0, quarter, VECTOR // re.itemsize):
            group = turn(load_four(re, im, start + j, quarter))
            store_four(re, im, start + j, quarter, times(group, roots(twiddles, at + 6 * j)))


@leaf
def backward_fours(
    re: NDArray[Any],
    im: NDArray[Any],
    first: int,
    points: int,
    quarter: int,
    twiddles: NDArray[Any],
    at: int,
) -> None:
    """Undo `forward_fours`, times 4."""
    for start in range(first, first + points, 4 * quarter):
        for j in range(0, quarter, VECTOR // re.itemsize):
            group = load_four(re, im, start + j, quarter)
            group = turn_back(undo_times(group, roots(twiddles, at + 6 * j)))
            store_four(re, im, start + j, quarter, group)


@leaf
def first_stage(
    x: NDArray[Any],
    i: int,
    y: NDArray[Any],
    j: int,
    gains: NDArray[Any],
    re: NDArray[Any],
    im: NDArray[Any],
    at: int,
    points: int,
    twiddles: NDArray[Any],
    out: NDArray[Any],
    p: int,
    q: int,
) -> int:
    """Take a row from x[i:] and y[j:] to re[at:] and im[at:] through the first of its stages.

    What the last stage will write, out[p:] and out[q:], is brought closer meanwhile. Returns of
    how many points the transforms are that it leaves.
    """
    lanes, near = VECTOR // re.itemsize, points * re.itemsize <= NEAR
    if not is_odd(points // lanes):
        quarter = points // 4
        for n in range(0, quarter, lanes):
            if near:
                bring_four(out, p + n, quarter)
                bring_four(out, q + n, quarter)
            group = turn(take_four(x, i + n, y, j + n, quarter, gains))
            store_four(re, im, at + n, quarter, times(group, roots(twiddles, 6 * n)))
        return quarter
    half = points // 2
    g, h = fill(gains, 0, VECTOR), fill(gains, 1, VECTOR)
    for n in range(0, half, lanes):
        if near:
            bring_two(out, p + n, half)
            bring_two(out, q + n, half)
        a, e = load_as(x, i + n, re) * g, load_as(y, j + n, re) * h
        b, f = load_as(x, i + n + half, re) * g, load_as(y, j + n + half, re) * h
        r, s = load(twiddles, 2 * n, VECTOR), load(twiddles, 2 * n + lanes, VECTOR)
        k = at + n
        store(re, k, a + b)
        store(im, k, e + f)
        a, e = a - b, e - f
        store(re, k + half, a * r - e * s)
        store(im, k + half, a * s + e * r)
    return half


@leaf
def last_stage(
    re: NDArray[Any],
    im: NDArray[Any],
    at: int,
    points: int,
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
    """Undo `first_stage`, times its points: the first counts of both parts go to out[i:], out[j:].

    Both are multiplied by `gains`. What comes next, x[u:] and x[v:], is brought closer meanwhile.
    """
    lanes, near = VECTOR // re.itemsize, points * re.itemsize <= NEAR
    g, h = fill(gains, 0, VECTOR), fill(gains, 1, VECTOR)
    if not is_odd(points // lanes):
        quarter = points // 4
        for n in range(0, quarter, lanes):
            if near:
                bring_four(x, u + n, quarter)
                bring_four(x, v + n, quarter)
            group = load_four(re, im, at + n, quarter)
            group = turn_back(undo_times(group, roots(twiddles, 6 * n)))
            a, b, c, d, e, f, p, q = group
            put(out, i, n, x_count, a * g, tail)
            put(out, j, n, y_count, e * h, tail)
            k = n + quarter
            put(out, i, k, x_count, b * g, tail)
            put(out, j, k, y_count, f * h, tail)
            k += quarter
            put(out, i, k, x_count, c * g, tail)
            put(out, j, k, y_count, p * h, tail)
            k += quarter
            put(out, i, k, x_count, d * g, tail)
            put(out, j, k, y_count, q * h, tail)
        return
    half = points // 2
    for n in range(0, half, lanes):
        if near:
            bring_two(x, u + n, half)
            bring_two(x, v + n, half)
        k = at + n
        a, e = load(re, k, VECTOR), load(im, k, VECTOR)
        c, d = load(re, k + half, VECTOR), load(im, k + half, VECTOR)
        p, q = load(twiddles, 2 * n, VECTOR), load(twiddles, 2 * n + lanes, VECTOR)
        b, f = c * p + d * q, d * p - c * q
        put(out, i, n, x_count, (a + b) * g, tail)
        put(out, j, n, y_count, (e + f) * h, tail)
        put(out, i, n + half, x_count, (a - b) * g, tail)
        put(out, j, n + half, y_count, (e - f) * h, tail)
