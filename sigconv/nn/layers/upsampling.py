"""Back to finer grids: the blocks of a U-Net, and the fixed upsampling of an FCN."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ... import _checks
from ._dimension import by_dimension
from .convolution import transposed_convolution
from .units import conv_norm_relu


def double_convolution(
    ndim: int, in_channels: int, out_channels: int, *, padding: str = "valid", norm: bool = False
) -> nn.Sequential:
    """Return two 3-wide convolutions with their ReLUs: one level of a U-Net.

    `padding` is "valid" (2 samples less on each side) or "same".

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import double_convolution
    >>> double_convolution(2, 1, 8)(torch.zeros(1, 1, 20, 30)).shape
    torch.Size([1, 8, 16, 26])
    """
    width = int(_checks.one_of("padding", padding, ["valid", "same"]) == "same")
    return nn.Sequential(
        conv_norm_relu(ndim, in_channels, out_channels, 3, padding=width, norm=norm),
        conv_norm_relu(ndim, out_channels, out_channels, 3, padding=width, norm=norm),
    )


class UpAndJoin(nn.Module):
    """Twice the samples, beside the maps of the way down, then a double convolution.

    Where the sizes differ, the maps from the way down are cut in the middle ("valid"), or the
    others are continued by their last sample ("same", inputs of odd size).

    Parameters
    ----------
    ndim : {1, 2, 3}
    in_channels : int
        From below; half as many go up.
    skip_channels, out_channels : int
    padding : {"valid", "same"}
    norm : bool

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import UpAndJoin
    >>> up = UpAndJoin(1, 16, 8, 8)
    >>> up(torch.zeros(1, 16, 10), torch.zeros(1, 8, 28)).shape
    torch.Size([1, 8, 16])
    """

    def __init__(
        self,
        ndim: int,
        in_channels: int,
        skip_channels: int,
        out_channels: int,
        *,
        padding: str = "valid",
        norm: bool = False,
    ) -> None:
        super().__init__()
        self.same = padding == "same"
        half = max(1, in_channels // 2)
        self.up = transposed_convolution(ndim, in_channels, half, 2, stride=2)
        self.join = double_convolution(
            ndim, skip_channels + half, out_channels, padding=padding, norm=norm
        )

    def forward(self, below: Tensor, skip: Tensor) -> Tensor:
        """(batch, in_channels, ...), (batch, skip_channels, ...) -> (batch, out_channels, ...)."""
        x = self.up(below)
        if self.same:  # an odd size lost a sample on its way down
            missing = [n - m for n, m in zip(skip.shape[2:], x.shape[2:], strict=True)]
            # a file serves other sizes too, which may have lost what these did not
            if torch.compiler.is_exporting() or max(missing) == 1:
                pad = [n for m in missing[::-1] for n in (0, m)]
                x = nn.functional.pad(x, pad, mode="replicate")
        return self.join(torch.cat([cut(skip, x.shape[2:]), x], dim=1))


def cut(x: Tensor, shape: torch.Size | tuple[int, ...], first: int | None = None) -> Tensor:
    """Return the part of `x` of the given size that begins at `first`, or its middle."""
    for axis, n in enumerate(shape, start=2):
        start = (x.shape[axis] - n) // 2 if first is None else first
        x = x.narrow(axis, start, n)
    return x


class LinearUpsample(nn.Module):
    """Upsampling by linear interpolation, as a transposed convolution with a fixed kernel.

    Parameters
    ----------
    ndim : {1, 2, 3}
    channels, factor : int
    padding : int
        What is cut off at both ends.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import LinearUpsample
    >>> LinearUpsample(1, 1, 2, padding=1)(torch.tensor([[[0.0, 4.0, 8.0]]]))
    tensor([[[0., 1., 3., 5., 7., 6.]]])
    """

    kernel: Tensor

    def __init__(self, ndim: int, channels: int, factor: int, *, padding: int = 0) -> None:
        super().__init__()
        self.function = by_dimension(
            {
                1: nn.functional.conv_transpose1d,
                2: nn.functional.conv_transpose2d,
                3: nn.functional.conv_transpose3d,
            },
            ndim,
        )
        self.channels, self.factor, self.padding = channels, factor, padding
        taps = torch.arange(2 * factor) + 0.5
        ramp = 1 - (taps - factor).abs() / factor  # a triangle over two steps of the coarse grid
        kernel = ramp
        for _ in range(ndim - 1):
            kernel = kernel.unsqueeze(-1) * ramp
        kernel = kernel.expand(channels, 1, *kernel.shape).contiguous()
        self.register_buffer("kernel", kernel, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, ...) -> (batch, channels, ...), `factor` times as fine."""
        return self.function(
            x, self.kernel, stride=self.factor, padding=self.padding, groups=self.channels
        )

    def extra_repr(self) -> str:
        """Say how much finer."""
        return f"{self.channels}, factor={self.factor}, padding={self.padding}"
