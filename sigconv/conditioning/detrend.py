"""Taking trends out: polynomials fitted to a signal or to pieces of it."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks, _layout
from ..convolution import gaps
from . import signals


def detrend(
    x: Any,
    *,
    order: int = 1,
    breaks: float | Sequence[float] = (),
    fs: float | None = None,
    axis: int = -1,
    nan_policy: str = "propagate",
    workers: int | None = None,
) -> Any:
    """Subtract the polynomial that fits best in the sense of least squares.

    Parameters
    ----------
    x : array_like of any shape, Recording, or MNE Raw, Epochs or Evoked
        Real, complex or integer signals.
    order : int
        Degree of the polynomial: 0 takes the mean out, 1 a straight line.
    breaks : float or sequence of float
        Where a new polynomial begins, in seconds if `fs` is given or `x` knows its rate, else in
        samples: each piece from one break to the next has its own.
    fs : float, optional
        Sampling rate in Hz. Arrays only.
    axis : int
        Where the signals run. Arrays only.
    nan_policy : {"propagate", "omit", "interpolate", "raise"}
        For NaN and infinities alike. "propagate": the piece that holds one is NaN. "omit": the
        polynomial is fitted to the others. "interpolate": bridged linearly for the fit. With
        both, what was not finite is NaN. "raise": refused.
    workers : int, optional
        Threads; None is all cores. The answer does not depend on it.

    Returns
    -------
    ndarray of the shape of `x`, or a new object of its type
        In the precision of `x`, float64 for integers; computed in float64.

    Raises
    ------
    ValueError
        A break outside the signals, a piece with no more samples than the polynomial has
        coefficients.

    Notes
    -----
    The polynomials are Legendre's, made orthonormal on the samples, so that high orders are as
    accurate as low ones. With "omit", a piece with too few finite samples for its polynomial is
    NaN.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> t = np.arange(1000) / 250
    >>> drift = 3 + 2 * t - t**2
    >>> bool(abs(sigconv.detrend(drift, order=2)).max() < 1e-12)
    True
    >>> jump = np.where(t < 2, 5.0, -1.0)
    >>> bool(abs(sigconv.detrend(jump, order=0, breaks=2, fs=250)).max() < 1e-12)
    True
    """
    return signals.apply(
        x,
        fs,
        axis,
        workers,
        lambda rate: prepare(rate, order=order, breaks=breaks, nan_policy=nan_policy),
        skip_by_annotation=(),  # its own breaks are in seconds
    )


def prepare(
    fs: float | None,
    order: int = 1,
    breaks: float | Sequence[float] = (),
    nan_policy: str = "propagate",
) -> signals.Run:
    """Check how to detrend and return what does it."""
    degree = _checks.whole("order", order, at_least=0)
    _checks.one_of("nan_policy", nan_policy, _layout.NAN_POLICIES)
    return functools.partial(_rows, degree, _starts(breaks, fs), nan_policy)


def _starts(breaks: ArrayLike, fs: float | None) -> list[int]:
    given = np.atleast_1d(np.asarray(breaks))
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iuf"):
        raise TypeError(f"breaks must be one time or a sequence of them; got {breaks!r}")
    starts = sorted({_checks.samples("breaks", each, fs) for each in given.tolist()})
    if len(starts) != given.size:
        raise ValueError(f"breaks must lie a sample apart at least; got {breaks!r}")
    return starts


def _rows(
    order: int, starts: list[int], nan_policy: str, rows: NDArray[Any], workers: int | None
) -> NDArray[Any]:
    n = rows.shape[1]
    if starts and starts[-1] >= n:
        raise ValueError(f"breaks must lie within the {n} samples of x; got one at {starts[-1]}")
    edges = [0, *starts, n]
    shortest = int(np.diff(edges).min())
    if shortest <= order:
        raise ValueError(
            f"order must be below the number of samples in each piece ({shortest}); got {order}"
        )
    missing = holes = signals.missing(rows, nan_policy)
    if missing is not None and nan_policy == "interpolate":
        rows, holes = gaps.bridge(rows, missing), None
    out = np.empty_like(rows)
    for begin, end in itertools.pairwise(edges):
        basis = _basis(end - begin, order)
        piece = slice(begin, end)

        def part(
            first: int, last: int, piece: slice = piece, basis: NDArray[np.float64] = basis
        ) -> None:
            for row in range(first, last):
                hole = None if holes is None else holes[row, piece]
                out[row, piece] = _without(rows[row, piece], basis, hole, nan_policy)

        _layout.split_over_threads(part, len(rows), workers)
    if missing is not None:
        out[missing] = np.nan
    return out


def _basis(n: int, order: int) -> NDArray[np.float64]:
    """Return orthonormal polynomials up to an order, shape (order + 1, n)."""
    place = (2 * np.arange(n) + 1 - n) / n
    legendre = np.polynomial.legendre.legvander(place, order)
    return np.ascontiguousarray(np.linalg.qr(legendre)[0].T)


def _without(
    line: NDArray[Any],
    basis: NDArray[np.float64],
    hole: NDArray[np.bool_] | None,
    nan_policy: str,
) -> NDArray[Any]:
    """Return a line (n,) without the polynomial that is fitted outside the hole."""
    wide = line.astype(np.result_type(line.dtype, np.float64))
    if hole is None or not hole.any():
        return wide - (basis @ wide) @ basis
    kept = ~hole
    if nan_policy == "propagate" or kept.sum() <= len(basis):
        return np.full_like(wide, np.nan)
    weights = np.linalg.lstsq(basis[:, kept].T, wide[kept], rcond=None)[0]
    return wide - weights @ basis
