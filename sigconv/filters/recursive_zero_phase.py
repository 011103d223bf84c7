"""Sections forward and back over rows, without a copy of the extended signals."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _layout, _memory
from . import segments, zero_phase
from .recursive import Cascade, Lines, segments_suit
from .sections import Floats

#: Rows that go forward and back together hold about this many samples: between the passes they
#: wait, in float64, in a buffer that stays in the processor's cache.
BLOCK = 2**17

#: Samples by which rows lie further apart in that buffer than they are long: rows of 512 samples or
#: a multiple would all fall into the same few places of the cache (256 x 2048: 1.8 ns a sample, not
#: 3.3).
APART = 8


def forward_backward(
    sections: Floats,
    workers: int | None,
    rows: NDArray[Any],
    rest: Floats,
    length: int,
    padding: str,
    out: NDArray[Any] | None = None,
    in_segments: bool | None = None,
) -> NDArray[Any]:
    """Filter (n_rows, n) forward and backward, as `zero_phase.forward_backward` does.

    `sections` are (n_sections, 6) or a set for each row, `rest` (1 or n_rows, n_sections, 2).
    `out` may be `rows`, which then wait where they are; in each row the samples of both follow each
    other in memory. The padding never runs in segments, so that those of the signal count from its
    first sample.
    """
    if out is None:
        out = _memory.empty(rows.shape, rows.dtype)
    sets = sections if sections.ndim == 3 else sections[np.newaxis]
    if np.iscomplexobj(rows):
        both = [each if len(each) == 1 else np.concatenate([each, each]) for each in (sets, rest)]
        parts = np.concatenate([rows.real, rows.imag])
        parts = forward_backward(
            both[0], workers, parts, both[1], length, padding, in_segments=in_segments
        )
        out.real, out.imag = parts[: len(rows)], parts[len(rows) :]
        return out
    if out.shape != rows.shape:  # the compiled loops check nothing
        raise AssertionError("out must have the shape of rows")
    n = rows.shape[1]
    cascade = Cascade.of(sets)
    alone = segments_suit(sets, len(rows), n, False) if in_segments is None else in_segments
    at_once = 1 if alone else max(1, BLOCK // n // segments.LANES) * segments.LANES
    is_same = out.ctypes.data == rows.ctypes.data and out.strides == rows.strides
    in_place = is_same and out.dtype == rows.dtype == np.float64

    def part(begin: int, end: int) -> None:
        buffer = None if in_place else np.empty((min(at_once, len(rows)), n + APART))[:, :n]
        for block in range(begin, end):
            some = slice(block * at_once, (block + 1) * at_once)
            own = rest if len(rest) == 1 else rest[some]
            given, result = rows[some], out[some]
            waiting = result if buffer is None else buffer[: len(given)]
            _both_ways(cascade.of_rows(some), given, own, length, padding, alone, waiting, result)

    _layout.split_over_threads(part, -(-len(rows) // at_once), workers)
    return out


def _both_ways(
    cascade: Cascade,
    rows: NDArray[Any],
    rest: Floats,
    length: int,
    padding: str,
    alone: bool,
    waiting: NDArray[Any],
    out: NDArray[Any],
) -> None:
    between = Lines.of(waiting, written=True)
    before, after = zero_phase.ends(rows, length, padding, waiting.dtype)
    first = before[:, 0] if length else rows[:, 0]
    states = zero_phase.at_level(rest, first.astype(np.float64))
    if length:
        head, beyond = Lines.of(before), Lines.of(after)
        cascade.run(head, head, states, False)
    cascade.run(Lines.of(rows), between, states, False, alone)
    if length:
        cascade.run(beyond, beyond, states, False)
    last = after[:, -1] if length else waiting[:, -1]
    states = zero_phase.at_level(rest, last)
    if length:
        cascade.run(beyond, beyond, states, True)
    cascade.run(between, Lines.of(out, written=True), states, True, alone)
