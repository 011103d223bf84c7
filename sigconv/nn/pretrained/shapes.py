"""Weights brought into another shape: other numbers of channels, other numbers of axes."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ... import _checks

#: What becomes of a kernel when axes are added; taken away they are always summed over.
LIFTS = ("inflate", "centre")


def fitted(weight: Tensor, shape: torch.Size, lift: str, first: bool) -> tuple[Tensor, str] | None:
    """Return a weight in another shape and what was done to it, None if it cannot be.

    Only of the first layer the input's channels may differ.
    """
    if weight.shape == shape:
        return weight, ""
    done = []
    if weight.ndim >= 3 and len(shape) >= 3 and weight.ndim != len(shape):
        weight = _of_axes(weight, shape, lift)
        done.append(f"to {len(shape) - 2} axes")
    if first and weight.ndim == len(shape) and weight.ndim >= 3 and weight.shape[1] != shape[1]:
        done.append(f"{weight.shape[1]} to {shape[1]} channels")
        weight = of_channels(weight, shape[1])
    if weight.shape != shape and _flat(weight.shape) == _flat(shape):
        weight = weight.reshape(shape)
        done.append("reshaped")
    return (weight, ", ".join(done)) if weight.shape == shape else None


def of_channels(weight: Tensor, channels: int) -> Tensor:
    """Give a first layer other input channels: where all are alike the answer stays the same."""
    mean = weight.sum(1, keepdim=True) / channels
    return mean.expand(-1, channels, *[-1] * (weight.ndim - 2)).contiguous()


def _of_axes(weight: Tensor, shape: torch.Size, lift: str) -> Tensor:
    """Add axes in front of the others, or sum over the first ones.

    Signals that are constant along such an axis get the same answer, but for zeros beyond the ends.
    """
    while weight.ndim > len(shape):
        weight = weight.sum(2)
    while weight.ndim < len(shape):
        size = shape[len(shape) - weight.ndim + 1]
        weight = weight.unsqueeze(2)
        if _checks.one_of("lift", lift, LIFTS) == "inflate":
            weight = weight.repeat_interleave(size, 2) / size
        else:
            empty = torch.zeros_like(weight).repeat_interleave(size, 2)
            empty[:, :, size // 2] = weight[:, :, 0]
            weight = empty
    return weight


def _flat(shape: torch.Size) -> tuple[int, ...]:
    """Return a shape without axes of length 1, the same for maps and for units."""
    return shape[0], math.prod(shape[1:])
