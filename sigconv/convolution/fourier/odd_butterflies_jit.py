"""Butterflies of three and five points in registers; `Points` as in `butterflies_jit`."""

from __future__ import annotations

import math
from typing import Any

from numba import njit
from numpy.typing import NDArray

from ..._simd import VECTOR, fill, load, splat, store
from .butterflies_jit import Points

_SINE_3 = math.sqrt(0.75)
_COSINE_5, _COSINE_52 = math.cos(0.4 * math.pi), math.cos(0.8 * math.pi)
_SINE_5, _SINE_52 = math.sin(0.4 * math.pi), math.sin(0.8 * math.pi)


@njit(nogil=True, cache=True, forceinline=True)
def turn_three(points: Points, like: NDArray[Any]) -> Points:
    """Transform three points; with real and imaginary parts exchanged, undo it, times 3."""
    a, b, c, d, e, f = points
    half = splat(like.dtype.type(0.5), like)
    sine = splat(like.dtype.type(_SINE_3), like)
    bc, ef = b + c, e + f
    s, t = (b - c) * sine, (e - f) * sine
    p, q = a - bc * half, d - ef * half
    return a + bc, p + t, p - t, d + ef, q - s, q + s


@njit(nogil=True, cache=True, forceinline=True)
def turn_five(points: Points, like: NDArray[Any]) -> Points:
    """Transform five points; with real and imaginary parts exchanged, undo it, times 5."""
    a, b, c, d, e, f, g, h, i, j = points
    cosine = splat(like.dtype.type(_COSINE_5), like)
    cosine_2 = splat(like.dtype.type(_COSINE_52), like)
    sine = splat(like.dtype.type(_SINE_5), like)
    sine_2 = splat(like.dtype.type(_SINE_52), like)
    be, cd, gj, hi = b + e, c + d, g + j, h + i
    b, c, g, h = b - e, c - d, g - j, h - i
    p, q = a + be * cosine + cd * cosine_2, f + gj * cosine + hi * cosine_2
    r, s = a + be * cosine_2 + cd * cosine, f + gj * cosine_2 + hi * cosine
    t, u = b * sine + c * sine_2, g * sine + h * sine_2
    v, w = b * sine_2 - c * sine, g * sine_2 - h * sine
    return a + be + cd, p + u, r + w, r - w, p - u, f + gj + hi, q - t, s - v, s + v, q + t


@njit(nogil=True, cache=True, forceinline=True)
def times_three(points: Points, root: Points) -> Points:
    """Multiply the last two of three points by two roots of unity."""
    a, b, c, d, e, f = points
    p, q, r, s = root
    return a, b * p - e * q, c * r - f * s, d, b * q + e * p, c * s + f * r


@njit(nogil=True, cache=True, forceinline=True)
def undo_times_three(points: Points, root: Points) -> Points:
    """Undo `times_three`, and exchange real and imaginary parts."""
    a, b, c, d, e, f = points
    p, q, r, s = root
    return d, e * p - b * q, f * r - c * s, a, b * p + e * q, c * r + f * s


@njit(nogil=True, cache=True, forceinline=True)
def times_five(points: Points, root: Points) -> Points:
    """Multiply the last four of five points by four roots of unity."""
    a, b, c, d, e, f, g, h, i, j = points
    p, q, r, s, t, u, v, w = root
    return (
        a,
        b * p - g * q,
        c * r - h * s,
        d * t - i * u,
        e * v - j * w,
        f,
        b * q + g * p,
        c * s + h * r,
        d * u + i * t,
        e * w + j * v,
    )


@njit(nogil=True, cache=True, forceinline=True)
def undo_times_five(points: Points, root: Points) -> Points:
    """Undo `times_five`, and exchange real and imaginary parts."""
    a, b, c, d, e, f, g, h, i, j = points
    p, q, r, s, t, u, v, w = root
    return (
        f,
        g * p - b * q,
        h * r - c * s,
        i * t - d * u,
        j * v - e * w,
        a,
        b * p + g * q,
        c * r + h * s,
        d * t + i * u,
        e * v + j * w,
    )


