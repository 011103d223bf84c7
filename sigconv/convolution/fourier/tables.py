"""What a transform needs beside the signal: roots of unity, spectra, and space to work in."""

from __future__ import annotations

import collections
import functools
import math
import threading
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy import fft

from ..._simd import DOUBLES, VECTOR
from . import precision
from .columns_jit import first_radix
from .loudness_jit import pitch_of
from .rows_jit import radix_of
from .tiles_jit import Evenness, Space, Tables, Triple, strides_of

#: Spectra of the kernels that were met last, and how much memory they may take.
_kept: collections.OrderedDict[Any, tuple[NDArray[Any], Any]] = collections.OrderedDict()
_KEPT_BYTES = 1 << 24
_lock = threading.Lock()

#: Vectors between real and imaginary parts: a power of two apart they share the cache's places,
#: and float64 took up to a tenth longer.
GAP = 32

_local = threading.local()


def lanes_of(dtype: DTypeLike) -> int:
    """Return how many numbers a vector holds."""
    return VECTOR // np.dtype(dtype).itemsize


@functools.lru_cache(maxsize=32)
def tables(shape: Triple, dtype: str) -> Tables:
    """Return the roots of unity of a transform, rounded once."""
    lanes = lanes_of(dtype)
    if is_row(shape):
        nothing = aligned((0,), dtype)
        roots = _joined(_roots_of_row(shape[2], dtype), dtype)
        return Tables(roots, nothing, nothing, aligned((0,), "float64"), nothing)
    row = [_roots(n, radix, lanes) for n, radix in _stages(shape[2], lanes)]
    columns = [
        [_roots(n, radix, 1) for n, radix in _stages(points, 1) if n > 4 or radix == 2]
        for points in (shape[1], shape[0], lanes, lanes)
    ]
    kinds = dtype, dtype, dtype, "float64", dtype
    return Tables(*map(_joined, (row, *columns), kinds))


def is_row(shape: Triple) -> bool:
    """Return whether a shape is that of a row."""
    return shape[0] * shape[1] == 1


def least_row(dtype: DTypeLike) -> int:
    """Return how many points the transform of a row has at least."""
    return 4 * DOUBLES * lanes_of(dtype)


def _stages_of_row(points: int, lanes: int) -> list[tuple[int, int]]:
    """Return points and radix of the stages of a row, those of the squares included."""
    stages, square = [], DOUBLES * lanes
    while points > square:
        radix = radix_of.py_func(points, square)
        stages.append((points, radix))
        points //= radix
    halves = [(lanes, 2)] if lanes > DOUBLES else []
    return [*stages, (square, DOUBLES), *halves, (DOUBLES, DOUBLES)]


def _roots_of_row(points: int, dtype: str) -> list[NDArray[Any]]:
    """Return the roots of the stages, what splits halves, and, in two parts, the root of a half."""
    lanes = lanes_of(dtype)
    stages = _stages_of_row(points, lanes)
    parts = [_roots(n, radix, lanes) for n, radix in stages if n >= radix * lanes]
    if lanes > DOUBLES:
        ones, half = np.ones(DOUBLES), np.arange(DOUBLES)
        re, im = _unit(half, lanes)
        parts.append(np.concatenate([ones, -ones, ones, re, 0 * ones, im]))
    root = np.sqrt(np.longdouble(0.5))
    larger = root.astype(dtype)
    return [*parts, np.array([larger, root - larger])]


