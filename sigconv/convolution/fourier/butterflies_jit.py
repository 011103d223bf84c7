"""Butterflies of two and four points in registers.

`Points` are vectors: the real parts and then the imaginary ones. Everything is written once, for
float32 and float64.
"""

from __future__ import annotations

from typing import Any

from numba import njit
from numpy.typing import NDArray

from ..._leaf_jit import leaf
from ..._simd import VECTOR, fill, lanes_in, load, load_as, prefetch, store, store_few

Points = Any


@leaf
def is_odd(points: int) -> bool:
    """Return whether a stage of two must come before stages of four."""
    while points > 2:
        points //= 4
    return points == 2


@njit(nogil=True, cache=True, forceinline=True)
def load_four(re: NDArray[Any], im: NDArray[Any], at: int, distance: int) -> Points:
    """Return four points, `distance` apart."""
    i, j, k = at + distance, at + 2 * distance, at + 3 * distance
    return (
        load(re, at, VECTOR),
        load(re, i, VECTOR),
        load(re, j, VECTOR),
        load(re, k, VECTOR),
        load(im, at, VECTOR),
        load(im, i, VECTOR),
        load(im, j, VECTOR),
        load(im, k, VECTOR),
    )


@njit(nogil=True, cache=True, forceinline=True)
def store_four(re: NDArray[Any], im: NDArray[Any], at: int, distance: int, points: Points) -> None:
    """Write four points, `distance` apart."""
    a, b, c, d, e, f, g, h = points
    i, j, k = at + distance, at + 2 * distance, at + 3 * distance
    store(re, at, a)
    store(re, i, b)
    store(re, j, c)
    store(re, k, d)
    store(im, at, e)
    store(im, i, f)
    store(im, j, g)
    store(im, k, h)


@njit(nogil=True, cache=True, forceinline=True)
def turn(points: Points) -> Points:
    """Transform four points."""
    a, b, c, d, e, f, g, h = points
    ac, bd, eg, fh = a + c, b + d, e + g, f + h
    a, b, e, f = a - c, b - d, e - g, f - h
    return ac + bd, a + f, ac - bd, a - f, eg + fh, e - b, eg - fh, e + b


@njit(nogil=True, cache=True, forceinline=True)
def turn_back(points: Points) -> Points:
    """Undo `turn`, times 4."""
    a, b, c, d, e, f, g, h = points
    ac, bd, eg, fh = a + c, b + d, e + g, f + h
    a, b, e, f = a - c, b - d, e - g, f - h
    return ac + bd, a - f, ac - bd, a + f, eg + fh, e + b, eg - fh, e - b


@njit(nogil=True, cache=True, forceinline=True)
def times(points: Points, root: Points) -> Points:
    """Multiply the last three of four points by three roots of unity."""
    a, b, c, d, e, f, g, h = points
    p, q, r, s, t, u = root
    return (
        a,
        b * p - f * q,
        c * r - g * s,
        d * t - h * u,
        e,
        b * q + f * p,
        c * s + g * r,
        d * u + h * t,
    )


@njit(nogil=True, cache=True, forceinline=True)
def undo_times(points: Points, root: Points) -> Points:
    """Undo `times`."""
    a, b, c, d, e, f, g, h = points
    p, q, r, s, t, u = root
    return (
        a,
        b * p + f * q,
        c * r + g * s,
        d * t + h * u,
        e,
        f * p - b * q,
        g * r - c * s,
        h * t - d * u,
    )


@njit(nogil=True, cache=True, forceinline=True)
def roots(twiddles: NDArray[Any], at: int) -> Points:
    """Return three roots for each lane: real part, imaginary part, three times."""
    lanes = VECTOR // twiddles.itemsize
    return (
        load(twiddles, at, VECTOR),
        load(twiddles, at + lanes, VECTOR),
        load(twiddles, at + 2 * lanes, VECTOR),
        load(twiddles, at + 3 * lanes, VECTOR),
        load(twiddles, at + 4 * lanes, VECTOR),
        load(twiddles, at + 5 * lanes, VECTOR),
    )


