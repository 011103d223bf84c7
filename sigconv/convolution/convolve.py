"""The public functions: pose the problem, choose a method, and mind the gaps in the signal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks, _layout, _maps, _memory
from .._start_jit import start
from . import choose, dask_arrays, extended, gaps, slabs
from .choose import WORTH_THREADS
from .extended import Extended
from .geometry import Geometry
from .problem import Form, Plan, Problem, pose
from .ready import ready, solve

WORDS = ("auto", *choose.METHODS)


def convolve(
    x: ArrayLike,
    h: ArrayLike,
    *,
    axes: int | Sequence[int] | None = None,
    mode: str = "full",
    boundary: str | Sequence[str] = "zero",
    cval: complex = 0.0,
    method: str = "auto",
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    nan_policy: str = "propagate",
    workers: int | None = None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Convolve a signal, image or volume with a kernel: ``y[n] = sum_k h[k] x[n - k]``.

    Parameters
    ----------
    x : array_like, any shape
        The signal, real, complex or integer (booleans count as integers). Any memory layout,
        read-only and memory-mapped arrays too. Of a Dask array the answer is one again, and
        nothing is computed yet.
    h : array_like
        The kernel (impulse response). With `axes=None` it runs along the last ``h.ndim`` axes
        of `x`. With `axes` given, ``h.ndim == len(axes)`` is one kernel for all the rest, and
        ``h.ndim == x.ndim`` gives each its own: the other axes of `h` have length 1 or that
        of `x`.
    axes : int or sequence of int, optional
        Where the signal runs; every other axis is batch.
    mode : {"full", "same", "valid"}
        The lengths of the answer, for n samples and k taps: n + k - 1; n, centred as in SciPy;
        n - k + 1, where the kernel lies inside the signal. A dilated kernel counts as
        ``(k - 1) * dilation + 1`` taps.
    boundary : str or sequence of str
        What lies beyond the ends, in `numpy.pad`'s names, one for all or one per axis:
        "constant" (`cval`), "zero", "edge" (or "nearest"), "reflect" ("mirror"), "symmetric",
        "wrap" ("periodic"). The extension repeats as often as the kernel needs.
    cval : number
        The value beyond the ends for boundary "constant".
    method : {"auto", "direct", "separable", "low_rank", "running_sum", "fft", "overlap_save"}
        How it is computed. "auto" takes the cheapest that is accurate here: the Fourier methods
        for kernels so long that they are as exact as sums of products, and for integers only
        where the result is provably exact. "separable" needs an outer product, "low_rank" a sum
        of a few (see `separate`), "running_sum" equal taps. `plan_convolution` tells which one
        and why.
    stride : int or sequence of int
        The stride-1 answer is taken at ``[::stride]``.
    dilation : int or sequence of int
        ``dilation - 1`` zeros are put between the taps of `h`.
    nan_policy : {"propagate", "omit", "interpolate", "raise"}
        For NaN and infinities in `x` alike. "propagate": every output that has one under a tap
        (a zero tap too) is NaN, and no other, whatever the method. "omit": they count 0.
        "interpolate" (one axis): bridged linearly, at the ends by the nearest value; outputs
        centred on them are NaN. "raise": refused.
    workers : int, optional
        Threads; None is all cores (in a task of Dask, one). The answer does not depend on it.
    out : ndarray, optional
        Where to put the answer; it may overlap `x`. If `x` or `out` is a memory-mapped file and
        they do not overlap, the work goes slab by slab in bounded memory (about 100 MB beside
        the kernel; with "interpolate", whole rows).

    Returns
    -------
    ndarray
        In the precision of `x` (float32 stays float32 whatever the kernel's), complex if either
        is. Integers with integers give NumPy's result type and wrap around as there; integers
        with a float kernel give float64. float16 is computed in float32.

    Raises
    ------
    ValueError
        A word, length, axis or shape that does not fit; a kernel longer than the signal in
        mode "valid"; values that are not finite in `h`, or in `x` under `nan_policy="raise"`.
    TypeError
        Arguments of the wrong type; dtypes other than integers, float16 to float64 and
        complex64 to complex128; `out` unable to hold the result.

    Notes
    -----
    Against exact arithmetic on the same kernel, an output is off by at most a few units of the
    precision of `x` times the sum of ``|h[k] x[n - k]|``. By "fft", which runs in double
    precision, float64 outputs are off by a few times 1e-16 times the largest ``|x|`` of their
    row times the sum of ``|h|``; by "overlap_save", of their tile. "overlap_save" transforms
    float32 in float32 where that is no more than twice as far off as SciPy's direct method,
    and computes tiles with quieter stretches in float64; tiles whose stretches differ by more
    than 10⁶, silence apart, are summed directly.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.convolve([1, 2, -5, 4, 2, -1], [-1, 2, -1])
    array([ -1,   0,   8, -16,  11,   1,  -4,   1])
    >>> sigconv.convolve([1, 2, -5, 4, 2, -1], [-1, 2, -1], mode="valid")
    array([  8, -16,  11,   1])
    >>> sigconv.convolve([1.0, 2.0, 3.0], [0.5, 0.5], mode="same", boundary="edge")
    array([1. , 1.5, 2.5])
    """
    words = axes, mode, boundary, cval, stride, dilation, nan_policy
    return _compute(x, h, words, False, method, workers, out)


