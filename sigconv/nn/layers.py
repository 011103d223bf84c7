"""Layers in which the dimension is a parameter: 1 for signals, 2 for images, 3 for volumes."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

_CONVOLUTION: dict[int, type[nn.Module]] = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
_BATCH_NORM: dict[int, type[nn.Module]] = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}
_AVERAGE_POOL: dict[int, type[nn.Module]] = {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d}


def convolution(
    ndim: int,
    in_channels: int,
    out_channels: int,
    kernel: int,
    *,
    padding: int = 0,
    groups: int = 1,
    bias: bool = True,
) -> nn.Module:
    """Return a convolution over `ndim` axes (what CNN texts call so: a correlation).

    Examples
    --------
    >>> from sigconv.nn.layers import convolution
    >>> convolution(3, 1, 8, 5).weight.shape
    torch.Size([8, 1, 5, 5, 5])
    """
    return _CONVOLUTION[ndim](
        in_channels, out_channels, kernel, padding=padding, groups=groups, bias=bias
    )


def batch_norm(ndim: int, channels: int) -> nn.Module:
    """Return batch normalisation over `ndim` axes.

    Examples
    --------
    >>> from sigconv.nn.layers import batch_norm
    >>> batch_norm(2, 16)
    BatchNorm2d(16, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
    """
    return _BATCH_NORM[ndim](channels)


def average_pool(ndim: int, window: int) -> nn.Module:
    """Return average pooling over `ndim` axes, as far apart as its window is wide.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import average_pool
    >>> average_pool(1, 4)(torch.zeros(2, 3, 100)).shape
    torch.Size([2, 3, 25])
    """
    return _AVERAGE_POOL[ndim](window)


class GlobalAveragePool(nn.Module):
    """The mean over every axis behind (batch, channels).

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import GlobalAveragePool
    >>> GlobalAveragePool()(torch.ones(2, 3, 4, 5)).shape
    torch.Size([2, 3])
    """

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, ...) -> (batch, channels)."""
        return x.flatten(2).mean(-1)


class _MaxNorm(nn.Module):
    def __init__(self, limit: float) -> None:
        super().__init__()
        self.limit = limit

    def forward(self, weight: Tensor) -> Tensor:
        return torch.renorm(weight, p=2, dim=0, maxnorm=self.limit)


def max_norm(layer: nn.Module, limit: float) -> nn.Module:
    """Hold the L2 norm of each filter of `layer` to `limit` at every forward; return `layer`.

    The limit is part of the layer (a parametrisation), so the stored parameters stay free and
    the gradient knows of it; nothing has to be called between the steps of the training.

    Examples
    --------
    >>> from torch import nn
    >>> from sigconv.nn.layers import max_norm
    >>> layer = max_norm(nn.Linear(100, 2), 0.25)
    >>> bool((layer.weight.norm(dim=1) <= 0.2501).all())
    True
    """
    parametrize.register_parametrization(layer, "weight", _MaxNorm(limit))
    return layer
