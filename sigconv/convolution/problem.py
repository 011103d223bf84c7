"""From the arguments of the public functions to the one problem that every method solves."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks, _layout
from . import extended
from .extended import Layout
from .geometry import EXTENSIONS, Geometry, spans

#: Types that are computed in another one: integers of any width wrap alike in the widest, and
#: float16 has no arithmetic of its own.
_WORK: dict[str, np.dtype[Any]] = {
    "i": np.dtype(np.int64),
    "u": np.dtype(np.int64),
    "float16": np.dtype(np.float32),
}

_REAL: dict[str, np.dtype[Any]] = {"F": np.dtype(np.float32), "D": np.dtype(np.float64)}


_LOWEST = -(2**62)


class Form(NamedTuple):
    """Which convolution is meant, in the words of `convolve` and as the caller gave them."""

    axes: int | Sequence[int] | None
    mode: str
    boundary: str | Sequence[str]
    cval: complex
    stride: int | Sequence[int]
    dilation: int | Sequence[int]
    nan_policy: str


class Plan(NamedTuple):
    """What follows from shapes, types and words alone."""

    geometry: Geometry
    axes: tuple[int, ...]
    flip: tuple[slice, ...]  # of a kernel that convolves
    are_last: bool  # the axes, in order
    boundaries: tuple[str, ...]
    widths: tuple[tuple[int, int], ...]
    dtype: np.dtype[Any]  # of the result
    work: np.dtype[Any]  # of the computation
    output_shape: tuple[int, ...]  # batch axes in their places
    layout: Layout | None  # of `Extended` rows, if the problem is one of them


class Problem(NamedTuple):
    """The checked problem; the plan's geometry says how `weights` act on the extended signal."""

    signal: NDArray[Any]  # in the type of the computation
    weights: NDArray[Any]  # (1 or n_rows, *taps)
    cval: complex
    plan: Plan


class Frame(NamedTuple):
    """What is known of a problem before any sample of the signal is."""

    axes: tuple[int, ...]
    boundaries: tuple[str, ...]
    cval: complex
    plan: Plan


def pose(x: ArrayLike, h: ArrayLike, form: Form, correlation: bool) -> Problem:
    """Check the arguments and put them together."""
    signal, kernel = np.asarray(_checks.numeric("x", x)), np.asarray(_checks.numeric("h", h))
    plan, cval = plan_of(signal.shape, signal.dtype, kernel.shape, kernel.dtype, form)
    if form.nan_policy == "raise":
        refuse_gaps(signal.size - int(np.count_nonzero(np.isfinite(signal))))
    weights = kernel_rows(kernel, signal.shape, plan.axes, plan.work)
    if not correlation:
        weights = weights[plan.flip]
    elif weights.dtype.kind == "c":
        weights = weights.conj()
    if signal.dtype != plan.work:
        signal = signal.astype(plan.work)
    return Problem(signal, weights, cval, plan)


def _words(form: Form) -> tuple[Any, ...]:
    """Return all of the form but `cval`, such that equal words mean the same and have a hash."""
    axes, mode, boundary, _, stride, dilation, policy = form
    if not (axes is None or type(axes) is int):
        axes = _whole_numbers("axes", axes)
    if not type(stride) is type(dilation) is int:
        stride, dilation = _whole_numbers("stride", stride), _whole_numbers("dilation", dilation)
    if type(boundary) is not str:
        boundary = tuple(str(name) for name in boundary)
    _checks.one_of("mode", mode, EXTENSIONS)
    _checks.one_of("nan_policy", policy, _layout.NAN_POLICIES)
    return axes, mode, boundary, stride, dilation, policy


def _whole_numbers(name: str, value: Any) -> int | tuple[int, ...]:
    """Return whole numbers of any size as int; which are allowed is checked later."""
    if np.ndim(value) == 0:
        return _checks.whole(name, value, at_least=_LOWEST)
    return tuple(_checks.whole(name, item, at_least=_LOWEST) for item in value)


def frame(x_shape: tuple[int, ...], x_dtype: np.dtype[Any], h: NDArray[Any], form: Form) -> Frame:
    """Check all arguments but the samples of the signal."""
    plan, cval = plan_of(x_shape, x_dtype, h.shape, h.dtype, form)
    return Frame(plan.axes, plan.boundaries, cval, plan)


def plan_of(
    x_shape: tuple[int, ...],
    x_dtype: np.dtype[Any],
    h_shape: tuple[int, ...],
    h_dtype: np.dtype[Any],
    form: Form,
) -> tuple[Plan, complex]:
    """Return what follows from all but the numbers, and the value beyond the ends."""
    plan = _plan(x_shape, x_dtype, h_shape, h_dtype, *_words(form))
    return plan, boundary_value(form, plan)


def refuse_gaps(n_gaps: int) -> None:
    """Raise ValueError if there are samples that are not finite."""
    if n_gaps:
        raise ValueError(
            f"x must be finite with nan_policy 'raise'; got {n_gaps} values that are not"
        )


