"""DenseNet (Huang et al. 2017)."""

from __future__ import annotations

from torch import nn

from ... import _checks
from .. import layers
from ._network import Classifier, chain, initialise, scaled
from ._registry import register

#: Layers of each block, new maps of each layer, maps of the first convolution.
SIZES = {
    121: ((6, 12, 24, 16), 32, 64),
    169: ((6, 12, 32, 32), 32, 64),
    201: ((6, 12, 48, 32), 32, 64),
    161: ((6, 12, 36, 24), 48, 96),
}


class DenseNet(Classifier):
    """DenseNet: four blocks in which every layer sees the maps of all before it.

    Parameters
    ----------
    in_channels, num_classes : int
    ndim : {1, 2, 3}
    depth : {121, 169, 201, 161}
    stem : {"paper", "small"}
        "small" begins with a 3-wide convolution of stride 1 and without pooling.
    width : float
        Multiplies the maps of the first convolution and the growth.

    Examples
    --------
    >>> from sigconv.nn import build_model
    >>> model = build_model("densenet121", in_channels=3, num_classes=1000, ndim=2)
    >>> sum(p.numel() for p in model.parameters())
    7978856
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        ndim: int = 1,
        depth: int,
        stem: str = "paper",
        width: float = 1.0,
    ) -> None:
        small = _checks.one_of("stem", stem, ["paper", "small"]) == "small"
        super().__init__(in_channels=in_channels, ndim=ndim, smallest=8 if small else 29)
        blocks, growth, first = SIZES[depth]
        growth, maps = scaled(width, growth), scaled(width, first)
        modules: dict[str, nn.Module] = {
            "stem": layers.conv_norm_relu(
                ndim,
                in_channels,
                maps,
                3 if small else 7,
                stride=1 if small else 2,
                padding=1 if small else 3,
            )
        }
        if not small:
            modules["pool"] = layers.max_pool(ndim, 3, 2, padding=1)
        for number, count in enumerate(blocks, start=1):
            modules[f"block{number}"] = layers.dense_block(ndim, maps, count, growth=growth)
            maps += count * growth
            if number < len(blocks):
                modules[f"transition{number}"] = layers.transition(ndim, maps, maps // 2)
                maps //= 2
        modules["norm"] = layers.batch_norm(ndim, maps)
        modules["relu"] = nn.ReLU()
        self.features = chain(modules)
        self.classifier = chain(
            {"pool": layers.GlobalAveragePool(), "fc": nn.Linear(maps, num_classes)}
        )
        initialise(self)


for _depth in SIZES:
    register(f"densenet{_depth}", ndims=(1, 2, 3), domains=("image",), smallest=29, depth=_depth)(
        DenseNet
    )
