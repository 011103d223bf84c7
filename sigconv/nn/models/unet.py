"""U-Net (Ronneberger et al. 2015)."""

from __future__ import annotations

import itertools

from torch import Tensor, nn

from ... import _checks
from .. import layers
from ._network import Network, initialise, scaled
from ._registry import register


@register("unet", ndims=(1, 2, 3), domains=("image", "ct"), smallest=188)
class UNet(Network):
    """U-Net: a way down to coarse maps, a way up again, and shortcuts from one to the other.

    Parameters
    ----------
    in_channels, num_classes : int
    ndim : {1, 2, 3}
    padding : {"valid", "same"}
        "valid" is the paper's: the output is 184 samples shorter than the input, and every one
        of them sees true samples only. "same" takes any size from 16 on and keeps it.
    batch_norm : bool
        Whether a norm stands behind each convolution but the last.
    levels : int
        How often the resolution is halved.
    dropout : float
        At the end of the way down.
    width : float
        Multiplies the numbers of maps.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn import build_model
    >>> model = build_model("unet", in_channels=1, num_classes=2, ndim=2)
    >>> sum(p.numel() for p in model.parameters())
    31030658
    >>> model.to("meta")(torch.zeros(1, 1, 572, 572, device="meta")).shape
    torch.Size([1, 2, 388, 388])
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        ndim: int = 1,
        padding: str = "valid",
        batch_norm: bool = False,
        levels: int = 4,
        dropout: float = 0.5,
        width: float = 1.0,
    ) -> None:
        same = _checks.one_of("padding", padding, ["valid", "same"]) == "same"
        levels = _checks.whole("levels", levels)
        bottom = 4  # 4 -> 8 -> 4 on every level of the way up
        smallest = 2**levels if same else (bottom + 4) * 2**levels + 4 * (2**levels - 1)
        super().__init__(in_channels=in_channels, ndim=ndim, smallest=smallest)
        maps = [scaled(width, 64 * 2**level) for level in range(levels + 1)]
        self.down = nn.ModuleList(
            layers.double_convolution(ndim, before, after, padding=padding, norm=batch_norm)
            for before, after in itertools.pairwise([in_channels, *maps])
        )
        self.pool = layers.max_pool(ndim, 2)
        self.dropout = nn.Dropout(dropout)
        self.up = nn.ModuleList(
            layers.UpAndJoin(ndim, below, after, after, padding=padding, norm=batch_norm)
            for below, after in itertools.pairwise(reversed(maps))
        )
        self.classifier = layers.pointwise(ndim, maps[0], num_classes)
        initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, ...) -> (batch, num_classes, ...)."""
        skips = []
        x = self.down[0](self.checked(x))
        for down in list(self.down)[1:]:
            skips.append(x)
            x = down(self.pool(x))
        x = self.dropout(x)
        for up in self.up:
            x = up(x, skips.pop())
        return self.classifier(x)
