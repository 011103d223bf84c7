"""GoogLeNet (Szegedy et al. 2014)."""

from __future__ import annotations

from torch import Tensor, nn

from ... import _checks
from .. import layers
from ..layers import InceptionSizes
from ._network import Classifier, chain, initialise, scaled
from ._registry import register

#: Table 1 of the paper.
BLOCKS = {
    "inception3a": InceptionSizes(64, 96, 128, 16, 32, 32),
    "inception3b": InceptionSizes(128, 128, 192, 32, 96, 64),
    "inception4a": InceptionSizes(192, 96, 208, 16, 48, 64),
    "inception4b": InceptionSizes(160, 112, 224, 24, 64, 64),
    "inception4c": InceptionSizes(128, 128, 256, 24, 64, 64),
    "inception4d": InceptionSizes(112, 144, 288, 32, 64, 64),
    "inception4e": InceptionSizes(256, 160, 320, 32, 128, 128),
    "inception5a": InceptionSizes(256, 160, 320, 32, 128, 128),
    "inception5b": InceptionSizes(384, 192, 384, 48, 128, 128),
}
#: Behind which blocks the auxiliary heads stand.
AUXILIARY = ("inception4a", "inception4d")


@register("googlenet", ndims=(1, 2, 3), domains=("image",), smallest=31)
class GoogLeNet(Classifier):
    """GoogLeNet: nine inception blocks, and two auxiliary heads for the training.

    Parameters
    ----------
    in_channels, num_classes : int
    ndim : {1, 2, 3}
    aux : bool
        Whether there are auxiliary heads; `heads` gives their logits.
    variant : {"2014", "batch_norm"}
        "2014" is the paper's: 5-wide kernels, biases, local response normalisation.
        "batch_norm" is the net for which weights are in circulation: batch norms instead, 3-wide
        kernels where the paper has 5-wide ones, a last pooling of two samples.
    stem : {"paper", "small"}
        "small" begins with a 3-wide convolution of stride 1 and without the first pooling.
    dropout : float
    width : float
        Multiplies the numbers of maps.

    Notes
    -----
    The auxiliary heads average what they see down to 4 samples along each axis, whatever the
    size of the input (the paper's 5-wide pooling does so at 224).

    Examples
    --------
    >>> from sigconv.nn import build_model
    >>> model = build_model("googlenet", in_channels=3, num_classes=1000, ndim=2)
    >>> sum(p.numel() for p in model.parameters())
    6998552
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        ndim: int = 1,
        aux: bool = False,
        variant: str = "2014",
        stem: str = "paper",
        dropout: float = 0.4,
        width: float = 1.0,
    ) -> None:
        published = _checks.one_of("variant", variant, ["2014", "batch_norm"]) == "2014"
        small = _checks.one_of("stem", stem, ["paper", "small"]) == "small"
        # what four poolings that round up, the last of 3 or of 2 samples, leave a sample of
        least = (8 if published else 4) if small else (31 if published else 15)
        super().__init__(in_channels=in_channels, ndim=ndim, smallest=least)

        def pool(window: int = 3) -> nn.Module:
            return layers.max_pool(ndim, window, 2, ceil_mode=True)

        def response_norm() -> nn.Module:
            return layers.LocalResponseNorm(5) if published else nn.Identity()

        def unit(before: int, after: int, kernel: int, stride: int = 1) -> nn.Module:
            return layers.conv_norm_relu(
                ndim,
                before,
                after,
                kernel,
                stride=stride,
                padding=kernel // 2,
                norm=not published,
                eps=1e-3,
            )

        maps = [scaled(width, n) for n in (64, 64, 192)]
        modules = {
            "conv1": unit(in_channels, maps[0], 3 if small else 7, 1 if small else 2),
            "pool1": nn.Identity() if small else pool(),
            "norm1": response_norm(),
            "conv2": unit(maps[0], maps[1], 1),
            "conv3": unit(maps[1], maps[2], 3),
            "norm3": response_norm(),
            "pool3": pool(),
        }
        before = maps[2]
        seen = {}
        for name, published_sizes in BLOCKS.items():
            sizes = InceptionSizes(*(scaled(width, n) for n in published_sizes))
            modules[name] = layers.inception(
                ndim, before, sizes, five=5 if published else 3, norm=not published
            )
            seen[name] = before = sizes.one + sizes.three + sizes.five + sizes.pooled
            if name == "inception3b":
                modules["pool4"] = pool()
            if name == "inception4e":
                modules["pool5"] = pool(3 if published else 2)
        self.features = chain(modules)
        self.auxiliary = nn.ModuleDict()
        for name in AUXILIARY if aux else ():
            self.auxiliary[name] = chain(
                {
                    "pool": (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d)[
                        ndim - 1
                    ](4),
                    "conv": unit(seen[name], scaled(width, 128), 1),
                    "flatten": nn.Flatten(),
                    "fc1": nn.Linear(scaled(width, 128) * 4**ndim, scaled(width, 1024)),
                    "relu1": nn.ReLU(),
                    "dropout": nn.Dropout(0.7),
                    "fc2": nn.Linear(scaled(width, 1024), num_classes),
                }
            )
        self.classifier = chain(
            {
                "pool": layers.GlobalAveragePool(),
                "dropout": nn.Dropout(dropout),
                "fc": nn.Linear(before, num_classes),
            }
        )
        initialise(self)

    def heads(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return the logits, then those of the auxiliary heads (0.3 of the loss each).

        (batch, in_channels, ...) -> as many times (batch, num_classes) as there are heads.
        """
        logits = []
        x = self.checked(x)
        for name, module in self.features.named_children():
            x = module(x)
            if name in self.auxiliary:
                logits.append(self.auxiliary[name](x))
        return (self.classifier(x), *logits)
