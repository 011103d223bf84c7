"""Lengths: how far a mode extends the signal, and what a correlation makes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

#: Methods and transforms are chosen as for so many rows, however many there are: a row among others
#: is to have the bits that it has alone. By the built-in speeds no single row then takes more than
#: 1.25 times as long as by the best method (with 4 rows 1.8 times, and with 1 it is the many that
#: pay: 64 rows under 825 taps took 26 ms, with 2 they take 20).
REFERENCE_ROWS = 2

#: How far each mode extends an axis (before, after) under a kernel that spans `span` samples.
EXTENSIONS: dict[str, Callable[[int], tuple[int, int]]] = {
    "full": lambda span: (span - 1, span - 1),
    "same": lambda span: (span // 2, (span - 1) // 2),
    "valid": lambda span: (0, 0),
}


@dataclass(frozen=True)
class Geometry:
    """The lengths of the one problem that every method solves.

    Rows of shape (n_rows, *extended) are correlated with weights of shape (1 or n_rows, *taps),
    without conjugation, where the weights lie inside the row as a whole::

        y[row, j] = sum over t of weights[row, t] * rows[row, j * stride + t * dilation]
    """

    n_rows: int
    extended: tuple[int, ...]
    taps: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.n_rows, self.extended, self.taps, self.stride, self.dilation))

    @cached_property
    def is_dense(self) -> bool:
        """Whether taps are neighbours and every output counts."""
        return all(step == 1 for step in self.stride + self.dilation)

    @cached_property
    def span(self) -> tuple[int, ...]:
        """Samples from the first to the last tap, both counted."""
        return spans(self.taps, self.dilation)

    @cached_property
    def dense_output(self) -> tuple[int, ...]:
        """Lengths of the answer at stride 1."""
        return tuple(n - span + 1 for n, span in zip(self.extended, self.span, strict=True))

    @cached_property
    def output(self) -> tuple[int, ...]:
        """Lengths of the answer."""
        return tuple((m - 1) // s + 1 for m, s in zip(self.dense_output, self.stride, strict=True))

    def passes(self, axes: Sequence[int] | None = None) -> list[Geometry]:
        """Return the one-axis problems that a product of one-axis weights becomes.

        They come in the order of `axes`, by default from the first to the last.
        """
        result = []
        lengths = list(self.extended)
        for axis in range(len(lengths)) if axes is None else axes:
            one = Geometry(
                self.n_rows,
                tuple(lengths),
                _only(axis, self.taps),
                _only(axis, self.stride),
                _only(axis, self.dilation),
            )
            lengths[axis] = one.output[axis]
            result.append(one)
        return result


def spans(taps: Sequence[int], dilation: Sequence[int]) -> tuple[int, ...]:
    """Return how many samples a dilated kernel covers along each axis."""
    return tuple((k - 1) * d + 1 for k, d in zip(taps, dilation, strict=True))


def _only(axis: int, values: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(value if i == axis else 1 for i, value in enumerate(values))
