"""Which samples of the input a sample of a layer's output depends on, along one axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Field:
    """The first and the last input sample that each output sample sees, whatever the length.

    Output samples that lie `len(first)` apart see the same, `advance` input samples further on:
    one sample tells all behind ordinary layers; behind a transposed convolution of stride s
    there are s kinds.
    """

    first: tuple[int, ...]
    last: tuple[int, ...]
    advance: int

    @property
    def size(self) -> int:
        """The most input samples that an output sample sees, first to last."""
        return max(b - a for a, b in zip(self.first, self.last, strict=True)) + 1

    @property
    def stride(self) -> Fraction:
        """Input samples from one output sample to the next."""
        return Fraction(self.advance, len(self.first))

    def at(self, index: int) -> tuple[int, int]:
        """Return the first and the last input sample that output sample `index` sees."""
        turns, phase = divmod(index, len(self.first))
        return self.first[phase] + turns * self.advance, self.last[phase] + turns * self.advance

    def seen_through(self, offsets: Sequence[int], stride: int = 1) -> Field:
        """Return the field of a layer whose output n sees samples `stride * n + offsets`."""
        period = len(self.first) // math.gcd(len(self.first), stride)
        pairs = []
        for n in range(period):
            seen = [self.at(stride * n + offset) for offset in offsets]
            pairs.append((min(a for a, _ in seen), max(b for _, b in seen)))
        # the period of the input, taken `stride` times, over as many outputs
        advance = self.advance * stride * period // len(self.first)
        return _reduced(pairs, advance)

    def convolved(self, kernel: int, stride: int, padding: int, dilation: int) -> Field:
        """Return the field behind a convolution or a pooling."""
        taps = range(kernel) if len(self.first) > 1 else {0, kernel - 1}
        return self.seen_through([dilation * tap - padding for tap in taps], stride)

    def transposed(self, kernel: int, stride: int, padding: int, dilation: int) -> Field:
        """Return the field behind a transposed convolution."""
        pairs = []
        # a sample that sees nothing (a stride wider than the kernel) counts as its neighbour
        for n in range(len(self.first) * stride):
            sources = {
                (n + padding - dilation * tap) // stride
                for tap in range(kernel)
                if (n + padding - dilation * tap) % stride == 0
            }
            if not sources:
                sources = {(n + padding) // stride}
            seen = [self.at(source) for source in sources]
            pairs.append((min(a for a, _ in seen), max(b for _, b in seen)))
        return _reduced(pairs, self.advance)

    def joined(self, other: Field) -> Field:
        """Return the field of what sees both; their strides have to be equal."""
        period = math.lcm(len(self.first), len(other.first))
        pairs = [
            (
                min(self.at(n)[0], other.at(n)[0]),
                max(self.at(n)[1], other.at(n)[1]),
            )
            for n in range(period)
        ]
        return _reduced(pairs, self.advance * period // len(self.first))


def _reduced(pairs: list[tuple[int, int]], advance: int) -> Field:
    """Return the field with the shortest period that says the same."""
    n = len(pairs)
    for period in range(1, n + 1):
        if n % period or advance * period % n:
            continue
        step = advance * period // n
        same = all(
            pairs[i]
            == (
                pairs[i % period][0] + step * (i // period),
                pairs[i % period][1] + step * (i // period),
            )
            for i in range(n)
        )
        if same:
            first, last = zip(*pairs[:period], strict=True)
            return Field(first, last, step)
    raise AssertionError("a field repeats after its own period")


#: Of the input itself.
IDENTITY = Field((0,), (0,), 1)
