"""Filters over signals that come in pieces; the bits are those of signals that lie in memory."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _memory
from . import gustafsson, nonrecursive, pieces, recursive, zero_phase
from .pieces import Block, Extended, Place, Stretch
from .sections import Floats
from .signals import Signals

#: (start, stop, what runs) of pieces in order.
Spans = list[tuple[int, int, zero_phase.Run]]


def runner(coefficients: Floats, signals: Signals, n: int | None = None) -> zero_phase.Run:
    """Return what filters rows of the signals, or pieces of stretches of `n` samples.

    Sections (n_rows, n_sections, 6) are a set for each of the rows that it will be given.
    """
    if coefficients.ndim == 1:
        method = "direct" if signals.sequential else "auto"
        filter_rows = functools.partial(nonrecursive.filter_rows, method=method)
        return functools.partial(filter_rows, coefficients, signals.workers)
    is_complex = signals.work.kind == "c"
    suit = not signals.sequential and recursive.segments_suit(
        coefficients, signals.n_rows, n or signals.n, is_complex
    )
    return functools.partial(recursive.filter_rows, coefficients, signals.workers, in_segments=suit)


def causal(
    coefficients: Floats, signals: Signals, states: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Filter forward from states (*batch, ...); return the answer and the states after it."""
    work = _Work(signals, signals.work, _n_taps(coefficients))
    after = states.copy()
    for block in work.blocks():
        own = _of_block(coefficients, block)
        begin = states[block].reshape(-1, *states.shape[len(signals.batch) :])
        state = begin
        for stretch in work.stretches(block):
            run = runner(own, signals, stretch.n)
            state = begin
            for start, stop in pieces.parts(stretch.n, work.step):
                piece = stretch.read(start, stop)
                piece, state = run(piece, state, out=piece)
                stretch.write(start, piece)
        after[block] = state.reshape(states[block].shape)
    return work.result, after


def both_ways(
    coefficients: Floats, signals: Signals, padding: str, lengths: list[int], levels: NDArray[Any]
) -> NDArray[Any]:
    """Filter forward and backward, each stretch with its length of the padding."""
    # float32 must not be rounded between the passes
    wide = np.result_type(signals.work, np.float64)
    work = _Work(signals, wide, _n_taps(coefficients))
    for block in work.blocks():
        own = _of_block(coefficients, block)
        rest = levels[np.newaxis] if levels.ndim < 3 else of_rows(levels, block)
        for stretch, length in zip(work.stretches(block), lengths, strict=True):
            extended = Extended(stretch, length, padding)
            spans = _spans(own, signals, stretch, length)
            laid = _there(extended, spans, rest, signals.in_files)
            _and_back(extended, spans, rest, signals.in_files, laid)
    return work.result


def _spans(coefficients: Floats, signals: Signals, stretch: Stretch, length: int) -> Spans:
    """Return (start, stop, what runs) of all pieces of a stretch with its padding.

    Segments count from the first sample of the stretch, as in `recursive_zero_phase`: the
    padding is apart, and sequential.
    """
    run = runner(coefficients, signals, stretch.n)
    end = stretch.n + 2 * length
    if coefficients.ndim == 1:
        return [(start, stop, run) for start, stop in pieces.parts(end, stretch.step)]
    inside = [(a + length, b + length, run) for a, b in pieces.parts(stretch.n, stretch.step)]
    if not length:
        return inside
    alone = functools.partial(run, in_segments=False)
    return [(0, length, alone), *inside, (end - length, end, alone)]


def _there(extended: Extended, spans: Spans, rest: NDArray[Any], in_files: bool) -> list[Any]:
    """Go there; return the answers of all pieces, or if signals lie in files the states before.

    These answers are as large as the signals: to compute them once more, on the way back, takes
    less than to write them to a file and read them.
    """
    laid, state, length = [], None, extended.length
    for start, stop, run in spans:
        piece = extended.read(start - length, stop - length)
        before = zero_phase.at_level(rest, piece[:, 0]) if state is None else state
        piece, state = run(piece, before, out=piece)
        laid.append(before if in_files else piece)
    return laid


def _and_back(
    extended: Extended, spans: Spans, rest: NDArray[Any], in_files: bool, laid: list[Any]
) -> None:
    """Go back over what was laid down on the way there, and write the answer."""
    state, length, stretch = None, extended.length, extended.stretch
    for start, stop, run in reversed(spans):
        piece = laid.pop()
        if in_files:
            given = extended.read(start - length, stop - length)
            piece, _ = run(given, piece, out=given)
        before = zero_phase.at_level(rest, piece[:, -1]) if state is None else state
        piece, state = run(piece, before, backward=True, out=piece)
        first, last = max(start - length, 0), min(stop - length, stretch.n)
        if first < last:
            stretch.write(first, piece[:, first + length - start : last + length - start])


def centred(kernel: Floats, signals: Signals, padding: str, lengths: list[int]) -> NDArray[Any]:
    """Filter once with a symmetric kernel and take its delay out."""
    work = _Work(signals, signals.work, len(kernel))
    half = len(kernel) // 2
    run = runner(kernel, signals)
    for block in work.blocks():
        for stretch, length in zip(work.stretches(block), lengths, strict=True):
            extended = Extended(stretch, length, padding)
            state = extended.read(-half, half)
            for start, stop in pieces.parts(stretch.n, work.step):
                piece, state = run(extended.read(start + half, stop + half), state)
                stretch.write(start, piece)
    return work.result


