"""What lies beyond the ends of a signal, an image or a volume."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ... import _checks, _layout

#: Samples before and after, for each axis.
Pairs = tuple[tuple[int, int], ...]


class Pad(nn.Module):
    """Extend every axis behind (batch, channels), by any width and in any way.

    Parameters
    ----------
    ndim : int
    widths : int, or sequence of int or of (before, after), one for each axis
    boundary : str or sequence of str
        `numpy.pad`'s names: "constant" (or "zero"), "edge", "reflect", "symmetric", "wrap".
        Extension repeats as often as needed, so `widths` may be larger than the input.
    value : float
        What a constant boundary consists of.

    Raises
    ------
    ValueError
        If a width is negative or a boundary is unknown.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import Pad
    >>> Pad(1, [(2, 5)], "reflect")(torch.tensor([[[0.0, 1.0, 2.0]]]))
    tensor([[[2., 1., 0., 1., 2., 1., 0., 1., 2., 1.]]])
    """

    def __init__(
        self,
        ndim: int,
        widths: int | Sequence[int] | Sequence[tuple[int, int]],
        boundary: str | Sequence[str] = "zero",
        value: float = 0.0,
    ) -> None:
        super().__init__()
        self.widths = pairs("widths", widths, ndim)
        self.boundaries = _layout.boundary_names(boundary, ndim)
        self.value = value

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, ...) -> (batch, channels, ...), longer by `widths`."""
        for axis, (width, boundary) in enumerate(
            zip(self.widths, self.boundaries, strict=True), start=2
        ):
            if boundary != "constant" and max(width):
                x = x.index_select(axis, _sources(x.shape[axis], *width, boundary, x.device))
        constant = [
            n
            for width, boundary in zip(self.widths[::-1], self.boundaries[::-1], strict=True)
            for n in (width if boundary == "constant" else (0, 0))
        ]
        return nn.functional.pad(x, constant, value=self.value) if any(constant) else x

    def extra_repr(self) -> str:
        """Say how far and how."""
        return f"{self.widths}, boundary={self.boundaries}, value={self.value:g}"


def pairs(name: str, value: Any, ndim: int) -> Pairs:
    """Return (before, after) for each axis."""
    if isinstance(value, Sequence) and any(isinstance(item, Sequence) for item in value):
        if len(value) != ndim or not all(
            isinstance(item, Sequence) and len(item) == 2 for item in value
        ):
            raise ValueError(
                f"{name} must be one number, or a number or a pair for each axis ({ndim}); "
                f"got {value!r}"
            )
        return tuple(
            (_checks.whole(name, a, at_least=0), _checks.whole(name, b, at_least=0))
            for a, b in value
        )
    return tuple((n, n) for n in _checks.per_axis(name, value, ndim, at_least=0))


def _sources(n: int, before: int, after: int, boundary: str, device: torch.device) -> Tensor:
    """Return where each sample of the extended axis comes from.

    In torch, though `_layout.sources` says the same in numpy, so that an exported network
    keeps its length free.
    """
    index = torch.arange(-before, n + after, device=device)
    if boundary == "edge":
        return index.clamp(0, n - 1)
    if boundary == "wrap":
        return index % n
    whole_ends = int(boundary == "symmetric")  # whether the end itself is repeated
    fold = max(1, 2 * n - 2 + 2 * whole_ends)  # to and fro
    index = index % fold
    return torch.where(index < n, index, fold - index - whole_ends)
