"""Overlapping tiles of rows, images and volumes: transform, product and back in one go.

A problem of fewer axes has lengths of 1 in front. Two neighbouring tiles of a row travel as real
and imaginary part of one transform, brought to the same loudness by powers of two.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ..._leaf_jit import leaf
from ..._simd import DOUBLES, FIRST, VECTOR
from .blocks_jit import multiply_blocks
from .columns_jit import down_columns, first_radix, up_columns
from .fetch_jit import fetch
from .loudness_jit import Loudness, at_level, levels, measure
from .odd_rows_jit import backward_twos, first_odd_stage, forward_twos, last_odd_stage
from .rows_jit import filter_row, first_of_row, last_of_row
from .squares_jit import multiply_squares
from .stages_jit import (
    along_row,
    back_along_row,
    first_stage,
    last_stage,
)

#: What became of a tile: answered; too uneven for this arithmetic; not finite.
ANSWERED, UNEVEN, NOT_FINITE = 0, 1, 2

Triple = tuple[int, int, int]


class Tiling(NamedTuple):
    """How rows fall into tiles: lengths along depth, height and width."""

    shape: Triple  # of the transform
    span: Triple  # of the kernel
    step: Triple  # outputs of a tile
    counts: Triple  # tiles


class Tables(NamedTuple):
    """Roots of unity in the order in which the stages meet them."""

    row: NDArray[Any]
    height: NDArray[Any]
    depth: NDArray[Any]
    square: NDArray[Any]
    block: NDArray[Any]  # as `square`, in the precision of the others


class Evenness(NamedTuple):
    """Up to where an arithmetic serves."""

    cell: Triple  # samples measured together
    stretch: Triple  # cells that every window of the kernel holds
    least: float  # power of the quietest stretch in units of the mean
    farthest: int  # exponent of a gain
    strict: bool  # stretches of zeros count, and what does not serve is left to another


class Space(NamedTuple):
    """Where one thread works."""

    re: NDArray[Any]
    im: NDArray[Any]
    gains: NDArray[Any]  # of two tiles, in and out
    tail: NDArray[Any]
    tiles: NDArray[Any]  # two, where they do not lie in the signal as a whole
    block: NDArray[Any]
    squares: NDArray[Any]
    cells: NDArray[np.float64]


@njit(nogil=True, cache=True)
def correlate_tiles(
    rows: NDArray[Any],
    ends: tuple[NDArray[np.intp], ...],
    fill: float,
    spectra: NDArray[Any],
    exponents: NDArray[np.intp],
    tiling: Tiling,
    tables: Tables,
    evenness: Evenness,
    space: Space,
    out: NDArray[Any],
    verdicts: NDArray[np.uint8],
    pairs: NDArray[np.intp],
    begin: int,
    end: int,
) -> int:
    """Compute `pairs[begin:end]` of tiles of `out`, counted through the rows and along them.

    rows and out are (n_rows, depth, height, width). `verdicts` tells what became of each tile;
    a strict arithmetic leaves both tiles of a pair out where one is too uneven. Returns the worst.
    """
    worst = ANSWERED
    n_tiles = tiling.counts[0] * tiling.counts[1] * tiling.counts[2]
    n_pairs = (n_tiles + 1) // 2
    x, y, shape = rows.reshape(-1), space.tiles, tiling.shape
    half = len(y) // 2
    for pair in pairs[begin:end]:
        row, tile = pair // n_pairs, pair % n_pairs * 2
        alone = tile + 1 == n_tiles
        origin, count = locate(tile, tiling, out)
        inside, at, strides = fetch(rows, row, origin, ends, fill, shape, y, FIRST)
        a = x if inside else y, at, strides
        a_loud = listen(a, count, tiling, evenness, space)
        a_out = origin, count
        b, b_loud, b_out = (y, half, (0, 0)), (0.0, 0.0, 0), a_out
        if alone:
            y[half : half + shape[2]] = 0  # every line of the other tile
        else:
            origin, count = locate(tile + 1, tiling, out)
            inside, at, strides = fetch(rows, row, origin, ends, fill, shape, y, half)
            b = x if inside else y, at, strides
            b_loud = listen(b, count, tiling, evenness, space)
            b_out = origin, count

        level, b_level = levels(a_loud, b_loud)
        mean = at_level(a_loud[0], a_loud[2], level) + at_level(b_loud[0], b_loud[2], b_level)
        least = mean * evenness.least * (1.0 if alone else 0.5)
        kernel = row % len(spectra)
        back, b_back = level + exponents[kernel], b_level + exponents[kernel]
        verdict = judge(a_loud, level, back, least, evenness.farthest)
        b_verdict = judge(b_loud, b_level, b_back, least, evenness.farthest)
        verdicts[2 * pair], verdicts[2 * pair + 1] = verdict, b_verdict
        worst = max(worst, verdict, b_verdict)
        if max(verdict, b_verdict) == NOT_FINITE or (evenness.strict and verdict + b_verdict > 0):
            continue
        gains = space.gains
        gains[0], gains[1] = math.ldexp(1.0, -level), math.ldexp(1.0, -b_level)
        ahead = a[1] + 2 * tiling.step[2], b[1] + 2 * tiling.step[2]
        filter_pair(
            a, b, spectra[kernel], shape, tables, space, out, row, a_out[0], b_out[0], x, ahead
        )
        gains[0], gains[1] = math.ldexp(1.0, back), math.ldexp(1.0, b_back)
        silent, b_silent = a_loud[0] == 0, b_loud[0] == 0
        write_pair(
            out, row, a_out, silent, b_out, b_silent, alone, shape, tables.row, space, x, ahead
        )
    return worst


@leaf
def locate(tile: int, tiling: Tiling, out: NDArray[Any]) -> tuple[Triple, Triple]:
    """Return where a tile's outputs begin and how many there are."""
    _, ny, nx = tiling.counts
    sz, sy, sx = tiling.step
    z, y, x = tile // (ny * nx) * sz, tile // nx % ny * sy, tile % nx * sx
    count = min(sz, out.shape[1] - z), min(sy, out.shape[2] - y), min(sx, out.shape[3] - x)
    return (z, y, x), count


