"""LeNet of 1989 (Neural Computation 1) and LeNet-5 (LeCun et al. 1998, Proc. IEEE 86)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ... import _checks
from .. import layers
from ._network import Classifier, chain, fixed_shape, initialise, scaled
from ._registry import register

#: What the 16 maps of C3 see of the 6 maps of S2: table I of the paper.
TABLE = (
    *[tuple((first + i) % 6 for i in range(3)) for first in range(6)],
    *[tuple((first + i) % 6 for i in range(4)) for first in range(6)],
    (0, 1, 3, 4),
    (1, 2, 4, 5),
    (0, 2, 3, 5),
    tuple(range(6)),
)


class Squash(nn.Module):
    """The paper's sigmoid: A tanh(S x), with f(1) = 1 and f(-1) = -1."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape -> the same shape."""
        return 1.7159 * torch.tanh(x * (2 / 3))


class Subsample(nn.Module):
    """The mean of each window times a trained coefficient, plus a trained bias, for each map."""

    def __init__(self, ndim: int, channels: int) -> None:
        super().__init__()
        self.pool = layers.average_pool(ndim, 2)
        shape = (channels, *[1] * ndim)
        self.weight = nn.Parameter(torch.ones(shape))
        self.bias = nn.Parameter(torch.zeros(shape))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, ...) -> (batch, channels, half of each axis)."""
        return self.pool(x) * self.weight + self.bias


class CodeDistance(nn.Module):
    """Logits: how near the units are to a fixed code of -1 and 1 for each class.

    The paper's codes are digits drawn in 7 x 12 pixels; these are drawn at random, once for
    all, so that any number of classes has some. They are no parameters.
    """

    codes: Tensor

    def __init__(self, units: int, num_classes: int) -> None:
        super().__init__()
        signs = torch.rand(num_classes, units, generator=torch.Generator().manual_seed(1998))
        self.register_buffer("codes", torch.where(signs < 0.5, -1.0, 1.0))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, units) -> (batch, num_classes)."""
        # -|x - code|^2 / 2 without what all classes share
        return x @ self.codes.T


class UnitBias(nn.Module):
    """A bias for every unit, where weights are shared and biases are not."""

    def __init__(self, channels: int, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels, *shape))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, *shape) -> the same shape."""
        return x + self.bias


@register("lenet1989", ndims=(1, 2, 3), domains=("image",), smallest=1)
class LeNet1989(Classifier):
    """The first trained convolutional network: 12 and 12 maps, 30 units.

    Weights are shared, biases are not; beyond the edges lies the background, -1. Each map of
    the second layer sees 8 neighbouring maps of the first, in a ring.

    Parameters
    ----------
    in_channels, num_classes : int
    ndim : {1, 2, 3}
    input_shape : int, or one for each axis
        16 by default.
    width : float
        Multiplies the numbers of maps and units.

    Examples
    --------
    >>> from sigconv.nn import build_model
    >>> model = build_model("lenet1989", in_channels=1, num_classes=10, ndim=2)
    >>> sum(p.numel() for p in model.parameters())
    9760
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        ndim: int = 1,
        input_shape: int | Sequence[int] | None = None,
        width: float = 1.0,
    ) -> None:
        shape = fixed_shape(input_shape, 16, ndim, 1, "lenet1989")
        super().__init__(in_channels=in_channels, ndim=ndim, input_shape=shape)
        maps, units = scaled(width, 12), scaled(width, 30)
        seen = max(1, round(maps * 8 / 12))
        table = [tuple((first + i) % maps for i in range(seen)) for first in range(maps)]
        half = tuple((n + 1) // 2 for n in shape)
        quarter = tuple((n + 1) // 2 for n in half)
        self.features = chain(
            {
                "pad1": layers.Pad(ndim, 2, value=-1.0),
                "conv1": layers.convolution(ndim, in_channels, maps, 5, stride=2, bias=False),
                "bias1": UnitBias(maps, half),
                "squash1": Squash(),
                "pad2": layers.Pad(ndim, 2, value=-1.0),
                "conv2": layers.ConnectedMaps(ndim, table, maps, 5, stride=2, bias=False),
                "bias2": UnitBias(maps, quarter),
                "squash2": Squash(),
                "flatten": nn.Flatten(),
                "fc3": nn.Linear(maps * torch.Size(quarter).numel(), units),
                "squash3": Squash(),
            }
        )
        self.classifier = nn.Linear(units, num_classes)


@register("lenet5", ndims=(1, 2, 3), domains=("image",), smallest=16)
class LeNet5(Classifier):
    """LeNet-5: two convolutions, two poolings, two layers of units.

    Parameters
    ----------
    in_channels, num_classes : int
    ndim : {1, 2, 3}
    variant : {"modern", "1998"}
        "modern" has ReLUs, max pooling, full connections and trained outputs. "1998" is the
        paper's: its sigmoid, subsampling with trained coefficients, the table of connections
        of C3, and outputs that tell the distance to fixed codes.
    input_shape : int, or one for each axis
        32 by default.
    width : float
        Multiplies the numbers of maps and units; 1 with variant "1998" if the table is to
        be the paper's (its entries are taken in turn otherwise).

    Examples
    --------
    >>> from sigconv.nn import build_model
    >>> model = build_model("lenet5", in_channels=1, num_classes=10, ndim=2)
    >>> sum(p.numel() for p in model.parameters())
    61706
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        ndim: int = 1,
        variant: str = "modern",
        input_shape: int | Sequence[int] | None = None,
        width: float = 1.0,
    ) -> None:
        _checks.one_of("variant", variant, ["modern", "1998"])
        shape = fixed_shape(input_shape, 32, ndim, 16, "lenet5")
        super().__init__(in_channels=in_channels, ndim=ndim, input_shape=shape)
        sizes = [scaled(width, n) for n in (6, 16, 120, 84)]
        left = torch.Size(((n - 4) // 2 - 4) // 2 for n in shape).numel()
        modern = variant == "modern"

        def pool(channels: int) -> nn.Module:
            return layers.max_pool(ndim, 2) if modern else Subsample(ndim, channels)

        def activation() -> nn.Module:
            return nn.ReLU() if modern else Squash()

        table = [sorted({i % sizes[0] for i in seen}) for seen in TABLE]
        conv3 = (
            layers.convolution(ndim, sizes[0], sizes[1], 5)
            if modern
            else layers.ConnectedMaps(ndim, [table[i % 16] for i in range(sizes[1])], sizes[0], 5)
        )
        # in the paper the squashing follows the subsampling too
        self.features = chain(
            {
                "conv1": layers.convolution(ndim, in_channels, sizes[0], 5),
                "relu1": activation(),
                "pool2": pool(sizes[0]),
                "squash2": nn.Identity() if modern else Squash(),
                "conv3": conv3,
                "relu3": activation(),
                "pool4": pool(sizes[1]),
                "squash4": nn.Identity() if modern else Squash(),
                "flatten": nn.Flatten(),
                "fc5": nn.Linear(sizes[1] * left, sizes[2]),
                "relu5": activation(),
                "fc6": nn.Linear(sizes[2], sizes[3]),
                "relu6": activation(),
            }
        )
        self.classifier = (
            nn.Linear(sizes[3], num_classes) if modern else CodeDistance(sizes[3], num_classes)
        )
        if modern:
            initialise(self)
