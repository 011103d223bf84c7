"""The signals that users bring to a filter, checked, and where their answers go."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .. import _checks, _layout, _maps
from . import pieces

#: Samples from which on maps of files, and arrays that must be converted, are filtered in pieces.
LARGE = 1 << 21


@dataclass(frozen=True)
class Options:
    """How signals come and answers go, in the words of the public methods."""

    axis: int = -1
    nan_policy: str = "propagate"
    breaks: Sequence[Any] = ()
    dtype: DTypeLike | None = None
    workers: int | None = None
    out: Any = None
    sequential: bool = False  # sample after sample, by methods whose bits no cut changes


class Signals:
    """Checked signals along one axis, and the way of their answers back.

    Attributes
    ----------
    shape, batch, n_rows, n
        Of the signals; `batch` is the shape without the axis, `n_rows` its size.
    dtype, work : dtype
        Of the answer, and to compute in.
    in_files : bool
        Whether signals or answers lie where only pieces of them may be in memory at once.
    stretches, left : list of (start, stop)
        What is filtered, each by itself, and what stays as it is.
    """

    def __init__(self, x: Any, options: Options, *, recursive: bool) -> None:
        out = options.out
        self.x = x
        if out is None or not _maps.is_reader(x):
            self.x = np.asarray(_checks.numeric("x", x))
        self.out = out
        self.shape: tuple[int, ...] = tuple(self.x.shape)
        stand_in = _checks.numeric("x", np.zeros([min(n, 1) for n in self.shape], self.x.dtype))
        self.axis = _checks.axis_index("axis", options.axis, len(self.shape))
        own = _checks.precision("x", stand_in)
        self.dtype = own if options.dtype is None else _result_type(options.dtype, own)
        # float16 is no type to compute in
        self.work = np.result_type(own, self.dtype, np.float32)
        _layout.thread_count(options.workers)
        self.workers = options.workers
        if out is not None:
            check_output(out, self.shape, self.dtype)
        self.batch = self.shape[: self.axis] + self.shape[self.axis + 1 :]
        self.n_rows, self.n = math.prod(self.batch), self.shape[self.axis]
        self.sequential = options.sequential
        self.nan_policy = _nan_policy(options.nan_policy, recursive)
        self.stretches, self.left = stretches(options.breaks, self.n)
        self.is_broken = bool(self.left) or len(self.stretches) > 1
        self.in_files = self._in_files()
        self._target: NDArray[Any] | None = None
        if self.nan_policy == "raise":
            self.refuse_gaps()

    @property
    def needs_pieces(self) -> bool:
        """Whether the whole cannot be filtered at once where it lies."""
        converts = self.x.dtype != self.work and self.n_rows * self.n > LARGE
        return self.in_files or self.is_broken or converts or self.nan_policy not in _AS_THEY_COME

    def rows(self) -> NDArray[Any]:
        """Return the signals as rows (n_rows, n) of the type to compute in."""
        return _layout.to_rows(self.x.astype(self.work, copy=False), (self.axis,))[0]

    def target(self, rows: NDArray[Any]) -> NDArray[Any] | None:
        """Return `out` as rows, if results may go there at once: it lies as rows do."""
        if self.out is None or self.out.dtype != self.work or self.dtype != self.work:
            return None
        laid, _ = _layout.to_rows(self.out, (self.axis,))
        same = laid.ctypes.data == rows.ctypes.data
        apart = not np.may_share_memory(laid, rows)
        if np.may_share_memory(laid, self.out) and (same or apart):
            self._target = laid
        return self._target

    def back(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Return results in the layout and precision of the signals."""
        if rows is self._target and self.out is not None:
            return self.out
        with np.errstate(over="ignore"):  # float16, as in any other arithmetic on it
            rows = rows.astype(self.dtype, copy=False)
        return _layout.from_rows(rows, self.batch, (self.axis,), self.out)

    @property
    def in_step(self) -> bool:
        """Whether each answer may be written once its sample was read: nothing else is lost."""
        return (
            self.in_files or not np.may_share_memory(self.x, self.out) or _is_same(self.x, self.out)
        )

    def refuse_gaps(self) -> None:
        """Raise ValueError if a sample of the stretches is not finite."""
        place, n_gaps = pieces.Place(self.x, self.axis), 0
        for block in pieces.blocks(self.batch, pieces.ROWS):
            for start, stop in self.stretches:
                for a, b in pieces.parts(stop - start, pieces.length(pieces.ROWS)):
                    piece = place.read(block, start + a, start + b, self.work)
                    n_gaps += piece.size - int(np.count_nonzero(np.isfinite(piece)))
        if n_gaps:
            raise ValueError(
                f"x must be finite with nan_policy 'raise'; got {n_gaps} values that are not"
            )

    def _in_files(self) -> bool:
        if self.out is None:
            return False
        if _maps.is_reader(self.x) or _maps.is_writer(self.out):
            return True
        mapped = _maps.map_below(self.x) is not None or _maps.map_below(self.out) is not None
        if not mapped or self.n_rows * self.n <= LARGE:
            return False
        # what is still to be read must not be written over; one and the same view is in step
        return _is_same(self.x, self.out) or not _maps.overlap(self.x, self.out)


