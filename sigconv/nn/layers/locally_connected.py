"""Layers with fewer shared weights, or fewer connections, than a convolution."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ... import _checks
from ._dimension import FUNCTIONS, Size, by_dimension, sizes


class LocallyConnected(nn.Module):
    """A convolution whose kernel differs from place to place (unshared weights).

    Parameters
    ----------
    ndim : {1, 2, 3}
    in_channels, out_channels : int
    kernel, stride : int, or one for each axis
    input_shape : int, or one for each axis
        Samples along each axis of the input: each place has weights of its own.
    bias : bool
        Whether every unit has a bias.

    Attributes
    ----------
    weight : Parameter, shape (places, out_channels, in_channels * taps)
    bias : Parameter, shape (out_channels, *output_shape), or None

    Raises
    ------
    ValueError
        If a size is illegal, or an input has another shape.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import LocallyConnected
    >>> layer = LocallyConnected(1, 2, 4, 3, input_shape=10)
    >>> layer(torch.ones(5, 2, 10)).shape, layer.weight.shape
    (torch.Size([5, 4, 8]), torch.Size([8, 4, 6]))
    """

    def __init__(
        self,
        ndim: int,
        in_channels: int,
        out_channels: int,
        kernel: Size,
        *,
        input_shape: Size,
        stride: Size = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        by_dimension(FUNCTIONS, ndim)
        self.kernel = sizes("kernel", kernel, ndim)
        self.stride = sizes("stride", stride, ndim)
        self.input_shape = (
            _checks.whole("in_channels", in_channels),
            *sizes("input_shape", input_shape, ndim),
        )
        if any(n < k for n, k in zip(self.input_shape[1:], self.kernel, strict=True)):
            raise ValueError(
                f"kernel must fit into input_shape={self.input_shape[1:]}; got {self.kernel}"
            )
        self.output_shape = tuple(
            (n - k) // s + 1
            for n, k, s in zip(self.input_shape[1:], self.kernel, self.stride, strict=True)
        )
        out_channels = _checks.whole("out_channels", out_channels)
        fan_in = in_channels * math.prod(self.kernel)
        self.weight = nn.Parameter(torch.empty(math.prod(self.output_shape), out_channels, fan_in))
        self.bias = nn.Parameter(torch.zeros(out_channels, *self.output_shape)) if bias else None
        nn.init.normal_(self.weight, std=math.sqrt(2 / fan_in))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, *input_shape) -> (batch, out_channels, *output_shape)."""
        if tuple(x.shape[1:]) != self.input_shape:
            raise ValueError(
                f"x must have shape (batch, {', '.join(map(str, self.input_shape))}); "
                f"got {tuple(x.shape)}"
            )
        for axis, (k, s) in enumerate(zip(self.kernel, self.stride, strict=True), start=2):
            x = x.unfold(axis, k, s)  # every window behind the other axes
        ndim = len(self.kernel)
        x = x.flatten(2, 1 + ndim).movedim(1, 2).flatten(2)  # (batch, places, channels * taps)
        x = torch.bmm(self.weight, x.permute(1, 2, 0))  # (places, out_channels, batch)
        x = x.permute(2, 1, 0).unflatten(2, self.output_shape)
        return x if self.bias is None else x + self.bias

    def extra_repr(self) -> str:
        """Say what it takes."""
        return f"{self.input_shape}, kernel={self.kernel}, stride={self.stride}"


class ConnectedMaps(nn.Module):
    """A convolution in which each output map sees only some of the input maps.

    Parameters
    ----------
    ndim : {1, 2, 3}
    table : sequence of sequences of int
        For each output map, the input maps that it sees.
    in_channels : int
    kernel, stride, padding : int, or one for each axis
    bias : bool
        Whether every output map has a bias.

    Attributes
    ----------
    weight : Parameter, shape (connections, *kernel)
        One kernel for each connection, none for those that are missing.

    Examples
    --------
    >>> from sigconv.nn.layers import ConnectedMaps
    >>> layer = ConnectedMaps(2, [(0, 1), (1, 2), (0, 1, 2)], 3, 5)
    >>> layer.weight.shape
    torch.Size([7, 5, 5])
    """

    index: Tensor

    def __init__(
        self,
        ndim: int,
        table: Sequence[Sequence[int]],
        in_channels: int,
        kernel: Size,
        *,
        stride: Size = 1,
        padding: Size = 0,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.function = by_dimension(FUNCTIONS, ndim)
        self.kernel = sizes("kernel", kernel, ndim)
        self.stride = sizes("stride", stride, ndim)
        self.padding = sizes("padding", padding, ndim, at_least=0)
        links = [(out, into) for out, seen in enumerate(table) for into in seen]
        if not all(len(seen) == len(set(seen)) > 0 for seen in table) or not all(
            0 <= into < in_channels for _, into in links
        ):
            raise ValueError(
                f"table must name, for each output map, some of {in_channels} input maps once; "
                f"got {table!r}"
            )
        self.shape = (len(table), in_channels)
        # where each pair of maps finds its kernel; what is not connected: a row of zeros
        index = torch.full(self.shape, len(links), dtype=torch.long)
        for link, pair in enumerate(links):
            index[pair] = link
        self.register_buffer("index", index.flatten(), persistent=False)
        self.weight = nn.Parameter(torch.empty(len(links), *self.kernel))
        self.bias = nn.Parameter(torch.zeros(len(table))) if bias else None
        fan_in = len(links) / len(table) * math.prod(self.kernel)
        nn.init.normal_(self.weight, std=math.sqrt(2 / fan_in))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, ...) -> (batch, len(table), ...)."""
        nothing = self.weight.new_zeros(1, *self.kernel)
        dense = torch.cat([self.weight, nothing]).index_select(0, self.index)
        return self.function(
            x,
            dense.unflatten(0, self.shape),
            self.bias,
            stride=self.stride,
            padding=self.padding,
        )

    def extra_repr(self) -> str:
        """Say how many connections there are."""
        out, into = self.shape
        return f"{into} -> {out}, {len(self.weight)} of {out * into} connected"
