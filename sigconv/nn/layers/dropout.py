"""Dropout of weights (of responses it is torch's `nn.Dropout`)."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.utils import parametrize

from ... import _checks


class _WeightDropout(nn.Module):
    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, weight: Tensor) -> Tensor:
        return nn.functional.dropout(weight, self.p, self.training)


def drop_connect(layer: nn.Module, p: float) -> nn.Module:
    """Leave out each weight of `layer` with probability `p` while it trains; return `layer`.

    DropConnect (Wan et al. 2013), with one draw a batch. The weights that stay are divided by
    1 - p, so that in evaluation, where all are there, the layer gives its expectation.

    Examples
    --------
    >>> from torch import nn
    >>> from sigconv.nn.layers import drop_connect
    >>> layer = drop_connect(nn.Linear(100, 10), 0.5)
    >>> bool((layer.weight == 0).any()), bool((layer.eval().weight == 0).any())
    (True, False)
    """
    p = _checks.number("p", p, at_least=0, below=1)
    parametrize.register_parametrization(layer, "weight", _WeightDropout(p))
    return layer
