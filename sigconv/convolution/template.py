"""Where a shape lies in a signal: the lags of a correlation, and its normalised form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from .. import _checks, _layout
from .convolve import correlate
from .geometry import EXTENSIONS

#: Windows whose deviations are smaller than this part of what the fast sums add up are computed
#: again, one by one: the first against the squares of the window itself, whose rounding is that
#: of their sum, the second against the loudest sample, to which a transform's rounding belongs.
WEAK = 1e-6
WEAK_IN_ROW = 1e-12

#: Samples of windows that are computed one by one at a time.
BLOCK = 2**18


def correlation_lags(n: int, k: int, mode: str = "full") -> NDArray[np.intp]:
    """Return the lag of each output of `correlate`: how far the kernel was shifted.

    Parameters
    ----------
    n, k : int
        Samples of the signal and of the kernel.
    mode : {"full", "same", "valid"}
        As it was given to `correlate`.

    Returns
    -------
    ndarray of int
        One number per output; a copy of the kernel that begins at sample i answers at lag i.

    Raises
    ------
    ValueError
        Lengths below 1, another mode, a kernel longer than the signal in mode "valid".

    Examples
    --------
    >>> import sigconv
    >>> sigconv.correlation_lags(4, 3)
    array([-2, -1,  0,  1,  2,  3])
    >>> y = sigconv.correlate([0, 0, 5, 7, 0, 0], [5, 7])
    >>> int(sigconv.correlation_lags(6, 2)[y.argmax()])
    2
    """
    n, k = _checks.whole("n", n), _checks.whole("k", k)
    before, after = EXTENSIONS[_checks.one_of("mode", mode, EXTENSIONS)](k)
    if mode == "valid" and k > n:
        raise ValueError(f"k must not be above n in mode 'valid'; got {k} (k) and {n} (n)")
    return np.arange(-before, n + after - k + 1)


def match_template(
    x: ArrayLike,
    template: ArrayLike,
    *,
    axes: int | Sequence[int] | None = None,
    mode: str = "valid",
    boundary: str | Sequence[str] = "zero",
    cval: float = 0.0,
    workers: int | None = None,
) -> NDArray[Any]:
    """Return how alike each stretch of a signal and a template are: Pearson's correlation.

    Neither the level nor the (positive) scale of a stretch matters.

    Parameters
    ----------
    x : array_like, any shape
        The signal, image or volume, real.
    template : array_like
        What is looked for.
    axes : int or sequence of int, optional
        Where the template runs, one axis for each of its dimensions; the last ones if not
        given. Every other axis is batch.
    mode, boundary, cval, workers
        As in `correlate`. In mode "valid" output i belongs to the stretch that begins at
        sample i; what lies beyond the ends counts as samples in the other modes.

    Returns
    -------
    ndarray
        Numbers from -1 (the template upside down) to 1, in the precision of `x`. A stretch of
        equal values is like nothing: 0. A stretch with a value that is not finite gives NaN.

    Raises
    ------
    ValueError
        A template of equal values, or longer than the signal in mode "valid"; words, axes and
        shapes that do not fit.
    TypeError
        Complex numbers, or no numbers.

    Notes
    -----
    The numerator is a correlation and the variances are running sums, at any length of the
    template. Where a stretch hardly varies beside its own level or beside the loudest sample
    of its row, it is computed from its own samples instead, which is slower (by the number of
    taps) and as accurate as everywhere: errors stay below 1e-8.

    References
    ----------
    Lewis, Fast normalized cross-correlation, 1995.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.match_template([5, 5, 5, 6, 7, 5, 5, 3, 1, 5], [0, 1, 2]).round(2)
    array([ 0.  ,  0.87,  1.  , -0.5 , -0.87, -0.87, -1.  ,  0.5 ])
    """
    signal, shape = _real("x", x), _real("template", template)
    if axes is None and shape.ndim > signal.ndim:
        raise ValueError(
            f"template must have at most as many dimensions as x ({signal.ndim}); got {shape.ndim}"
        )
    where = _checks.axes_tuple("axes", range(-shape.ndim, 0) if axes is None else axes, signal.ndim)
    if shape.ndim != len(where):
        raise ValueError(
            f"template must have one dimension per axis ({len(where)}); got {shape.ndim}"
        )
    _checks.one_of("mode", mode, EXTENSIONS)
    boundaries = _layout.boundary_names(boundary, len(where))
    cval = _checks.number("cval", cval)
    if not np.isfinite(shape).all() or shape.min() == shape.max():
        raise ValueError("template must hold finite numbers that are not all equal")
    lengths = [signal.shape[axis] for axis in where]
    if mode == "valid" and any(k > n for k, n in zip(shape.shape, lengths, strict=True)):
        raise ValueError(
            f"template must not be longer than x in mode 'valid'; "
            f"got {shape.shape} samples (template) and {tuple(lengths)} (x)"
        )

    rows, batch = _layout.to_rows(signal.astype(np.float64), where)
    widths = [EXTENSIONS[mode](k) for k in shape.shape]
    rows = _layout.extend(rows, widths, boundaries, cval)
    result = _pearson(rows, _units(shape.reshape(1, -1)).reshape(shape.shape), workers)
    return _layout.from_rows(result.astype(_checks.precision("x", signal)), batch, where)


def _real(name: str, value: ArrayLike) -> NDArray[Any]:
    array = np.asarray(_checks.numeric(name, value))
    _checks.precision(name, array)
    if array.dtype.kind == "c":
        raise TypeError(f"{name} must be real; got {array.dtype}")
    return array


def _pearson(
    rows: NDArray[np.float64], unit: NDArray[np.float64], workers: int | None
) -> NDArray[np.float64]:
    """Correlate rows (n_rows, *core) with a template of mean 0 and norm 1."""
    core = tuple(range(1, rows.ndim))
    finite = np.isfinite(rows)
    known = np.where(finite, rows, 0)
    n_known = np.maximum(finite.sum(axis=core, keepdims=True), 1)
    centred = rows - (known / n_known).sum(axis=core, keepdims=True)
    loudest = np.abs(np.where(finite, centred, 0)).max(axis=core, keepdims=True)
    centred /= np.where(loudest > 0, loudest, 1)  # now 1 is the loudest of every row

    box, n = np.ones(unit.shape), unit.size
    sums, squares = (
        correlate(terms, box, axes=core, mode="valid", method="running_sum", workers=workers)
        for terms in (centred, centred**2)
    )
    variation = squares - sums**2 / n
    weak = variation <= np.maximum(WEAK * squares, WEAK_IN_ROW * n)
    result = correlate(centred, unit, axes=core, mode="valid", workers=workers)
    result /= np.sqrt(np.where(weak, 1, variation))

    windows = sliding_window_view(rows, unit.shape, axis=core)
    again = np.argwhere(weak)
    step = max(1, BLOCK // n)
    for first in range(0, len(again), step):
        index = tuple(again[first : first + step].T)
        result[index] = _units(windows[index].reshape(-1, n)) @ unit.ravel()
    return np.clip(result, -1, 1)


def _units(windows: NDArray[Any]) -> NDArray[np.float64]:
    """Return windows (m, n) at mean 0 and norm 1; those of equal values at 0."""
    # The first sample goes first: among equal values nothing is left for rounding to spoil.
    deviations = windows.astype(np.float64) - windows[:, :1].astype(np.float64)
    largest = np.abs(deviations).max(axis=1, keepdims=True)
    deviations /= np.where(largest > 0, largest, 1)
    deviations -= deviations.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(deviations, axis=1, keepdims=True)
    return np.asarray(deviations / np.where(norms > 0, norms, 1), np.float64)
