"""From the arrays that users bring to rows, through the kind of filter at hand, and back."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks, _layout
from . import nonrecursive, recursive, sections, zero_phase
from .sections import Floats


def causal(
    coefficients: Floats,
    x: ArrayLike,
    axis: int,
    zi: ArrayLike | None,
    workers: int | None,
    out: NDArray[Any] | None,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Filter forward from the state `zi`; return the answer and the state after it."""
    signals = _Signals(x, axis, workers, out)
    own = state_shape(coefficients)
    shape = (*signals.batch, *own)
    dtype = np.result_type(signals.rows.dtype, np.float64)
    state = np.zeros(shape) if zi is None else np.asarray(zi)
    if state.shape != shape:
        raise ValueError(f"zi must have shape {shape}; got {state.shape}")
    if state.dtype.kind not in "iufc" or not np.can_cast(state.dtype, dtype, "same_kind"):
        raise TypeError(f"zi must hold numbers that fit {dtype}; got {state.dtype}")
    states = state.astype(dtype).reshape(len(signals.rows), *own)
    result, after = runner(coefficients, workers)(signals.rows, states, out=signals.target)
    return signals.back(result), after.reshape(shape)


def both_ways(
    coefficients: Floats,
    x: ArrayLike,
    axis: int,
    padding: str,
    pad_length: int | None,
    workers: int | None,
    out: NDArray[Any] | None,
) -> NDArray[Any]:
    """Filter forward and backward."""
    signals = _Signals(x, axis, workers, out)
    n = signals.rows.shape[1]
    length = zero_phase.pad_length(padding, pad_length, scipy_padding(coefficients), n)
    run, level = runner(coefficients, workers), rest(coefficients)[np.newaxis]
    return signals.back(zero_phase.forward_backward(signals.rows, run, level, length, padding))


def centred(
    kernel: Floats,
    x: ArrayLike,
    axis: int,
    padding: str,
    pad_length: int | None,
    workers: int | None,
    out: NDArray[Any] | None,
) -> NDArray[Any]:
    """Filter once with a symmetric kernel and take its delay out."""
    signals = _Signals(x, axis, workers, out)
    length = zero_phase.pad_length(padding, pad_length, len(kernel) // 2, signals.rows.shape[1])
    extended = zero_phase.extend(signals.rows, length, padding)
    return signals.back(nonrecursive.centred_rows(extended, length, kernel, workers))


def state_shape(coefficients: Floats) -> tuple[int, ...]:
    """Return the shape of the state of one signal."""
    return (len(coefficients) - 1,) if coefficients.ndim == 1 else (len(coefficients), 2)


def rest(coefficients: Floats) -> Floats:
    """Return the state of one signal after a constant input of 1."""
    if coefficients.ndim == 1:
        return np.ones(len(coefficients) - 1)
    try:
        return sections.at_rest(coefficients)
    except ZeroDivisionError:
        raise ValueError(
            "the filter must have no pole at z = 1: under a constant input this one never rests"
        ) from None


def runner(coefficients: Floats, workers: int | None) -> zero_phase.Run:
    """Return what filters rows; sections (n_rows, n_sections, 6) are one set for each row."""
    filter_rows = nonrecursive.filter_rows if coefficients.ndim == 1 else recursive.filter_rows
    return functools.partial(filter_rows, coefficients, workers)


def scipy_padding(coefficients: Floats) -> int:
    """Return how many samples SciPy puts beyond each end by default."""
    if coefficients.ndim == 1:
        return 3 * len(coefficients)
    unused = min(np.count_nonzero(coefficients[:, column] == 0) for column in (2, 5))
    return 3 * (2 * len(coefficients) + 1 - int(unused))


class _Signals:
    """Checked signals as rows of the precision to compute in, and the way back."""

    def __init__(
        self, x: ArrayLike, axis: int, workers: int | None, out: NDArray[Any] | None
    ) -> None:
        array = np.asarray(_checks.numeric("x", x))
        self._axes = (_checks.axis_index("axis", axis, array.ndim),)
        self._dtype = _checks.precision("x", array)
        _layout.thread_count(workers)
        self._out = out if out is None else _checks.output(out, array.shape, self._dtype)
        work = np.result_type(self._dtype, np.float32)  # float16 is no type to compute in
        self.rows, self.batch = _layout.to_rows(array.astype(work, copy=False), self._axes)
        #: Where results may go at once: `out` itself, if it lies as rows do.
        self.target = self._target(work)

    def _target(self, work: np.dtype[Any]) -> NDArray[Any] | None:
        if self._out is None or self._out.dtype != work:
            return None
        rows, _ = _layout.to_rows(self._out, self._axes)
        same = rows.ctypes.data == self.rows.ctypes.data
        apart = not np.may_share_memory(rows, self.rows)
        return rows if np.may_share_memory(rows, self._out) and (same or apart) else None

    def back(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Return results in the layout and precision of the signals."""
        if rows is self.target and self._out is not None:
            return self._out
        with np.errstate(over="ignore"):  # float16, as in any other arithmetic on it
            rows = rows.astype(self._dtype, copy=False)
        return _layout.from_rows(rows, self.batch, self._axes, self._out)