def _stages(points: int, last: int) -> list[tuple[int, int]]:
    """Return points and radix of the stages that lead from `points` to `last`."""
    stages = []
    while points > last:
        radix = first_radix.py_func(points // last)
        stages.append((points, radix))
        points //= radix
    return stages


def _roots(n: int, radix: int, lanes: int) -> NDArray[Any]:
    """Return the roots of one stage: vector by vector, power by power, both parts."""
    j = np.arange(n // radix)
    powers = [_unit(power * j % n, n) for power in range(1, radix)]
    parts = [part.reshape(-1, lanes) for root in powers for part in root]
    return np.stack(parts, axis=1).ravel()


def _unit(j: NDArray[np.intp], n: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return cosine and negative sine of 2 pi j / n, in extended precision where there is any."""
    angle = 8 * np.arctan(np.longdouble(1)) * j / n
    return np.cos(angle), -np.sin(angle)


def _joined(parts: list[NDArray[Any]], dtype: str) -> NDArray[Any]:
    joined = aligned((sum(part.size for part in parts),), dtype)
    if parts:
        joined[:] = np.concatenate(parts)
    return joined


def spectra(weights: NDArray[Any], shape: Triple, dtype: str) -> tuple[NDArray[Any], Any]:
    """Return conjugate spectra (n, 2, points) of weights (n, depth, height, width), scrambled.

    They belong to the weights divided by 2 ** the exponents (n,) that are returned too, and by
    the number of points. Nothing may be written to them: they are kept for the next call.
    """
    if weights.nbytes > _KEPT_BYTES // 8:
        return _new_spectra(weights, shape, dtype)
    key = weights.tobytes(), weights.shape, weights.dtype.str, shape, dtype
    with _lock:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
            return found
    found = _new_spectra(weights, shape, dtype)
    if found[0].nbytes + weights.nbytes <= _KEPT_BYTES // 2:
        with _lock:
            _kept[key] = found
            while sum(len(k[0]) + v[0].nbytes for k, v in _kept.items()) > _KEPT_BYTES:
                _kept.popitem(last=False)
    return found


def _new_spectra(weights: NDArray[Any], shape: Triple, dtype: str) -> tuple[NDArray[Any], Any]:
    """Compute `spectra` in a wider precision than `dtype`, if that does not take long; round once.

    An exact spectrum takes a quarter off the variance of the errors of float64.
    """
    largest = np.abs(weights).max(axis=(1, 2, 3))
    exponents = np.frexp(largest)[1].astype(np.intp)
    points = math.prod(shape)
    lanes = lanes_of(dtype)
    halvings = (exponents + points.bit_length() - 1).reshape(-1, 1, 1, 1)
    # For data in single precision the double spectrum is exact enough.
    exact = dtype == weights.dtype == "float64" and points <= precision.WIDE_POINTS
    wide = np.longdouble if exact else np.float64
    scaled = np.ldexp(weights.astype(wide), -halvings)
    scaled *= wide(1 << (points.bit_length() - 1)) / points
    values = fft.fftn(scaled, shape, axes=(1, 2, 3)).reshape(len(weights), points)
    order = _order(shape, lanes)
    result = aligned((len(weights), 2, points), dtype)
    re, im = result[:, 0], result[:, 1]
    if is_row(shape):  # vector by vector
        parts = result.reshape(len(weights), -1, 2, lanes)
        re, im = parts[:, :, 0], parts[:, :, 1]
        order = order.reshape(-1, lanes)
    re[...] = values.real[:, order]
    np.negative(values.imag[:, order], out=im, casting="same_kind")
    return result, exponents


@functools.lru_cache(maxsize=16)
def _order(shape: Triple, lanes: int) -> NDArray[np.intp]:
    """Return which point of the spectrum stands at each place of the scrambled one."""
    depth, height, width = shape
    if is_row(shape):  # squares follow each other: (square, place, half of the vector, line)
        x = _scrambled(width, _stages_of_row(width, lanes))
        x = x.reshape(-1, DOUBLES, lanes // DOUBLES, DOUBLES).transpose(0, 3, 2, 1)
        return np.ascontiguousarray(x).reshape(-1)
    x = _scrambled(width, _stages(width, lanes) + _stages(lanes, 1))
    y, z = _scrambled(height, _stages(height, 1)), _scrambled(depth, _stages(depth, 1))
    lines = (z[:, np.newaxis] * height + y).reshape(-1)
    # (strip, group of lines, place, lane)
    order = lines.reshape(1, -1, 1, lanes) * width + x.reshape(-1, 1, lanes, 1)
    return np.ascontiguousarray(order).reshape(-1)


def _scrambled(n: int, stages: list[tuple[int, int]]) -> NDArray[np.intp]:
    """Return which frequency each place holds after the stages."""
    order = np.zeros(1, np.intp)
    for _, radix in reversed(stages):
        order = (np.arange(radix)[:, np.newaxis] + radix * order).reshape(-1)
    return order


def space(shape: Triple, evenness: Evenness, dtype: str, signal: str) -> Space:
    """Return this thread's space for transforms of a shape, kept for the next call."""
    key = shape, evenness.cell, evenness.stretch, dtype, signal
    kept = getattr(_local, "spaces", {})
    if key not in kept:
        if len(kept) >= 4:
            kept.pop(next(iter(kept)))
        kept[key] = _new_space(*key)
        _local.spaces = kept
    return kept[key]


def _new_space(shape: Triple, cell: Triple, stretch: Triple, dtype: str, signal: str) -> Space:
    lanes = lanes_of(dtype)
    points = shape[0] * strides_of(shape, lanes)[1]
    pitch = pitch_of.py_func(shape[2], lanes)
    n_squares = stretch[0] * -(-shape[1] // cell[1]) * pitch + 2 * pitch + lanes
    both = aligned((2 * points + GAP * lanes,), dtype)
    re, im = both[:points], both[points + GAP * lanes :]
    if is_row(shape):
        re = im = both
    return Space(
        re,
        im,
        aligned((2,), dtype),
        aligned((lanes,), dtype),
        aligned((2 * math.prod(shape),), signal),
        aligned((2 * lanes * lanes,), dtype),
        aligned((n_squares if cell[2] == 1 else lanes,), dtype),
        aligned((1 if cell[2] == 1 else -(-shape[2] // cell[2]),), "float64"),
    )


def aligned(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Return an array that begins where a vector may, so that none lies in two cache lines."""
    size = math.prod(shape)
    spare = np.empty(size + lanes_of(dtype), dtype)
    first = -spare.ctypes.data // spare.itemsize % lanes_of(dtype)
    return spare[first : first + size].reshape(shape)
