"""AlexNet (Krizhevsky et al. 2012) and ZFNet (Zeiler and Fergus 2013)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import nn

from ... import _checks
from .. import layers
from ._network import Classifier, chain, fixed_shape, full_connection, initialise, scaled
from ._registry import register

STEMS = ["paper", "small"]


@register("alexnet", ndims=(1, 2, 3), domains=("image",), smallest=67)
class AlexNet(Classifier):
    """AlexNet: five convolutions, local response normalisation, overlapping pooling.

    Parameters
    ----------
    in_channels, num_classes : int
    ndim : {1, 2, 3}
    towers : {1, 2}
        Two put convolutions 2, 4 and 5 into two groups, as on the paper's two graphics cards.
    variant : {"2012", "2014"}
        "2014" is the net of "One weird trick", which weights in circulation have: other
        numbers of maps, no local response normalisation.
    stem : {"paper", "small"}
        "small" begins with a 3-wide convolution of stride 1 and without the first pooling.
    dropout : float
    input_shape : int, or one for each axis
        227 by default (224 with variant "2014", 32 with a small stem).
    width : float
        Multiplies the numbers of maps and units.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn import build_model
    >>> with torch.device("meta"):
    ...     model = build_model("alexnet", in_channels=3, num_classes=1000, ndim=2)
    >>> sum(p.numel() for p in model.parameters())
    62378344
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        ndim: int = 1,
        towers: int = 1,
        variant: str = "2012",
        stem: str = "paper",
        dropout: float = 0.5,
        input_shape: int | Sequence[int] | None = None,
        width: float = 1.0,
    ) -> None:
        if towers not in (1, 2):
            raise ValueError(f"towers must be 1 or 2; got {towers!r}")
        published = _checks.one_of("variant", variant, ["2012", "2014"]) == "2012"
        small = _checks.one_of("stem", stem, STEMS) == "small"
        padding = 1 if small else 0 if published else 2
        least = 7 if small else 67 - 2 * padding
        usual = 32 if small else 227 if published else 224
        shape = fixed_shape(input_shape, usual, ndim, least, "alexnet")
        super().__init__(in_channels=in_channels, ndim=ndim, input_shape=shape)
        counts = (96, 256, 384, 384, 256) if published else (64, 192, 384, 256, 256)
        maps = [towers * scaled(width, n // towers) for n in counts]
        units = scaled(width, 4096)

        def conv(number: int, kernel: int, groups: int = 1) -> nn.Module:
            before, after = maps[number - 2], maps[number - 1]
            return layers.convolution(
                ndim, before, after, kernel, padding=kernel // 2, groups=groups
            )

        def norm() -> nn.Module:
            return layers.LocalResponseNorm(5) if published else nn.Identity()

        def pool() -> nn.Module:
            return layers.max_pool(ndim, 3, 2)

        kernel, stride = (3, 1) if small else (11, 4)
        self.features = chain(
            {
                "conv1": layers.convolution(
                    ndim, in_channels, maps[0], kernel, stride=stride, padding=padding
                ),
                "relu1": nn.ReLU(),
                "norm1": norm(),
                "pool1": nn.Identity() if small else pool(),
                "conv2": conv(2, 5, towers),
                "relu2": nn.ReLU(),
                "norm2": norm(),
                "pool2": pool(),
                "conv3": conv(3, 3),
                "relu3": nn.ReLU(),
                "conv4": conv(4, 3, towers),
                "relu4": nn.ReLU(),
                "conv5": conv(5, 3, towers),
                "relu5": nn.ReLU(),
                "pool5": pool(),
            }
        )
        left = [n if small else ((n + 2 * padding - 11) // 4 + 1 - 3) // 2 + 1 for n in shape]
        left = [((n - 3) // 2 + 1 - 3) // 2 + 1 for n in left]
        sizes = [maps[4] * math.prod(left), units, units]
        self.classifier = full_connection(("fc6", "fc7", "fc8"), sizes, num_classes, dropout)
        initialise(self)


@register("zfnet", ndims=(1, 2, 3), domains=("image",), smallest=47)
class ZFNet(Classifier):
    """ZFNet: AlexNet with a finer first layer; its pooling rounds up.

    Parameters
    ----------
    in_channels, num_classes : int
    ndim : {1, 2, 3}
    stem : {"paper", "small"}
        "small" begins with a 3-wide convolution of stride 1 and without the first pooling, and
        its second convolution has no stride.
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
    ...     model = build_model("zfnet", in_channels=3, num_classes=1000, ndim=2)
    >>> sum(p.numel() for p in model.parameters())
    62357608
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        ndim: int = 1,
        stem: str = "paper",
        dropout: float = 0.5,
        input_shape: int | Sequence[int] | None = None,
        width: float = 1.0,
    ) -> None:
        small = _checks.one_of("stem", stem, STEMS) == "small"
        shape = fixed_shape(input_shape, 32 if small else 224, ndim, 4 if small else 47, "zfnet")
        super().__init__(in_channels=in_channels, ndim=ndim, input_shape=shape)
        maps = [scaled(width, n) for n in (96, 256, 384, 384, 256)]
        units = scaled(width, 4096)

        def conv(number: int) -> nn.Module:
            return layers.convolution(ndim, maps[number - 2], maps[number - 1], 3, padding=1)

        def pool() -> nn.Module:
            return layers.max_pool(ndim, 3, 2, ceil_mode=True)

        self.features = chain(
            {
                "conv1": layers.convolution(
                    ndim,
                    in_channels,
                    maps[0],
                    3 if small else 7,
                    stride=1 if small else 2,
                    padding=1,
                ),
                "relu1": nn.ReLU(),
                "pool1": nn.Identity() if small else pool(),
                "norm1": layers.LocalResponseNorm(5),
                "conv2": layers.convolution(
                    ndim,
                    maps[0],
                    maps[1],
                    5,
                    stride=1 if small else 2,
                    padding=2 if small else 0,
                ),
                "relu2": nn.ReLU(),
                "pool2": pool(),
                "norm2": layers.LocalResponseNorm(5),
                "conv3": conv(3),
                "relu3": nn.ReLU(),
                "conv4": conv(4),
                "relu4": nn.ReLU(),
                "conv5": conv(5),
                "relu5": nn.ReLU(),
                "pool5": pool(),
            }
        )

        def pooled(n: int) -> int:
            return -(-(n - 3) // 2) + 1

        left = list(shape) if small else [(pooled((n - 5) // 2 + 1) - 5) // 2 + 1 for n in shape]
        sizes = [maps[4] * math.prod(pooled(pooled(n)) for n in left), units, units]
        self.classifier = full_connection(("fc6", "fc7", "fc8"), sizes, num_classes, dropout)
        initialise(self)