@njit(nogil=True, cache=True, forceinline=True)
def load_three(re: NDArray[Any], im: NDArray[Any], at: int, distance: int) -> Points:
    """Return three points, `distance` apart."""
    i, j = at + distance, at + 2 * distance
    return (
        load(re, at, VECTOR),
        load(re, i, VECTOR),
        load(re, j, VECTOR),
        load(im, at, VECTOR),
        load(im, i, VECTOR),
        load(im, j, VECTOR),
    )


@njit(nogil=True, cache=True, forceinline=True)
def load_five(re: NDArray[Any], im: NDArray[Any], at: int, distance: int) -> Points:
    """Return five points, `distance` apart."""
    i, j, k, m = at + distance, at + 2 * distance, at + 3 * distance, at + 4 * distance
    return (
        load(re, at, VECTOR),
        load(re, i, VECTOR),
        load(re, j, VECTOR),
        load(re, k, VECTOR),
        load(re, m, VECTOR),
        load(im, at, VECTOR),
        load(im, i, VECTOR),
        load(im, j, VECTOR),
        load(im, k, VECTOR),
        load(im, m, VECTOR),
    )


@njit(nogil=True, cache=True, forceinline=True)
def store_three(re: NDArray[Any], im: NDArray[Any], at: int, distance: int, points: Points) -> None:
    """Write three points, `distance` apart."""
    a, b, c, d, e, f = points
    i, j = at + distance, at + 2 * distance
    store(re, at, a)
    store(re, i, b)
    store(re, j, c)
    store(im, at, d)
    store(im, i, e)
    store(im, j, f)


@njit(nogil=True, cache=True, forceinline=True)
def store_five(re: NDArray[Any], im: NDArray[Any], at: int, distance: int, points: Points) -> None:
    """Write five points, `distance` apart."""
    a, b, c, d, e, f, g, h, i, j = points
    k, m, n, o = at + distance, at + 2 * distance, at + 3 * distance, at + 4 * distance
    store(re, at, a)
    store(re, k, b)
    store(re, m, c)
    store(re, n, d)
    store(re, o, e)
    store(im, at, f)
    store(im, k, g)
    store(im, m, h)
    store(im, n, i)
    store(im, o, j)


@njit(nogil=True, cache=True, forceinline=True)
def two_roots(twiddles: NDArray[Any], at: int) -> Points:
    """Return two roots, each the same for all lanes."""
    return (
        fill(twiddles, at, VECTOR),
        fill(twiddles, at + 1, VECTOR),
        fill(twiddles, at + 2, VECTOR),
        fill(twiddles, at + 3, VECTOR),
    )


@njit(nogil=True, cache=True, forceinline=True)
def four_roots(twiddles: NDArray[Any], at: int) -> Points:
    """Return four roots, each the same for all lanes."""
    return (
        fill(twiddles, at, VECTOR),
        fill(twiddles, at + 1, VECTOR),
        fill(twiddles, at + 2, VECTOR),
        fill(twiddles, at + 3, VECTOR),
        fill(twiddles, at + 4, VECTOR),
        fill(twiddles, at + 5, VECTOR),
        fill(twiddles, at + 6, VECTOR),
        fill(twiddles, at + 7, VECTOR),
    )


@njit(nogil=True, cache=True, forceinline=True)
def four_vectors(twiddles: NDArray[Any], at: int) -> Points:
    """Return two roots for each lane."""
    lanes = VECTOR // twiddles.itemsize
    return (
        load(twiddles, at, VECTOR),
        load(twiddles, at + lanes, VECTOR),
        load(twiddles, at + 2 * lanes, VECTOR),
        load(twiddles, at + 3 * lanes, VECTOR),
    )


@njit(nogil=True, cache=True, forceinline=True)
def eight_vectors(twiddles: NDArray[Any], at: int) -> Points:
    """Return four roots for each lane."""
    lanes = VECTOR // twiddles.itemsize
    return (
        load(twiddles, at, VECTOR),
        load(twiddles, at + lanes, VECTOR),
        load(twiddles, at + 2 * lanes, VECTOR),
        load(twiddles, at + 3 * lanes, VECTOR),
        load(twiddles, at + 4 * lanes, VECTOR),
        load(twiddles, at + 5 * lanes, VECTOR),
        load(twiddles, at + 6 * lanes, VECTOR),
        load(twiddles, at + 7 * lanes, VECTOR),
    )
