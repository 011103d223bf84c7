"""ATCNet (Altaheri et al. 2022, https://doi.org/10.1109/TII.2022.3197419)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ... import _checks
from .. import layers, operators
from . import _eeg
from ._network import Network, scaled
from ._registry import register

#: Widths for windows that are long enough: the two temporal filters, the two poolings, the
#: windows over the feature map, the causal blocks' kernel; and the least that each can be.
_SIZES, _LEAST = (64, 16, 8, 7, 5, 4), (1, 1, 1, 1, 1, 2)
#: Samples from which these widths hold: the last window spans both causal blocks (7 steps).
_ENOUGH = (5 + 7 - 1) * 8 * 7
_HEADS, _HEAD_SIZE = 2, 8


class _Attention(nn.Module):
    """Self-attention over time with a norm in front and a shortcut around it.

    `torch.nn.MultiheadAttention` wants heads as wide together as the input; these are not.
    """

    def __init__(self, channels: int, dropout: float, attention_dropout: float) -> None:
        super().__init__()
        size = _HEADS * _HEAD_SIZE
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.query = nn.Linear(channels, size)
        self.key = nn.Linear(channels, size)
        self.value = nn.Linear(channels, size)
        self.join = nn.Linear(size, channels)
        self.dropout = nn.Dropout(dropout)
        self.attention_dropout = nn.Dropout(attention_dropout)  # inside torch's attention

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, times) -> the same shape."""
        normed = self.norm(x.transpose(1, 2))
        query, key, value = (
            layer(normed).unflatten(-1, (_HEADS, _HEAD_SIZE)).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )  # (batch, heads, times, head size)
        dropout = self.attention_dropout.p if self.training else 0.0
        attended = nn.functional.scaled_dot_product_attention(query, key, value, dropout_p=dropout)
        joined = self.join(attended.transpose(1, 2).flatten(2))
        return x + self.dropout(joined).transpose(1, 2)


@register("atcnet", ndims=(1,), domains=("eeg",), smallest=1, rate=250)
class ATCNet(Network):
    """Filters in time and over the scalp, then attention and causal blocks on sliding windows.

    Parameters
    ----------
    in_channels, num_classes : int
    n_times : int
        Samples of the input. Below 616 all widths (filters, poolings, windows, causal kernels)
        shrink in proportion, as braindecode has it, so that any length will do.
    temporal_filters, spatial_filters : int
        F1 and D of the paper.
    causal_blocks : int
        Residual blocks on each window; their dilations double.
    dropout, attention_dropout : float
        Between the layers, and of the attention weights.
    width : float
        Multiplies `temporal_filters`.

    Notes
    -----
    Each window has layers and a classifier of its own; the logits are their mean. The norm of
    each class' weights is held to 0.25 at every forward.

    Examples
    --------
    >>> from sigconv.nn import build_model
    >>> model = build_model("atcnet", in_channels=22, num_classes=4, n_times=1000)
    >>> sum(p.numel() for p in model.parameters())
    113732
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        n_times: int | None = None,
        temporal_filters: int = 16,
        spatial_filters: int = 2,
        causal_blocks: int = 2,
        dropout: float = 0.3,
        attention_dropout: float = 0.5,
        width: float = 1.0,
    ) -> None:
        n_times = _eeg.windows_of("atcnet", n_times, 1)
        super().__init__(in_channels=in_channels, ndim=1, input_shape=(n_times,))
        f1 = scaled(width, _checks.whole("temporal_filters", temporal_filters))
        f2 = f1 * _checks.whole("spatial_filters", spatial_filters)
        causal_blocks = _checks.whole("causal_blocks", causal_blocks)
        first, second, pool, next_pool, windows, kernel = (
            size if n_times >= _ENOUGH else max(least, size * n_times // _ENOUGH)
            for size, least in zip(_SIZES, _LEAST, strict=True)
        )
        self.n_windows = windows
        # (batch, 1, channels, times), as in EEGNet
        self.temporal = nn.Sequential(
            nn.ZeroPad2d((*_eeg.same(first), 0, 0)),
            nn.Conv2d(1, f1, (1, first), bias=False),
            nn.BatchNorm2d(f1, eps=1e-4),
        )
        self.spatial = nn.Sequential(
            nn.Conv2d(f1, f2, (in_channels, 1), groups=f1, bias=False),
            nn.BatchNorm2d(f2, eps=1e-4),
            nn.ELU(),
            nn.AvgPool2d((1, pool)),
            nn.Dropout2d(dropout),
        )
        self.refining = nn.Sequential(
            nn.ConstantPad1d(_eeg.same(second), 0.0),
            nn.Conv1d(f2, f2, second, bias=False),
            nn.BatchNorm1d(f2, eps=1e-4),
            nn.ELU(),
            nn.AvgPool1d(next_pool),
            nn.Dropout1d(dropout),
        )
        self.windows = nn.ModuleList(
            nn.Sequential(
                _Attention(f2, dropout, attention_dropout),
                *(
                    _eeg.CausalBlock(f2, f2, kernel, 2**i, dropout, bias=True)
                    for i in range(causal_blocks)
                ),
            )
            for _ in range(windows)
        )
        self.classifiers = nn.ModuleList(
            layers.max_norm(nn.Linear(f2, num_classes), 0.25) for _ in range(windows)
        )

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, n_times) -> (batch, num_classes)."""
        x = operators.front(self.checked(x), self.temporal, self.spatial)
        x = x.squeeze(2)  # (batch, f2, times / 8)
        x = self.refining(x)  # (batch, f2, times / 56)
        length = x.shape[-1] - self.n_windows + 1
        logits = [
            classify(window(x[..., i : i + length])[..., -1])
            for i, (window, classify) in enumerate(zip(self.windows, self.classifiers, strict=True))
        ]
        return torch.stack(logits).mean(0)
