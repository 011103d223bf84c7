"""The compiled Fourier transform of overlapping blocks, forward, product and back in one go.

A transform of `size` points (a power of two, `SMALLEST` at least) goes forward by decimation in
frequency, which leaves the spectrum in scrambled order, and back by the mirror image of it:
nothing is ever put in order. Real and imaginary parts are arrays of their own.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._simd import VECTOR, fill, load, store, transpose
from .lines_jit import gather, peak

#: Points in a vector; the last transforms, of so many points, run down a square of vectors.
LANES = VECTOR // 8
SQUARE = LANES * LANES
SMALLEST = 2 * SQUARE

#: Points whose transform is finished before the next ones are begun: they fit in the cache.
CACHED = 4096


@njit(nogil=True, cache=True)
def transform_weights(
    weights: NDArray[Any],
    twiddles: NDArray[np.float64],
    offsets: NDArray[np.intp],
    eighths: NDArray[np.float64],
    spectra: NDArray[np.float64],
    square_re: NDArray[np.float64],
    square_im: NDArray[np.float64],
) -> None:
    """Fill spectra (n, 2, size) with the conjugate spectra of the weights over `size`."""
    size = spectra.shape[2]
    for kernel in range(len(weights)):
        re, im = spectra[kernel]
        re[:] = 0
        im[:] = 0
        for t in range(weights.shape[1]):
            re[t] = weights[kernel, t] / size
        n, stage = size, 0
        if is_odd(size):
            forward_half(re, im, size // 2, twiddles)
            n, stage = size // 2, 1
        for first in range(0, size, n):
            descend(re, im, first, n, stage, twiddles, offsets)
        for at in range(0, size, SQUARE):
            transpose(re, at, square_re, 0)
            transpose(im, at, square_im, 0)
            forward_rows(square_re, square_im, eighths)
            re[at : at + SQUARE] = square_re
            im[at : at + SQUARE] = -square_im


@njit(nogil=True, cache=True)
def correlate_pairs(
    before: NDArray[Any],
    rows: NDArray[Any],
    after: NDArray[Any],
    spectra: NDArray[np.float64],
    step: int,
    twiddles: NDArray[np.float64],
    offsets: NDArray[np.intp],
    eighths: NDArray[np.float64],
    out: NDArray[Any],
    scratch: NDArray[np.float64],
    square_re: NDArray[np.float64],
    square_im: NDArray[np.float64],
    begin: int,
    end: int,
) -> None:
    """Compute pairs of blocks `begin` to `end` of `out`, counted through the rows and along them.

    Two neighbouring blocks of a row travel as real and imaginary part of one transform, both
    brought to the same loudness by a power of two, so that the rounding of a loud one does not
    reach a quiet one. A block has `step` outputs.
    """
    re, im = scratch
    n_pairs = (out.shape[1] + 2 * step - 1) // (2 * step)
    for item in range(begin, end):
        row = item // n_pairs
        first = item % n_pairs * 2 * step
        real_gain = take_block(before[row], rows[row], after[row], first, re)
        imag_gain = take_block(before[row], rows[row], after[row], first + step, im)
        spectrum = spectra[row % len(spectra)]
        filter_pair(
            re, im, spectrum[0], spectrum[1], twiddles, offsets, eighths, square_re, square_im
        )
        real_target = out[row, first : first + step]
        for j in range(len(real_target)):
            real_target[j] = re[j] * real_gain
        imag_target = out[row, first + step : first + 2 * step]
        for j in range(len(imag_target)):
            imag_target[j] = im[j] * imag_gain


@njit(nogil=True, cache=True)
def take_block(
    before: NDArray[Any],
    row: NDArray[Any],
    after: NDArray[Any],
    first: int,
    block: NDArray[np.float64],
) -> float:
    """Copy a block of the extended row, its largest sample near 1; return the factor back."""
    gather(before, row, after, first, block)
    bits = np.empty(1, np.int64)
    bits[0] = peak(block.view(np.int64), 0, len(block))
    exponent = math.frexp(bits.view(np.float64)[0])[1]
    exponent = min(max(exponent, -1000), 1000)  # where its inverse is a normal number
    gain = math.ldexp(1.0, -exponent)
    for j in range(len(block)):
        block[j] *= gain
    return math.ldexp(1.0, exponent)


@njit(nogil=True, cache=True)
def filter_pair(
    re: NDArray[np.float64],
    im: NDArray[np.float64],
    spectrum_re: NDArray[np.float64],
    spectrum_im: NDArray[np.float64],
    twiddles: NDArray[np.float64],
    offsets: NDArray[np.intp],
    eighths: NDArray[np.float64],
    square_re: NDArray[np.float64],
    square_im: NDArray[np.float64],
) -> None:
    """Transform in place, multiply by the spectrum, and transform back."""
    size = len(re)
    n, stage = size, 0
    if is_odd(size):
        forward_half(re, im, size // 2, twiddles)
        n, stage = size // 2, 1
    top = n
    while n > CACHED:
        for first in range(0, size, n):
            forward_fourth(re, im, first, n // 4, twiddles, offsets[stage])
        n //= 4
        stage += 1
    for first in range(0, size, n):
        descend(re, im, first, n, stage, twiddles, offsets)
        for at in range(first, first + n, SQUARE):
            transpose(re, at, square_re, 0)
            transpose(im, at, square_im, 0)
            forward_rows(square_re, square_im, eighths)
            for i in range(0, SQUARE, LANES):
                a, b = load(square_re, i, VECTOR), load(square_im, i, VECTOR)
                c, d = load(spectrum_re, at + i, VECTOR), load(spectrum_im, at + i, VECTOR)
                store(square_re, i, a * c - b * d)
                store(square_im, i, a * d + b * c)
            backward_rows(square_re, square_im, eighths)
            transpose(square_re, 0, re, at)
            transpose(square_im, 0, im, at)
        ascend(re, im, first, n, stage, twiddles, offsets)
    while n < top:
        n *= 4
        stage -= 1
        for first in range(0, size, n):
            backward_fourth(re, im, first, n // 4, twiddles, offsets[stage])
    if is_odd(size):
        backward_half(re, im, size // 2, twiddles)


@njit(nogil=True, cache=True)
def is_odd(size: int) -> bool:
    """Return whether a stage of two must come before the stages of four."""
    n = size
    while n > LANES:
        n //= 4
    return n < LANES


@njit(nogil=True, cache=True)
def descend(
    re: NDArray[np.float64],
    im: NDArray[np.float64],
    first: int,
    size: int,
    stage: int,
    twiddles: NDArray[np.float64],
    offsets: NDArray[np.intp],
) -> None:
    """Run the stages of four over `size` points, down to vectors."""
    n = size
    while n > LANES:
        for at in range(first, first + size, n):
            forward_fourth(re, im, at, n // 4, twiddles, offsets[stage])
        n //= 4
        stage += 1


@njit(nogil=True, cache=True)
def ascend(
    re: NDArray[np.float64],
    im: NDArray[np.float64],
    first: int,
    size: int,
    stage: int,
    twiddles: NDArray[np.float64],
    offsets: NDArray[np.intp],
) -> None:
    """Undo `descend`."""
    n = size
    while n > LANES:
        n //= 4
        stage += 1
    while n < size:
        n *= 4
        stage -= 1
        for at in range(first, first + size, n):
            backward_fourth(re, im, at, n // 4, twiddles, offsets[stage])


@njit(nogil=True, cache=True)
def forward_fourth(
    re: NDArray[np.float64],
    im: NDArray[np.float64],
    first: int,
    quarter: int,
    twiddles: NDArray[np.float64],
    offset: int,
) -> None:
    """Split 4 * quarter points into four transforms of a quarter."""
    for j in range(0, quarter, LANES):
        i, w = first + j, offset + 6 * j
        a, e = load(re, i, VECTOR), load(im, i, VECTOR)
        b, f = load(re, i + quarter, VECTOR), load(im, i + quarter, VECTOR)
        c, g = load(re, i + 2 * quarter, VECTOR), load(im, i + 2 * quarter, VECTOR)
        d, h = load(re, i + 3 * quarter, VECTOR), load(im, i + 3 * quarter, VECTOR)
        ac, bd, eg, fh = a + c, b + d, e + g, f + h
        store(re, i, ac + bd)
        store(im, i, eg + fh)
        a, b, e, f = a - c, b - d, e - g, f - h
        x, y = a + f, e - b
        p, q = load(twiddles, w, VECTOR), load(twiddles, w + LANES, VECTOR)
        store(re, i + quarter, x * p - y * q)
        store(im, i + quarter, x * q + y * p)
        x, y = ac - bd, eg - fh
        p, q = load(twiddles, w + 2 * LANES, VECTOR), load(twiddles, w + 3 * LANES, VECTOR)
        store(re, i + 2 * quarter, x * p - y * q)
        store(im, i + 2 * quarter, x * q + y * p)
        x, y = a - f, e + b
        p, q = load(twiddles, w + 4 * LANES, VECTOR), load(twiddles, w + 5 * LANES, VECTOR)
        store(re, i + 3 * quarter, x * p - y * q)
        store(im, i + 3 * quarter, x * q + y * p)


@njit(nogil=True, cache=True)
def backward_fourth(
    re: NDArray[np.float64],
    im: NDArray[np.float64],
    first: int,
    quarter: int,
    twiddles: NDArray[np.float64],
    offset: int,
) -> None:
    """Undo `forward_fourth`, times 4."""
    for j in range(0, quarter, LANES):
        i, w = first + j, offset + 6 * j
        a, e = load(re, i, VECTOR), load(im, i, VECTOR)
        x, y = load(re, i + quarter, VECTOR), load(im, i + quarter, VECTOR)
        p, q = load(twiddles, w, VECTOR), load(twiddles, w + LANES, VECTOR)
        b, f = x * p + y * q, y * p - x * q
        x, y = load(re, i + 2 * quarter, VECTOR), load(im, i + 2 * quarter, VECTOR)
        p, q = load(twiddles, w + 2 * LANES, VECTOR), load(twiddles, w + 3 * LANES, VECTOR)
        c, g = x * p + y * q, y * p - x * q
        x, y = load(re, i + 3 * quarter, VECTOR), load(im, i + 3 * quarter, VECTOR)
        p, q = load(twiddles, w + 4 * LANES, VECTOR), load(twiddles, w + 5 * LANES, VECTOR)
        d, h = x * p + y * q, y * p - x * q
        ac, bd, eg, fh = a + c, b + d, e + g, f + h
        store(re, i, ac + bd)
        store(im, i, eg + fh)
        store(re, i + 2 * quarter, ac - bd)
        store(im, i + 2 * quarter, eg - fh)
        a, b, e, f = a - c, b - d, e - g, f - h
        store(re, i + quarter, a - f)
        store(im, i + quarter, e + b)
        store(re, i + 3 * quarter, a + f)
        store(im, i + 3 * quarter, e - b)


@njit(nogil=True, cache=True)
def forward_half(
    re: NDArray[np.float64], im: NDArray[np.float64], half: int, twiddles: NDArray[np.float64]
) -> None:
    """Split 2 * half points into two transforms of a half."""
    for j in range(0, half, LANES):
        a, e = load(re, j, VECTOR), load(im, j, VECTOR)
        b, f = load(re, j + half, VECTOR), load(im, j + half, VECTOR)
        p, q = load(twiddles, 2 * j, VECTOR), load(twiddles, 2 * j + LANES, VECTOR)
        store(re, j, a + b)
        store(im, j, e + f)
        a, e = a - b, e - f
        store(re, j + half, a * p - e * q)
        store(im, j + half, a * q + e * p)


@njit(nogil=True, cache=True)
def backward_half(
    re: NDArray[np.float64], im: NDArray[np.float64], half: int, twiddles: NDArray[np.float64]
) -> None:
    """Undo `forward_half`, times 2."""
    for j in range(0, half, LANES):
        a, e = load(re, j, VECTOR), load(im, j, VECTOR)
        x, y = load(re, j + half, VECTOR), load(im, j + half, VECTOR)
        p, q = load(twiddles, 2 * j, VECTOR), load(twiddles, 2 * j + LANES, VECTOR)
        b, f = x * p + y * q, y * p - x * q
        store(re, j, a + b)
        store(im, j, e + f)
        store(re, j + half, a - b)
        store(im, j + half, e - f)


@njit(nogil=True, cache=True)
def forward_rows(
    re: NDArray[np.float64], im: NDArray[np.float64], eighths: NDArray[np.float64]
) -> None:
    """Transform the columns of a square, eight points each."""
    for j in range(0, SQUARE // 2, LANES):
        k = j + SQUARE // 2
        a, e, b, f = (
            load(re, j, VECTOR),
            load(im, j, VECTOR),
            load(re, k, VECTOR),
            load(im, k, VECTOR),
        )
        p, q = fill(eighths, j // LANES, VECTOR), fill(eighths, j // LANES + 4, VECTOR)
        store(re, j, a + b)
        store(im, j, e + f)
        a, e = a - b, e - f
        store(re, k, a * p - e * q)
        store(im, k, a * q + e * p)
    for at in range(0, SQUARE, SQUARE // 2):
        four_rows(re, im, at, 3, 1)


@njit(nogil=True, cache=True)
def backward_rows(
    re: NDArray[np.float64], im: NDArray[np.float64], eighths: NDArray[np.float64]
) -> None:
    """Undo `forward_rows`, times 8."""
    for at in range(0, SQUARE, SQUARE // 2):
        four_rows(re, im, at, 1, 3)
    for j in range(0, SQUARE // 2, LANES):
        k = j + SQUARE // 2
        a, e, x, y = (
            load(re, j, VECTOR),
            load(im, j, VECTOR),
            load(re, k, VECTOR),
            load(im, k, VECTOR),
        )
        p, q = fill(eighths, j // LANES, VECTOR), fill(eighths, j // LANES + 4, VECTOR)
        b, f = x * p + y * q, y * p - x * q
        store(re, j, a + b)
        store(im, j, e + f)
        store(re, k, a - b)
        store(im, k, e - f)


@njit(nogil=True, cache=True)
def four_rows(
    re: NDArray[np.float64], im: NDArray[np.float64], at: int, minus: int, plus: int
) -> None:
    """Transform columns of four points; exchanging rows 1 and 3 of the answer inverts it."""
    a, b = load(re, at, VECTOR), load(re, at + LANES, VECTOR)
    c, d = load(re, at + 2 * LANES, VECTOR), load(re, at + 3 * LANES, VECTOR)
    e, f = load(im, at, VECTOR), load(im, at + LANES, VECTOR)
    g, h = load(im, at + 2 * LANES, VECTOR), load(im, at + 3 * LANES, VECTOR)
    ac, bd, eg, fh = a + c, b + d, e + g, f + h
    store(re, at, ac + bd)
    store(im, at, eg + fh)
    store(re, at + 2 * LANES, ac - bd)
    store(im, at + 2 * LANES, eg - fh)
    a, b, e, f = a - c, b - d, e - g, f - h
    store(re, at + plus * LANES, a + f)
    store(im, at + plus * LANES, e - b)
    store(re, at + minus * LANES, a - f)
    store(im, at + minus * LANES, e + b)
