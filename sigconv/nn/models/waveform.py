"""Very deep networks for raw waveforms (Dai et al. 2016, https://arxiv.org/abs/1610.00087)."""

from __future__ import annotations

from torch import nn

from ... import _checks
from .. import layers, operators
from ._network import Classifier, scaled
from ._registry import register

#: Feature maps of the first convolution; then feature maps and number of layers of each stage.
STAGES: dict[int, tuple[int, tuple[tuple[int, int], ...]]] = {
    3: (256, ((256, 1),)),
    5: (128, ((128, 1), (256, 1), (512, 1))),
    11: (64, ((64, 2), (128, 2), (256, 3), (512, 2))),
    18: (64, ((64, 4), (128, 4), (256, 4), (512, 4))),
    34: (48, ((48, 3), (96, 4), (192, 6), (384, 3))),  # layers of two convolutions
}
#: The first convolution and every stage but a fifth end in a pooling of this window.
_POOL, _MOST_POOLS = 4, 4


@register("m3", ndims=(1, 2), domains=("audio",), smallest=64, depth=3, shortcut=None)
@register("m5", ndims=(1, 2), domains=("audio",), smallest=1024, depth=5, shortcut=None)
@register("m11", ndims=(1, 2), domains=("audio",), smallest=1024, depth=11, shortcut=None)
@register("m18", ndims=(1, 2), domains=("audio",), smallest=1024, depth=18, shortcut=None)
@register("m34res", ndims=(1, 2), domains=("audio",), smallest=1024, depth=34)
class WaveformNet(Classifier):
    """A convolution as wide as a band-pass filter, then stages of narrow ones, then their mean.

    Parameters
    ----------
    depth : {3, 5, 11, 18, 34}
        Convolutions and the classifier: M3 to M18, and M34-res.
    in_channels, num_classes : int
    n_times : int, optional
        Not needed: any input of at least 1,024 samples (M3: 64) along each axis will do.
    ndim : {1, 2}
    shortcut : {"identity", "bn"}
        M34-res: what stands behind each addition beside the ReLU, nothing or a batch norm.
        New feature maps have nothing to take over but zeros, so shortcuts have no parameters.
    kernel, stride : int
        Of the first convolution along each axis: 10 ms and half a millisecond at 8 kHz. A
        spectrogram wants less: 8 and 2, say.
    width : float
        Multiplies the numbers of feature maps.

    Examples
    --------
    >>> from sigconv.nn import build_model
    >>> model = build_model("m5", in_channels=1, num_classes=10)
    >>> sum(p.numel() for p in model.parameters())
    559114
    """

    def __init__(
        self,
        *,
        depth: int,
        in_channels: int,
        num_classes: int,
        n_times: int | None = None,
        ndim: int = 1,
        shortcut: str | None = "identity",
        kernel: int = 80,
        stride: int = 4,
        width: float = 1.0,
    ) -> None:
        kernel, stride = _checks.whole("kernel", kernel), _checks.whole("stride", stride)
        if shortcut is not None:
            _checks.one_of("shortcut", shortcut, ("identity", "bn"))
        first, stages = STAGES[depth]
        # one value for every `stride` samples: the paper's 32,000 become 8,000
        padding = max(0, kernel - stride + 1) // 2
        smallest = (_POOL ** min(_MOST_POOLS, depth - 1) - 1) * stride + kernel - 2 * padding
        if n_times is not None and n_times < smallest:
            raise ValueError(f"n_times must be at least {smallest}; got {n_times}")
        super().__init__(in_channels=in_channels, ndim=ndim, smallest=smallest)
        before = scaled(width, first)
        wide = layers.convolution(ndim, in_channels, before, kernel, stride=stride, padding=padding)
        pool = layers.max_pool(ndim, _POOL)
        parts: list[nn.Module] = [
            operators.Sequential(wide, layers.batch_norm(ndim, before), nn.ReLU(), pool)
        ]
        for i, (maps, n) in enumerate(stages, start=2):
            after = scaled(width, maps)
            stage = [_layer(ndim, before if j == 0 else after, after, shortcut) for j in range(n)]
            if i <= _MOST_POOLS:
                stage.append(layers.max_pool(ndim, _POOL))
            parts.append(nn.Sequential(*stage))
            before = after
        self.features = nn.Sequential(*parts, layers.GlobalAveragePool())
        self.classifier = nn.Linear(before, num_classes)


def _layer(ndim: int, before: int, after: int, shortcut: str | None) -> nn.Module:
    """Return what a stage repeats."""
    if shortcut is None:
        return operators.Sequential(*_normed(ndim, before, after), nn.ReLU())
    first, second = _normed(ndim, before, after), _normed(ndim, after, after)
    around = layers.MoreMaps(ndim, before, after) if after > before else None
    last = [layers.batch_norm(ndim, after)] if shortcut == "bn" else []
    body = operators.Sequential(*first, nn.ReLU(), *second)
    return layers.Residual(body, around, operators.Sequential(*last, nn.ReLU()))


def _normed(ndim: int, before: int, after: int) -> list[nn.Module]:
    # the published counts have biases, though the norm takes them away again
    return [layers.convolution(ndim, before, after, 3, padding=1), layers.batch_norm(ndim, after)]
