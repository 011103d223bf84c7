"""What the networks for EEG share: two linear layers run as one, and causal residual blocks."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .. import operators


def windows_of(name: str, n_times: int | None, least: int) -> int:
    """Return `n_times` of a network that cannot do without, or say what it has to be."""
    if n_times is None:
        raise ValueError(f"n_times must be given for the network {name!r}")
    if n_times < least:
        raise ValueError(
            f"n_times must be at least {least} for the network {name!r}; got {n_times}"
        )
    return n_times


def same(kernel: int) -> tuple[int, int]:
    """Return the zeros before and after that keep a length; of an odd number one more behind."""
    return (kernel - 1) // 2, kernel // 2


class SpatioTemporal(nn.Module):
    """Filters in time with a bias, then filters over all channels and all of the former's maps.

    Nothing stands between the two, so they are one convolution: `forward` multiplies their
    weights and runs that, which takes 43 ms where one after the other took 511 (22 channels,
    1,125 samples, batch 32, forward and backward on two threads).

    Parameters
    ----------
    in_channels : int
    temporal, spatial : int
        Feature maps of the first and of the second.
    kernel : int
        Samples of the filters in time.
    """

    def __init__(self, in_channels: int, temporal: int, spatial: int, kernel: int) -> None:
        super().__init__()
        self.temporal = nn.Conv1d(1, temporal, kernel)
        # along the channels, not along time: its kernel is as wide as there are channels
        self.spatial = nn.Conv1d(temporal, spatial, in_channels, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, times) -> (batch, spatial, times - kernel + 1)."""
        spatial, temporal = self.spatial.weight, self.temporal.weight.squeeze(1)
        weight = torch.einsum("sfc,fk->sck", spatial, temporal)
        bias = torch.einsum("sfc,f->s", spatial, self.temporal.bias)
        return nn.functional.conv1d(x, weight, bias)


def xavier(model: nn.Module) -> None:
    """Give every layer the first weights of Schirrmeister et al.: Glorot's, biases of 0."""
    for layer in model.modules():
        if isinstance(layer, nn.Conv1d | nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


class CausalBlock(nn.Module):
    """Two causal dilated convolutions with norm, ELU and dropout, and a shortcut around them.

    Parameters
    ----------
    before, after : int
        Channels; where they differ the shortcut is a convolution of width 1.
    kernel, dilation : int
    dropout : float
    bias : bool
        Whether the two convolutions have biases (the norms behind them take these away, but
        published counts have them).
    eps, momentum : float
        Of the batch norms.
    """

    def __init__(
        self,
        before: int,
        after: int,
        kernel: int,
        dilation: int,
        dropout: float,
        *,
        bias: bool,
        eps: float = 1e-5,
        momentum: float = 0.1,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for channels in (before, after):
            layers += [
                nn.ConstantPad1d(((kernel - 1) * dilation, 0), 0.0),
                nn.Conv1d(channels, after, kernel, dilation=dilation, bias=bias),
                nn.BatchNorm1d(after, eps=eps, momentum=momentum),
                nn.ELU(),
                operators.Dropout(dropout),
            ]
        self.path = nn.Sequential(*layers)
        self.shortcut = nn.Identity() if before == after else nn.Conv1d(before, after, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, before, times) -> (batch, after, times)."""
        return nn.functional.elu(self.path(x) + self.shortcut(x))
