"""Moves of pictures and volumes, and of the classes of their samples with them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Generator, Tensor, nn

from .losses import UNKNOWN

#: (tensor (n, channels, *grid), "bilinear" or "nearest") -> the same, moved.
Move = Callable[[Tensor, str], Tensor]


def mirror(x: Tensor, draw: Generator) -> Move:
    """Turn each axis of each trial round, at even odds."""
    turned = torch.rand((len(x), x.ndim - 2), generator=draw, device=x.device) < 0.5

    def move(y: Tensor, how: str) -> Tensor:
        for axis in range(2, y.ndim):
            chosen = turned[:, axis - 2].reshape(-1, *[1] * (y.ndim - 1))
            y = torch.where(chosen, y.flip(axis), y)
        return y

    return move


def turn(x: Tensor, draw: Generator, angle: float = 15.0, scale: float = 0.1) -> Move:
    """Turn each trial by up to `angle` degrees (about every axis), and scale it by 1 + `scale`.

    Samples are taken to be as far apart along each axis. What comes in is 0, the mean.
    """
    ndim = x.ndim - 2
    matrices = torch.eye(ndim, dtype=x.dtype, device=x.device).repeat(len(x), 1, 1)
    for first in range(ndim):
        for second in range(first + 1, ndim):
            drawn = torch.rand(len(x), generator=draw, device=x.device, dtype=x.dtype)
            turns = (2 * drawn - 1) * math.radians(angle)
            plane = torch.eye(ndim, dtype=x.dtype, device=x.device).repeat(len(x), 1, 1)
            plane[:, first, first] = plane[:, second, second] = turns.cos()
            plane[:, first, second], plane[:, second, first] = -turns.sin(), turns.sin()
            matrices = matrices @ plane
    powers = 2 * torch.rand(len(x), generator=draw, device=x.device, dtype=x.dtype) - 1
    matrices = matrices / ((1 + scale) ** powers)[:, None, None]
    # torch counts from -1 to 1 along each axis, the last axis first
    sizes = x.new_tensor(x.shape[2:]).flip(0)
    matrices = matrices * sizes / sizes[:, None]
    nowhere = matrices.new_zeros(len(x), ndim, 1)
    places = nn.functional.affine_grid(
        torch.cat([matrices, nowhere], 2), [len(x), 1, *x.shape[2:]], align_corners=False
    )

    def move(y: Tensor, how: str) -> Tensor:
        return nn.functional.grid_sample(y, places, how, align_corners=False)

    return move


#: Name -> (trials, where chance comes from, parameters) -> how they are moved.
MOVES: dict[str, Callable[..., Move]] = {"mirror": mirror, "turn": turn}


def moved(
    name: str, x: Tensor, targets: Tensor, draw: Generator, parameters: Mapping[str, float]
) -> tuple[Tensor, Tensor]:
    """Return trials moved, and the classes of their samples, if these are the targets."""
    if x.ndim not in (4, 5):
        raise ValueError(
            f"augment {name!r} needs pictures or volumes, shape (n_trials, n_channels, *grid); got "
            f"{tuple(x.shape)}"
        )
    move = MOVES[name](x, draw, **parameters)
    changed = move(x, "bilinear")
    if targets.ndim == 1 or targets.is_floating_point():
        return changed, targets
    if targets.shape[1:] != x.shape[2:]:
        raise ValueError(
            f"augment {name!r} needs a class for each sample of the grid "
            f"{tuple(x.shape[2:])}; got {tuple(targets.shape[1:])}"
        )
    # so that what comes in, 0, is what is not known; small whole numbers are exact as floats
    shifted = (targets[:, None] - UNKNOWN).to(x.dtype)
    return changed, move(shifted, "nearest")[:, 0].round().to(targets.dtype) + UNKNOWN
