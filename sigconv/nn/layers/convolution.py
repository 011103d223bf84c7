"""Convolutions over one, two or three axes (what CNN texts call so: correlations)."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from ... import _checks
from .. import operators
from ._dimension import Size, by_dimension, sizes
from .padding import Pad, Pairs, pairs

_CONVOLUTION: dict[int, type[nn.Module]] = {
    1: operators.Conv1d,
    2: operators.Conv2d,
    3: operators.Conv3d,
}
_TRANSPOSED: dict[int, type[nn.Module]] = {
    1: nn.ConvTranspose1d,
    2: nn.ConvTranspose2d,
    3: nn.ConvTranspose3d,
}


def convolution(
    ndim: int,
    in_channels: int,
    out_channels: int,
    kernel: Size,
    *,
    stride: Size = 1,
    padding: int | str | Sequence[int] | Sequence[tuple[int, int]] = 0,
    boundary: str | Sequence[str] = "zero",
    dilation: Size = 1,
    groups: int = 1,
    bias: bool = True,
) -> nn.Module:
    """Return a convolution over `ndim` axes.

    Parameters
    ----------
    ndim : {1, 2, 3}
    in_channels, out_channels : int
    kernel, stride, dilation : int, or one for each axis
    padding : int, "same", or sequence of int or of (before, after)
        Samples beyond the ends. "same" keeps the size where `stride` is 1, and is the answer
        of the same size taken at `[::stride]` otherwise; of an even kernel's odd number of
        samples the last stands behind.
    boundary : str, or one for each axis
        What stands there, in `numpy.pad`'s names.
    groups : int
    bias : bool

    Returns
    -------
    torch.nn.Module
        torch's own layer; behind a `Pad` where torch's has no such padding.

    Raises
    ------
    ValueError
        If a size is illegal, or `groups` does not divide both numbers of channels.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import convolution
    >>> convolution(3, 1, 8, 5).weight.shape
    torch.Size([8, 1, 5, 5, 5])
    >>> convolution(1, 2, 4, 8, padding="same", boundary="reflect")(torch.ones(1, 2, 5)).shape
    torch.Size([1, 4, 5])
    """
    layer = by_dimension(_CONVOLUTION, ndim)
    in_channels = _checks.whole("in_channels", in_channels)
    out_channels = _checks.whole("out_channels", out_channels)
    _divides(groups, in_channels, out_channels)
    kernels = sizes("kernel", kernel, ndim)
    dilations = sizes("dilation", dilation, ndim)
    widths = _widths(padding, kernels, dilations)
    beyond = Pad(ndim, widths, boundary)
    both_sides_zero = set(beyond.boundaries) == {"constant"} and all(a == b for a, b in widths)
    inside = not any(any(pair) for pair in widths) or both_sides_zero
    result = layer(
        in_channels,
        out_channels,
        kernels,
        stride=sizes("stride", stride, ndim),
        padding=tuple(a for a, _ in widths) if inside else 0,
        dilation=dilations,
        groups=groups,
        bias=bias,
    )
    return result if inside else nn.Sequential(beyond, result)


def transposed_convolution(
    ndim: int,
    in_channels: int,
    out_channels: int,
    kernel: Size,
    *,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
    bias: bool = True,
) -> nn.Module:
    """Return a transposed convolution: `convolution` with input and output exchanged.

    Parameters
    ----------
    ndim : {1, 2, 3}
    in_channels, out_channels : int
    kernel, stride, dilation : int, or one for each axis
    padding : int, or one for each axis
        What the convolution would pad, so what is cut off here.
    output_padding : int, or one for each axis
        Further samples at the end, to tell apart the sizes that a stride maps onto one.
    groups : int
    bias : bool

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import transposed_convolution
    >>> transposed_convolution(2, 8, 4, 2, stride=2)(torch.ones(1, 8, 5, 7)).shape
    torch.Size([1, 4, 10, 14])
    """
    layer = by_dimension(_TRANSPOSED, ndim)
    _divides(groups, in_channels, out_channels)
    return layer(
        _checks.whole("in_channels", in_channels),
        _checks.whole("out_channels", out_channels),
        sizes("kernel", kernel, ndim),
        stride=sizes("stride", stride, ndim),
        padding=sizes("padding", padding, ndim, at_least=0),
        output_padding=sizes("output_padding", output_padding, ndim, at_least=0),
        groups=groups,
        bias=bias,
        dilation=sizes("dilation", dilation, ndim),
    )


def depthwise(
    ndim: int,
    channels: int,
    kernel: Size,
    *,
    multiplier: int = 1,
    stride: Size = 1,
    padding: int | str | Sequence[int] | Sequence[tuple[int, int]] = 0,
    boundary: str | Sequence[str] = "zero",
    dilation: Size = 1,
    bias: bool = True,
) -> nn.Module:
    """Return a convolution that filters every channel by itself, `multiplier` times.

    Examples
    --------
    >>> from sigconv.nn.layers import depthwise
    >>> depthwise(1, 22, 64, multiplier=2).weight.shape
    torch.Size([44, 1, 64])
    """
    return convolution(
        ndim,
        channels,
        channels * _checks.whole("multiplier", multiplier),
        kernel,
        stride=stride,
        padding=padding,
        boundary=boundary,
        dilation=dilation,
        groups=channels,
        bias=bias,
    )


def pointwise(
    ndim: int, in_channels: int, out_channels: int, *, stride: Size = 1, bias: bool = True
) -> nn.Module:
    """Return a convolution of width 1: the same mix of the channels at every place.

    Examples
    --------
    >>> from sigconv.nn.layers import pointwise
    >>> pointwise(2, 64, 16).weight.shape
    torch.Size([16, 64, 1, 1])
    """
    return convolution(ndim, in_channels, out_channels, 1, stride=stride, bias=bias)


def _widths(padding: object, kernels: tuple[int, ...], dilations: tuple[int, ...]) -> Pairs:
    if isinstance(padding, str):
        _checks.one_of("padding", padding, ["same"])
        spans = [d * (k - 1) for k, d in zip(kernels, dilations, strict=True)]
        return tuple((span // 2, span - span // 2) for span in spans)
    return pairs("padding", padding, len(kernels))


def _divides(groups: int, in_channels: int, out_channels: int) -> None:
    groups = _checks.whole("groups", groups)
    if in_channels % groups or out_channels % groups:
        raise ValueError(
            f"groups must divide in_channels={in_channels} and out_channels={out_channels}; "
            f"got {groups}"
        )
