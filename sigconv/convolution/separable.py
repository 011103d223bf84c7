"""Kernels that are an outer product of one kernel per axis, applied one axis after another."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import direct
from .extended import AXES, Extended
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


def _found(kernel: NDArray[Any]) -> list[NDArray[Any]] | None:
    return _found_in(kernel.tobytes(), kernel.dtype, kernel.shape)


@functools.lru_cache(maxsize=16)
def _found_in(
    data: bytes, dtype: np.dtype[Any], shape: tuple[int, ...]
) -> list[NDArray[Any]] | None:
    """Return `factors` of a kernel, which took longer than a small image's convolution."""
    return factors(np.frombuffer(data, dtype).reshape(shape))


def unmet(rows: NDArray[Any], weights: NDArray[Any], geometry: Geometry) -> str:
    """Return what this method needs and misses, or nothing."""
    if all(_found(kernel) is not None for kernel in weights):
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
    return passes_into(extended, _factors(weights), geometry, workers, out)


def correlate(
    rows: NDArray[Any], weights: NDArray[Any], geometry: Geometry, workers: int | None
) -> NDArray[Any]:
    """Solve the problem of `Geometry` by one direct pass per axis."""
    return passes(rows, _factors(weights), geometry, workers)


def _factors(weights: NDArray[Any]) -> list[NDArray[Any]]:
    """Return the factors (n_kernels, taps) of all kernels for each axis."""
    per_kernel = [found for found in map(_found, weights) if found is not None]
    return [np.stack(fibres) for fibres in zip(*per_kernel, strict=True)]


def passes_into(
    extended: Extended,
    per_axis: Sequence[NDArray[Any]],
    geometry: Geometry,
    workers: int | None,
    out: NDArray[Any],
) -> bool:
    """Correlate as `passes` does, into `out`; return whether all of it is finite."""
    if not geometry.is_dense or (extended.fill != 0 and len(per_axis[0]) > 1):
        out[...] = passes(extended.joined(geometry), per_axis, geometry, workers)
        return bool(np.isfinite(out).all())
    n_axes, is_finite = len(geometry.taps), True
    places = list(zip(extended.left, extended.right, strict=True))
    lengths = list(extended.rows.shape[1 + AXES - n_axes :])
    rows, fill = extended.rows, extended.fill
    # The last axis first, whose pass reads the signal as it lies.
    for axis in range(n_axes - 1, -1, -1):
        at = AXES - n_axes + axis
        before, after = places[at]
        pass_places = [places[a] if a == at else (before[:0], before[:0]) for a in range(AXES)]
        left, right = zip(*pass_places, strict=True)
        taps = [1] * n_axes
        taps[axis] = geometry.taps[axis]
        whole = list(lengths)
        whole[axis] += len(before) + len(after)
        one_axis = Geometry(
            geometry.n_rows, tuple(whole), tuple(taps), geometry.stride, geometry.dilation
        )
        fibres = per_axis[axis]
        result = np.empty((geometry.n_rows, *one_axis.output), out.dtype) if axis else out
        laid = Extended(rows, left, right, fill)
        is_finite &= direct.into(
            laid, fibres.reshape(len(fibres), *taps), one_axis, workers, result
        )
        fill *= float(fibres[0].sum())  # what this pass makes of the places beyond the others
        lengths[axis] = one_axis.output[axis]
        rows = result.reshape(geometry.n_rows, *(1,) * (AXES - n_axes), *lengths)
    return is_finite


def passes(
    rows: NDArray[Any], per_axis: Sequence[NDArray[Any]], geometry: Geometry, workers: int | None
) -> NDArray[Any]:
    """Correlate along one axis after another, with factors (1 or n_rows, taps) for each."""
    for fibres, one_axis in zip(per_axis, geometry.passes(), strict=True):
        taken = fibres.reshape(len(fibres), *one_axis.taps)
        rows = direct.correlate(rows, taken, one_axis, workers)
    return rows
