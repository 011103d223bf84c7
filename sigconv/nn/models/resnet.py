"""ResNet, and the plain net without shortcuts that it was compared with (He et al. 2015)."""

from __future__ import annotations

from torch import nn

from ... import _checks
from .. import layers
from ._network import Classifier, chain, scaled
from ._registry import register

#: Blocks of each stage, and whether they are bottlenecks.
STAGES = {
    18: ((2, 2, 2, 2), False),
    34: ((3, 4, 6, 3), False),
    50: ((3, 4, 6, 3), True),
    101: ((3, 4, 23, 3), True),
    152: ((3, 8, 36, 3), True),
}


class ResNet(Classifier):
    """ResNet: four stages of residual blocks, each at half the resolution of the last.

    Parameters
    ----------
    in_channels, num_classes : int
    ndim : {1, 2, 3}
    depth : {18, 34, 50, 101, 152}
        Layers with weights.
    shortcut : bool
        Whether the blocks have shortcuts; "plain34" has none.
    stride_in : {"3x3", "1x1"}
        Which convolution of a bottleneck is strided: "1x1" in the paper of 2015, "3x3" in
        most weights in circulation.
    stem : {"paper", "small"}
        "small" begins with a 3-wide convolution of stride 1 and without pooling.
    width : float
        Multiplies the numbers of maps.

    Examples
    --------
    >>> from sigconv.nn import build_model
    >>> model = build_model("resnet18", in_channels=3, num_classes=1000, ndim=2)
    >>> sum(p.numel() for p in model.parameters())
    11689512
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        ndim: int = 1,
        depth: int,
        shortcut: bool = True,
        stride_in: str = "3x3",
        stem: str = "paper",
        width: float = 1.0,
    ) -> None:
        _checks.one_of("stride_in", stride_in, ["3x3", "1x1"])
        small = _checks.one_of("stem", stem, ["paper", "small"]) == "small"
        super().__init__(in_channels=in_channels, ndim=ndim)
        stages, narrow = STAGES[depth]
        before = scaled(width, 64)
        modules: dict[str, nn.Module] = {
            "stem": layers.conv_norm_relu(
                ndim,
                in_channels,
                before,
                3 if small else 7,
                stride=1 if small else 2,
                padding=1 if small else 3,
            )
        }
        if not small:
            modules["pool"] = layers.max_pool(ndim, 3, 2, padding=1)
        for number, blocks in enumerate(stages):
            maps = scaled(width, 64 * 2**number)
            stage = nn.Sequential()
            for block in range(blocks):
                stride = 2 if number and not block else 1
                if narrow:
                    after = 4 * maps
                    stage.append(
                        layers.bottleneck(
                            ndim,
                            before,
                            maps,
                            after,
                            stride=stride,
                            stride_in=stride_in,
                            shortcut=shortcut,
                        )
                    )
                else:
                    after = maps
                    stage.append(
                        layers.basic_block(ndim, before, maps, stride=stride, shortcut=shortcut)
                    )
                before = after
            modules[f"stage{number + 1}"] = stage
        self.features = chain(modules)
        self.classifier = chain(
            {"pool": layers.GlobalAveragePool(), "fc": nn.Linear(before, num_classes)}
        )
        for module in self.features.modules():
            if isinstance(module, nn.modules.conv._ConvNd):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


for _depth in STAGES:
    register(
        f"resnet{_depth}",
        ndims=(1, 2, 3),
        domains=("image",),
        smallest=1,
        depth=_depth,
        shortcut=True,
    )(ResNet)
register("plain34", ndims=(1, 2, 3), domains=("image",), smallest=1, depth=34, shortcut=False)(
    ResNet
)