def correlate(
    x: ArrayLike,
    h: ArrayLike,
    *,
    axes: int | Sequence[int] | None = None,
    mode: str = "full",
    boundary: str | Sequence[str] = "zero",
    cval: complex = 0.0,
    method: str = "auto",
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    nan_policy: str = "propagate",
    workers: int | None = None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Correlate a signal, image or volume with a kernel: ``y[n] = sum_k conj(h[k]) x[n + k]``.

    This is `convolve` with the kernel reversed along its axes and conjugated, which is what
    `scipy.signal.correlate` gives; texts on neural networks call it convolution.

    Parameters
    ----------
    x, h, axes, mode, boundary, cval, method, stride, dilation, nan_policy, workers, out
        As in `convolve`. In mode "full" the first output belongs to the lag ``1 - k`` of a
        kernel with k taps, in mode "valid" to the lag 0.

    Returns
    -------
    ndarray
        As `convolve`.

    Raises
    ------
    ValueError, TypeError
        As `convolve`.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.correlate([0, 0, 0, 0, 1, 2, 3, 3], [-1, 1], mode="valid")
    array([0, 0, 0, 1, 1, 1, 0])
    """
    words = axes, mode, boundary, cval, stride, dilation, nan_policy
    return _compute(x, h, words, True, method, workers, out)


def _compute(
    x: ArrayLike,
    h: ArrayLike,
    words: tuple[Any, ...],
    correlation: bool,
    method: str,
    workers: int | None,
    out: NDArray[Any] | None,
) -> NDArray[Any]:
    """Answer in the words of `Form`."""
    # What is asked for again and again comes first: all that is checked below holds for it.
    if (
        type(x) is type(h) is np.ndarray
        and x.flags.carray
        and h.flags.carray
        and (out is None or _is_apart(out, x, h))
    ):
        try:
            known = ready(x.shape, x.dtype, h.shape, h.dtype, correlation, method, workers, *words)
        except (TypeError, ValueError):  # a list among the words, or an error to be told below
            known = None
        result = None if known is None else solve(x, h, known, method, workers, out)
        if result is not None:
            return result
    form = Form(*words)
    _checks.one_of("method", method, WORDS)
    if workers is not None:
        _layout.thread_count(workers)
    if dask_arrays.is_dask(x) or dask_arrays.is_dask(h):
        return dask_arrays.convolve(x, h, form, correlation, method, workers, out)
    if out is not None:
        if slabs.wanted(x, out):
            return slabs.convolve(x, h, form, correlation, method, workers, out)
        x = slabs.apart(x, out)
    start()
    problem = pose(x, h, form, correlation)
    signal, plan = problem.signal, problem.plan
    geometry = plan.geometry
    if out is not None:
        _checks.output(out, plan.output_shape, plan.dtype)
    if plan.are_last and signal.flags.c_contiguous:
        rows, batch = signal, signal.shape[: -len(plan.axes)]
    else:
        rows, batch = _layout.to_rows(signal, plan.axes)
    missing = None
    if form.nan_policy == "interpolate":
        rows = rows.reshape(geometry.n_rows, -1)
        missing = _gaps(rows)
        rows = rows if missing is None else gaps.bridge(rows, missing)
    if plan.layout is not None:
        result = _optimistic(rows, problem, form, method, workers, out)
    else:
        result = _careful(rows, problem, form, method, workers)
    if missing is not None:
        result[gaps.aligned(missing, plan.widths[0][0], geometry)] = np.nan
    if out is not None and np.may_share_memory(result, out):
        return out
    if result.dtype != plan.dtype:
        with np.errstate(over="ignore"):  # float16, as in any other arithmetic on it
            result = result.astype(plan.dtype)
    if plan.are_last and out is None:
        return result.reshape(plan.output_shape)
    return _layout.from_rows(result, batch, plan.axes, out)


def _is_apart(out: Any, x: NDArray[Any], h: NDArray[Any]) -> bool:
    """Return whether `out` is plain memory that neither the signal nor the kernel lies in."""
    return (
        type(out) is np.ndarray
        and out.flags.carray
        and not (np.may_share_memory(x, out) or np.may_share_memory(h, out))
        and _maps.map_below(out) is _maps.map_below(x) is None
    )


def _optimistic(
    rows: NDArray[Any],
    problem: Problem,
    form: Form,
    name: str,
    workers: int | None,
    out: NDArray[Any] | None,
) -> NDArray[Any]:
    """Solve as if no sample were NaN or infinite, into `out` where that can be."""
    weights, geometry, layout = problem.weights, problem.plan.geometry, problem.plan.layout
    assert layout is not None
    shape, left, right = layout
    laid = Extended(rows.reshape(shape), left, right, float(problem.cval.real))
    _, method, cost, _ = choose.choose(name, laid, weights, geometry)
    threads = workers if cost >= WORTH_THREADS else 1
    result = _target(rows, problem.plan, out)
    if method.into(laid, weights, geometry, threads, result):
        return result
    joined, spoiled = _extend(rows, problem)
    if spoiled is not None:
        method.into(extended.whole(joined), weights, geometry, threads, result)
        _spoil(result, spoiled, form, geometry, threads)
    return result


def _target(rows: NDArray[Any], plan: Plan, out: NDArray[Any] | None) -> NDArray[Any]:
    """Return where the rows of the answer go: `out` itself where it is laid out like them."""
    geometry = plan.geometry
    shape = (geometry.n_rows, *geometry.output)
    if (
        out is not None
        and out.dtype == rows.dtype
        and out.flags.c_contiguous
        and plan.are_last
        and not np.may_share_memory(rows, out)
    ):
        return out.reshape(shape)
    return _memory.empty(shape, rows.dtype)


def _careful(
    rows: NDArray[Any], problem: Problem, form: Form, name: str, workers: int | None
) -> NDArray[Any]:
    """Solve for any type of number."""
    weights, geometry = problem.weights, problem.plan.geometry
    joined, spoiled = _extend(rows, problem)
    _, method, cost, _ = choose.choose(name, joined, weights, geometry)
    threads = workers if cost >= WORTH_THREADS else 1
    result = method.correlate(joined, weights, geometry, threads)
    _spoil(result, spoiled, form, geometry, threads)
    return result


def _extend(rows: NDArray[Any], problem: Problem) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Return the extended rows, 0 where they are not finite, and where that is, if anywhere."""
    plan = problem.plan
    rows = rows.reshape(plan.geometry.n_rows, *rows.shape[rows.ndim - len(plan.axes) :])
    joined = _layout.extend(rows, plan.widths, plan.boundaries, problem.cval)
    spoiled = _gaps(joined)
    if spoiled is not None:
        joined = np.where(spoiled, 0, joined)
    return joined, spoiled


def _spoil(
    result: NDArray[Any],
    spoiled: NDArray[np.bool_] | None,
    form: Form,
    geometry: Geometry,
    workers: int | None,
) -> None:
    """Set the outputs to NaN that have a spoiled sample under a tap, unless it counts 0."""
    if spoiled is not None and form.nan_policy != "omit":
        result[gaps.touched(spoiled, geometry, workers)] = np.nan


def _gaps(rows: NDArray[Any]) -> NDArray[np.bool_] | None:
    finite = np.isfinite(rows)
    return None if finite.all() else ~finite
