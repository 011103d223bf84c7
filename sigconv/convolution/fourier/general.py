"""Any type of number and any number of axes: products of spectra through SciPy's transforms."""

from __future__ import annotations

import functools
import itertools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from ... import _layout
from ..geometry import Geometry

#: Error of one output of a transform of n points in units of eps * log2(n) * |x| * |h|
#: (Euclidean norms): several times what is seen, since integers hang on it.
ERROR = 16.0


def unmet(rows: NDArray[Any], weights: NDArray[Any], geometry: Geometry) -> str:
    """Return what these methods need and miss, or nothing."""
    if rows.dtype.kind not in "iu" or _stays_exact(rows, weights, geometry):
        return ""
    return "integers so small that rounding gives them back exactly"


def correlate_whole(
    rows: NDArray[Any], weights: NDArray[Any], geometry: Geometry, workers: int | None
) -> NDArray[Any]:
    """Solve the problem of `Geometry` by one transform per row."""
    return correlate_blocks(rows, weights, geometry, workers, whole_block(geometry))


def correlate_blocks(
    rows: NDArray[Any],
    weights: NDArray[Any],
    geometry: Geometry,
    workers: int | None,
    block: tuple[int, ...] | None = None,
) -> NDArray[Any]:
    """Solve the problem of `Geometry` by one transform per block of a row.

    Transforms run in double precision whatever the data, so that float32 keeps its own.
    Rows and blocks are transformed each by itself: none sees its neighbours' rounding.
    """
    block = best_block(geometry) if block is None else block
    axes = tuple(range(-len(block), 0))
    real = not (np.iscomplexobj(rows) or np.iscomplexobj(weights))
    forward = functools.partial(fft.rfftn if real else fft.fftn, s=block, axes=axes)
    backward = functools.partial(fft.irfftn if real else fft.ifftn, s=block, axes=axes)

    spectra = forward(_impulse_responses(weights, geometry))
    steps = _steps(block, geometry)
    corners = list(
        itertools.product(
            *[range(0, m, step) for m, step in zip(geometry.dense_output, steps, strict=True)]
        )
    )
    inside = tuple(
        slice(span - 1, None, s) for span, s in zip(geometry.span, geometry.stride, strict=True)
    )
    out = np.empty((geometry.n_rows, *geometry.output), rows.dtype)
    wide = np.complex128 if rows.dtype.kind == "c" else np.float64

    def transform(begin: int, end: int) -> None:
        for item in range(begin, end):
            row, corner = item // len(corners), corners[item % len(corners)]
            piece = rows[row][tuple(slice(c, c + b) for c, b in zip(corner, block, strict=True))]
            spectrum = forward(piece.astype(wide, copy=False))
            with np.errstate(invalid="ignore", over="ignore"):  # of gaps, which the caller minds
                spectrum *= spectra[row % len(spectra)]
            target = out[row][
                tuple(
                    slice(c // s, (c + step) // s)
                    for c, s, step in zip(corner, geometry.stride, steps, strict=True)
                )
            ]
            answer = backward(spectrum)[inside][tuple(slice(m) for m in target.shape)]
            target[...] = np.rint(answer) if out.dtype.kind in "iu" else answer

    _layout.split_over_threads(transform, geometry.n_rows * len(corners), workers)
    return out


def whole_block(geometry: Geometry) -> tuple[int, ...]:
    """Return the lengths of a transform that holds a row as a whole."""
    return tuple(fft.next_fast_len(n, real=True) for n in geometry.extended)


@functools.lru_cache
def best_block(geometry: Geometry) -> tuple[int, ...]:
    """Return the cheapest lengths of the blocks' transform, never longer than the row."""
    whole = whole_block(geometry)
    candidates = {whole}
    for doublings in range(20):
        lengths = [
            span - 1 + max(span << doublings, s)
            for span, s in zip(geometry.span, geometry.stride, strict=True)
        ]
        candidates.add(
            tuple(
                limit if n >= limit else min(fft.next_fast_len(n, real=True), limit)
                for n, limit in zip(lengths, whole, strict=True)
            )
        )
    return min(sorted(candidates), key=lambda block: transform_cost(block, geometry))


def transform_cost(block: tuple[int, ...], geometry: Geometry) -> float:
    """Return the estimated time in ns of real transforms on one thread."""
    size = math.prod(block)
    n_blocks = math.prod(
        -(-m // step)
        for m, step in zip(geometry.dense_output, _steps(block, geometry), strict=True)
    )
    beyond_cache = 1 + (size > 1 << 18)
    one = 20_000 + size * (3.0 + 0.6 * math.log2(size + 1)) * beyond_cache
    return (geometry.n_rows * n_blocks + 1) * one


def _steps(block: tuple[int, ...], geometry: Geometry) -> list[int]:
    """Return how many outputs (at stride 1) a block gives along each axis."""
    return [
        (n - span + 1) // s * s if n < extended else -(-n // s) * s
        for n, span, s, extended in zip(
            block, geometry.span, geometry.stride, geometry.extended, strict=True
        )
    ]


def _impulse_responses(weights: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """Return the weights reversed, with the zeros that dilation puts between them."""
    wide = np.complex128 if weights.dtype.kind == "c" else np.float64
    responses = np.zeros((len(weights), *geometry.span), wide)
    taps = tuple(slice(None, None, -d) for d in geometry.dilation)
    responses[(slice(None), *taps)] = weights
    return responses


def _stays_exact(rows: NDArray[Any], weights: NDArray[Any], geometry: Geometry) -> bool:
    x = rows.reshape(geometry.n_rows, -1).astype(np.float64)
    w = weights.reshape(len(weights), -1).astype(np.float64)
    largest = np.abs(x).max() * np.abs(w).sum(axis=1).max()
    norms = np.sqrt((x * x).sum(axis=1).max() * (w * w).sum(axis=1).max())
    doublings = math.log2(math.prod(whole_block(geometry)) + 1)
    error = ERROR * np.finfo(np.float64).eps * doublings * norms
    return bool(error < 0.25 and largest < 2.0**52)