@functools.lru_cache(maxsize=256)
def _plan(
    x_shape: tuple[int, ...],
    x_dtype: np.dtype[Any],
    h_shape: tuple[int, ...],
    h_dtype: np.dtype[Any],
    given_axes: int | tuple[int, ...] | None,
    mode: str,
    boundary: str | tuple[str, ...],
    given_stride: int | tuple[int, ...],
    given_dilation: int | tuple[int, ...],
    policy: str,
) -> Plan:
    """Work out lengths and types; repeated calls of one shape, short ones above all, save it."""
    axes = _signal_axes(len(x_shape), len(h_shape), given_axes)
    boundaries = _layout.boundary_names(boundary, len(axes))
    stride = _checks.per_axis("stride", given_stride, len(axes))
    dilation = _checks.per_axis("dilation", given_dilation, len(axes))
    if policy == "interpolate" and len(axes) > 1:
        raise ValueError(f"nan_policy 'interpolate' is for one axis; got the axes {axes}")
    dtype = _checks.result_type(x=np.empty(0, x_dtype), h=np.empty(0, h_dtype))
    lengths = tuple(x_shape[axis] for axis in axes)
    own = len(h_shape) != len(axes)  # kernels per channel
    taps = tuple(h_shape[axis] for axis in axes) if own else h_shape
    span = spans(taps, dilation)
    if mode == "valid":
        for axis, n, needed in zip(axes, lengths, span, strict=True):
            if needed > n:
                raise ValueError(
                    f"h must not be longer than x in mode 'valid'; "
                    f"got {needed} samples (h) and {n} (x) along axis {axis}"
                )
    widths = tuple(EXTENSIONS[mode](s) for s in span)
    geometry = Geometry(
        n_rows=math.prod(x_shape) // math.prod(lengths),
        extended=tuple(n + sum(width) for n, width in zip(lengths, widths, strict=True)),
        taps=taps,
        stride=stride,
        dilation=dilation,
    )
    outputs = dict(zip(axes, geometry.output, strict=True))
    output_shape = tuple(outputs.get(axis, n) for axis, n in enumerate(x_shape))
    work = _WORK.get(dtype.kind) or _WORK.get(dtype.name) or dtype
    flip = (slice(None), *[slice(None, None, -1)] * len(axes))
    are_last = axes == tuple(range(len(x_shape) - len(axes), len(x_shape)))
    layout = None
    if extended.fits(geometry, work):
        layout = extended.layout(geometry.n_rows, lengths, widths, boundaries)
    return Plan(
        geometry, axes, flip, are_last, boundaries, widths, dtype, work, output_shape, layout
    )


def _signal_axes(x_ndim: int, h_ndim: int, axes: int | tuple[int, ...] | None) -> tuple[int, ...]:
    if axes is None:
        if h_ndim > x_ndim:
            raise ValueError(
                f"h must have at most as many dimensions as x ({x_ndim}); got {h_ndim}"
            )
        return tuple(range(x_ndim - h_ndim, x_ndim))
    where = _checks.axes_tuple("axes", axes, x_ndim)
    if h_ndim not in (len(where), x_ndim):
        raise ValueError(
            f"h must have one dimension per axis ({len(where)}) "
            f"or as many as x ({x_ndim}); got {h_ndim}"
        )
    return where


def kernel_rows(
    h: NDArray[Any], x_shape: tuple[int, ...], axes: tuple[int, ...], work: np.dtype[Any]
) -> NDArray[Any]:
    """Return the kernel as (1, *taps), or as (n_rows, *taps) where rows have their own."""
    if h.dtype.kind != "c":
        work = _REAL.get(work.char, work)
    if h.dtype != work:
        with np.errstate(over="ignore"):
            h = h.astype(work)
    # One product of all is faster than a look at each; it may also overflow.
    is_whole = h.dtype.kind in "iu"
    if not (is_whole or math.isfinite(abs(np.vdot(h, h))) or np.isfinite(h).all()):
        raise ValueError(f"h must hold finite numbers of {work}; got values that are not")
    if h.ndim == len(axes):
        return h[np.newaxis]
    moved = np.moveaxis(h, axes, range(-len(axes), 0))
    taps = moved.shape[h.ndim - len(axes) :]
    own = moved.shape[: h.ndim - len(axes)]
    batch = tuple(n for axis, n in enumerate(x_shape) if axis not in axes)
    if any(k not in (1, n) for k, n in zip(own, batch, strict=True)):
        raise ValueError(
            f"h must have length 1 or that of x along the axes that it does not run along; "
            f"got shapes {h.shape} (h) and {x_shape} (x) with axes {axes}"
        )
    shared = all(k == 1 for k in own)
    rows = moved if shared else np.broadcast_to(moved, (*batch, *taps))
    return rows.reshape(-1, *taps)


def boundary_value(form: Form, plan: Plan) -> complex:
    """Return the value beyond the ends, checked, as the computation takes it."""
    cval, dtype = form.cval, plan.dtype
    if isinstance(cval, (int, float)) and cval == 0:
        return 0
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
        return int(np.array(int(cval.real), dtype).astype(plan.work))
    return cval
