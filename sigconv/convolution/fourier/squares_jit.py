"""The innermost stages of a tile's rows, forward, product and back, in registers.

They are computed in double precision whatever that of the row, which takes more than a fourth off
the variance of the errors of float32 at 4,096 points.
"""

from __future__ import annotations

from typing import Any

from numba import njit
from numpy.typing import NDArray

from ..._leaf_jit import leaf
from ..._simd import DOUBLES, VECTOR, fill, load_as, load_turned, store_turned
from .butterflies_jit import (
    Points,
    multiply,
    root_all_over,
    times,
    turn,
    turn_back,
    undo_times,
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

    A row holds as many points as a vector; `DOUBLES` rows lie side by side in registers.
    """
    points = VECTOR // re.itemsize
    flat = spectrum.reshape(-1)
    flat_im = flat[len(flat) // 2 :]
    for at in range(first, last, DOUBLES * step):
        if points == 8:
            p, q = load_turned(re, at, step), load_turned(im, at, step)
            p, q = multiply_eight(p, q, flat, flat_im, where, twiddles)
            store_turned(re, at, step, p)
            store_turned(im, at, step, q)
        else:
            p, q = load_turned(re, at, step), load_turned(im, at, step)
            r, s = load_turned(re, at + 8, step), load_turned(im, at + 8, step)
            p, q, r, s = multiply_sixteen(p, q, r, s, flat, flat_im, where, twiddles)
            store_turned(re, at, step, p)
            store_turned(im, at, step, q)
            store_turned(re, at + 8, step, r)
            store_turned(im, at + 8, step, s)
        where += DOUBLES * points


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


@njit(nogil=True, cache=True, forceinline=True)
def multiply_sixteen(
    re: Points,
    im: Points,
    far_re: Points,
    far_im: Points,
    spectrum: NDArray[Any],
    spectrum_im: NDArray[Any],
    at: int,
    twiddles: NDArray[Any],
) -> tuple[Points, Points, Points, Points]:
    """Do the same with sixteen, the latter eight of which are called far, times 16."""
    one, two, three = (
        root_all_over(twiddles, 6),
        root_all_over(twiddles, 12),
        root_all_over(twiddles, 18),
    )
    a = turn(gathered(re, im, far_re, far_im, 0))
    b = times(turn(gathered(re, im, far_re, far_im, 1)), one)
    c = times(turn(gathered(re, im, far_re, far_im, 2)), two)
    d = times(turn(gathered(re, im, far_re, far_im, 3)), three)
    e = multiply_four(across(a, b, c, d, 0), spectrum, spectrum_im, at, twiddles)
    f = multiply_four(across(a, b, c, d, 1), spectrum, spectrum_im, at + 4 * DOUBLES, twiddles)
    g = multiply_four(across(a, b, c, d, 2), spectrum, spectrum_im, at + 8 * DOUBLES, twiddles)
    h = multiply_four(across(a, b, c, d, 3), spectrum, spectrum_im, at + 12 * DOUBLES, twiddles)
    a = turn_back(across(e, f, g, h, 0))
    b = turn_back(undo_times(across(e, f, g, h, 1), one))
    c = turn_back(undo_times(across(e, f, g, h, 2), two))
    d = turn_back(undo_times(across(e, f, g, h, 3), three))
    return (
        (a[0], b[0], c[0], d[0], a[1], b[1], c[1], d[1]),
        (a[4], b[4], c[4], d[4], a[5], b[5], c[5], d[5]),
        (a[2], b[2], c[2], d[2], a[3], b[3], c[3], d[3]),
        (a[6], b[6], c[6], d[6], a[7], b[7], c[7], d[7]),
    )


@njit(nogil=True, cache=True, forceinline=True)
def gathered(re: Points, im: Points, far_re: Points, far_im: Points, j: int) -> Points:
    """Return the points j, j + 4, j + 8 and j + 12."""
    return (
        re[j],
        re[j + 4],
        far_re[j],
        far_re[j + 4],
        im[j],
        im[j + 4],
        far_im[j],
        far_im[j + 4],
    )


@njit(nogil=True, cache=True, forceinline=True)
def across(a: Points, b: Points, c: Points, d: Points, j: int) -> Points:
    """Return the point j of each of four groups of four."""
    return a[j], b[j], c[j], d[j], a[j + 4], b[j + 4], c[j + 4], d[j + 4]
