"""EEG-TCNet (Ingolfsson et al. 2020, https://doi.org/10.1109/SMC42975.2020.9283028)."""

from __future__ import annotations

from torch import Tensor, nn

from ... import _checks
from .. import layers, operators
from . import _eeg
from ._network import Network, scaled
from ._registry import register

#: Both poolings of the front, and the smallest input of which they leave a sample.
_POOL, _SMALLEST = 8, 55


@register("eeg_tcnet", ndims=(1,), domains=("eeg",), smallest=_SMALLEST, rate=250)
class EEGTCNet(Network):
    """EEGNet's filters in front, then causal dilated convolutions; the last moment decides.

    Parameters
    ----------
    in_channels, num_classes : int
    n_times : int, optional
        Not needed: any input of at least 55 samples will do.
    temporal_filters, spatial_filters : int
        As in EEGNet.
    kernel : int
        Width of the first temporal filters in samples.
    causal_filters, causal_kernel, causal_blocks : int
        Feature maps, kernel width and number of the residual blocks; their dilations double.
    dropout : float
    width : float
        Multiplies `temporal_filters` and `causal_filters`.

    Notes
    -----
    As the paper and its authors' code have it, nothing stands between the first two
    convolutions but a batch norm (braindecode has an ELU there). The norm of each spatial filter
    is held to 1 and that of each class' weights to 0.25 at every forward.

    Examples
    --------
    >>> from sigconv.nn import build_model
    >>> model = build_model("eeg_tcnet", in_channels=22, num_classes=4)
    >>> sum(p.numel() for p in model.parameters())
    4304
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        n_times: int | None = None,
        temporal_filters: int = 8,
        spatial_filters: int = 2,
        kernel: int = 64,
        causal_filters: int = 12,
        causal_kernel: int = 4,
        causal_blocks: int = 2,
        dropout: float = 0.5,
        width: float = 1.0,
    ) -> None:
        f1 = scaled(width, _checks.whole("temporal_filters", temporal_filters))
        after = scaled(width, _checks.whole("causal_filters", causal_filters))
        f2 = f1 * _checks.whole("spatial_filters", spatial_filters)
        kernel = _checks.whole("kernel", kernel)
        smallest = _SMALLEST + kernel % 2  # an even kernel adds a sample
        if n_times is not None:
            _eeg.windows_of("eeg_tcnet", n_times, smallest)
        super().__init__(in_channels=in_channels, ndim=1, smallest=smallest)
        spatial = nn.Conv2d(f1, f2, (in_channels, 1), groups=f1, bias=False)
        # (batch, 1, channels, times), as in EEGNet
        self.temporal = nn.Sequential(
            nn.Conv2d(1, f1, (1, kernel), padding=(0, kernel // 2), bias=False),
            nn.BatchNorm2d(f1),
        )
        self.spatial = nn.Sequential(
            layers.max_norm(spatial, 1.0),
            nn.BatchNorm2d(f2),
            nn.ELU(),
            nn.AvgPool2d((1, _POOL)),
            operators.Dropout(dropout),
        )
        self.separable = nn.Sequential(
            nn.Conv1d(f2, f2, 16, padding=8, groups=f2, bias=False),
            nn.Conv1d(f2, f2, 1, bias=False),
            nn.BatchNorm1d(f2),
            nn.ELU(),
            nn.AvgPool1d(_POOL),
            operators.Dropout(dropout),
        )
        blocks = [
            _eeg.CausalBlock(
                f2 if i == 0 else after,
                after,
                _checks.whole("causal_kernel", causal_kernel),
                2**i,
                dropout,
                bias=False,
                eps=1e-3,
                momentum=0.01,
            )
            for i in range(_checks.whole("causal_blocks", causal_blocks))
        ]
        self.causal = nn.Sequential(*blocks)
        self.classifier = layers.max_norm(nn.Linear(after, num_classes), 0.25)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, times) -> (batch, num_classes)."""
        x = operators.front(self.checked(x), self.temporal, self.spatial)
        x = x.squeeze(2)  # (batch, f2, ~times / 8)
        x = operators.separable(x, self.separable)  # (batch, f2, ~times / 64)
        return self.classifier(self.causal(x)[..., -1])