@njit(nogil=True, cache=True, forceinline=True)
def root_all_over(twiddles: NDArray[Any], at: int) -> Points:
    """Return three roots, each the same for all lanes."""
    return (
        fill(twiddles, at, VECTOR),
        fill(twiddles, at + 1, VECTOR),
        fill(twiddles, at + 2, VECTOR),
        fill(twiddles, at + 3, VECTOR),
        fill(twiddles, at + 4, VECTOR),
        fill(twiddles, at + 5, VECTOR),
    )


@njit(nogil=True, cache=True, forceinline=True)
def take_four(
    x: NDArray[Any],
    i: int,
    y: NDArray[Any],
    j: int,
    quarter: int,
    gains: NDArray[Any],
) -> Points:
    """Return four points whose real parts come from x and imaginary parts from y, times gains."""
    g, h = fill(gains, 0, VECTOR), fill(gains, 1, VECTOR)
    return (
        load_as(x, i, gains) * g,
        load_as(x, i + quarter, gains) * g,
        load_as(x, i + 2 * quarter, gains) * g,
        load_as(x, i + 3 * quarter, gains) * g,
        load_as(y, j, gains) * h,
        load_as(y, j + quarter, gains) * h,
        load_as(y, j + 2 * quarter, gains) * h,
        load_as(y, j + 3 * quarter, gains) * h,
    )


@njit(nogil=True, cache=True, forceinline=True)
def bring_two(array: NDArray[Any], at: int, distance: int) -> None:
    """Bring two vectors, `distance` apart, closer; they may lie outside of the array."""
    prefetch(array, at)
    prefetch(array, at + distance)


@njit(nogil=True, cache=True, forceinline=True)
def bring_four(array: NDArray[Any], at: int, distance: int) -> None:
    """Bring four vectors, `distance` apart, closer; they may lie outside of the array."""
    bring_two(array, at, distance)
    bring_two(array, at + 2 * distance, distance)


@njit(nogil=True, cache=True, forceinline=True)
def put(
    out: NDArray[Any], first: int, at: int, count: int, vector: Any, tail: NDArray[Any]
) -> None:
    """Write a vector to out[first + at:], as far as it lies before out[first + count]."""
    lanes = lanes_in(tail)
    if at + lanes <= count:
        store(out, first + at, vector)
    elif at < count:
        store_few(out, first + at, vector, count - at)


@njit(nogil=True, cache=True, forceinline=True)
def forward_two(
    re: NDArray[Any], im: NDArray[Any], i: int, k: int, twiddles: NDArray[Any], w: int
) -> None:
    """Transform two points, with the same root for all lanes."""
    a, e = load(re, i, VECTOR), load(im, i, VECTOR)
    b, f = load(re, k, VECTOR), load(im, k, VECTOR)
    p, q = fill(twiddles, w, VECTOR), fill(twiddles, w + 1, VECTOR)
    store(re, i, a + b)
    store(im, i, e + f)
    a, e = a - b, e - f
    store(re, k, a * p - e * q)
    store(im, k, a * q + e * p)


@njit(nogil=True, cache=True, forceinline=True)
def backward_two(
    re: NDArray[Any], im: NDArray[Any], i: int, k: int, twiddles: NDArray[Any], w: int
) -> None:
    """Undo `forward_two`, times 2."""
    a, e = load(re, i, VECTOR), load(im, i, VECTOR)
    x, y = load(re, k, VECTOR), load(im, k, VECTOR)
    p, q = fill(twiddles, w, VECTOR), fill(twiddles, w + 1, VECTOR)
    b, f = x * p + y * q, y * p - x * q
    store(re, i, a + b)
    store(im, i, e + f)
    store(re, k, a - b)
    store(im, k, e - f)


@njit(nogil=True, cache=True, forceinline=True)
def multiply(points: Points, factors: Points) -> Points:
    """Multiply four points by four others."""
    a, b, c, d, e, f, g, h = points
    p, q, r, s, t, u, v, w = factors
    return (
        a * p - e * t,
        b * q - f * u,
        c * r - g * v,
        d * s - h * w,
        a * t + e * p,
        b * u + f * q,
        c * v + g * r,
        d * w + h * s,
    )
