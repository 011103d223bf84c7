"""Kernels that are an outer product of one kernel per axis, applied one axis after another."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import direct
from .extended import Extended
from .geometry import Geometry

#: How far, in units of the precision, an outer product may be from its kernel (in sums of
#: absolute values, which bound the error of every output).
TOLERANCE = 4.0

#: Time in ns of a call, beside that of its passes.
CALL = 20_000.0


def factors(kernel: NDArray[Any]) -> list[NDArray[Any]] | None:
    """Return one 1D kernel per axis whose outer product is `kernel`, or None.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.convolution.separable import factors
    >>> factors(np.array([[1, 2, 1], [2, 4, 2]]))
    [array([1, 2]), array([1, 2, 1])]
    """
    pivot = np.unravel_index(np.argmax(np.abs(kernel * 1.0)), kernel.shape)
    fibres: list[NDArray[Any]] = []
    for axis, n in enumerate(kernel.shape):
        through = np.ix_(*[range(n) if a == axis else [i] for a, i in enumerate(pivot)])
        fibres.append(kernel[through].ravel())
    if kernel[pivot] == 0:
        return fibres
    if kernel.dtype.kind in "iu":
        if kernel.min() == np.iinfo(kernel.dtype).min:  # its quotients need not fit
            return None if kernel.ndim > 1 else fibres
        # With all others primitive, the first factor is integer whenever the rank is one.
        for axis in range(1, kernel.ndim):
            fibres[axis] = fibres[axis] // math.gcd(*fibres[axis].tolist())
            fibres[0] = fibres[0] // fibres[axis][pivot[axis]]
        return fibres if np.array_equal(_outer(fibres), kernel) else None
    fibres[1:] = [fibre / kernel[pivot] for fibre in fibres[1:]]
    limit = TOLERANCE * np.finfo(kernel.dtype).eps * np.abs(kernel).sum()
    return fibres if np.abs(_outer(fibres) - kernel).sum() <= limit else None


def _outer(vectors: list[NDArray[Any]]) -> NDArray[Any]:
    return functools.reduce(np.multiply.outer, vectors)


def unmet(rows: NDArray[Any], weights: NDArray[Any], geometry: Geometry) -> str:
    """Return what this method needs and misses, or nothing."""
    if all(factors(kernel) is not None for kernel in weights):
        return ""
    return "a kernel that is an outer product of one kernel per axis"


def cost(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    """Return the estimated time in ns on one thread."""
    return CALL + sum(direct.cost(one_axis, dtype) for one_axis in geometry.passes())


def into(
    extended: Extended,
    weights: NDArray[Any],
    geometry: Geometry,
    workers: int | None,
    out: NDArray[Any],
) -> bool:
    """Solve the problem of `Geometry` into `out`; return whether all of it is finite."""
    out[...] = correlate(extended.joined(geometry), weights, geometry, workers)
    return bool(np.isfinite(out).all())


def correlate(
    rows: NDArray[Any], weights: NDArray[Any], geometry: Geometry, workers: int | None
) -> NDArray[Any]:
    """Solve the problem of `Geometry` by one direct pass per axis."""
    per_kernel = [found for found in map(factors, weights) if found is not None]
    per_axis = [np.stack(fibres) for fibres in zip(*per_kernel, strict=True)]
    return passes(rows, per_axis, geometry, workers)


def passes(
    rows: NDArray[Any], per_axis: Sequence[NDArray[Any]], geometry: Geometry, workers: int | None
) -> NDArray[Any]:
    """Correlate along one axis after another, with factors (1 or n_rows, taps) for each."""
    for fibres, one_axis in zip(per_axis, geometry.passes(), strict=True):
        taken = fibres.reshape(len(fibres), *one_axis.taps)
        rows = direct.correlate(rows, taken, one_axis, workers)
    return rows
