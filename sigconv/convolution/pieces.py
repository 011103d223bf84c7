"""One piece of the answer from what it needs of the signal: for maps of files and lazy arrays."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _checks, _layout
from .problem import Form, Frame, frame, kernel_rows

#: A part of the answer, or of the signal: (first, last + 1) along every axis.
Region = tuple[tuple[int, int], ...]


class Run(NamedTuple):
    """Neighbouring samples of a piece along one axis, and where in the signal they lie."""

    length: int
    hull: slice | None  # the part of the signal that holds them; None: the boundary's constant
    picks: NDArray[np.intp] | None = None  # which of the hull's samples; None: all, in order


@dataclass(frozen=True)
class Outline:
    """A convolution whose signal is not in memory; `correlation` as the public functions mean it.

    Every piece is the problem in mode "valid" on samples that the boundary has extended already,
    in the type of the computation. Only "interpolate" needs whole rows, and gets them as they are.
    """

    x_shape: tuple[int, ...]
    h: NDArray[Any]
    form: Form
    correlation: bool
    method: str
    frame: Frame

    @property
    def takes_rows(self) -> bool:
        """Whether pieces must hold the whole length of the axis that the signal runs along."""
        return self.form.nan_policy == "interpolate"

    def stride_and_span(self, axis: int) -> tuple[int, int]:
        """Return how far outputs lie apart along an axis and how many samples one needs."""
        if axis not in self.frame.axes:
            return 1, 1
        geometry, number = self.frame.plan.geometry, self.frame.axes.index(axis)
        return geometry.stride[number], geometry.span[number]

    def needs(self, region: Region) -> list[list[Run]]:
        """Return the samples that a region of the answer needs, axis by axis."""
        return [self._runs(axis, *ends) for axis, ends in enumerate(region)]

    def _runs(self, axis: int, start: int, stop: int) -> list[Run]:
        n = self.x_shape[axis]
        if axis not in self.frame.axes:
            return [Run(stop - start, slice(start, stop))]
        if self.takes_rows:
            return [Run(n, slice(0, n))]
        number = self.frame.axes.index(axis)
        boundary, (before, _) = self.frame.boundaries[number], self.frame.plan.widths[number]
        stride, span = self.stride_and_span(axis)
        first, last = start * stride - before, (stop - 1) * stride + span - before
        inside = slice(max(first, 0), max(min(last, n), 0))
        runs = []
        for a, b in ((first, min(last, 0)), (max(first, n), last)):
            if a >= b:
                continue
            if boundary == "constant":
                runs.append((a, Run(b - a, None)))
            else:
                where = _layout.sources(np.arange(a, b), n, boundary)
                low = int(where.min())
                runs.append((a, Run(b - a, slice(low, int(where.max()) + 1), where - low)))
        if inside.stop > inside.start:
            runs.append((inside.start, Run(inside.stop - inside.start, inside)))
        return [run for _, run in sorted(runs, key=lambda each: each[0])]

    def empty_piece(self, needs: Sequence[Sequence[Run]], x_dtype: np.dtype[Any]) -> NDArray[Any]:
        """Return the array that takes what `needs` says, the boundary's constant set already."""
        shape = [sum(run.length for run in runs) for runs in needs]
        if self.takes_rows:
            return np.empty(shape, x_dtype)
        piece = np.empty(shape, self.frame.plan.work)
        if any(run.hull is None for runs in needs for run in runs):
            piece[...] = self.frame.cval
        return piece

    def solve(self, piece: NDArray[Any], region: Region, workers: int | None) -> NDArray[Any]:
        """Return a region of the answer from the samples that it needs."""
        from .convolve import convolve, correlate  # which hands large signals to this file's users

        plan, geometry, policy = self.frame.plan, self.frame.plan.geometry, self.form.nan_policy
        form: dict[str, Any] = {"stride": geometry.stride, "dilation": geometry.dilation}
        form["nan_policy"] = "propagate" if policy == "raise" else policy  # looked at before
        if self.takes_rows:
            form |= {
                "mode": self.form.mode, "boundary": self.form.boundary, "cval": self.form.cval
            }  # fmt: skip
        else:
            form["mode"] = "valid"
        h = self._kernel(region)
        function = correlate if self.correlation else convolve
        answer = function(
            piece, h, axes=self.frame.axes, method=self.method, workers=workers, **form
        )
        with np.errstate(over="ignore"):  # float16, as in memory
            return answer.astype(plan.dtype, copy=False)

    def _kernel(self, region: Region) -> NDArray[Any]:
        h, plan = self.h, self.frame.plan
        if plan.dtype.kind in "iu":
            h = h.astype(plan.work)  # else uint64 beside it would make floats of both
        if h.ndim == len(self.frame.axes):
            return h
        return h[
            tuple(
                slice(None) if axis in self.frame.axes or h.shape[axis] == 1 else slice(*ends)
                for axis, ends in enumerate(region)
            )
        ]


def outline(
    x_shape: tuple[int, ...],
    x_dtype: np.dtype[Any],
    h: Any,
    form: Form,
    correlation: bool,
    method: str,
) -> Outline:
    """Check all arguments but the samples of the signal."""
    stand_in = np.zeros([min(n, 1) for n in x_shape], x_dtype)
    dtype = _checks.numeric("x", stand_in).dtype
    kernel = np.asarray(_checks.numeric("h", h))
    known = frame(tuple(x_shape), dtype, kernel, form)
    kernel_rows(kernel, tuple(x_shape), known.axes, known.plan.work)
    if method == "auto" and known.plan.work.kind == "f":
        method = _of_whole(tuple(x_shape), dtype, kernel, form)
    return Outline(tuple(x_shape), kernel, form, correlation, method, known)


def _of_whole(
    x_shape: tuple[int, ...], dtype: np.dtype[Any], kernel: NDArray[Any], form: Form
) -> str:
    """Return the method that the whole is to be solved by in memory, for all of its pieces.

    "auto" would choose for each by its size, and give other last bits than in memory. A method
    that hangs on what the whole of a row holds is left to be chosen by the samples.
    """
    from .plan import plan_convolution  # which imports what hands large signals to this file

    planned = plan_convolution(x_shape, kernel, x_dtype=dtype, **form._asdict()).method
    return "auto" if planned == "fft" else planned


def hulls(needs: Sequence[Sequence[Run]]) -> Iterator[tuple[slice, ...]]:
    """Yield the blocks of the signal that `needs` is made of, the last axis running fastest."""
    for chosen in itertools.product(*needs):
        parts = tuple(run.hull for run in chosen if run.hull is not None)
        if len(parts) == len(chosen):  # else the constant stands there
            yield parts


def fill(
    piece: NDArray[Any], blocks: Iterable[NDArray[Any]], needs: Sequence[Sequence[Run]]
) -> None:
    """Put blocks, in the order of `hulls`, into their places in a piece."""
    ends = [list(itertools.accumulate(run.length for run in runs)) for runs in needs]
    placed = [
        [(slice(end - run.length, end), run) for end, run in zip(*each, strict=True)]
        for each in zip(ends, needs, strict=True)
    ]
    taken = iter(blocks)
    for chosen in itertools.product(*placed):
        if any(run.hull is None for _, run in chosen):
            continue
        block = next(taken)
        for axis, (_, run) in enumerate(chosen):
            if run.picks is not None:
                block = np.take(block, run.picks, axis=axis)
        piece[tuple(place for place, _ in chosen)] = block
