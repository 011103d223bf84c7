"""Layers side by side whose maps are put together: inception (2014) and dense blocks (2017)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from .. import operators
from .convolution import convolution, pointwise
from .normalisation import batch_norm
from .pooling import average_pool, max_pool
from .units import conv_norm_relu


class Branches(nn.Module):
    """Several layers on the same input; their maps one after the other.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from sigconv.nn.layers import Branches
    >>> Branches(nn.Identity(), nn.ReLU())(torch.zeros(1, 3, 7)).shape
    torch.Size([1, 6, 7])
    """

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, ...) -> (batch, sum of the branches' channels, ...)."""
        return torch.cat([branch(x) for branch in self.branches], dim=1)


class InceptionSizes(NamedTuple):
    """Feature maps of an inception block; `before` are those that a 1-wide layer leaves."""

    one: int
    before_three: int
    three: int
    before_five: int
    five: int
    pooled: int


def inception(
    ndim: int,
    in_channels: int,
    sizes: InceptionSizes,
    *,
    five: int = 5,
    norm: bool = False,
    eps: float = 1e-3,
) -> Branches:
    """Return kernels of width 1, 3 and 5 and a max pooling side by side (Szegedy et al. 2014).

    `five` is the width of the widest kernels: weights in circulation have 3 by mistake.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import InceptionSizes, inception
    >>> block = inception(1, 192, InceptionSizes(64, 96, 128, 16, 32, 32))
    >>> block(torch.zeros(1, 192, 28)).shape
    torch.Size([1, 256, 28])
    """

    def unit(before: int, after: int, kernel: int) -> nn.Module:
        return conv_norm_relu(ndim, before, after, kernel, padding=kernel // 2, norm=norm, eps=eps)

    return Branches(
        unit(in_channels, sizes.one, 1),
        nn.Sequential(
            unit(in_channels, sizes.before_three, 1), unit(sizes.before_three, sizes.three, 3)
        ),
        nn.Sequential(
            unit(in_channels, sizes.before_five, 1), unit(sizes.before_five, sizes.five, five)
        ),
        nn.Sequential(max_pool(ndim, 3, 1, padding=1), unit(in_channels, sizes.pooled, 1)),
    )


class DenseLayer(nn.Module):
    """The input, and behind it `growth` new maps made from all of it.

    Norm, ReLU and a 1-wide convolution to `bottleneck * growth` maps, then norm, ReLU and a
    3-wide one (Huang et al. 2017).

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import DenseLayer
    >>> DenseLayer(2, 64, growth=32)(torch.zeros(1, 64, 7, 7)).shape
    torch.Size([1, 96, 7, 7])
    """

    def __init__(self, ndim: int, in_channels: int, *, growth: int, bottleneck: int = 4) -> None:
        super().__init__()
        between = bottleneck * growth
        self.norm1 = batch_norm(ndim, in_channels)
        self.relu1 = nn.ReLU()
        self.conv1 = pointwise(ndim, in_channels, between, bias=False)
        self.norm2 = batch_norm(ndim, between)
        self.relu2 = nn.ReLU()
        self.conv2 = convolution(ndim, between, growth, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, ...) -> (batch, in_channels + growth, ...)."""
        new = self.conv1(operators.rectified(self.norm1, self.relu1, x))
        fresh = operators.is_fresh_from(self.conv1)
        new = self.conv2(operators.rectified(self.norm2, self.relu2, new, fresh=fresh))
        return torch.cat([x, new], dim=1)


def dense_block(ndim: int, in_channels: int, layers: int, *, growth: int) -> nn.Sequential:
    """Return `layers` dense layers, each of which sees the maps of all before it.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import dense_block
    >>> dense_block(1, 64, 6, growth=32)(torch.zeros(1, 64, 9)).shape
    torch.Size([1, 256, 9])
    """
    block = nn.Sequential()
    for number in range(layers):
        layer = DenseLayer(ndim, in_channels + number * growth, growth=growth)
        block.add_module(f"layer{number + 1}", layer)
    return block


def transition(ndim: int, in_channels: int, out_channels: int) -> nn.Sequential:
    """Return what stands between dense blocks: norm, ReLU, 1-wide convolution, average pool.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import transition
    >>> transition(2, 256, 128)(torch.zeros(1, 256, 56, 56)).shape
    torch.Size([1, 128, 28, 28])
    """
    block = operators.Sequential()
    block.add_module("norm", batch_norm(ndim, in_channels))
    block.add_module("relu", nn.ReLU())
    block.add_module("conv", pointwise(ndim, in_channels, out_channels, bias=False))
    block.add_module("pool", average_pool(ndim, 2))
    return block
