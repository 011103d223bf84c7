"""The dimension as an argument."""

from __future__ import annotations

from typing import Any, TypeVar

from torch import nn

from ... import _checks

T = TypeVar("T")

#: Convolutions with weights that are given.
FUNCTIONS: dict[int, Any] = {
    1: nn.functional.conv1d,
    2: nn.functional.conv2d,
    3: nn.functional.conv3d,
}

#: One whole number, or one for each axis.
Size = int | tuple[int, ...]


def by_dimension(table: dict[int, T], ndim: Any) -> T:
    """Return the entry of `table` for `ndim` axes."""
    if isinstance(ndim, bool) or ndim not in table:
        listed = ", ".join(str(n) for n in table)
        raise ValueError(f"ndim must be one of {listed}; got {ndim!r}")
    return table[ndim]


def sizes(name: str, value: Any, ndim: int, *, at_least: int = 1) -> tuple[int, ...]:
    """Return one whole number for each axis, from one or from as many."""
    return _checks.per_axis(name, value, ndim, at_least=at_least)
