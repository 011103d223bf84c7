"""A convolution with what usually follows it, and convolutions taken apart into cheaper ones."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from .. import operators
from ._dimension import Size, sizes
from .convolution import convolution, depthwise, pointwise
from .normalisation import batch_norm


def conv_norm_relu(
    ndim: int,
    in_channels: int,
    out_channels: int,
    kernel: Size,
    *,
    stride: Size = 1,
    padding: int | str | Sequence[int] = 0,
    dilation: Size = 1,
    groups: int = 1,
    norm: bool = True,
    relu: bool = True,
    eps: float = 1e-5,
) -> nn.Sequential:
    """Return a convolution, its batch norm and its ReLU, by these names.

    With a norm the convolution has no bias, which the norm would take away again. The
    arguments are those of `convolution`.

    Examples
    --------
    >>> from sigconv.nn.layers import conv_norm_relu
    >>> [name for name, _ in conv_norm_relu(2, 3, 8, 3, padding=1).named_children()]
    ['conv', 'norm', 'relu']
    """
    unit = operators.Sequential()
    conv = convolution(
        ndim,
        in_channels,
        out_channels,
        kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        bias=not norm,
    )
    unit.add_module("conv", conv)
    if norm:
        unit.add_module("norm", batch_norm(ndim, out_channels, eps=eps))
    if relu:
        unit.add_module("relu", nn.ReLU())
    return unit


def depthwise_separable(
    ndim: int,
    in_channels: int,
    out_channels: int,
    kernel: Size,
    *,
    stride: Size = 1,
    padding: int | str | Sequence[int] = "same",
    dilation: Size = 1,
    bias: bool = True,
) -> nn.Sequential:
    """Return a filter for each channel, then a mix of the channels (Xception, MobileNet).

    It costs about 1 / out_channels + 1 / taps of what the full convolution costs.

    Examples
    --------
    >>> from sigconv.nn.layers import depthwise_separable
    >>> layer = depthwise_separable(2, 64, 128, 3, bias=False)
    >>> sum(p.numel() for p in layer.parameters())  # instead of 73,728
    8768
    """
    unit = nn.Sequential()
    alone = depthwise(
        ndim, in_channels, kernel, stride=stride, padding=padding, dilation=dilation, bias=False
    )
    unit.add_module("depthwise", alone)
    unit.add_module("pointwise", pointwise(ndim, in_channels, out_channels, bias=bias))
    return unit


def spatially_separable(
    ndim: int,
    in_channels: int,
    out_channels: int,
    kernel: Size,
    *,
    channels: int | None = None,
    stride: Size = 1,
    dilation: Size = 1,
    bias: bool = True,
) -> nn.Sequential:
    """Return one convolution along each axis in turn, of the input's size ("same").

    Parameters
    ----------
    ndim : {1, 2, 3}
    in_channels, out_channels : int
    kernel, stride, dilation : int, or one for each axis
    channels : int, optional
        Feature maps between the axes; `out_channels` by default.
    bias : bool
        Of the last one.

    Examples
    --------
    >>> from sigconv.nn.layers import spatially_separable
    >>> [tuple(layer.kernel_size) for layer in spatially_separable(3, 1, 4, (3, 5, 5))]
    [(3, 1, 1), (1, 5, 1), (1, 1, 5)]
    """
    kernels = sizes("kernel", kernel, ndim)
    strides = sizes("stride", stride, ndim)
    dilations = sizes("dilation", dilation, ndim)
    between = out_channels if channels is None else channels
    unit = nn.Sequential()
    for axis in range(ndim):
        last = axis == ndim - 1

        def along(values: tuple[int, ...], axis: int = axis) -> tuple[int, ...]:
            return tuple(n if i == axis else 1 for i, n in enumerate(values))

        layer = convolution(
            ndim,
            between if axis else in_channels,
            out_channels if last else between,
            along(kernels),
            stride=along(strides),
            dilation=along(dilations),
            padding="same",
            bias=bias and last,
        )
        unit.add_module(f"axis{axis}", layer)
    return unit
