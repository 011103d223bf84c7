"""The transform of a row forward, product with a spectrum, and back.

Stages of four and eight lead down to squares of eight vectors, which are finished in registers,
and, as a mirror image, back up again, so nothing is ever put in order. A vector of real parts is
followed by that of the imaginary parts. A part of the row is finished before the next one is
begun: most of the stages find their numbers in the nearest cache.
"""

from __future__ import annotations

from typing import Any

from numba import njit
from numpy.typing import NDArray

from ..._leaf_jit import leaf
from ..._simd import VECTOR, fill, lanes_in, load, load_as, prefetch, store
from .butterflies_jit import Points, put, roots, times, turn, turn_back, undo_times
from .eights_jit import (
    load_eight,
    store_eight,
    times_eight,
    turn_eight,
    turn_eight_back,
    undo_times_eight,
)
from .row_squares_jit import half_root, multiply_square


@leaf
def radix_of(points: int, square: int) -> int:
    """Return the radix of the stage that splits so many points: fours come before eights."""
    while points > 8 * square:
        points //= 8
    return 8 if points == 8 * square else 4


@leaf
def filter_row(
    z: NDArray[Any],
    points: int,
    left: int,
    twiddles: NDArray[Any],
    spectrum: NDArray[Any],
    x: NDArray[Any],
    u: int,
    v: int,
    out: NDArray[Any],
    i: int,
    j: int,
) -> None:
    """Go on after the first stage, which left transforms of `left` points, and come back to it.

    What is read next, x[u:] and x[v:], and what is written next, out[i:] and out[j:], is brought
    closer meanwhile, a little with each square: in the stages that read and write it, memory is
    what takes the time, here it is arithmetic.
    """
    lanes = lanes_in(z)
    square = 8 * lanes
    at = 2 * (points - left)  # both parts of all roots but the first
    for first in range(0, points, square):
        for k in range(first, first + square, lanes):
            prefetch(x, u + k)
            prefetch(x, v + k)
            prefetch(out, i + k)
            prefetch(out, j + k)
        size, w = left, at
        while size > square:
            if radix_of(size, square) == 8:
                if first & (size - 1) == 0:
                    forward_eights(z, 2 * first, size // 8, twiddles, w)
                w += 14 * (size // 8)
                size //= 8
            else:
                if first & (size - 1) == 0:
                    forward_fours(z, 2 * first, size // 4, twiddles, w)
                w += 6 * (size // 4)
                size //= 4
        multiply_square(z, 2 * first, spectrum, twiddles, w)
        done = first + square
        while size < left and done & (size - 1) == 0:
            if 8 * size <= left:
                w -= 14 * size
                size *= 8
                if done & (size - 1) == 0:
                    backward_eights(z, 2 * (done - size), size // 8, twiddles, w)
            else:
                w -= 6 * size
                size *= 4
                if done & (size - 1) == 0:
                    backward_fours(z, 2 * (done - size), size // 4, twiddles, w)


@leaf
def forward_eights(z: NDArray[Any], at: int, part: int, twiddles: NDArray[Any], w: int) -> None:
    """Split a transform into eight of `part` points each."""
    root = half_root(twiddles)
    for n in range(0, part, lanes_in(z)):
        points = turn_eight(load_eight(z, at + 2 * n, 2 * part), root)
        store_eight(z, at + 2 * n, 2 * part, times_eight(points, twiddles, w + 14 * n))


@leaf
def backward_eights(z: NDArray[Any], at: int, part: int, twiddles: NDArray[Any], w: int) -> None:
    """Undo `forward_eights`, times 8."""
    root = half_root(twiddles)
    for n in range(0, part, lanes_in(z)):
        points = load_eight(z, at + 2 * n, 2 * part)
        points = turn_eight_back(undo_times_eight(points, twiddles, w + 14 * n), root)
        store_eight(z, at + 2 * n, 2 * part, points)


@leaf
def forward_fours(z: NDArray[Any], at: int, part: int, twiddles: NDArray[Any], w: int) -> None:
    """Split a transform into four of `part` points each."""
    for n in range(0, part, lanes_in(z)):
        points = times(turn(take_four(z, at + 2 * n, 2 * part)), roots(twiddles, w + 6 * n))
        give_four(z, at + 2 * n, 2 * part, points)


@leaf
def backward_fours(z: NDArray[Any], at: int, part: int, twiddles: NDArray[Any], w: int) -> None:
    """Undo `forward_fours`, times 4."""
    for n in range(0, part, lanes_in(z)):
        points = undo_times(take_four(z, at + 2 * n, 2 * part), roots(twiddles, w + 6 * n))
        give_four(z, at + 2 * n, 2 * part, turn_back(points))


@njit(nogil=True, cache=True, forceinline=True)
def take_four(z: NDArray[Any], at: int, distance: int) -> Points:
    """Return four points, `distance` apart."""
    lanes = lanes_in(z)
    b, c, d = at + distance, at + 2 * distance, at + 3 * distance
    return (
        load(z, at, VECTOR),
        load(z, b, VECTOR),
        load(z, c, VECTOR),
        load(z, d, VECTOR),
        load(z, at + lanes, VECTOR),
        load(z, b + lanes, VECTOR),
        load(z, c + lanes, VECTOR),
        load(z, d + lanes, VECTOR),
    )


@njit(nogil=True, cache=True, forceinline=True)
def give_four(z: NDArray[Any], at: int, distance: int, points: Points) -> None:
    """Undo `take_four`."""
    lanes = lanes_in(z)
    b, c, d = at + distance, at + 2 * distance, at + 3 * distance
    store(z, at, points[0])
    store(z, at + lanes, points[4])
    store(z, b, points[1])
    store(z, b + lanes, points[5])
    store(z, c, points[2])
    store(z, c + lanes, points[6])
    store(z, d, points[3])
    store(z, d + lanes, points[7])


@leaf
def first_of_row(
    x: NDArray[Any],
    i: int,
    y: NDArray[Any],
    j: int,
    gains: NDArray[Any],
    z: NDArray[Any],
    points: int,
    twiddles: NDArray[Any],
) -> int:
    """Take a row from x[i:] and y[j:] to z through the first of its stages.

    Returns of how many points the transforms are that it leaves.
    """
    lanes = lanes_in(z)
    g, h = fill(gains, 0, VECTOR), fill(gains, 1, VECTOR)
    if radix_of(points, 8 * lanes) == 4:
        part = points // 4
        for n in range(0, part, lanes):
            u, v = i + n, j + n
            four = (
                load_as(x, u, z) * g,
                load_as(x, u + part, z) * g,
                load_as(x, u + 2 * part, z) * g,
                load_as(x, u + 3 * part, z) * g,
                load_as(y, v, z) * h,
                load_as(y, v + part, z) * h,
                load_as(y, v + 2 * part, z) * h,
                load_as(y, v + 3 * part, z) * h,
            )
            give_four(z, 2 * n, 2 * part, times(turn(four), roots(twiddles, 6 * n)))
        return part
    part = points // 8
    root = half_root(twiddles)
    for n in range(0, part, lanes):
        u, v = i + n, j + n
        eight = (
            load_as(x, u, z) * g,
            load_as(x, u + part, z) * g,
            load_as(x, u + 2 * part, z) * g,
            load_as(x, u + 3 * part, z) * g,
            load_as(x, u + 4 * part, z) * g,
            load_as(x, u + 5 * part, z) * g,
            load_as(x, u + 6 * part, z) * g,
            load_as(x, u + 7 * part, z) * g,
            load_as(y, v, z) * h,
            load_as(y, v + part, z) * h,
            load_as(y, v + 2 * part, z) * h,
            load_as(y, v + 3 * part, z) * h,
            load_as(y, v + 4 * part, z) * h,
            load_as(y, v + 5 * part, z) * h,
            load_as(y, v + 6 * part, z) * h,
            load_as(y, v + 7 * part, z) * h,
        )
        store_eight(z, 2 * n, 2 * part, times_eight(turn_eight(eight, root), twiddles, 14 * n))
    return part


@leaf
def last_of_row(
    z: NDArray[Any],
    points: int,
    twiddles: NDArray[Any],
    gains: NDArray[Any],
    out: NDArray[Any],
    i: int,
    x_count: int,
    j: int,
    y_count: int,
    tail: NDArray[Any],
) -> None:
    """Undo `first_of_row`, times its points: the first counts of both parts go to out[i:], out[j:].

    Both are multiplied by `gains`.
    """
    lanes = lanes_in(z)
    g, h = fill(gains, 0, VECTOR), fill(gains, 1, VECTOR)
    if radix_of(points, 8 * lanes) == 4:
        part = points // 4
        for n in range(0, part, lanes):
            four = turn_back(undo_times(take_four(z, 2 * n, 2 * part), roots(twiddles, 6 * n)))
            a, b, c, d, e, f, p, q = four
            put(out, i, n, x_count, a * g, tail)
            put(out, j, n, y_count, e * h, tail)
            k = n + part
            put(out, i, k, x_count, b * g, tail)
            put(out, j, k, y_count, f * h, tail)
            k += part
            put(out, i, k, x_count, c * g, tail)
            put(out, j, k, y_count, p * h, tail)
            k += part
            put(out, i, k, x_count, d * g, tail)
            put(out, j, k, y_count, q * h, tail)
        return
    part = points // 8
    root = half_root(twiddles)
    for n in range(0, part, lanes):
        eight = undo_times_eight(load_eight(z, 2 * n, 2 * part), twiddles, 14 * n)
        eight = turn_eight_back(eight, root)
        put_eight(out, i, n, part, x_count, eight[:8], g, tail)
        put_eight(out, j, n, part, y_count, eight[8:], h, tail)


@njit(nogil=True, cache=True, forceinline=True)
def put_eight(
    out: NDArray[Any],
    first: int,
    at: int,
    part: int,
    count: int,
    vectors: Any,
    gain: Any,
    tail: NDArray[Any],
) -> None:
    """Write eight vectors, `part` apart, as `put` does."""
    put(out, first, at, count, vectors[0] * gain, tail)
    put(out, first, at + part, count, vectors[1] * gain, tail)
    put(out, first, at + 2 * part, count, vectors[2] * gain, tail)
    put(out, first, at + 3 * part, count, vectors[3] * gain, tail)
    put(out, first, at + 4 * part, count, vectors[4] * gain, tail)
    put(out, first, at + 5 * part, count, vectors[5] * gain, tail)
    put(out, first, at + 6 * part, count, vectors[6] * gain, tail)
    put(out, first, at + 7 * part, count, vectors[7] * gain, tail)
