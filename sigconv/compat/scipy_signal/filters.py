"""The recursive filters of `scipy.signal` under their own names.

Sections, and difference equations of order two at most, run through this package's compiled
recursion, which is more exact for very low bands. Numbers below 2.3e-308 count as zero;
float32 is computed in double precision inside. Long double and object arrays are handed on.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...filters import gustafsson
from .._shared import goes_to_scipy
from . import recursion, recursive_forms
from ._originals import originals


def lfilter(
    b: ArrayLike, a: ArrayLike, x: ArrayLike, axis: int = -1, zi: ArrayLike | None = None
) -> Any:
    """Filter by the difference equation b/a, as `scipy.signal.lfilter`.

    Parameters
    ----------
    b, a : array_like, one-dimensional
        The coefficients; `a[0]` must not be 0.
    x : array_like
        The signals.
    axis : int
        Where they run.
    zi : array_like, optional
        The state to start from, of as many dimensions as `x`, with
        ``max(len(a), len(b)) - 1`` values along `axis`.

    Returns
    -------
    y : ndarray
        In NumPy's result type of all arguments.
    zf : ndarray
        The state after it, only if `zi` is given.

    Raises
    ------
    ValueError, NotImplementedError
        As SciPy: shapes that do not fit, and types without a filter.

    Examples
    --------
    >>> from sigconv.compat.scipy_signal import lfilter
    >>> lfilter([1], [1, -0.5], [1.0, 0, 0, 0])
    array([1.   , 0.5  , 0.25 , 0.125])
    """
    given = [np.asarray(each) for each in (b, a, x, *([] if zi is None else [zi]))]
    if goes_to_scipy(*given):
        return originals["lfilter"](*given[:3], axis, None if zi is None else given[3])
    top, bottom = recursive_forms.coefficients("b", b), recursive_forms.coefficients("a", a)
    signals = recursive_forms.signal_array(x)
    dtype = recursive_forms.common_type(*given, feedback=len(bottom) > 1)
    if bottom[0] == 0:
        raise ValueError("a[0] must not be 0")
    order = max(len(top), len(bottom)) - 1
    # without feedback no error grows: the type of the answer will do
    work = recursive_forms.wide(dtype) if len(bottom) > 1 else dtype
    top, bottom = (each.astype(work) / bottom.astype(work)[0] for each in (top, bottom))
    rows, moved = recursive_forms.as_rows(signals, axis, work)
    states, like = np.zeros((len(rows), order), work), moved
    if zi is not None:
        state = recursive_forms.broadcast_state(np.asarray(zi), signals, axis, order)
        like = np.moveaxis(state, axis, -1)
        states = like.reshape(len(rows), order).astype(work)
    if rows.size == 0:
        y, zf = rows, states
    else:
        y, zf = recursion.run_equation(top, bottom, rows, states)
    answer = recursive_forms.from_rows(y, moved, axis, dtype)
    if zi is None:
        return answer
    return answer, recursive_forms.from_rows(zf, like, axis, dtype)


def lfiltic(b: ArrayLike, a: ArrayLike, y: ArrayLike, x: ArrayLike | None = None) -> NDArray[Any]:
    """Return the state of `lfilter` after given outputs and inputs, as `scipy.signal.lfiltic`.

    Parameters
    ----------
    b, a : array_like, one-dimensional
        The coefficients.
    y, x : array_like, one-dimensional
        The last outputs and inputs, the newest first; zero where they end.

    Returns
    -------
    ndarray, shape (max(len(a), len(b)) - 1,)

    Raises
    ------
    ValueError
        Coefficients of more than one dimension, or none, or ``a[0] == 0``.

    Examples
    --------
    >>> from sigconv.compat.scipy_signal import lfiltic
    >>> lfiltic([1], [1, -0.5], y=[2.0])
    array([1.])
    """
    top, bottom = np.atleast_1d(b), np.atleast_1d(a)
    for name, array in (("a", bottom), ("b", top)):
        if array.ndim > 1:
            raise ValueError(f"Filter coefficients `{name}` must be 1-D.")
    if not bottom.size:
        raise ValueError("There must be at least one `a` coefficient.")
    if bottom[0] == 0:
        raise ValueError("First `a` filter coefficient must be non-zero.")
    outputs = np.atleast_1d(y)
    inputs = np.zeros(0, outputs.dtype) if x is None else np.atleast_1d(x)
    dtype = np.result_type(top, bottom, outputs, inputs)
    if dtype.kind in "biu":
        dtype = np.dtype(np.float64)
    order = max(len(top), len(bottom)) - 1
    state = np.zeros(order, dtype)
    for sign, taps, past in ((1, top, inputs), (-1, bottom, outputs)):
        past = past[: len(taps) - 1].astype(dtype)
        for k in range(len(taps) - 1):
            reach = min(len(taps) - 1 - k, len(past))
            state[k] += sign * (taps[k + 1 : k + 1 + reach] * past[:reach]).sum()
    return state if bottom[0] == 1 else state / bottom[0]


def lfilter_zi(b: ArrayLike, a: ArrayLike) -> NDArray[Any]:
    """Return the state of `lfilter` under a constant input of 1, as `scipy.signal.lfilter_zi`.

    Parameters
    ----------
    b, a : array_like, one-dimensional
        The coefficients.

    Returns
    -------
    ndarray, shape (max(len(a), len(b)) - 1,)

    Raises
    ------
    ValueError
        Coefficients of more than one dimension, or no `a` that is not 0.
    numpy.linalg.LinAlgError
        A pole at z = 1: such a filter never rests.

    Examples
    --------
    >>> from sigconv.compat.scipy_signal import lfilter_zi
    >>> lfilter_zi([1], [1, -0.5])
    array([1.])
    """
    top, bottom = np.atleast_1d(b), np.atleast_1d(a)
    for name, array in (("Numerator b", top), ("Denominator a", bottom)):
        if array.ndim != 1:
            raise ValueError(f"{name} must be 1-D.")
    if goes_to_scipy(top, bottom):
        return originals["lfilter_zi"](top, bottom)
    bottom = bottom[np.flatnonzero(bottom)[:1].sum() :] if bottom.any() else bottom[:0]
    if not bottom.size:
        raise ValueError("There must be at least one nonzero `a` coefficient.")
    top, bottom = top / bottom[0], bottom / bottom[0]
    n = max(len(top), len(bottom))
    return recursion.at_rest(*(np.pad(each, (0, n - len(each))) for each in (top, bottom)))


def sosfilt(sos: ArrayLike, x: ArrayLike, axis: int = -1, zi: ArrayLike | None = None) -> Any:
    """Filter through second-order sections, as `scipy.signal.sosfilt`.

    Parameters
    ----------
    sos : array_like, shape (n_sections, 6)
        The sections.
    x : array_like
        The signals.
    axis : int
        Where they run.
    zi : array_like, optional
        The state to start from: (n_sections, ...), then the shape of `x` with 2 along `axis`.

    Returns
    -------
    y : ndarray
        In NumPy's result type of all arguments.
    zf : ndarray
        The state after it, only if `zi` is given.

    Raises
    ------
    ValueError, NotImplementedError
        As SciPy: shapes that do not fit, and types without a filter.

    Examples
    --------
    >>> from sigconv.compat.scipy_signal import sosfilt
    >>> sosfilt([[1, 0, 0, 1, -0.5, 0]], [1.0, 0, 0, 0])
    array([1.   , 0.5  , 0.25 , 0.125])
    """
    given = [np.asarray(each) for each in (sos, x, *([] if zi is None else [zi]))]
    if goes_to_scipy(*given):
        return originals["sosfilt"](*given[:2], axis, None if zi is None else given[2])
    signals = recursive_forms.signal_array(x)
    sections = recursive_forms.section_array(sos)
    dtype = recursive_forms.common_type(*given)
    work = recursive_forms.wide(dtype)
    rows, moved = recursive_forms.as_rows(signals, axis, work)
    n_sections = len(sections)
    states = np.zeros((len(rows), n_sections, 2), work)
    position = axis % signals.ndim
    if zi is not None:
        expected = (n_sections, *signals.shape[:position], 2, *signals.shape[position + 1 :])
        state = np.asarray(zi)
        if state.shape != expected:
            raise ValueError(
                f"Invalid zi shape. With axis={axis!r}, an input with shape {signals.shape!r}, "
                f"and an sos array with {n_sections} sections, zi must have shape "
                f"{expected!r}, got {state.shape!r}."
            )
        states = np.moveaxis(state, (0, position + 1), (-2, -1))
        states = states.reshape(len(rows), n_sections, 2).astype(work)
    y, zf = (
        (rows, states)
        if rows.size == 0
        else recursion.run_sections(
            sections.astype(work if np.iscomplexobj(sections) else np.float64), rows, states
        )
    )
    answer = recursive_forms.from_rows(y, moved, axis, dtype)
    if zi is None:
        return answer
    zf = zf.reshape(*moved.shape[:-1], n_sections, 2).astype(dtype, copy=False)
    return answer, np.moveaxis(zf, (-2, -1), (0, position + 1))


def sosfilt_zi(sos: ArrayLike) -> NDArray[Any]:
    """Return the state of `sosfilt` under a constant input of 1, as `scipy.signal.sosfilt_zi`.

    Parameters
    ----------
    sos : array_like, shape (n_sections, 6)
        The sections.

    Returns
    -------
    ndarray, shape (n_sections, 2)

    Raises
    ------
    ValueError
        Another shape.
    numpy.linalg.LinAlgError
        A pole at z = 1.

    Examples
    --------
    >>> from sigconv.compat.scipy_signal import sosfilt_zi
    >>> sosfilt_zi([[1, 0, 0, 1, -0.5, 0]])
    array([[1., 0.]])
    """
    sections = np.asarray(sos)
    if sections.ndim != 2 or sections.shape[1] != 6:
        raise ValueError("sos must be shape (n_sections, 6)")
    if sections.dtype.kind in "biu":
        sections = sections.astype(np.float64)
    states = np.empty((len(sections), 2), sections.dtype)
    level: Any = 1.0
    for number, section in enumerate(sections):
        states[number] = level * lfilter_zi(section[:3], section[3:])
        level *= section[:3].sum() / section[3:].sum()
    return states


def filtfilt(
    b: ArrayLike,
    a: ArrayLike,
    x: ArrayLike,
    axis: int = -1,
    padtype: str | None = "odd",
    padlen: int | None = None,
    method: str = "pad",
    irlen: int | None = None,
) -> NDArray[Any]:
    """Filter forward and backward by b/a, as `scipy.signal.filtfilt`.

    Parameters
    ----------
    b, a, x, axis
        As in `lfilter`.
    padtype : {"odd", "even", "constant", None}
        What is put beyond the ends before filtering.
    padlen : int, optional
        How much of it; three times the number of coefficients if not given.
    method : {"pad", "gust"}
        Padding, or Gustafsson's choice of the initial states.
    irlen : int, optional
        For "gust": the samples after which the impulse response counts as over.

    Returns
    -------
    ndarray of the shape of `x`

    Raises
    ------
    ValueError, NotImplementedError
        As SciPy.

    Examples
    --------
    >>> from sigconv.compat.scipy_signal import filtfilt
    >>> filtfilt([0.5], [1, -0.5], [2.0, 2, 2, 2, 2, 2, 2, 2]).round(12)
    array([2., 2., 2., 2., 2., 2., 2., 2.])
    """
    if method not in ("pad", "gust"):
        raise ValueError("method must be 'pad' or 'gust'.")
    given = [np.asarray(each) for each in (b, a, x)]
    if goes_to_scipy(*given):
        return originals["filtfilt"](*given, axis, padtype, padlen, method, irlen)
    top, bottom = np.atleast_1d(given[0]), np.atleast_1d(given[1])
    signals = recursive_forms.signal_array(x)
    dtype = recursive_forms.common_type(top, bottom, signals)
    work = recursive_forms.wide(dtype)
    n_taps = max(len(top), len(bottom))
    if method == "pad":
        name, length = recursive_forms.padding(padtype, padlen, signals.shape[axis], n_taps)
        rest = lfilter_zi(top, bottom).astype(work)
    top, bottom = (each.astype(work) / bottom.astype(work)[0] for each in (top, bottom))
    run = functools.partial(recursion.run_equation, top, bottom)
    rows, moved = recursive_forms.as_rows(signals, axis, work)
    if method == "gust":
        y = gustafsson.forward_backward(rows, run, (n_taps - 1,), irlen)
    else:
        y = recursive_forms.both_ways(rows, run, rest, name, length)
    return recursive_forms.from_rows(y, moved, axis, dtype)


def sosfiltfilt(
    sos: ArrayLike,
    x: ArrayLike,
    axis: int = -1,
    padtype: str | None = "odd",
    padlen: int | None = None,
) -> NDArray[Any]:
    """Filter forward and backward through sections, as `scipy.signal.sosfiltfilt`.

    Parameters
    ----------
    sos, x, axis
        As in `sosfilt`.
    padtype, padlen
        As in `filtfilt`.

    Returns
    -------
    ndarray of the shape of `x`

    Raises
    ------
    ValueError, NotImplementedError
        As SciPy.

    Examples
    --------
    >>> from sigconv.compat.scipy_signal import sosfiltfilt
    >>> sosfiltfilt([[0.5, 0, 0, 1, -0.5, 0]], [2.0, 2, 2, 2, 2, 2, 2, 2]).round(12)
    array([2., 2., 2., 2., 2., 2., 2., 2.])
    """
    given = [np.asarray(each) for each in (sos, x)]
    if goes_to_scipy(*given):
        return originals["sosfiltfilt"](*given, axis, padtype, padlen)
    sections = recursive_forms.section_array(sos)
    signals = recursive_forms.signal_array(x)
    dtype = recursive_forms.common_type(sections, signals)
    work = recursive_forms.wide(dtype)
    unused = min((sections[:, column] == 0).sum() for column in (2, 5))
    n_taps = 2 * len(sections) + 1 - int(unused)
    name, length = recursive_forms.padding(padtype, padlen, signals.shape[axis], n_taps)
    wide = sections.astype(work if np.iscomplexobj(sections) else np.float64)
    rows, moved = recursive_forms.as_rows(signals, axis, work)
    y = recursive_forms.sections_both_ways(wide, rows, sosfilt_zi(wide), name, length)
    return recursive_forms.from_rows(y, moved, axis, dtype)
