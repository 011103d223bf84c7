"""Batch norms in training, from means and mean squares that are known already."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


@torch.no_grad()
def follow(norm: Any, mean: Tensor, variance: Tensor, n: int) -> None:
    """Move the running statistics as a forward pass over n samples a channel does."""
    rate = norm.momentum
    unbiased = variance * (n / (n - 1))
    for running, value in ((norm.running_mean, mean), (norm.running_var, unbiased)):
        running.mul_(1 - rate).add_(value.to(running), alpha=rate)
    norm.num_batches_tracked.add_(1)


def affine(norm: _BatchNorm, mean: Tensor, mean_square: Tensor, n: int) -> tuple[Tensor, Tensor]:
    """Return scale and shift of each channel, in float64; the running statistics move."""
    variance = mean_square - mean * mean
    follow(norm, mean, variance, n)
    scale = norm.weight.double() * torch.rsqrt(variance + norm.eps)
    return scale, norm.bias.double() - scale * mean


def is_simple(norm: Any) -> bool:
    """Whether a norm is a batch norm with weights and a moving average, in training."""
    return (
        type(norm) in (nn.BatchNorm1d, nn.BatchNorm2d)  # not SyncBatchNorm
        and norm.affine
        and norm.track_running_stats
        and norm.momentum is not None
        and norm.training
    )
