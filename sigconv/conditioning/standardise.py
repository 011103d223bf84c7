"""Exponential moving standardisation: mean and deviation of the recent past taken out."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks, _layout
from ..filters.application import SKIPPED
from . import signals

#: Of volts, a ten-thousandth of a microvolt: below all signals.
EPS = 1e-10


def exponential_moving_standardise(
    x: Any,
    factor: float = 1e-3,
    *,
    init_block_size: int | None = None,
    eps: float = EPS,
    axis: int = -1,
    breaks: Sequence[Any] = (),
    skip_by_annotation: str | Sequence[str] = SKIPPED,
    workers: int | None = None,
) -> Any:
    """Subtract the exponentially weighted mean of the past and divide by its deviation.

    Parameters
    ----------
    x : array_like of any shape, Recording, or MNE Raw, Epochs or Evoked
        Real or integer signals.
    factor : float
        Weight of the newest sample, above 0 and at most 1: the past fades within
        1 / `factor` samples.
    init_block_size : int, optional
        So many first samples, of which too little past is known, are standardised by their own
        mean and deviation together instead.
    eps : float
        The least deviation to divide by, in the units of `x`.
    axis : int
        Where the signals run. Arrays only.
    breaks, skip_by_annotation
        As for `TransferFunction.filter`: after a break nothing is left of the past.
    workers : int, optional
        Threads; None is all cores. The answer does not depend on it.

    Returns
    -------
    ndarray of the shape of `x`, or a new object of its type
        Without units (an object keeps the names of its), in the precision of `x`, float64 for
        integers; the sums are float64 whatever `x` is. What is not finite gives NaN and
        counts nowhere.

    Raises
    ------
    ValueError
        A factor, block or eps out of range.
    TypeError
        Complex signals.

    Notes
    -----
    With w[i] = (1 - factor)**i, m[n] = sum_i w[i] x[n-i] / sum_i w[i] over all samples so far,
    v[n] the same of (x - m)**2, and the answer is (x - m) / max(eps, sqrt(v)). It is causal: every
    output follows from the samples up to its own (those of the first block excepted).
    These are the numbers of braindecode's `exponential_moving_standardize`, whose `eps` of 1e-4
    is meant for microvolts.

    References
    ----------
    .. [1] R. T. Schirrmeister et al., "Deep learning with convolutional neural networks for EEG
       decoding and visualization", Human Brain Mapping 38, 2017.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> x = 300 + 5 * np.random.default_rng(0).normal(size=5000)
    >>> y = sigconv.exponential_moving_standardise(x)
    >>> bool(abs(y[2000:].mean()) < 0.1), bool(abs(y[2000:].std() - 1) < 0.1)
    (True, True)
    """
    return signals.apply(
        x,
        None,
        axis,
        workers,
        lambda fs: prepare(factor, init_block_size, eps),
        breaks,
        skip_by_annotation,
    )


def prepare(
    factor: float = 1e-3, init_block_size: int | None = None, eps: float = EPS
) -> signals.Run:
    """Check the parameters and return what standardises."""
    newest = _checks.number("factor", factor, above=0)
    if newest > 1:
        raise ValueError(f"factor must be a finite number above 0 and at most 1; got {factor!r}")
    block = 0 if init_block_size is None else _checks.whole("init_block_size", init_block_size)
    return functools.partial(_rows, newest, block, _checks.number("eps", eps, above=0))


class StandardiseStream:
    """Standardises chunks, shape (n_channels, n), and remembers the means."""

    def __init__(self, n_channels: int, factor: float = 1e-3, eps: float = EPS) -> None:
        prepare(factor, eps=eps)
        self._factor, self._eps = float(factor), float(eps)
        self._states = np.zeros((n_channels, 3))

    def push(self, chunk: NDArray[Any]) -> NDArray[Any]:
        """Standardise the next chunk."""
        from .standardise_jit import standardise_rows

        signals.real(chunk, "exponential_moving_standardise")
        rows = np.ascontiguousarray(chunk, np.result_type(chunk, np.float32))
        out = np.empty_like(rows)
        standardise_rows(rows, self._factor, self._eps, self._states, out, 0, len(rows))
        return out.astype(chunk.dtype, copy=False)


def _rows(
    factor: float, block: int, eps: float, rows: NDArray[Any], workers: int | None
) -> NDArray[Any]:
    from .standardise_jit import standardise_rows

    signals.real(rows, "exponential_moving_standardise")
    out = np.empty_like(rows)
    states = np.zeros((len(rows), 3))
    part = functools.partial(standardise_rows, rows, factor, eps, states, out)
    _layout.split_over_threads(part, len(rows), workers)
    if block:
        first = rows[:, :block].astype(np.float64)
        finite = np.isfinite(first)
        first[~finite] = 0
        count = np.maximum(finite.sum(axis=1, keepdims=True), 1)
        centred = np.where(finite, first - first.sum(axis=1, keepdims=True) / count, 0)
        deviation = np.sqrt((centred**2).sum(axis=1, keepdims=True) / count)
        out[:, :block] = np.where(finite, centred / np.maximum(eps, deviation), np.nan)
    return out
