"""Pre-emphasis of speech and music, y[n] = x[n] - c x[n-1], and its inverse."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks
from ..filters import TransferFunction
from ..filters.application import SKIPPED
from . import signals


def pre_emphasis(
    x: Any,
    coefficient: float = 0.97,
    *,
    previous: ArrayLike | None = None,
    axis: int = -1,
    breaks: Sequence[Any] = (),
    skip_by_annotation: str | Sequence[str] = SKIPPED,
    workers: int | None = None,
) -> Any:
    """Raise high frequencies: every sample minus `coefficient` times the one before.

    Parameters
    ----------
    x : array_like of any shape, Recording, or MNE Raw, Epochs or Evoked
        Real, complex or integer signals.
    coefficient : float
        From 0, which changes nothing, to below 1; 0.97 is usual for speech at 8 to 16 kHz.
    previous : number or array_like, shape (...), optional
        The sample before the first, one for all signals or one for each (the shape of `x` without
        `axis`): 0, or of a stream the last sample of the piece before. If not given,
        the first answer is ``3 x[0] - x[1]``, as librosa has it.
    axis : int
        Where the signals run. Arrays only.
    breaks, skip_by_annotation
        As for `TransferFunction.filter`. Each stretch between breaks begins like the signal; a
        single sample stays as it is, with a warning, if `previous` is not given.
    workers : int, optional
        Threads; None is all cores. The answer does not depend on it.

    Returns
    -------
    ndarray of the shape of `x`, or a new object of its type
        In the precision of `x`, float64 for integers.

    Raises
    ------
    ValueError
        A coefficient not from 0 to below 1, a `previous` of another shape, a single sample
        without one.

    See Also
    --------
    sigconv.de_emphasis : the inverse.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.pre_emphasis([1.0, 1.0, 2.0], 0.5, previous=0)
    array([1. , 0.5, 1.5])
    """
    return signals.apply(
        x,
        None,
        axis,
        workers,
        lambda fs: prepare(coefficient, previous, inverse=False),
        breaks,
        skip_by_annotation,
    )


def de_emphasis(
    x: Any,
    coefficient: float = 0.97,
    *,
    previous: ArrayLike | None = None,
    axis: int = -1,
    breaks: Sequence[Any] = (),
    skip_by_annotation: str | Sequence[str] = SKIPPED,
    workers: int | None = None,
) -> Any:
    """Undo `pre_emphasis`: y[n] = x[n] + c y[n-1].

    Parameters
    ----------
    x, coefficient, axis, breaks, skip_by_annotation, workers
        As for `pre_emphasis`.
    previous : number or array_like, optional
        What `pre_emphasis` was given, or of a stream the last answer before; if not given, that
        which undoes its default.

    Returns
    -------
    ndarray of the shape of `x`, or a new object of its type

    Raises
    ------
    ValueError
        As for `pre_emphasis`.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> x = np.random.default_rng(0).normal(size=1000)
    >>> bool(abs(sigconv.de_emphasis(sigconv.pre_emphasis(x)) - x).max() < 1e-12)
    True
    """
    return signals.apply(
        x,
        None,
        axis,
        workers,
        lambda fs: prepare(coefficient, previous, inverse=True),
        breaks,
        skip_by_annotation,
    )


def prepare(
    coefficient: float = 0.97, previous: ArrayLike | None = None, *, inverse: bool = False
) -> signals.Run:
    """Check the coefficient and return what runs the filter."""
    c = _checks.number("coefficient", coefficient, at_least=0, below=1)
    tf = TransferFunction([1, -c], fs=1.0)
    if inverse:
        tf = TransferFunction([1], [1, -c], fs=1.0)
    given = None if previous is None else np.asarray(previous)
    if given is not None and given.dtype.kind not in "iufc":
        raise TypeError(f"previous must hold numbers; got {previous!r}")
    return functools.partial(_rows, tf, c, given, inverse)


def _rows(
    tf: TransferFunction,
    c: float,
    previous: NDArray[Any] | None,
    inverse: bool,
    rows: NDArray[Any],
    workers: int | None,
) -> NDArray[Any]:
    wide = np.result_type(rows.dtype, np.float64)
    if previous is not None:
        if previous.size not in (1, len(rows)):
            raise ValueError(
                f"previous must be one number or one for each of {len(rows)} signals; "
                f"got shape {previous.shape}"
            )
        before = np.broadcast_to(previous.astype(wide).ravel(), len(rows))
        first = rows[:, 0] + c * before if inverse else rows[:, 0] - c * before
    elif rows.shape[1] < 2:
        raise signals.TooShortError(
            "x must have two samples along its axis at least without `previous`"
        )
    else:
        head = rows[:, :2].astype(wide)
        first = (head[:, 0] + head[:, 1]) / (3 - c) if inverse else 3 * head[:, 0] - head[:, 1]
    if inverse:
        rows = rows.copy()
        rows[:, 0] = first
        return tf.filter(rows, workers=workers)
    out = tf.filter(rows, workers=workers)
    out[:, 0] = first
    return out
