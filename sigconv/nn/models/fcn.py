"""Fully convolutional networks on VGG-16 (Long, Shelhamer and Darrell 2015)."""

from __future__ import annotations

from torch import Tensor, nn

from ... import _checks
from .. import layers
from ..layers.upsampling import cut
from ._network import Network, chain, initialise, scaled
from ._registry import register
from .vgg import vgg_features

#: Where the coarse scores begin within the finer ones when the first convolution is padded by
#: 100 and the one of fc6 is not: the paper's own numbers, found by their place in the input.
_OFFSETS = {4: 5, 3: 9}
_LAST_OFFSET = {32: 19, 16: 27, 8: 31}


class FCN(Network):
    """A VGG-16 whose classifier slides over the image, and its scores brought up to full size.

    The scores of coarse maps are added to those of finer ones (with `stride` 16 from the fourth
    pooling, with 8 from the third too). Upsampling is linear, with fixed weights.

    Parameters
    ----------
    in_channels, num_classes : int
    ndim : {1, 2, 3}
    stride : {32, 16, 8}
        Of the finest scores.
    padding : {"valid", "same"}
        "valid" is the paper's: 100 samples beyond each end of the input, none later in the
        classifier. "same" pads every convolution instead, which costs far less on small
        inputs. Both take any size and keep it.
    dropout : float
    width : float
        Multiplies the numbers of maps.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn import build_model
    >>> with torch.device("meta"):
    ...     model = build_model("fcn32s", in_channels=3, num_classes=21, ndim=2)
    >>> sum(p.numel() for p in model.parameters())
    134346581
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        ndim: int = 1,
        stride: int,
        padding: str = "valid",
        dropout: float = 0.5,
        width: float = 1.0,
    ) -> None:
        valid = _checks.one_of("padding", padding, ["valid", "same"]) == "valid"
        super().__init__(in_channels=in_channels, ndim=ndim)
        self.valid = valid
        self.features = vgg_features(
            ndim,
            in_channels,
            16,
            width=width,
            first_padding=100 if valid else 1,
            ceil_mode=True,
        )
        maps, units = scaled(width, 512), scaled(width, 4096)
        self.classifier = chain(
            {
                "fc6": layers.convolution(ndim, maps, units, 7, padding=0 if valid else 3),
                "relu6": nn.ReLU(),
                "dropout6": nn.Dropout(dropout),
                "fc7": layers.pointwise(ndim, units, units),
                "relu7": nn.ReLU(),
                "dropout7": nn.Dropout(dropout),
                "score": layers.pointwise(ndim, units, num_classes),
            }
        )
        finer = {32: (), 16: (4,), 8: (4, 3)}[stride]
        self.scores = nn.ModuleDict(
            {
                f"pool{stage}": layers.pointwise(
                    ndim, scaled(width, {4: 512, 3: 256}[stage]), num_classes
                )
                for stage in finer
            }
        )

        def upsample(factor: int) -> nn.Module:
            return layers.LinearUpsample(
                ndim, num_classes, factor, padding=0 if valid else factor // 2
            )

        self.twice = nn.ModuleList(upsample(2) for _ in finer)
        self.upsample = upsample(stride)
        self.finer = finer
        self.last_offset = _LAST_OFFSET[stride] if valid else 0
        initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, ...) -> (batch, num_classes, ...), of the same size."""
        shape = self.checked(x).shape[2:]
        kept = {}
        for name, module in self.features.named_children():
            x = module(x)
            if name in self.scores:
                kept[name] = x
        x = self.classifier(x)
        for stage, twice in zip(self.finer, self.twice, strict=True):
            scores = self.scores[f"pool{stage}"](kept[f"pool{stage}"])
            x = twice(x)
            offset = _OFFSETS[stage] if self.valid else 0
            if self.valid:
                scores = cut(scores, x.shape[2:], offset)
            else:
                x = cut(x, scores.shape[2:], 0)
            x = x + scores
        return cut(self.upsample(x), shape, self.last_offset)


for _stride in (32, 16, 8):
    register(
        f"fcn{_stride}s", ndims=(1, 2, 3), domains=("image", "ct"), smallest=1, stride=_stride
    )(FCN)
