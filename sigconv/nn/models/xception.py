"""Xception (Chollet 2017)."""

from __future__ import annotations

from torch import nn

from ... import _checks
from .. import layers
from ._network import Classifier, chain, initialise, scaled
from ._registry import register


@register("xception", ndims=(1, 2, 3), domains=("image",), smallest=7)
class Xception(Classifier):
    """Xception: depthwise-separable convolutions with shortcuts.

    Parameters
    ----------
    in_channels, num_classes : int
    ndim : {1, 2, 3}
    stem : {"paper", "small"}
        The published first two convolutions see no sample beyond the edges, the first with a
        stride of 2; those of "small" keep the size.
    dropout : float
    width : float
        Multiplies the numbers of maps.

    Examples
    --------
    >>> from sigconv.nn import build_model
    >>> model = build_model("xception", in_channels=3, num_classes=1000, ndim=2)
    >>> sum(p.numel() for p in model.parameters())
    22855952
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        ndim: int = 1,
        stem: str = "paper",
        dropout: float = 0.0,
        width: float = 1.0,
    ) -> None:
        small = _checks.one_of("stem", stem, ["paper", "small"]) == "small"
        super().__init__(in_channels=in_channels, ndim=ndim, smallest=1 if small else 7)
        maps = {n: scaled(width, n) for n in (32, 64, 128, 256, 728, 1024, 1536, 2048)}
        padding = int(small)

        def block(before: int, *after: int, stride: int = 1, relu_first: bool = True) -> nn.Module:
            return layers.xception_block(
                ndim,
                maps[before],
                tuple(maps[n] for n in after),
                stride=stride,
                relu_first=relu_first,
            )

        modules: dict[str, nn.Module] = {
            "conv1": layers.conv_norm_relu(
                ndim, in_channels, maps[32], 3, stride=1 if small else 2, padding=padding
            ),
            "conv2": layers.conv_norm_relu(ndim, maps[32], maps[64], 3, padding=padding),
            "block1": block(64, 128, 128, stride=2, relu_first=False),
            "block2": block(128, 256, 256, stride=2),
            "block3": block(256, 728, 728, stride=2),
        }
        for number in range(4, 12):
            modules[f"block{number}"] = block(728, 728, 728, 728)
        modules["block12"] = block(728, 728, 1024, stride=2)
        for number, before, after in ((3, 1024, 1536), (4, 1536, 2048)):
            modules[f"conv{number}"] = layers.depthwise_separable(
                ndim, maps[before], maps[after], 3, bias=False
            )
            modules[f"norm{number}"] = layers.batch_norm(ndim, maps[after])
            modules[f"relu{number}"] = nn.ReLU()
        self.features = chain(modules)
        self.classifier = chain(
            {
                "pool": layers.GlobalAveragePool(),
                "dropout": nn.Dropout(dropout),
                "fc": nn.Linear(maps[2048], num_classes),
            }
        )
        initialise(self)
