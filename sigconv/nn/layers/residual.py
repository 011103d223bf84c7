"""Shortcuts around layers (He et al. 2015)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ... import _checks
from .. import operators
from ._dimension import FUNCTIONS, Size, by_dimension, sizes
from .normalisation import batch_norm
from .pooling import max_pool
from .units import conv_norm_relu, depthwise_separable


class Residual(nn.Module):
    """What `body` makes of the input, added to the input (or to what `shortcut` makes of it).

    Parameters
    ----------
    body : torch.nn.Module
    shortcut : torch.nn.Module, optional
        A projection, where the body changes the shape.
    last : torch.nn.Module, optional
        What follows the sum: the ReLU of a ResNet, say.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from sigconv.nn.layers import Residual
    >>> Residual(nn.Identity())(torch.ones(1, 1, 3))
    tensor([[[2., 2., 2.]]])
    """

    def __init__(
        self,
        body: nn.Module,
        shortcut: nn.Module | None = None,
        last: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.body = body
        self.shortcut = nn.Identity() if shortcut is None else shortcut
        self.last = nn.Identity() if last is None else last

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, ...) -> what the body gives."""
        return operators.relu_of_fresh(self.last, self.body(x) + self.shortcut(x))


class MoreMaps(nn.Module):
    """A shortcut without parameters: the input's maps, and behind them maps of zeros.

    Parameters
    ----------
    ndim : {1, 2, 3}
    in_channels, out_channels : int
    stride : int, or one for each axis

    Notes
    -----
    It is a 1-wide convolution with fixed weights, as which published numbers count it.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import MoreMaps
    >>> MoreMaps(1, 1, 2, stride=2)(torch.tensor([[[1.0, 2.0, 3.0]]]))
    tensor([[[1., 3.],
             [0., 0.]]])
    """

    kernel: Tensor

    def __init__(self, ndim: int, in_channels: int, out_channels: int, *, stride: Size = 1) -> None:
        super().__init__()
        self.function = by_dimension(FUNCTIONS, ndim)
        self.in_channels = _checks.whole("in_channels", in_channels)
        self.out_channels = _checks.whole("out_channels", out_channels, at_least=in_channels)
        self.stride = sizes("stride", stride, ndim)
        kernel = torch.eye(out_channels, in_channels).view(-1, in_channels, *[1] * ndim)
        self.register_buffer("kernel", kernel, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, ...) -> (batch, out_channels, ...)."""
        return self.function(x, self.kernel, stride=self.stride)

    def extra_repr(self) -> str:
        """Say how many maps become how many."""
        return f"{self.in_channels}, {self.out_channels}, stride={self.stride}"


def basic_block(
    ndim: int, in_channels: int, channels: int, *, stride: int = 1, shortcut: bool = True
) -> nn.Module:
    """Return two 3-wide convolutions with their norms and a shortcut around them.

    The shortcut is a projection (1-wide convolution and norm) where the shape changes;
    without one (`shortcut=False`) the block is one of a plain network.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import basic_block
    >>> basic_block(1, 8, 16, stride=2)(torch.zeros(2, 8, 50)).shape
    torch.Size([2, 16, 25])
    """
    body = nn.Sequential()
    body.add_module("a", conv_norm_relu(ndim, in_channels, channels, 3, stride=stride, padding=1))
    body.add_module("b", conv_norm_relu(ndim, channels, channels, 3, padding=1, relu=False))
    return _around(body, ndim, in_channels, channels, stride, shortcut)


def bottleneck(
    ndim: int,
    in_channels: int,
    channels: int,
    out_channels: int,
    *,
    stride: int = 1,
    stride_in: str = "3x3",
    shortcut: bool = True,
) -> nn.Module:
    """Return a 1-wide, a 3-wide and a 1-wide convolution with a shortcut around them.

    `stride_in` says which convolution is strided: "1x1" the first, as in the paper of 2015, or
    "3x3" the second, which drops no sample unseen and is what weights in circulation have.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import bottleneck
    >>> bottleneck(3, 16, 4, 16)(torch.zeros(1, 16, 5, 6, 7)).shape
    torch.Size([1, 16, 5, 6, 7])
    """
    _checks.one_of("stride_in", stride_in, ["3x3", "1x1"])
    first, second = (stride, 1) if stride_in == "1x1" else (1, stride)
    body = nn.Sequential()
    body.add_module("a", conv_norm_relu(ndim, in_channels, channels, 1, stride=first))
    body.add_module("b", conv_norm_relu(ndim, channels, channels, 3, stride=second, padding=1))
    body.add_module("c", conv_norm_relu(ndim, channels, out_channels, 1, relu=False))
    return _around(body, ndim, in_channels, out_channels, stride, shortcut)


def xception_block(
    ndim: int,
    in_channels: int,
    channels: tuple[int, ...],
    *,
    stride: int = 1,
    relu_first: bool = True,
) -> nn.Module:
    """Return depthwise-separable convolutions of `channels` maps with a shortcut around them.

    A ReLU stands before each of them (before the first only if `relu_first`), a norm behind;
    with a stride, max pooling ends the block (Chollet 2017).

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import xception_block
    >>> xception_block(2, 8, (16, 16), stride=2)(torch.zeros(1, 8, 9, 9)).shape
    torch.Size([1, 16, 5, 5])
    """
    body = nn.Sequential()
    before = in_channels
    for number, after in enumerate(channels, start=1):
        if number > 1 or relu_first:
            body.add_module(f"relu{number}", nn.ReLU())
        body.add_module(f"conv{number}", depthwise_separable(ndim, before, after, 3, bias=False))
        body.add_module(f"norm{number}", batch_norm(ndim, after))
        before = after
    if stride > 1:
        body.add_module("pool", max_pool(ndim, 3, stride, padding=1))
    shortcut = None
    if stride > 1 or before != in_channels:
        shortcut = conv_norm_relu(ndim, in_channels, before, 1, stride=stride, relu=False)
    return Residual(body, shortcut)


def _around(
    body: nn.Sequential,
    ndim: int,
    in_channels: int,
    out_channels: int,
    stride: int,
    shortcut: bool,
) -> nn.Module:
    if not shortcut:
        body.add_module("relu", nn.ReLU())
        return body
    projection = None
    if stride > 1 or in_channels != out_channels:
        projection = conv_norm_relu(ndim, in_channels, out_channels, 1, stride=stride, relu=False)
    return Residual(body, projection, nn.ReLU())
