"""Video for networks of images: the frames stand side by side as channels."""

from __future__ import annotations

from torch import Tensor, nn

from ... import _checks
from ._network import Network


class OverFrames(Network):
    """A network of images that sees all frames of a clip at once, as channels.

    Parameters
    ----------
    net : torch.nn.Module
        Takes (batch, in_channels * frames, height, width).
    in_channels, frames : int

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn import build_model
    >>> model = build_model("resnet18", ndim=2, in_channels=3, num_classes=2, frames=8, width=0.125)
    >>> model(torch.zeros(1, 3, 8, 40, 60)).shape
    torch.Size([1, 2])
    """

    def __init__(self, net: nn.Module, *, in_channels: int, frames: int) -> None:
        frames = _checks.whole("frames", frames)
        super().__init__(in_channels=in_channels, ndim=3)
        self.frames = frames
        self.net = net
        shape, smallest = (getattr(net, name, None) for name in ("input_shape", "smallest_input"))
        self.input_shape = (frames, *shape) if isinstance(shape, tuple) else None
        self.smallest_input = (frames, *smallest) if isinstance(smallest, tuple) else (frames, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, frames, height, width) -> what the network makes of images."""
        if x.ndim == 5 and x.shape[2] != self.frames:
            raise ValueError(f"x must have {self.frames} frames; got shape {tuple(x.shape)}")
        return self.net(self.checked(x).flatten(1, 2))
