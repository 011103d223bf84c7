"""From the arguments of the public functions to the one problem that every method solves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks, _layout
from .geometry import EXTENSIONS, Geometry, spans

#: Types that are computed in another one: integers of any width wrap alike in the widest, and
#: float16 has no arithmetic of its own.
_WORK: dict[str, np.dtype[Any]] = {
    "i": np.dtype(np.int64),
    "u": np.dtype(np.int64),
    "float16": np.dtype(np.float32),
}


@dataclass(frozen=True)
class Form:
    """Which convolution is meant, in the words of `convolve` and as the caller gave them."""

    axes: int | Sequence[int] | None
    mode: str
    boundary: str | Sequence[str]
    cval: complex
    stride: int | Sequence[int]
    dilation: int | Sequence[int]
    nan_policy: str


@dataclass(frozen=True)
class Problem:
    """The checked problem; `geometry` says how `weights` act on the extended signal."""

    signal: NDArray[Any]  # in the type of the computation
    weights: NDArray[Any]  # (1 or n_rows, *taps)
    geometry: Geometry
    axes: tuple[int, ...]
    widths: list[tuple[int, int]]
    boundaries: tuple[str, ...]
    cval: complex
    dtype: np.dtype[Any]  # of the result

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the result, batch axes in their places."""
        lengths = dict(zip(self.axes, self.geometry.output, strict=True))
        return tuple(lengths.get(axis, n) for axis, n in enumerate(self.signal.shape))


def pose(x: ArrayLike, h: ArrayLike, form: Form, correlation: bool) -> Problem:
    """Check the arguments and put them together."""
    signal, kernel = np.asarray(_checks.numeric("x", x)), np.asarray(_checks.numeric("h", h))
    axes = _signal_axes(signal, kernel, form.axes)
    _checks.one_of("mode", form.mode, EXTENSIONS)
    boundaries = _layout.boundary_names(form.boundary, len(axes))
    stride = _checks.per_axis("stride", form.stride, len(axes))
    dilation = _checks.per_axis("dilation", form.dilation, len(axes))
    _check_nan_policy(form.nan_policy, signal, axes)
    dtype = _result_type(signal, kernel)
    cval = _boundary_value(form, dtype)

    lengths = tuple(signal.shape[axis] for axis in axes)
    weights = _kernel_rows(kernel, signal, axes, _work_type(dtype))
    weights = weights.conj() if correlation else np.flip(weights, tuple(range(1, weights.ndim)))
    span = spans(weights.shape[1:], dilation)
    if form.mode == "valid":
        for axis, n, needed in zip(axes, lengths, span, strict=True):
            if needed > n:
                raise ValueError(
                    f"h must not be longer than x in mode 'valid'; "
                    f"got {needed} samples (h) and {n} (x) along axis {axis}"
                )
    widths = [EXTENSIONS[form.mode](s) for s in span]
    geometry = Geometry(
        n_rows=signal.size // math.prod(lengths),
        extended=tuple(n + sum(width) for n, width in zip(lengths, widths, strict=True)),
        taps=weights.shape[1:],
        stride=stride,
        dilation=dilation,
    )
    signal = signal.astype(_work_type(dtype), copy=False)
    return Problem(signal, weights, geometry, axes, widths, boundaries, cval, dtype)


def _signal_axes(
    x: NDArray[Any], h: NDArray[Any], axes: int | Sequence[int] | None
) -> tuple[int, ...]:
    if axes is None:
        if h.ndim > x.ndim:
            raise ValueError(
                f"h must have at most as many dimensions as x ({x.ndim}); got {h.ndim}"
            )
        return tuple(range(x.ndim - h.ndim, x.ndim))
    where = _checks.axes_tuple("axes", axes, x.ndim)
    if h.ndim not in (len(where), x.ndim):
        raise ValueError(
            f"h must have one dimension per axis ({len(where)}) "
            f"or as many as x ({x.ndim}); got {h.ndim}"
        )
    return where


def _kernel_rows(
    h: NDArray[Any], x: NDArray[Any], axes: tuple[int, ...], work: np.dtype[Any]
) -> NDArray[Any]:
    """Return the kernel as (1, *taps), or as (n_rows, *taps) where rows have their own."""
    if not np.iscomplexobj(h):
        work = np.empty(0, work).real.dtype
    with np.errstate(over="ignore"):
        h = h.astype(work)
    if not np.isfinite(h).all():
        raise ValueError(f"h must hold finite numbers of {work}; got values that are not")
    if h.ndim == len(axes):
        return h[np.newaxis]
    moved = np.moveaxis(h, axes, range(-len(axes), 0))
    taps = moved.shape[h.ndim - len(axes) :]
    own = moved.shape[: h.ndim - len(axes)]
    batch = tuple(n for axis, n in enumerate(x.shape) if axis not in axes)
    if any(k not in (1, n) for k, n in zip(own, batch, strict=True)):
        raise ValueError(
            f"h must have length 1 or that of x along the axes that it does not run along; "
            f"got shapes {h.shape} (h) and {x.shape} (x) with axes {axes}"
        )
    shared = all(k == 1 for k in own)
    rows = moved if shared else np.broadcast_to(moved, (*batch, *taps))
    return rows.reshape(-1, *taps)


def _check_nan_policy(policy: str, x: NDArray[Any], axes: tuple[int, ...]) -> None:
    _checks.one_of("nan_policy", policy, _layout.NAN_POLICIES)
    if policy == "interpolate" and len(axes) > 1:
        raise ValueError(f"nan_policy 'interpolate' is for one axis; got the axes {axes}")
    if policy == "raise":
        n_gaps = x.size - np.count_nonzero(np.isfinite(x))
        if n_gaps:
            raise ValueError(
                f"x must be finite with nan_policy 'raise'; got {n_gaps} values that are not"
            )


def _result_type(x: NDArray[Any], h: NDArray[Any]) -> np.dtype[Any]:
    precision, _ = _checks.precision("x", x), _checks.precision("h", h)
    if x.dtype.kind in "iu" and h.dtype.kind in "iu":
        return np.result_type(x, h)
    return np.result_type(precision, np.complex64) if h.dtype.kind == "c" else precision


def _work_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return _WORK.get(dtype.kind) or _WORK.get(dtype.name) or dtype


def _boundary_value(form: Form, dtype: np.dtype[Any]) -> complex:
    cval = form.cval
    if not np.isscalar(cval) or isinstance(cval, (str, bytes)):
        raise TypeError(f"cval must be a number; got {cval!r}")
    names = [form.boundary] if isinstance(form.boundary, str) else list(form.boundary)
    if cval != 0 and ("constant" not in names or "zero" in names):
        raise ValueError(
            f"cval is for boundary 'constant'; got cval={cval!r} with boundary {form.boundary!r}"
        )
    if dtype.kind != "c" and np.iscomplexobj(cval):
        raise TypeError(f"cval must be real for a result of {dtype}; got {cval!r}")
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        if not (limits.min <= cval.real <= limits.max and cval.real == cval.real // 1):
            raise ValueError(f"cval must be a whole number that {dtype} holds; got {cval!r}")
        return int(np.array(int(cval.real), dtype).astype(_work_type(dtype)))
    return cval
