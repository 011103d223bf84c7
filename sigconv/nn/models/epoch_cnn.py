"""A network for long recordings in epochs, such as a night's: one encoder for all, then context."""

from __future__ import annotations

from torch import Tensor, nn

from ... import _checks
from .. import layers
from ._network import Network, scaled
from ._registry import register

#: Widths of the encoder's convolutions, and of the poolings behind them: from samples of EEG at
#: about 100 Hz to patterns of seconds.
_KERNELS = (33, 15, 9, 7)
_POOLS = (4, 4, 4, 4)
_MAPS = (16, 32, 48, 64)


@register("epoch_cnn", ndims=(1,), domains=("eeg",), smallest=3000)
class EpochCNN(Network):
    """Says of each epoch of a stretch which class it is, with its neighbours in view.

    Convolutions and poolings make one vector of each epoch, the same for all; convolutions over
    the epochs, with shortcuts, add what lies before and behind.

    Parameters
    ----------
    in_channels, num_classes : int
    n_times : int, optional
        A multiple of `epoch`, if given; any other such length will do as well.
    ndim : {1}
    epoch : int
        Samples of an epoch.
    context : int
        Layers over the epochs: n of them see 2^n - 1 epochs to each side.
    dropout : float
    width : float
        Multiplies the numbers of feature maps.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn import build_model
    >>> model = build_model("epoch_cnn", in_channels=2, num_classes=5, epoch=3000)
    >>> model(torch.zeros(4, 2, 7 * 3000)).shape
    torch.Size([4, 5, 7])
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        n_times: int | None = None,
        ndim: int = 1,
        epoch: int = 3000,
        context: int = 2,
        dropout: float = 0.25,
        width: float = 1.0,
    ) -> None:
        self.epoch = _checks.whole("epoch", epoch, at_least=4 ** len(_POOLS))
        super().__init__(in_channels=in_channels, ndim=ndim, smallest=self.epoch)
        self.multiple_of = self.epoch
        if n_times is not None and n_times % self.epoch:
            raise ValueError(
                f"n_times must be a multiple of an epoch's {self.epoch} samples; got {n_times}"
            )
        maps = [scaled(width, n) for n in _MAPS]
        blocks: list[nn.Module] = []
        for i, (kernel, pool) in enumerate(zip(_KERNELS, _POOLS, strict=True)):
            before = maps[i - 1] if i else in_channels
            blocks += [
                layers.convolution(1, before, maps[i], kernel, padding=kernel // 2, bias=False),
                layers.batch_norm(1, maps[i]),
                nn.ReLU(),
                layers.max_pool(1, pool),
                nn.Dropout(dropout),
            ]
        self.encoder = nn.Sequential(*blocks, layers.GlobalAveragePool())
        self.context = nn.ModuleList(
            nn.Sequential(
                layers.convolution(
                    1, maps[-1], maps[-1], 3, padding=2**i, dilation=2**i, bias=False
                ),
                layers.batch_norm(1, maps[-1]),
                nn.ReLU(),
                nn.Dropout(dropout),
            )
            for i in range(_checks.whole("context", context, at_least=0))
        )
        self.classifier = layers.pointwise(1, maps[-1], num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, n * epoch) -> (batch, num_classes, n)."""
        if self.checked(x).shape[-1] % self.epoch:
            raise ValueError(
                f"x must hold whole epochs of {self.epoch} samples; got shape {tuple(x.shape)}"
            )
        epochs = x.unflatten(-1, (-1, self.epoch)).transpose(1, 2)
        x = self.encoder(epochs.flatten(0, 1)).unflatten(0, epochs.shape[:2]).transpose(1, 2)
        for layer in self.context:
            x = x + layer(x)
        return self.classifier(x)