#: Policies that need no change of the samples.
_AS_THEY_COME = ("propagate", "raise")


def check_output(out: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Check an array or a writer that takes answers."""
    if not _maps.is_writer(out):
        _checks.output(out, shape, dtype)
        return
    if out.shape != shape:
        raise ValueError(f"out must have shape {shape}; got {out.shape}")
    if not np.can_cast(dtype, out.dtype, casting="same_kind"):
        raise TypeError(f"out must be able to hold {dtype}; got {out.dtype}")


def stretches(
    breaks: int | Sequence[Any], n: int
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the stretches between breaks, and the spans that are left as they are.

    A break is an index, where a new stretch begins, or a pair (start, stop) of a span.
    """
    given = [breaks] if isinstance(breaks, int | np.integer) else list(breaks)
    spans = [_span(each, n) for each in given]
    outside = np.zeros(n + 1, bool) if spans else np.zeros(1, bool)
    edges = {0, n}
    for start, stop in spans:
        edges |= {start, stop}
        outside[start:stop] = True
    ordered = sorted(edges)
    kept: list[tuple[int, int]] = []
    left: list[tuple[int, int]] = []
    for start, stop in itertools.pairwise(ordered):
        (left if spans and outside[start] else kept).append((start, stop))
    return kept, left


def _span(given: Any, n: int) -> tuple[int, int]:
    pair = (given, given) if np.ndim(given) == 0 else tuple(given)
    if len(pair) == 2:
        start, stop = (_checks.whole("breaks", each, at_least=0) for each in pair)
        if start <= stop <= n:
            return start, stop
    raise ValueError(
        f"breaks must be sample indices or pairs (start, stop) with 0 <= start <= stop <= {n}; "
        f"got {given!r}"
    )


def _nan_policy(given: str, recursive: bool) -> str:
    _checks.one_of("nan_policy", given, _layout.NAN_POLICIES)
    if given == "omit" and recursive:
        allowed = [name for name in _layout.NAN_POLICIES if name != "omit"]
        raise ValueError(
            f"nan_policy must be one of {', '.join(map(repr, allowed))} for a recursive filter, "
            f"whose every output hangs on all samples before it; got 'omit'"
        )
    return given


def _result_type(given: DTypeLike, own: np.dtype[Any]) -> np.dtype[Any]:
    dtype = np.dtype(given)
    too_wide = dtype.itemsize > 8 * (1 + (dtype.kind == "c"))
    if dtype.kind not in "fc" or too_wide or not np.can_cast(own, dtype, "same_kind"):
        kind = "complex64 or complex128" if own.kind == "c" else "float16, float32 or float64"
        raise TypeError(f"dtype must be {kind} for this x; got {dtype}")
    return dtype.newbyteorder("=")


def _is_same(x: NDArray[Any], out: NDArray[Any]) -> bool:
    """Return whether two arrays of one shape are the same samples of one map."""
    return x.ctypes.data == out.ctypes.data and x.strides == out.strides and x.dtype == out.dtype