def changing(
    run: Callable[[NDArray[Any], NDArray[Any], int], tuple[NDArray[Any], NDArray[Any]]],
    state_shape: tuple[int, ...],
    signals: Signals,
) -> NDArray[Any]:
    """Filter forward from rest by `run(rows, states, first)`, whose coefficients go with the time.

    All rows go together: coefficients of a sample are worked out once.
    """
    work = _Work(signals, np.result_type(signals.work, np.float64), 0)
    for block in work.blocks(most=signals.n_rows):
        for stretch in work.stretches(block):
            states = np.zeros((signals.n_rows, *state_shape), stretch.work)
            for start, stop in pieces.parts(stretch.n, work.step):
                piece, states = run(stretch.read(start, stop), states, stretch.start + start)
                stretch.write(start, piece)
    return work.result


def gustafsson_states(coefficients: Floats, signals: Signals, settled: int | None) -> NDArray[Any]:
    """Filter forward and backward from Gustafsson's states: whole stretches at once."""
    if signals.in_files:
        raise ValueError(
            f"padding must be another than {gustafsson.WORD!r} for signals in files: it needs the "
            f"whole of them at once"
        )
    wide = np.result_type(signals.work, np.float64)
    work = _Work(signals, wide, 0)
    for block in work.blocks():
        own = _of_block(coefficients, block)
        for stretch in work.stretches(block):
            rows = stretch.read(0, stretch.n)
            for part, sets in _alike(own, len(rows)):
                filter_rows = nonrecursive.filter_rows if sets.ndim == 1 else recursive.filter_rows
                run = functools.partial(filter_rows, sets, signals.workers)
                shape = (len(sets) - 1,) if sets.ndim == 1 else (len(sets), 2)
                rows[part] = gustafsson.forward_backward(rows[part], run, shape, settled)
            stretch.write(0, rows)
    return work.result


class _Work:
    """What there is to do for signals: blocks of rows, the stretches of each, and the result."""

    def __init__(self, signals: Signals, work: np.dtype[Any], n_taps: int) -> None:
        self._signals, self._dtype = signals, work
        out = signals.out
        if out is None or not signals.in_step:
            out = _memory.empty(signals.shape, signals.dtype)
        self._source, self._target = (
            Place(signals.x, signals.axis),
            Place(out, signals.axis, written=True),
        )
        self._n_taps = n_taps
        self.step = 0

    @property
    def result(self) -> Any:
        """The answer, in `out` if there is one."""
        made, out = self._target.x, self._signals.out
        if out is not None and made is not out:
            out[...] = made
            return out
        return made

    def blocks(self, most: int | None = None) -> Iterator[Block]:
        """Yield blocks of up to `most` rows; what no stretch holds is put in its place."""
        signals = self._signals
        if most is None:
            most = pieces.rows_of(signals.n, self._n_taps)
            if not (self._n_taps or signals.in_files):
                most = zero_phase.FEWEST  # what lies in memory between the passes is to be little
        for block in pieces.blocks(signals.batch, most):
            n_rows = math.prod(part.stop - part.start for part in block)
            self.step = pieces.length(n_rows, self._n_taps)
            yield block
            for stretch in self._cut(block, self._signals.left, "propagate"):
                for start, stop in pieces.parts(stretch.n, self.step):
                    stretch.write(start, stretch.as_it_is(start, stop))

    def stretches(self, block: Block) -> Iterator[Stretch]:
        """Yield what is to be filtered of a block."""
        return self._cut(block, self._signals.stretches, self._signals.nan_policy)

    def _cut(self, block: Block, ends: list[tuple[int, int]], nan_policy: str) -> Iterator[Stretch]:
        dtypes = (self._dtype, self._signals.dtype)
        for each in ends:
            places = (self._source, self._target)
            yield Stretch(*places, block, each, dtypes, nan_policy, self.step)


def of_rows(sets: NDArray[Any], block: Block) -> NDArray[Any]:
    """Return what belongs to the rows of a block, of (n_channels, ...) for its last axis."""
    own = sets[block[-1]]
    n_rows = math.prod(part.stop - part.start for part in block)
    return np.tile(own, (n_rows // len(own), *[1] * (sets.ndim - 1)))


def _of_block(coefficients: Floats, block: Block) -> Floats:
    """Return the coefficients of a block's rows: those in common, or a set for each."""
    return coefficients if coefficients.ndim < 3 else of_rows(coefficients, block)


def _alike(coefficients: Floats, n_rows: int) -> Iterator[tuple[slice, Floats]]:
    """Yield rows with coefficients that are theirs in common."""
    if coefficients.ndim < 3:
        yield slice(None), coefficients
    else:
        for row in range(n_rows):
            yield slice(row, row + 1), coefficients[row]


def _n_taps(coefficients: Floats) -> int:
    return len(coefficients) if coefficients.ndim == 1 else 0
