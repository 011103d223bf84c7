"""The forms of filters that `scipy.ndimage` has, in the words of this package's engine."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index
from numpy.typing import ArrayLike, DTypeLike, NDArray

from .. import _layout
from ._shared import convolve_any_kernel

#: SciPy's name of what lies beyond the edges -> numpy.pad's.
_BOUNDARIES = {
    "reflect": "symmetric",
    "grid-mirror": "symmetric",
    "mirror": "reflect",
    "nearest": "edge",
    "constant": "constant",
    "grid-constant": "constant",
    "wrap": "wrap",
    "grid-wrap": "wrap",
}

#: Doubles hold every whole number up to here, so that sums below are exact either way.
_EXACT = 2.0**53

Output = NDArray[Any] | DTypeLike | None


def one_axis(
    input: ArrayLike,
    weights: ArrayLike,
    axis: int,
    output: Output,
    mode: str,
    cval: complex,
    origin: int,
    *,
    correlation: bool,
) -> NDArray[Any]:
    """Correlate or convolve along one axis."""
    x, w = np.asarray(input), np.asarray(weights)
    _check_cval(x, cval)
    if w.ndim != 1 or w.size < 1:
        raise RuntimeError("no filter weights given")
    axis = normalize_axis_index(axis, x.ndim)
    return some_axes(x, w, output, mode, cval, origin, axis, correlation=correlation)


def some_axes(
    input: ArrayLike,
    weights: ArrayLike,
    output: Output,
    mode: str,
    cval: complex,
    origin: int | Sequence[int],
    axes: int | Sequence[int] | None,
    *,
    correlation: bool,
) -> NDArray[Any]:
    """Correlate or convolve along some axes or all."""
    x, w = np.asarray(input), np.asarray(weights)
    is_complex = "c" in (x.dtype.kind, w.dtype.kind)
    _check_cval(x, cval)
    target = target_array(output, x, is_complex)
    where = check_axes(axes, x.ndim)
    if w.ndim != len(where) or not w.size:
        given = w.ndim if w.size else 0
        raise RuntimeError(f"weights.ndim ({given}) must match len(axes) ({len(where)})")
    if not isinstance(mode, str):
        raise RuntimeError("A sequence of modes is not supported")
    # As in SciPy, the weights run along the axes in rising order whatever the order of `axes`,
    # and so do the origins unless there are fewer of them than dimensions.
    origins = per_axis(origin, len(where))
    if len(where) < x.ndim:
        origins = [shift for _, shift in sorted(zip(where, origins, strict=True))]
    where = tuple(sorted(where))
    if not correlation:
        w = np.flip(w)
        origins = [-o - (k % 2 == 0) for o, k in zip(origins, w.shape, strict=True)]
    elif w.dtype.kind == "c":
        w = w.conj()
    for o, k in zip(origins, w.shape, strict=True):
        if not 0 <= k // 2 + o < k:
            raise ValueError(
                "Invalid origin; origin must satisfy "
                "-(weights.shape[k] // 2) <= origin[k] <= (weights.shape[k]-1) // 2"
            )
    return store(correlate_double(x, w, where, origins, mode, cval, target.dtype), target)


def average(
    x: NDArray[Any],
    size: int,
    axis: int,
    output: Output,
    mode: str,
    cval: complex,
    origin: int,
) -> NDArray[Any]:
    """Average along one axis; whole numbers are summed before they are divided."""
    axis = normalize_axis_index(axis, x.ndim)
    if size < 1:
        raise RuntimeError("incorrect filter size")
    target = target_array(output, x, is_complex=x.dtype.kind == "c")
    if not 0 <= size // 2 + origin < size:
        raise ValueError("invalid origin")
    ones = np.ones(operator.index(size))
    sums = correlate_double(x, ones, (axis,), (origin,), mode, cval, target.dtype)
    return store(sums / size, target)


def correlate_double(
    x: NDArray[Any],
    w: NDArray[Any],
    axes: Sequence[int],
    origins: Sequence[int],
    mode: str,
    cval: complex,
    dtype: np.dtype[Any],
) -> NDArray[Any]:
    """Return the sums of w[t] x[i + t - size // 2 - origin] in (complex) double precision.

    The origins are within the kernel; nothing is conjugated. `dtype` is what becomes of it.
    """
    if mode not in _BOUNDARIES:
        raise RuntimeError("boundary mode not supported")
    boundary = _BOUNDARIES[mode]
    cval = cval if x.dtype.kind == "c" else float(cval)  # type: ignore[arg-type]
    cval = cval if boundary == "constant" else 0.0
    if not x.size:
        return x
    x, h = _in_work_types(x, np.flip(w), cval)
    # Sums that lose their fractions must not be a rounding away from the next number.
    method = "direct" if dtype.kind in "biu" and x.dtype.kind != "i" else "auto"
    if not any(origins):
        return convolve_any_kernel(
            x, h, axes=tuple(axes), mode="same", boundary=boundary, cval=cval, method=method
        )
    widths = [(k // 2 + o, k - 1 - k // 2 - o) for k, o in zip(w.shape, origins, strict=True)]
    rows, batch = _layout.to_rows(x, axes)
    rows = _layout.extend(rows, widths, [boundary] * len(axes), cval)
    core = tuple(range(1, rows.ndim))
    return _layout.from_rows(
        convolve_any_kernel(rows, h, axes=core, mode="valid", method=method), batch, axes
    )


def _in_work_types(
    x: NDArray[Any], w: NDArray[Any], cval: complex
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return both as integers where the sums are whole and exact in doubles, else as doubles."""
    if x.dtype.kind in "biu" and w.dtype.kind in "biuf" and cval == np.rint(cval.real):
        largest = max(float(x.max()), -float(x.min()), abs(cval))
        if largest * float(np.abs(w).sum()) < _EXACT and (w == np.rint(w)).all():
            return x.astype(np.int64), w.astype(np.int64)
    wide = [np.complex128 if a.dtype.kind == "c" else np.float64 for a in (x, w)]
    return x.astype(wide[0], copy=False), w.astype(wide[1], copy=False)


def gaussian(sigma: float, order: int, reach: int) -> NDArray[np.float64]:
    """Return the `order`-th derivative of the Gaussian whose samples sum to 1."""
    if order < 0:
        raise ValueError("order must be non-negative")
    if not isinstance(reach, (int, np.integer)) or reach < 0:
        raise ValueError("Radius must be a nonnegative integer.")
    t = np.arange(-reach, reach + 1)
    bell = np.exp(-0.5 / sigma**2 * t**2)
    inner = np.polynomial.Polynomial([0, -1 / sigma**2])  # of the exponent
    factor = np.polynomial.Polynomial([1.0])
    for _ in range(order):
        factor = factor.deriv() + factor * inner
    return factor(t) * (bell / bell.sum())


def target_array(output: Output, x: NDArray[Any], is_complex: bool) -> NDArray[Any]:
    """Return the array for the answer that SciPy's argument `output` stands for."""
    if output is None:
        dtype = np.result_type(x, np.complex64) if is_complex else x.dtype.newbyteorder("=")
        target = np.zeros(x.shape, dtype)
    elif isinstance(output, (str, type, np.dtype)):
        dtype = np.dtype(output)
        if is_complex and dtype.kind != "c":
            if isinstance(output, str):
                raise RuntimeError("output must have complex dtype")
            warnings.warn("promoting specified output dtype to complex", stacklevel=4)
            dtype = np.promote_types(dtype, np.complex64)
        target = np.zeros(x.shape, dtype)
    else:
        target = np.asarray(output)
        if target.shape != x.shape:
            raise RuntimeError("output shape not correct")
        if is_complex and target.dtype.kind != "c":
            raise RuntimeError("output must have complex dtype")
    for dtype in (x.dtype, target.dtype):
        if (
            dtype.kind not in "biufc"
            or dtype.char in "egG"
            or (dtype.kind == "c" and not is_complex)
        ):
            raise RuntimeError(f"array type {dtype!r} not supported")
    return target


def store(result: NDArray[Any], target: NDArray[Any]) -> NDArray[Any]:
    """Put the sums into the answer, as C does: fractions are lost, negative numbers wrap."""
    if target.dtype.kind in "biu" and result.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            wrapped = result.astype(np.int64)
            if target.dtype == np.uint64:
                wrapped = np.where(result < 2.0**63, wrapped.view(np.uint64), result.astype("u8"))
        result = wrapped
    target[...] = result.astype(target.dtype, copy=False)
    return target


def _check_cval(x: NDArray[Any], cval: complex) -> None:
    if x.dtype.kind != "c" and np.iscomplexobj(cval):
        raise ValueError("Cannot provide a complex-valued cval when the input is real.")


def check_axes(axes: int | Sequence[int] | None, ndim: int) -> tuple[int, ...]:
    """Return the axes to filter, or raise SciPy's errors."""
    if axes is None:
        return tuple(range(ndim))
    given = [operator.index(axis) for axis in (axes if np.iterable(axes) else [axes])]
    for axis in given:
        if not -ndim <= axis < ndim:
            raise ValueError(f"specified axis: {axis} is out of range")
    found = tuple(axis % ndim for axis in given)
    if len(set(found)) != len(found):
        raise ValueError("axes must be unique")
    return found


def per_axis(value: Any, n_axes: int) -> list[Any]:
    """Return one setting per axis from one for all or a sequence of them."""
    if isinstance(value, str) or not np.iterable(value):
        return [value] * n_axes
    values = list(value)
    if len(values) != n_axes:
        raise RuntimeError("sequence argument must have length equal to input rank")
    return values
