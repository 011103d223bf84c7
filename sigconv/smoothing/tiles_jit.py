"""The compiled loops of running quantiles: sorted lists of vectors, a piece of signal a lane.

T neighbouring outputs, a tile, share all of their windows but T - 1 samples. What they share
is sorted once, and of it only T samples can be the answer of any of them. Each half of the
tile shares T / 2 samples more: of the 3 T / 2 then only the middle third can be answers, and
so on until one is left. That takes some log(T) ** 2 comparisons an output, all of them on
vectors and without a branch.

A list of n vectors lies at n * VECTOR bytes in a flat array, its start counted in elements;
`step` is the elements of a vector. Lengths are powers of two.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .._leaf_jit import leaf
from .._simd import VECTOR, greater, lesser, load, store, transpose

#: Outputs of the smallest tile: what follows runs in registers down to it.
SMALLEST = 8


@njit(nogil=True, cache=True)
def running_rank(
    signals: NDArray[Any],
    stride: int,
    width: int,
    rank: int,
    tile: int,
    tiles: int,
    out: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Fill `out` (n_rows, n), contiguous, with the sample of a rank (from 0) in each window.

    Parameters
    ----------
    signals : flat array without NaN
        Row r begins at r * stride: one sample that does not count, the extended row, and
        more that do not count up to ``stride`` (as many as `span` tells).
    tile : int
        A power of two from SMALLEST on, at least (width + 1) / 2 and at most width + 1.
    tiles : int
        How many make a piece.
    begin, end : int
        Parts to compute: as many pieces as a vector has lanes are one.
    """
    step = VECTOR // signals.itemsize
    n_rows, n = out.shape
    piece = tile * tiles
    pieces = -(-n // piece)
    levels = 0
    while 1 << levels < tile:
        levels += 1
    square = tile * step
    length = span(piece, width, step)
    samples = np.empty(length * step, signals.dtype)
    left = np.empty(levels * square, signals.dtype)
    right = np.empty_like(left)
    core = np.empty((levels + 1) * square, signals.dtype)
    lists = np.empty(2 * square, signals.dtype)
    answer = np.empty((piece + step) * step, signals.dtype)
    turned = np.empty(step * step, signals.dtype)
    for part in range(begin, end):
        for p in range(0, length, step):
            for lane in range(step):
                which = min(part * step + lane, n_rows * pieces - 1)
                place = which // pieces * stride + which % pieces * piece
                store(turned, lane * step, load(signals, place + p, VECTOR))
            transpose(turned, 0, step, samples, p * step, step)
        for start in range(0, square * tiles, square):
            after = start + (width + 1) * step
            left[:square] = samples[start : start + square]
            right[:square] = samples[after : after + square]
            shared = (width + 1 - tile) * step
            core[:shared] = samples[start + square : after]
            core[shared:square] = np.inf
            grow(left, tile, levels, step)
            grow(right, tile, levels, step)
            grow(core, tile, levels + 1, step)
            offset = (rank + 1 - tile) * step
            for i in range(square):
                j = i + offset
                lists[i] = (
                    -np.inf if j < 0 else (core[levels * square + j] if j < square else np.inf)
                )
            for j in range(0, tile, SMALLEST):
                k = levels - 1
                if j:
                    k = 3
                    while not (j >> k) & 1:
                        k += 1
                while k >= 3:
                    at = 2 * square - (4 * step << k)
                    block = k * square + (((j >> k) ^ 1) * step << k)
                    if (j >> k) & 1:
                        halve(lists, at, right, block, 1 << k, step)
                    else:
                        halve(lists, at, left, block, 1 << k, step)
                    k -= 1
                finish(
                    lists,
                    2 * square - 16 * step,
                    left,
                    right,
                    j * step,
                    square,
                    step,
                    answer,
                    start,
                )
        for p in range(0, piece, step):
            transpose(answer, p * step, step, turned, 0, step)
            for lane in range(step):
                which = part * step + lane
                if which >= n_rows * pieces:
                    break
                row, first = which // pieces, which % pieces * piece + p
                if first + step <= n:
                    store(out, row * n + first, load(turned, lane * step, VECTOR))
                else:
                    for q in range(n - first):
                        out[row, first + q] = turned[lane * step + q]


@leaf
def span(piece: int, width: int, step: int) -> int:
    """Return how many samples are read from the first of a piece on."""
    return -(-(piece + width + 1) // step) * step


@leaf
def grow(tree: NDArray[Any], size: int, levels: int, step: int) -> None:
    """Fill the levels of a tree above the lowest: at level k, lists of 2 ** k are sorted."""
    square = size * step
    for i in range(0, square, 8 * step):
        a = load(tree, i, VECTOR)
        b = load(tree, i + step, VECTOR)
        c = load(tree, i + 2 * step, VECTOR)
        d = load(tree, i + 3 * step, VECTOR)
        e = load(tree, i + 4 * step, VECTOR)
        f = load(tree, i + 5 * step, VECTOR)
        g = load(tree, i + 6 * step, VECTOR)
        h = load(tree, i + 7 * step, VECTOR)
        to = i + square
        a, b = lesser(a, b), greater(a, b)
        c, d = lesser(c, d), greater(c, d)
        e, f = lesser(e, f), greater(e, f)
        g, h = lesser(g, h), greater(g, h)
        store(tree, to, a)
        store(tree, to + step, b)
        store(tree, to + 2 * step, c)
        store(tree, to + 3 * step, d)
        store(tree, to + 4 * step, e)
        store(tree, to + 5 * step, f)
        store(tree, to + 6 * step, g)
        store(tree, to + 7 * step, h)
        to += square
        # odd-even merges
        a, c = lesser(a, c), greater(a, c)
        b, d = lesser(b, d), greater(b, d)
        b, c = lesser(b, c), greater(b, c)
        e, g = lesser(e, g), greater(e, g)
        f, h = lesser(f, h), greater(f, h)
        f, g = lesser(f, g), greater(f, g)
        store(tree, to, a)
        store(tree, to + step, b)
        store(tree, to + 2 * step, c)
        store(tree, to + 3 * step, d)
        store(tree, to + 4 * step, e)
        store(tree, to + 5 * step, f)
        store(tree, to + 6 * step, g)
        store(tree, to + 7 * step, h)
        if levels > 3:
            to += square
            a, e = lesser(a, e), greater(a, e)
            b, f = lesser(b, f), greater(b, f)
            c, g = lesser(c, g), greater(c, g)
            d, h = lesser(d, h), greater(d, h)
            c, e = lesser(c, e), greater(c, e)
            d, f = lesser(d, f), greater(d, f)
            store(tree, to, a)
            store(tree, to + step, lesser(b, c))
            store(tree, to + 2 * step, greater(b, c))
            store(tree, to + 3 * step, lesser(d, e))
            store(tree, to + 4 * step, greater(d, e))
            store(tree, to + 5 * step, lesser(f, g))
            store(tree, to + 6 * step, greater(f, g))
            store(tree, to + 7 * step, h)
    for k in range(4, levels):
        n = (1 << k) * step
        half = n // 2
        for to in range(k * square, (k + 1) * square, n):
            first = to - square
            for i in range(0, half, step):
                one = load(tree, first + i, VECTOR)
                two = load(tree, first + n - step - i, VECTOR)
                store(tree, to + i, lesser(one, two))
                store(tree, to + half + i, greater(one, two))
        merge(tree, k * square, (k + 1) * square, 1 << (k - 1), step)


@leaf
def halve(
    lists: NDArray[Any], start: int, tree: NDArray[Any], block: int, n: int, step: int
) -> None:
    """Keep, sorted, the middle n of the sorted 2 n at lists[start] and the n at tree[block].

    They follow the 2 n.
    """
    size = n * step
    to = start + 2 * size
    for i in range(0, size, step):
        low = load(lists, start + i, VECTOR)
        high = load(lists, start + size + i, VECTOR)
        new = load(tree, block + size - step - i, VECTOR)
        store(lists, to + i, greater(low, lesser(new, high)))
    merge(lists, to, to + size, n, step)


@leaf
def merge(lists: NDArray[Any], begin: int, end: int, n: int, step: int) -> None:
    """Sort the bitonic lists of n >= 8 vectors, one after the other, from begin to end."""
    half = n // 2
    while half > 4:
        near = half * step
        if half > 8:
            # two stages at once: fewer ways to memory and back
            near //= 2
            for group in range(begin, end, 4 * near):
                for i in range(group, group + near, step):
                    a = load(lists, i, VECTOR)
                    b = load(lists, i + near, VECTOR)
                    c = load(lists, i + 2 * near, VECTOR)
                    d = load(lists, i + 3 * near, VECTOR)
                    a, c = lesser(a, c), greater(a, c)
                    b, d = lesser(b, d), greater(b, d)
                    store(lists, i, lesser(a, b))
                    store(lists, i + near, greater(a, b))
                    store(lists, i + 2 * near, lesser(c, d))
                    store(lists, i + 3 * near, greater(c, d))
            half //= 4
        else:
            for group in range(begin, end, 2 * near):
                for i in range(group, group + near, step):
                    a = load(lists, i, VECTOR)
                    b = load(lists, i + near, VECTOR)
                    store(lists, i, lesser(a, b))
                    store(lists, i + near, greater(a, b))
            half //= 2
    for i in range(begin, end, 8 * step):
        a = load(lists, i, VECTOR)
        b = load(lists, i + step, VECTOR)
        c = load(lists, i + 2 * step, VECTOR)
        d = load(lists, i + 3 * step, VECTOR)
        e = load(lists, i + 4 * step, VECTOR)
        f = load(lists, i + 5 * step, VECTOR)
        g = load(lists, i + 6 * step, VECTOR)
        h = load(lists, i + 7 * step, VECTOR)
        a, e = lesser(a, e), greater(a, e)
        b, f = lesser(b, f), greater(b, f)
        c, g = lesser(c, g), greater(c, g)
        d, h = lesser(d, h), greater(d, h)
        a, c = lesser(a, c), greater(a, c)
        b, d = lesser(b, d), greater(b, d)
        e, g = lesser(e, g), greater(e, g)
        f, h = lesser(f, h), greater(f, h)
        store(lists, i, lesser(a, b))
        store(lists, i + step, greater(a, b))
        store(lists, i + 2 * step, lesser(c, d))
        store(lists, i + 3 * step, greater(c, d))
        store(lists, i + 4 * step, lesser(e, f))
        store(lists, i + 5 * step, greater(e, f))
        store(lists, i + 6 * step, lesser(g, h))
        store(lists, i + 7 * step, greater(g, h))


@leaf
def finish(
    lists: NDArray[Any],
    start: int,
    left: NDArray[Any],
    right: NDArray[Any],
    first: int,
    square: int,
    step: int,
    answer: NDArray[Any],
    to: int,
) -> None:
    """Write the eight outputs of a tile whose candidates are the eight at lists[start]."""
    to += first
    for half in range(2):
        tree = right if half else left
        # the four of the other half, sorted
        new = 2 * square + first + (0 if half else 4 * step)
        a = load(lists, start, VECTOR)
        b = load(lists, start + step, VECTOR)
        c = load(lists, start + 2 * step, VECTOR)
        d = load(lists, start + 3 * step, VECTOR)
        a = greater(
            a, lesser(load(tree, new + 3 * step, VECTOR), load(lists, start + 4 * step, VECTOR))
        )
        b = greater(
            b, lesser(load(tree, new + 2 * step, VECTOR), load(lists, start + 5 * step, VECTOR))
        )
        c = greater(
            c, lesser(load(tree, new + step, VECTOR), load(lists, start + 6 * step, VECTOR))
        )
        d = greater(d, lesser(load(tree, new, VECTOR), load(lists, start + 7 * step, VECTOR)))
        a, c = lesser(a, c), greater(a, c)
        b, d = lesser(b, d), greater(b, d)
        a, b = lesser(a, b), greater(a, b)
        c, d = lesser(c, d), greater(c, d)
        here = first + 4 * half * step
        pair = square + here
        e = greater(a, lesser(load(left, pair + 3 * step, VECTOR), c))
        f = greater(b, lesser(load(left, pair + 2 * step, VECTOR), d))
        e, f = lesser(e, f), greater(e, f)
        store(answer, to, greater(e, lesser(load(left, here + step, VECTOR), f)))
        store(answer, to + step, greater(e, lesser(load(right, here, VECTOR), f)))
        e = greater(a, lesser(load(right, pair + step, VECTOR), c))
        f = greater(b, lesser(load(right, pair, VECTOR), d))
        e, f = lesser(e, f), greater(e, f)
        store(answer, to + 2 * step, greater(e, lesser(load(left, here + 3 * step, VECTOR), f)))
        store(answer, to + 3 * step, greater(e, lesser(load(right, here + 2 * step, VECTOR), f)))
        to += 4 * step


@njit(nogil=True, cache=True)
def short_rank(
    signals: NDArray[Any],
    stride: int,
    width: int,
    rank: int,
    out: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Do what `running_rank` does for rows `begin` to `end`, each window sorted by itself."""
    step = VECTOR // signals.itemsize
    n = out.shape[1]
    lists = np.empty(width * step, signals.dtype)
    for row in range(begin, end):
        for first in range(0, n, step):
            for k in range(width):
                new = load(signals, row * stride + 1 + first + k, VECTOR)
                for i in range(0, k * step, step):
                    old = load(lists, i, VECTOR)
                    store(lists, i, lesser(old, new))
                    new = greater(old, new)
                store(lists, k * step, new)
            if first + step <= n:
                store(out, row * n + first, load(lists, rank * step, VECTOR))
            else:
                for i in range(n - first):
                    out[row, first + i] = lists[rank * step + i]