@leaf
def listen(source: Any, count: Triple, tiling: Tiling, evenness: Evenness, space: Space) -> Any:
    """Measure the samples that the outputs of a tile depend on."""
    sz, sy, sx = tiling.span
    region = count[0] + sz - 1, count[1] + sy - 1, count[2] + sx - 1
    x, at, strides = source
    cell, stretch, strict = evenness.cell, evenness.stretch, evenness.strict
    return measure(x, at, strides, region, cell, stretch, space.squares, space.cells, strict)


@leaf
def judge(loudness: Loudness, level: int, back: int, least: float, farthest: int) -> int:
    """Return the verdict on a tile."""
    power, quietest, exponent = loudness
    if not power < np.inf:
        return NOT_FINITE
    near = abs(level) <= farthest and abs(back) <= farthest
    if power == 0 or (near and at_level(quietest, exponent, level) >= least):
        return ANSWERED
    return UNEVEN


@leaf
def filter_pair(
    a: Any,
    b: Any,
    spectrum: NDArray[Any],
    shape: Triple,
    tables: Tables,
    space: Space,
    out: NDArray[Any],
    row: int,
    a_first: Triple,
    b_first: Triple,
    ahead_in: NDArray[Any],
    ahead: tuple[int, int],
) -> None:
    """Transform two tiles, multiply by the spectrum, and go back up to the last stage of rows."""
    re, im = space.re, space.im
    depth, height, width = shape
    lanes = VECTOR // re.itemsize
    pitch, plane = strides_of(shape, lanes)
    x, x_at, x_strides = a
    y, y_at, y_strides = b
    target = out.reshape(-1)
    if depth * height == 1:
        left = first_of_row(x, x_at, y, y_at, space.gains, re, width, tables.row)
        k = start_of_line(out, row, a_first, FIRST, FIRST)
        m = start_of_line(out, row, b_first, FIRST, FIRST)
        filter_row(re, width, left, tables.row, spectrum, ahead_in, *ahead, target, k, m)
        return
    radix = first_radix(width // lanes)
    left = width // radix
    twiddle = 2 * (radix - 1) * left  # of the second stage
    two = first_radix(left // lanes) == 2
    for line in range(depth * height):
        p, q = line // height, line % height
        i = x_at + p * x_strides[0] + q * x_strides[1]
        j = y_at + p * y_strides[0] + q * y_strides[1]
        at = p * plane + q * pitch
        k = start_of_line(out, row, a_first, p, q)
        m = start_of_line(out, row, b_first, p, q)
        if radix % 2 == 0:
            first_stage(x, i, y, j, space.gains, re, im, at, width, tables.row, target, k, m)
        else:
            first_odd_stage(
                x, i, y, j, space.gains, re, im, at, width, radix, tables.row, target, k, m
            )
        after = twiddle
        if two:
            forward_twos(re, im, at, width, left // 2, tables.row, twiddle)
            after += left
        along_row(re, im, at, width, left // 2 if two else left, tables.row, after)
    for strip in range(0, width, lanes):
        filter_strip(re, im, strip, shape, spectrum, tables, space.block)


@leaf
def filter_strip(
    re: NDArray[Any],
    im: NDArray[Any],
    strip: int,
    shape: Triple,
    spectrum: NDArray[Any],
    tables: Tables,
    block: NDArray[Any],
) -> None:
    """Transform the columns of a strip as wide as a vector along height and depth, and back."""
    depth, height, _ = shape
    lanes = VECTOR // re.itemsize
    pitch, plane = strides_of(shape, lanes)
    end, lines = strip + depth * plane, height * pitch
    for first in range(strip, end, plane):
        down_columns(re, im, first, pitch, height, tables.height)
    if depth > 1:
        for first in range(strip, strip + lines, pitch):
            down_columns(re, im, first, plane, depth, tables.depth)
    where = strip * depth * height
    # All planes at once where lines of several share a square.
    part = lines if plane > lines else depth * lines
    for first in range(strip, end, max(plane, part)):
        if lanes == DOUBLES:
            multiply_squares(re, im, first, first + part, pitch, spectrum, where, tables.square)
        else:
            end_of_part = first + part
            multiply_blocks(re, im, first, end_of_part, pitch, spectrum, where, tables.block, block)
        where += part // pitch * lanes
    if depth > 1:
        for first in range(strip, strip + lines, pitch):
            up_columns(re, im, first, plane, depth, tables.depth)
    for first in range(strip, end, plane):
        up_columns(re, im, first, pitch, height, tables.height)


@leaf
def write_pair(
    out: NDArray[Any],
    row: int,
    a: Any,
    a_silent: bool,
    b: Any,
    b_silent: bool,
    alone: bool,
    shape: Triple,
    twiddles: NDArray[Any],
    space: Space,
    x: NDArray[Any],
    ahead: tuple[int, int],
) -> None:
    """Run the last stage of the rows that hold outputs, straight to where these belong."""
    re, im = space.re, space.im
    target = out.reshape(-1)
    height, width = shape[1:]
    lanes = VECTOR // re.itemsize
    pitch, plane = strides_of(shape, lanes)
    radix = first_radix(width // lanes)
    left = width // radix
    two = first_radix(left // lanes) == 2
    (a_first, a_count), (b_first, b_count) = a, b
    for z in range(max(a_count[0], b_count[0])):
        for y in range(max(a_count[1], b_count[1])):
            at = z * plane + y * pitch
            i = start_of_line(out, row, a_first, z, y)
            j = start_of_line(out, row, b_first, z, y)
            m = a_count[2] if z < a_count[0] and y < a_count[1] else 0
            n = b_count[2] if z < b_count[0] and y < b_count[1] and not alone else 0
            gains, tail = space.gains, space.tail
            if shape[0] * height == 1:
                last_of_row(re, width, twiddles, gains, target, i, m, j, n, tail)
            else:
                along = left // 2 if two else left
                back_along_row(re, im, at, width, along, twiddles, len(twiddles))
                if two:
                    w = 2 * (radix - 1) * left
                    backward_twos(re, im, at, width, left // 2, twiddles, w)
                if radix % 2 == 0:
                    last_stage(
                        re, im, at, width, twiddles, gains, target, i, m, j, n, tail, x, *ahead
                    )
                else:
                    last_odd_stage(
                        re, im, at, width, radix, twiddles, gains, target, i, m, j, n, tail, x,
                        *ahead,
                    )  # fmt: skip
            if a_silent:  # nothing of its partner's rounding
                target[i : i + m] = 0
            if b_silent:
                target[j : j + n] = 0


@leaf
def start_of_line(out: NDArray[Any], row: int, first: Triple, z: int, y: int) -> int:
    """Return where a line of a tile begins in out (n_rows, depth, height, width)."""
    _, depth, height, width = out.shape
    return ((row * depth + first[0] + z) * height + first[1] + y) * width + first[2]


@leaf
def strides_of(shape: Triple, lanes: int) -> tuple[int, int]:
    """Return how far lines and planes lie apart: not by powers of two, which share cache lines.

    Planes get a gap only where no square of lines runs from one into the next.
    """
    depth, height, width = shape
    pitch = width if depth * height == 1 else width + lanes
    return pitch, height * pitch + (lanes if height % lanes == 0 else 0)
