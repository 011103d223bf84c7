"""Squares of a row: the innermost stages, forward, product and back, in registers.

A square is eight vectors of points. Its first stage runs from vector to vector, its last one
from lane to lane, as one from vector to vector of the transpose.
"""

from __future__ import annotations

from typing import Any

from numba import njit
from numpy.typing import NDArray

from ..._leaf_jit import leaf
from ..._simd import VECTOR, fill, lanes_in, load, swap_halves, turn_square
from .butterflies_jit import Points
from .eights_jit import (
    load_eight,
    product,
    quotient,
    store_eight,
    times_eight,
    turn_eight,
    turn_eight_back,
    undo_times_eight,
)


@njit(nogil=True, cache=True, forceinline=True)
def half_root(twiddles: NDArray[Any]) -> Any:
    """Return both parts of the root of a half, which the twiddles end with."""
    end = len(twiddles)
    return fill(twiddles, end - 2, VECTOR), fill(twiddles, end - 1, VECTOR)


@leaf
def multiply_square(
    z: NDArray[Any], at: int, spectrum: NDArray[Any], twiddles: NDArray[Any], w: int
) -> None:
    """Transform what eight vectors hold, multiply it by the spectrum, and go back."""
    lanes = lanes_in(z)
    root = half_root(twiddles)
    points = times_eight(turn_eight(load_eight(z, at, 2 * lanes), root), twiddles, w)
    if lanes == 16:
        points = halve(points, twiddles, w + 14 * lanes)
    points = turn_eight(turn_square(points), root)
    points = turn_eight_back(multiply(points, spectrum, at), root)
    points = turn_square(points)
    if lanes == 16:
        points = undo_halve(points, twiddles, w + 14 * lanes)
    store_eight(z, at, 2 * lanes, turn_eight_back(undo_times_eight(points, twiddles, w), root))


@njit(nogil=True, cache=True, forceinline=True)
def multiply(points: Points, spectrum: NDArray[Any], at: int) -> Points:
    """Multiply eight points by those of a spectrum."""
    a, b, c, d, e, f, g, h, p, q, r, s, t, u, v, w = points
    n = lanes_in(spectrum)
    a, p = product(a, p, load(spectrum, at, VECTOR), load(spectrum, at + n, VECTOR))
    b, q = product(b, q, load(spectrum, at + 2 * n, VECTOR), load(spectrum, at + 3 * n, VECTOR))
    c, r = product(c, r, load(spectrum, at + 4 * n, VECTOR), load(spectrum, at + 5 * n, VECTOR))
    d, s = product(d, s, load(spectrum, at + 6 * n, VECTOR), load(spectrum, at + 7 * n, VECTOR))
    e, t = product(e, t, load(spectrum, at + 8 * n, VECTOR), load(spectrum, at + 9 * n, VECTOR))
    f, u = product(f, u, load(spectrum, at + 10 * n, VECTOR), load(spectrum, at + 11 * n, VECTOR))
    g, v = product(g, v, load(spectrum, at + 12 * n, VECTOR), load(spectrum, at + 13 * n, VECTOR))
    h, w = product(h, w, load(spectrum, at + 14 * n, VECTOR), load(spectrum, at + 15 * n, VECTOR))
    return a, b, c, d, e, f, g, h, p, q, r, s, t, u, v, w


@njit(nogil=True, cache=True, forceinline=True)
def halve(points: Points, twiddles: NDArray[Any], w: int) -> Points:
    """Split each vector's transform of 16 points into two of eight."""
    n = lanes_in(twiddles)
    sign = load(twiddles, w, VECTOR)
    c, d = load(twiddles, w + n, VECTOR), load(twiddles, w + 2 * n, VECTOR)
    a, b, e, f, g, h, i, j, p, q, r, s, t, u, v, x = points
    a, p = product(both(a, sign), both(p, sign), c, d)
    b, q = product(both(b, sign), both(q, sign), c, d)
    e, r = product(both(e, sign), both(r, sign), c, d)
    f, s = product(both(f, sign), both(s, sign), c, d)
    g, t = product(both(g, sign), both(t, sign), c, d)
    h, u = product(both(h, sign), both(u, sign), c, d)
    i, v = product(both(i, sign), both(v, sign), c, d)
    j, x = product(both(j, sign), both(x, sign), c, d)
    return a, b, e, f, g, h, i, j, p, q, r, s, t, u, v, x


@njit(nogil=True, cache=True, forceinline=True)
def undo_halve(points: Points, twiddles: NDArray[Any], w: int) -> Points:
    """Undo `halve`, times 2."""
    n = lanes_in(twiddles)
    sign = load(twiddles, w, VECTOR)
    c, d = load(twiddles, w + n, VECTOR), load(twiddles, w + 2 * n, VECTOR)
    a, b, e, f, g, h, i, j, p, q, r, s, t, u, v, x = points
    a, p = quotient(a, p, c, d)
    b, q = quotient(b, q, c, d)
    e, r = quotient(e, r, c, d)
    f, s = quotient(f, s, c, d)
    g, t = quotient(g, t, c, d)
    h, u = quotient(h, u, c, d)
    i, v = quotient(i, v, c, d)
    j, x = quotient(j, x, c, d)
    return (
        both(a, sign), both(b, sign), both(e, sign), both(f, sign),
        both(g, sign), both(h, sign), both(i, sign), both(j, sign),
        both(p, sign), both(q, sign), both(r, sign), both(s, sign),
        both(t, sign), both(u, sign), both(v, sign), both(x, sign),
    )  # fmt: skip


@njit(nogil=True, cache=True, forceinline=True)
def both(vector: Any, sign: Any) -> Any:
    """Return sum and difference of the halves of a vector; `sign` is -1 in the second half."""
    return swap_halves(vector) + vector * sign
