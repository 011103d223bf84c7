"""Kernels that are the sum of a few outer products: a few direct passes per axis."""

from __future__ import annotations

import functools
import itertools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import direct, separable
from .extended import Extended
from .geometry import Geometry
from .loudness import is_even_down
from .separable import TOLERANCE
from .separation import count_terms, rounding, separation

#: Time in ns of adding a term to an output, and of taking a kernel apart: the call and each of
#: the m * n * min(m, n) steps. Measured on one machine.
ADDED, APART, STEP = 1.5, 250_000.0, 20.0

#: Terms cancel each other, which leaves their rounding: they may be so many times as large as
#: the kernel, in sums of absolute values. Smooth kernels stay below 2, random ones reach 4.
CANCELLING = 4.0

Terms = list[list[NDArray[Any]]]


def unmet(rows: Any, weights: NDArray[Any], geometry: Geometry) -> str:
    """Return what this method needs and misses, or nothing."""
    if terms(weights) is not None:
        return ""
    return "a kernel that is the sum of a few outer products of one kernel per axis"


def terms(weights: NDArray[Any]) -> Terms | None:
    """Return for each term and axis the factors (n_kernels, taps), or None if terms are many."""
    per_kernel = []
    for kernel in weights:
        found = _terms(kernel.shape, kernel.dtype, kernel.tobytes())
        if found is None:
            return None
        per_kernel.append(found)
    nothing = tuple(np.zeros_like(vector) for vector in per_kernel[0][0])
    matched = itertools.zip_longest(*per_kernel, fillvalue=nothing)
    return [[np.stack(factors) for factors in zip(*term, strict=True)] for term in matched]


@functools.lru_cache(maxsize=64)
def _terms(
    shape: tuple[int, ...], dtype: np.dtype[Any], data: bytes
) -> tuple[tuple[NDArray[Any], ...], ...] | None:
    kernel = np.frombuffer(data, dtype).reshape(shape)
    most = max(1, math.prod(shape) // sum(shape))
    if count_terms(kernel * 1.0, rounding(kernel))[0] > most:
        return None
    is_exact = dtype.kind in "iu"
    missing = 0.0 if is_exact else TOLERANCE * float(np.finfo(dtype).eps)
    wide = dtype if is_exact else np.result_type(dtype, np.float64)
    found, error = separation(kernel, dtype=wide)
    size = sum(math.prod(np.abs(v * 1.0).sum() for v in term) for term in found)
    cancelling = size > CANCELLING * np.abs(kernel * 1.0).sum()
    if len(found) > most or error > missing or (cancelling and not is_exact):
        return None
    return found


def least_cost(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    """Return the estimated time in ns on one thread with a kernel of two terms, yet unknown."""
    return _apart_cost(geometry) + _passes_cost(geometry, dtype, 2)


def cost(geometry: Geometry, dtype: np.dtype[Any], weights: NDArray[Any]) -> float:
    """Return the estimated time in ns on one thread with this kernel.

    Taking it apart counts, though it is done once: what is taken must not hang on what was
    taken before. One term counts as two: it is for the separable method.
    """
    n_terms = max(2, len(terms(weights) or ()))
    return _apart_cost(geometry) + _passes_cost(geometry, dtype, n_terms)


def _apart_cost(geometry: Geometry) -> float:
    smallest, *others = sorted(geometry.taps)
    return APART + STEP * smallest**2 * math.prod(others)


def _passes_cost(geometry: Geometry, dtype: np.dtype[Any], n_terms: int) -> float:
    wide = dtype if dtype.kind in "iu" else np.result_type(dtype, np.float64)
    added = ADDED * geometry.n_rows * math.prod(geometry.output)
    return n_terms * (separable.least_cost(geometry, wide) + added)


def into(
    extended: Extended,
    weights: NDArray[Any],
    geometry: Geometry,
    workers: int | None,
    out: NDArray[Any],
) -> bool:
    """Solve the problem of `Geometry` into `out`; return whether all of it is finite."""
    found = terms(weights)
    assert found is not None, unmet(extended, weights, geometry)
    if len(found) > 1 and not is_even_down(extended.rows, geometry, extended.fill):
        return direct.into(extended, weights, geometry, workers, out)
    # In single precision, terms that cancel would show.
    wide = extended._replace(rows=extended.rows.astype(np.float64, copy=False))
    first, *others = found
    total = out if out.dtype == np.float64 else np.empty(out.shape)
    last_first = separable.cancel(weights)
    stands = separable.passes_into(wide, first, geometry, workers, total, last_first)
    for other in others:
        stands &= separable.passes_into(wide, other, geometry, workers, total, last_first, True)
    if total is not out:
        with np.errstate(over="ignore"):
            out[...] = total
    return stands


def correlate(
    rows: NDArray[Any], weights: NDArray[Any], geometry: Geometry, workers: int | None
) -> NDArray[Any]:
    """Solve the problem of `Geometry` by one direct pass per term and axis."""
    found = terms(weights)
    assert found is not None, unmet(rows, weights, geometry)
    is_exact = rows.dtype.kind in "iu"
    if len(found) > 1 and not is_exact and not is_even_down(np.abs(rows), geometry):
        return direct.correlate(rows, weights, geometry, workers)
    return _sum_of_passes(rows, found, geometry, workers).astype(rows.dtype, copy=False)


def _sum_of_passes(
    rows: NDArray[Any], found: Terms, geometry: Geometry, workers: int | None
) -> NDArray[Any]:
    """Return the answer in double precision: in single, cancelling terms would show."""
    if rows.dtype.kind not in "iu":
        rows = rows.astype(np.result_type(rows, np.float64), copy=False)
    first, *others = (separable.passes(rows, term, geometry, workers) for term in found)
    for other in others:
        first += other
    return first
