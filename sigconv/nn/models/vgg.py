"""VGG (Simonyan and Zisserman 2014): nothing but 3-wide convolutions and pooling."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import nn

from ... import _checks
from .. import layers
from ._network import Classifier, chain, fixed_shape, full_connection, initialise, scaled
from ._registry import register

#: Convolutions of each of the five stages.
STAGES = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
MAPS = (64, 128, 256, 512, 512)


def vgg_features(
    ndim: int,
    in_channels: int,
    depth: int,
    *,
    width: float = 1.0,
    batch_norm: bool = False,
    pooled: Sequence[int] = (1, 2, 3, 4, 5),
    first_padding: int = 1,
    ceil_mode: bool = False,
) -> nn.Sequential:
    """Return the convolutions of a VGG; `pooled` are the stages that a pooling ends."""
    modules: dict[str, nn.Module] = {}
    before = in_channels
    for stage, (repeats, maps) in enumerate(zip(STAGES[depth], MAPS, strict=True), start=1):
        after = scaled(width, maps)
        for number in range(1, repeats + 1):
            padding = first_padding if not modules else 1
            name = f"{stage}_{number}"
            modules[f"conv{name}"] = layers.convolution(ndim, before, after, 3, padding=padding)
            if batch_norm:
                modules[f"norm{name}"] = layers.batch_norm(ndim, after)
            modules[f"relu{name}"] = nn.ReLU()
            before = after
        if stage in pooled:
            modules[f"pool{stage}"] = layers.max_pool(ndim, 2, ceil_mode=ceil_mode)
    return chain(modules)


class VGG(Classifier):
    """VGG: stages of 3-wide convolutions, each ended by a pooling, and three layers of units.

    Parameters
    ----------
    in_channels, num_classes : int
    ndim : {1, 2, 3}
    depth : {11, 13, 16, 19}
        Layers with weights.
    batch_norm : bool
        Whether a norm stands behind each convolution.
    stem : {"paper", "small"}
        "small" leaves out the first two poolings.
    dropout : float
    input_shape : int, or one for each axis
        224 by default (32 with a small stem).
    width : float
        Multiplies the numbers of maps and units.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn import build_model
    >>> with torch.device("meta"):
    ...     model = build_model("vgg16", in_channels=3, num_classes=1000, ndim=2)
    >>> sum(p.numel() for p in model.parameters())
    138357544
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        ndim: int = 1,
        depth: int,
        batch_norm: bool = False,
        stem: str = "paper",
        dropout: float = 0.5,
        input_shape: int | Sequence[int] | None = None,
        width: float = 1.0,
    ) -> None:
        small = _checks.one_of("stem", stem, ["paper", "small"]) == "small"
        pooled = (3, 4, 5) if small else (1, 2, 3, 4, 5)
        least = 2 ** len(pooled)
        shape = fixed_shape(input_shape, 32 if small else 224, ndim, least, f"vgg{depth}")
        super().__init__(in_channels=in_channels, ndim=ndim, input_shape=shape)
        self.features = vgg_features(
            ndim, in_channels, depth, width=width, batch_norm=batch_norm, pooled=pooled
        )
        units = scaled(width, 4096)
        sizes = [scaled(width, 512) * math.prod(n // least for n in shape), units, units]
        self.classifier = full_connection(("fc6", "fc7", "fc8"), sizes, num_classes, dropout)
        initialise(self)


for _depth in STAGES:
    register(f"vgg{_depth}", ndims=(1, 2, 3), domains=("image",), smallest=32, depth=_depth)(VGG)
