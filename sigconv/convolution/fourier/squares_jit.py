"""The innermost stages of rows in double precision, forward, product and back, in registers."""

from __future__ import annotations

from typing import Any

from numba import njit
from numpy.typing import NDArray

from ..._leaf_jit import leaf
from ..._simd import DOUBLES, VECTOR, fill, load_as, load_turned, store_turned
from .butterflies_jit import (
    Points,
    multiply,
    turn,
    turn_back,
)


@leaf
def multiply_squares(
    re: NDArray[Any],
    im: NDArray[Any],
    first: int,
    last: int,
    step: int,
    spectrum: NDArray[Any],
    where: int,
    twiddles: NDArray[Any],
) -> None:
    """Finish rows of vectors, `step` apart, multiply by the spectrum, and begin the way back.

    A row holds as many points as a vector; as many rows lie side by side in registers.
    """
    flat = spectrum.reshape(-1)
    flat_im = flat[len(flat) // 2 :]
    for at in range(first, last, DOUBLES * step):
        p, q = load_turned(re, at, step), load_turned(im, at, step)
        p, q = multiply_eight(p, q, flat, flat_im, where, twiddles)
        store_turned(re, at, step, p)
        store_turned(im, at, step, q)
        where += DOUBLES * DOUBLES


@njit(nogil=True, cache=True, forceinline=True)
def multiply_four(
    points: Points, re: NDArray[Any], im: NDArray[Any], at: int, like: NDArray[Any]
) -> Points:
    """Transform four points, multiply them by those of a spectrum, and go back."""
    i, j, k = at + DOUBLES, at + 2 * DOUBLES, at + 3 * DOUBLES
    factors = (
        load_as(re, at, like),
        load_as(re, i, like),
        load_as(re, j, like),
        load_as(re, k, like),
        load_as(im, at, like),
        load_as(im, i, like),
        load_as(im, j, like),
        load_as(im, k, like),
    )
    return turn_back(multiply(turn(points), factors))


@njit(nogil=True, cache=True, forceinline=True)
def multiply_eight(
    re: Points,
    im: Points,
    spectrum: NDArray[Any],
    spectrum_im: NDArray[Any],
    at: int,
    twiddles: NDArray[Any],
) -> tuple[Points, Points]:
    """Transform eight points, multiply them by those of the spectrum, and go back, times 8."""
    a, b, c, d, e, f, g, h = re
    p, q, r, s, t, u, v, w = im
    root = fill(twiddles, 2, VECTOR)  # of a half: roots of eight are sums of it
    low = a + e, b + f, c + g, d + h, p + t, q + u, r + v, s + w
    a, b, c, d, p, q, r, s = a - e, b - f, g - c, h - d, p - t, q - u, r - v, s - w
    high = a, (b + q) * root, r, (s + d) * root, p, (q - b) * root, c, (d - s) * root
    a, b, c, d, p, q, r, s = multiply_four(low, spectrum, spectrum_im, at, twiddles)
    e, f, g, h, t, u, v, w = multiply_four(high, spectrum, spectrum_im, at + 4 * DOUBLES, twiddles)
    f, u, h, w = (f - u) * root, (f + u) * root, (h + w) * root, (h - w) * root
    back = a + e, b + f, c - v, d - h, a - e, b - f, c + v, d + h
    return back, (p + t, q + u, r + g, s + w, p - t, q - u, r - g, s - w)
