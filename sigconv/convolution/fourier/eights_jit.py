"""Butterflies of eight points in registers: `Points` of eight real parts and eight imaginary."""

from __future__ import annotations

from typing import Any

from numba import njit
from numpy.typing import NDArray

from ..._simd import VECTOR, lanes_in, load, store
from .butterflies_jit import Points, turn, turn_back


@njit(nogil=True, cache=True, forceinline=True)
def load_eight(z: NDArray[Any], at: int, distance: int) -> Points:
    """Return eight points, `distance` apart: a vector of real parts, then one of imaginary."""
    lanes = lanes_in(z)
    b, c, d = at + distance, at + 2 * distance, at + 3 * distance
    e, f, g, h = at + 4 * distance, b + 4 * distance, c + 4 * distance, d + 4 * distance
    return (
        load(z, at, VECTOR),
        load(z, b, VECTOR),
        load(z, c, VECTOR),
        load(z, d, VECTOR),
        load(z, e, VECTOR),
        load(z, f, VECTOR),
        load(z, g, VECTOR),
        load(z, h, VECTOR),
        load(z, at + lanes, VECTOR),
        load(z, b + lanes, VECTOR),
        load(z, c + lanes, VECTOR),
        load(z, d + lanes, VECTOR),
        load(z, e + lanes, VECTOR),
        load(z, f + lanes, VECTOR),
        load(z, g + lanes, VECTOR),
        load(z, h + lanes, VECTOR),
    )


@njit(nogil=True, cache=True, forceinline=True)
def store_eight(z: NDArray[Any], at: int, distance: int, points: Points) -> None:
    """Undo `load_eight`."""
    lanes = lanes_in(z)
    b, c, d = at + distance, at + 2 * distance, at + 3 * distance
    e, f, g, h = at + 4 * distance, b + 4 * distance, c + 4 * distance, d + 4 * distance
    store(z, at, points[0])
    store(z, at + lanes, points[8])
    store(z, b, points[1])
    store(z, b + lanes, points[9])
    store(z, c, points[2])
    store(z, c + lanes, points[10])
    store(z, d, points[3])
    store(z, d + lanes, points[11])
    store(z, e, points[4])
    store(z, e + lanes, points[12])
    store(z, f, points[5])
    store(z, f + lanes, points[13])
    store(z, g, points[6])
    store(z, g + lanes, points[14])
    store(z, h, points[7])
    store(z, h + lanes, points[15])


@njit(nogil=True, cache=True, forceinline=True)
def by_root(a: Any, root: Any) -> Any:
    """Return a vector times a number that comes in two parts, the larger first."""
    return a * root[1] + a * root[0]


@njit(nogil=True, cache=True, forceinline=True)
def turn_eight(points: Points, root: Any) -> Points:
    """Transform eight points; `root` is that of a half.

    It comes in two parts: in float64 it lies nearly as far from any number as can be, and all
    stages would be off by the same.
    """
    a, b, c, d, e, f, g, h, p, q, r, s, t, u, v, w = points
    low = turn((a + e, b + f, c + g, d + h, p + t, q + u, r + v, s + w))
    a, b, c, d, p, q, r, s = a - e, b - f, c - g, d - h, p - t, q - u, r - v, s - w
    b, q, d, s = b + q, q - b, s - d, d + s
    b, q, d, s = by_root(b, root), by_root(q, root), by_root(d, root), by_root(s, root)
    # The fourth is turned by 3/8: its imaginary part has changed its sign, which `turned` minds.
    high = turned(a, b, r, d, p, q, c, s)
    return (
        low[0], high[0], low[1], high[1], low[2], high[2], low[3], high[3],
        low[4], high[4], low[5], high[5], low[6], high[6], low[7], high[7],
    )  # fmt: skip


@njit(nogil=True, cache=True, forceinline=True)
def turned(a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any) -> Points:
    """Transform four points of which the last two have imaginary parts of the other sign."""
    ac, bd, eg, fh = a + c, b + d, e - g, f - h
    a, b, e, f = a - c, b - d, e + g, f + h
    return ac + bd, a + f, ac - bd, a - f, eg + fh, e - b, eg - fh, e + b


