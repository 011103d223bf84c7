"""Running second-order sections over rows, with the state before and after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _layout, _memory, _start_jit
from . import segments
from .sections import Floats, shifted

#: Sections that samples pass at a time: the states of more do not stay in registers.
ABREAST = 4

#: Samples of each row that pass some sections before they pass the next; they wait in the cache.
STRETCH = 8 * segments.LENGTH


def filter_rows(
    sections: Floats,
    workers: int | None,
    rows: NDArray[Any],
    states: NDArray[Any],
    *,
    backward: bool = False,
    out: NDArray[Any] | None = None,
    in_segments: bool | None = None,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Filter (n_rows, n) from states (n_rows, n_sections, 2); return rows and the final states.

    `sections` are (n_sections, 6) for all rows, or (n_rows, n_sections, 6) with a set for each.
    Backward, time runs from the last sample to the first. `out` may be `rows`, or of the other
    precision; in each row the samples of both follow each other in memory. Whoever brings
    pieces of longer rows says `in_segments` what `segments_suit` said of the whole.
    """
    sets = sections if sections.ndim == 3 else sections[np.newaxis]
    if in_segments is None:
        in_segments = segments_suit(sets, len(rows), rows.shape[1], np.iscomplexobj(rows))
    if out is None:
        out = _memory.empty(rows.shape, rows.dtype)
    if np.iscomplexobj(rows):
        # Real coefficients act on real and imaginary parts alike.
        parts, part_states = filter_rows(
            sets if len(sets) == 1 else np.concatenate([sets, sets]),
            workers,
            np.concatenate([rows.real, rows.imag]),
            np.concatenate([states.real, states.imag]),
            backward=backward,
            in_segments=in_segments,
        )
        half = len(rows)
        out.real, out.imag = parts[:half], parts[half:]
        return out, part_states[:half] + 1j * part_states[half:]

    if out.shape != rows.shape:  # the compiled loops check nothing
        raise AssertionError("out must have the shape of rows")
    cascade = Cascade.of(sets)
    ends = np.array(states, np.float64, order="C")
    source, target = Lines.of(rows), Lines.of(out, written=True)
    at_once = 1 if in_segments else segments.LANES

    def part(begin: int, end: int) -> None:
        some = slice(begin * at_once, end * at_once)
        cascade.of_rows(some).run(source[some], target[some], ends[some], backward, in_segments)

    _layout.split_over_threads(part, -(-len(rows) // at_once), workers)
    return out, ends


def segments_suit(sections: Floats, n_rows: int, n: int, is_complex: bool) -> bool:
    """Return whether rows (n_rows, n) run in segments side by side."""
    sets = sections if sections.ndim == 3 else sections[np.newaxis]
    return segments.worth_it(sets, n_rows * (1 + is_complex), n)  # real and imaginary parts


@dataclass(frozen=True)
class Lines:
    """Rows as the compiled loops take them, which check nothing: where each begins."""

    flat: NDArray[Any]
    starts: NDArray[np.int64]
    n: int

    @classmethod
    def of(cls, rows: NDArray[Any], written: bool = False) -> Lines:
        """Return the rows (n_rows, n) of real numbers; of others than these loops take, a copy."""
        n_rows, n = rows.shape
        step, rest = divmod(rows.strides[0], rows.itemsize) if n_rows > 1 else (n, 0)
        dense = (n == 1 or rows.strides[1] == rows.itemsize) and step >= 0 and not rest
        if not (dense and rows.dtype in (np.float32, np.float64) and rows.flags.aligned):
            if written:
                raise AssertionError("out must hold each row's samples side by side")
            return cls.of(np.array(rows, np.result_type(rows.dtype, np.float32), order="C"))
        starts = np.arange(n_rows) * step
        if rows.flags.c_contiguous:
            return cls(rows.reshape(-1), starts, n)
        span = int(starts[-1]) + n
        flat = np.lib.stride_tricks.as_strided(rows, (span,), (rows.itemsize,))
        return cls(flat, starts, n)

    def __getitem__(self, some: slice) -> Lines:
        return Lines(self.flat, self.starts[some], self.n)

    def between(self, start: int, n: int) -> Lines:
        """Return the lines from `start` on, n samples of each."""
        return Lines(self.flat, self.starts + start, n)


class _Pass(NamedTuple):
    """Up to `ABREAST` sections in the form of the compiled loops."""

    own: slice  # which of all sections they are
    forms: Floats  # (n_sets, n_sections, 6), shifted
    coefficients: Floats  # (n_sets, n_factors)
    factors: tuple[int, ...]  # so many factors ...
    memory: tuple[int, ...]  # ... and states: the compiler reads the tuples' lengths


@dataclass(frozen=True)
class Cascade:
    """Sections as the compiled loops take them: in one pass over the samples or more."""

    passes: tuple[_Pass, ...]

    @classmethod
    def of(cls, sets: Floats) -> Cascade:
        """Return the cascade of sections (1 or n_rows, n_sections, 6)."""
        forms = np.array([shifted(each) for each in sets])
        return cls(
            tuple(
                _pass(forms, slice(start, min(start + ABREAST, forms.shape[1])))
                for start in range(0, forms.shape[1], ABREAST)
            )
        )

    def of_rows(self, some: slice) -> Cascade:
        """Return the cascade of some of the rows."""
        return Cascade(
            tuple(
                each
                if len(each.forms) == 1
                else each._replace(forms=each.forms[some], coefficients=each.coefficients[some])
                for each in self.passes
            )
        )

    def run(
        self,
        source: Lines,
        target: Lines,
        states: Floats,
        backward: bool,
        in_segments: bool = False,
    ) -> None:
        """Filter all lines, writing over `states`; or each in segments of its own."""
        _start_jit.start()
        run = _one_by_one if in_segments else _side_by_side
        if len(self.passes) == 1:
            run(self.passes[0], source, target, states, backward)
            return
        for first in range(0, len(states), segments.LANES):
            some = slice(first, first + segments.LANES)
            self.of_rows(some)._in_stretches(
                run, source[some], target[some], states[some], backward
            )

    def _in_stretches(
        self,
        run: Callable[..., None],
        source: Lines,
        target: Lines,
        states: Floats,
        backward: bool,
    ) -> None:
        n = source.n
        waiting = Lines.of(np.empty((len(states), min(n, STRETCH))))
        starts = range(0, n, STRETCH)  # counted from the first sample, as segments are
        for start in reversed(starts) if backward else starts:
            size = min(STRETCH, n - start)
            given = source.between(start, size)
            for each in self.passes:
                last = each is self.passes[-1]
                to = target.between(start, size) if last else waiting.between(0, size)
                own = np.ascontiguousarray(states[:, each.own])
                run(each, given, to, own, backward)
                states[:, each.own] = own
                given = to


def _pass(forms: Floats, own: slice) -> _Pass:
    some = forms[:, own].copy()
    b0, numerators, denominators = some[..., :1], some[..., 1:3], some[..., 3:5]
    fed = numerators - denominators * b0.astype(np.longdouble)  # rounded once
    fed = fed.astype(np.float64)
    s = some[..., 5:]
    bits = np.concatenate([np.where(s != 0, -1, 0), np.where(s < 0, np.iinfo(np.int64).min, 0)], -1)
    factors = np.concatenate([b0, fed, -denominators, bits.view(np.float64)], axis=-1)
    if (s == 1).all():
        factors = factors[..., :5]
    # of a gain in the first section alone, as designs have it, the others' products are saved
    first = 1 if (b0[:, 1:] == 1).all() else 0
    parts = [factors[:, 0], factors[:, 1:, first:].reshape(len(some), -1)]
    factors = np.ascontiguousarray(np.concatenate(parts, axis=1))
    return _Pass(own, some, factors, (0,) * factors.shape[1], (0,) * (2 * some.shape[1]))


def _side_by_side(
    each: _Pass, source: Lines, target: Lines, states: Floats, backward: bool
) -> None:
    from .recursive_jit import filter_lines

    filter_lines(
        source.flat,
        source.starts,
        target.flat,
        target.starts,
        source.n,
        backward,
        each.coefficients,
        states,
        each.factors,
        each.memory,
    )


def _one_by_one(each: _Pass, source: Lines, target: Lines, states: Floats, backward: bool) -> None:
    from .recursive_jit import filter_line

    for line, state in enumerate(states):
        own = min(line, len(each.forms) - 1)
        *weights, power = segments.tables(each.forms[own].tobytes())
        filter_line(
            source.flat,
            int(source.starts[line]),
            target.flat,
            int(target.starts[line]),
            source.n,
            backward,
            each.coefficients[own],
            state,
            each.factors,
            each.memory,
            weights[backward],
            power,
        )
