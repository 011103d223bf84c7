"""From the arrays that users bring to rows, through the kind of filter at hand, and back.

Coefficients are a kernel (taps,), sections (n_sections, 6), or (n_channels, n_sections, 6) with
a set for each channel, which lie along the last axis beside that of the time.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks, _memory
from . import (
    gustafsson,
    nonrecursive,
    pieces,
    piecewise,
    recursive_zero_phase,
    sections,
    zero_phase,
)
from .sections import Floats
from .signals import Options, Signals


def causal(
    coefficients: Floats, x: Any, zi: ArrayLike | None, options: Options
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Filter forward from the state `zi`; return the answer and the state after it.

    Between breaks every stretch begins at rest, and the state is that after the last one.
    """
    signals = Signals(x, options, recursive=coefficients.ndim > 1)
    states = _states(zi, coefficients, signals)
    if signals.needs_pieces or not at_once(coefficients, signals, signals.n):
        return piecewise.causal(coefficients, signals, states)
    rows = signals.rows()
    run = piecewise.runner(_of_rows(coefficients, len(rows)), signals)
    flat = states.reshape(len(rows), *state_shape(coefficients))
    target = signals.target(rows)
    if coefficients.ndim > 1:
        result, after = run(rows, flat, out=target)
        return signals.back(result), after.reshape(states.shape)
    result = _memory.empty(rows.shape, rows.dtype) if target is None else target
    after = np.empty_like(flat)
    for part in _row_blocks(coefficients, signals):
        _, after[part] = run(rows[part], flat[part], out=result[part])
    return signals.back(result), after.reshape(states.shape)


def both_ways(
    coefficients: Floats, x: Any, padding: str, pad_length: int | None, options: Options
) -> NDArray[Any]:
    """Filter forward and backward."""
    _checks.one_of("padding", padding, (*zero_phase.PADDINGS, gustafsson.WORD))
    signals = Signals(x, options, recursive=coefficients.ndim > 1)
    one = coefficients[0] if coefficients.ndim == 3 else coefficients
    if padding == gustafsson.WORD:
        if pad_length:
            raise ValueError(f"pad_length must not be given with padding {padding!r}")
        return piecewise.gustafsson_states(coefficients, signals, _settled(coefficients))
    lengths = _pad_lengths(signals, padding, pad_length, scipy_padding(one))
    levels = rest(coefficients)
    n = signals.n + 2 * max(lengths, default=0)
    if signals.needs_pieces or not at_once(coefficients, signals, n):
        return piecewise.both_ways(coefficients, signals, padding, lengths, levels)
    rows = signals.rows()
    if coefficients.ndim == 1:
        run = piecewise.runner(coefficients, signals)
        result = zero_phase.forward_backward(rows, run, levels[np.newaxis], lengths[0], padding)
        return signals.back(result)
    result = recursive_zero_phase.forward_backward(
        _of_rows(coefficients, len(rows)),
        signals.workers,
        rows,
        levels[np.newaxis] if levels.ndim < 3 else _of_rows(levels, len(rows)),
        lengths[0],
        padding,
        signals.target(rows),
        in_segments=False if signals.sequential else None,
    )
    return signals.back(result)