@njit(nogil=True, cache=True, forceinline=True)
def turn_eight_back(points: Points, root: Any) -> Points:
    """Undo `turn_eight`, times 8."""
    a, b, c, d, e, f, g, h, p, q, r, s, t, u, v, w = points
    i, j, k, m, n, x, y, z = turn_back((a, c, e, g, p, r, t, v))
    a, b, c, d, e, f, g, h = turn_back((b, d, f, h, q, s, u, w))
    b, f, d, h = b - f, b + f, d + h, d - h
    b, f, d, h = by_root(b, root), by_root(f, root), by_root(d, root), by_root(h, root)
    return (
        i + a, j + b, k - g, m - d, i - a, j - b, k + g, m + d,
        n + e, x + f, y + c, z + h, n - e, x - f, y - c, z - h,
    )  # fmt: skip


@njit(nogil=True, cache=True, forceinline=True)
def times_eight(points: Points, w: NDArray[Any], at: int) -> Points:
    """Multiply the last seven of eight points by roots: w[at:], both parts of each, by vectors."""
    n = lanes_in(w)
    a, b, c, d, e, f, g, h, p, q, r, s, t, u, v, x = points
    b, q = product(b, q, load(w, at, VECTOR), load(w, at + n, VECTOR))
    c, r = product(c, r, load(w, at + 2 * n, VECTOR), load(w, at + 3 * n, VECTOR))
    d, s = product(d, s, load(w, at + 4 * n, VECTOR), load(w, at + 5 * n, VECTOR))
    e, t = product(e, t, load(w, at + 6 * n, VECTOR), load(w, at + 7 * n, VECTOR))
    f, u = product(f, u, load(w, at + 8 * n, VECTOR), load(w, at + 9 * n, VECTOR))
    g, v = product(g, v, load(w, at + 10 * n, VECTOR), load(w, at + 11 * n, VECTOR))
    h, x = product(h, x, load(w, at + 12 * n, VECTOR), load(w, at + 13 * n, VECTOR))
    return a, b, c, d, e, f, g, h, p, q, r, s, t, u, v, x


@njit(nogil=True, cache=True, forceinline=True)
def undo_times_eight(points: Points, w: NDArray[Any], at: int) -> Points:
    """Undo `times_eight`."""
    n = lanes_in(w)
    a, b, c, d, e, f, g, h, p, q, r, s, t, u, v, x = points
    b, q = quotient(b, q, load(w, at, VECTOR), load(w, at + n, VECTOR))
    c, r = quotient(c, r, load(w, at + 2 * n, VECTOR), load(w, at + 3 * n, VECTOR))
    d, s = quotient(d, s, load(w, at + 4 * n, VECTOR), load(w, at + 5 * n, VECTOR))
    e, t = quotient(e, t, load(w, at + 6 * n, VECTOR), load(w, at + 7 * n, VECTOR))
    f, u = quotient(f, u, load(w, at + 8 * n, VECTOR), load(w, at + 9 * n, VECTOR))
    g, v = quotient(g, v, load(w, at + 10 * n, VECTOR), load(w, at + 11 * n, VECTOR))
    h, x = quotient(h, x, load(w, at + 12 * n, VECTOR), load(w, at + 13 * n, VECTOR))
    return a, b, c, d, e, f, g, h, p, q, r, s, t, u, v, x


@njit(nogil=True, cache=True, forceinline=True)
def product(a: Any, b: Any, c: Any, d: Any) -> Any:
    """Return both parts of (a + bi) (c + di)."""
    return a * c - b * d, a * d + b * c


@njit(nogil=True, cache=True, forceinline=True)
def quotient(a: Any, b: Any, c: Any, d: Any) -> Any:
    """Return both parts of (a + bi) (c - di)."""
    return a * c + b * d, b * c - a * d
