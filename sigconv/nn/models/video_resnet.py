"""Residual networks for video (Tran et al. 2018, https://arxiv.org/abs/1711.11248)."""

from __future__ import annotations

from torch import Tensor, nn

from ... import _checks
from .. import layers
from ..operators import Conv3d, Sequential
from ._network import Network, initialise, scaled
from ._registry import register

#: Feature maps of the four stages, of two blocks each.
_STAGES = (64, 128, 256, 512)
#: Feature maps between the two halves of R(2+1)D's stem: the paper's, which no rule gives.
_STEM_BETWEEN = 45


def _convolution(kind: str, before: int, after: int, stride: int, between: int) -> nn.Module:
    """Return a convolution of width 3: over time and space, over space, or one after the other."""
    if kind == "3d":
        return Conv3d(before, after, 3, stride, 1, bias=False)
    space = Conv3d(
        before,
        after if kind == "2d" else between,
        (1, 3, 3),
        (1, stride, stride),
        (0, 1, 1),
        bias=False,
    )
    if kind == "2d":
        return space
    time = Conv3d(between, after, (3, 1, 1), (stride, 1, 1), (1, 0, 0), bias=False)
    return Sequential(space, nn.BatchNorm3d(between), nn.ReLU(), time)


class _Block(nn.Module):
    """Two convolutions with a shortcut around them."""

    def __init__(self, kind: str, before: int, after: int, stride: int) -> None:
        super().__init__()
        # as many parameters in space and time apart as there would be together
        between = before * after * 27 // (before * 9 + 3 * after)
        first = _convolution(kind, before, after, stride, between)
        self.conv1 = Sequential(first, nn.BatchNorm3d(after), nn.ReLU())
        second = _convolution(kind, after, after, 1, between)
        self.conv2 = Sequential(second, nn.BatchNorm3d(after))
        self.downsample: nn.Module | None = None
        if stride != 1 or before != after:
            steps = (1 if kind == "2d" else stride, stride, stride)
            self.downsample = Sequential(
                Conv3d(before, after, 1, steps, bias=False), nn.BatchNorm3d(after)
            )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, before, frames, height, width) -> (batch, after, ...)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        return nn.functional.relu(self.conv2(self.conv1(x)) + shortcut)

    def as_residual(self) -> layers.Residual:
        """Return the same block, of the same layers, under our own names."""
        body = nn.Sequential(self.conv1, self.conv2)
        return layers.Residual(body, self.downsample, nn.ReLU())


@register("r3d18", ndims=(3,), domains=("video", "ct"), smallest=1, kinds=("3d",) * 4)
@register("mc3", ndims=(3,), domains=("video",), smallest=1, kinds=("3d", "2d", "2d", "2d"))
@register("r2plus1d", ndims=(3,), domains=("video",), smallest=1, kinds=("2d+1d",) * 4)
class VideoResNet(Network):
    """ResNet-18 over time and space: R3D, MC3 or R(2+1)D.

    The names of the weights are torchvision's, whose state dicts load as they are.

    Parameters
    ----------
    kinds : sequence of {"3d", "2d", "2d+1d"}
        What the convolutions of each stage see: time and space together (R3D; MC3's first
        stage), space alone (MC3's others), or space and then time (R(2+1)D).
    in_channels, num_classes : int
    ndim : {3}
    stem : {"paper", "small"}
        The first convolution: 3 x 7 x 7 with a stride of 2 in space, or 3 x 3 x 3 without, for
        small clips.
    width : float
        Multiplies the numbers of feature maps.

    Examples
    --------
    >>> from sigconv.nn import build_model
    >>> model = build_model("mc3", ndim=3, in_channels=3, num_classes=400)
    >>> sum(p.numel() for p in model.parameters())
    11695440
    """

    in_order = ("stem", "layer1", "layer2", "layer3", "layer4", "pool", "fc")

    def __init__(
        self,
        *,
        kinds: tuple[str, ...],
        in_channels: int,
        num_classes: int,
        ndim: int = 3,
        stem: str = "paper",
        width: float = 1.0,
    ) -> None:
        super().__init__(in_channels=in_channels, ndim=ndim)
        small = _checks.one_of("stem", stem, ("paper", "small")) == "small"
        side, stride = (3, 1) if small else (7, 2)
        first, *_ = maps = [scaled(width, n) for n in _STAGES]
        apart = kinds[0] == "2d+1d"
        between = scaled(width, _STEM_BETWEEN) if apart else first
        self.stem = Sequential(
            Conv3d(
                in_channels,
                between,
                (1 if apart else 3, side, side),
                (1, stride, stride),
                (0 if apart else 1, side // 2, side // 2),
                bias=False,
            ),
            nn.BatchNorm3d(between),
            nn.ReLU(),
        )
        if apart:
            self.stem.extend(
                [
                    Conv3d(between, first, (3, 1, 1), 1, (1, 0, 0), bias=False),
                    nn.BatchNorm3d(first),
                    nn.ReLU(),
                ]
            )
        self.layer1, self.layer2, self.layer3, self.layer4 = (
            Sequential(
                _Block(kind, before, after, 1 if i == 0 else 2), _Block(kind, after, after, 1)
            )
            for i, (kind, before, after) in enumerate(
                zip(kinds, [first, *maps[:-1]], maps, strict=True)
            )
        )
        self.pool = layers.GlobalAveragePool()
        self.fc = nn.Linear(maps[-1], num_classes)
        initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, frames, height, width) -> (batch, num_classes)."""
        x = self.stem(self.checked(x))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.pool(x))