def centred(
    kernel: Floats, x: Any, padding: str, pad_length: int | None, options: Options
) -> NDArray[Any]:
    """Filter once with a symmetric kernel and take its delay out."""
    _checks.one_of("padding", padding, zero_phase.PADDINGS)
    signals = Signals(x, options, recursive=False)
    lengths = _pad_lengths(signals, padding, pad_length, len(kernel) // 2)
    if signals.needs_pieces or not at_once(kernel, signals, signals.n):
        return piecewise.centred(kernel, signals, padding, lengths)
    rows = signals.rows()
    target = signals.target(rows)
    result = _memory.empty(rows.shape, rows.dtype) if target is None else target
    for part in _row_blocks(kernel, signals):
        given = rows[part]
        nonrecursive.centred_rows(kernel, signals.workers, given, lengths[0], padding, result[part])
    return signals.back(result)


def state_shape(coefficients: Floats) -> tuple[int, ...]:
    """Return the shape of the state of one signal."""
    if coefficients.ndim == 1:
        return (len(coefficients) - 1,)
    return (coefficients.shape[-2], 2)


def rest(coefficients: Floats) -> Floats:
    """Return the state of one signal after a constant input of 1; of each channel with its own."""
    if coefficients.ndim == 1:
        return np.ones(len(coefficients) - 1)
    if coefficients.ndim == 3:
        return np.stack([rest(each) for each in coefficients])
    try:
        return sections.at_rest(coefficients)
    except ZeroDivisionError:
        raise ValueError(
            "the filter must have no pole at z = 1: under a constant input this one never rests"
        ) from None


def at_once(coefficients: Floats, signals: Signals, n: int) -> bool:
    """Return whether rows in memory, n samples with the padding, are not cut in time.

    A recursive filter gives the same bits either way; the methods of a kernel do not, and are
    given the very pieces that files are cut into.
    """
    if coefficients.ndim > 1:
        return True
    n_taps = len(coefficients)
    most = pieces.rows_of(signals.n, n_taps)
    are_lines = len(signals.batch) <= 1 and n == signals.n
    return (signals.n_rows <= most or are_lines) and n <= pieces.length(
        min(signals.n_rows, most), n_taps
    )


def _row_blocks(kernel: Floats, signals: Signals) -> Iterator[slice]:
    """Yield the rows that a kernel is applied to at a time."""
    most = min(pieces.rows_of(signals.n, len(kernel)), max(1, zero_phase.FRAMED // signals.n))
    for start in range(0, signals.n_rows, most):
        yield slice(start, min(start + most, signals.n_rows))


def scipy_padding(coefficients: Floats) -> int:
    """Return how many samples SciPy puts beyond each end by default."""
    if coefficients.ndim == 1:
        return 3 * len(coefficients)
    unused = min(np.count_nonzero(coefficients[:, column] == 0) for column in (2, 5))
    return 3 * (2 * len(coefficients) + 1 - int(unused))


def _of_rows(coefficients: Floats, n_rows: int) -> Floats:
    """Return a set for each row, if there is one for each channel."""
    if coefficients.ndim < 3:
        return coefficients
    return np.tile(coefficients, (n_rows // len(coefficients), 1, 1))


def _settled(coefficients: Floats) -> int | None:
    """Return after how many samples a filter has forgotten its states to the last digit."""
    if coefficients.ndim == 3:
        each = [_settled(own) for own in coefficients]
        return None if None in each else max(n for n in each if n is not None)
    if coefficients.ndim == 1:
        return len(coefficients)
    if not sections.is_stable(coefficients):
        return None
    # states of poles that lie together die away later than a single pole says
    return len(coefficients) * math.ceil(-45 / sections.decay(coefficients)) + 100


def _states(zi: ArrayLike | None, coefficients: Floats, signals: Signals) -> NDArray[Any]:
    shape = (*signals.batch, *state_shape(coefficients))
    dtype = np.result_type(signals.work, np.float64)
    state = np.zeros(shape) if zi is None else np.asarray(zi)
    if zi is not None and signals.is_broken:
        raise ValueError("zi must not be given with breaks: after each the filter starts at rest")
    if state.shape != shape:
        raise ValueError(f"zi must have shape {shape}; got {state.shape}")
    if state.dtype.kind not in "iufc" or not np.can_cast(state.dtype, dtype, "same_kind"):
        raise TypeError(f"zi must hold numbers that fit {dtype}; got {state.dtype}")
    return state.astype(dtype)


def _pad_lengths(signals: Signals, padding: str, given: int | None, default: int) -> list[int]:
    """Return by how many samples the ends of each stretch are extended.

    A stretch between breaks takes what it can give; a whole signal must be long enough.
    """
    longest = functools.partial(zero_phase.pad_length, padding, given, default)
    if not signals.is_broken:
        return [longest(signals.n)]
    full = longest(default + (given or 0) + 1)
    return [min(full, stop - start - 1) for start, stop in signals.stretches]
