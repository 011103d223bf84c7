"""EEGNet (Lawhern et al. 2018, https://doi.org/10.1088/1741-2552/aace8c)."""

from __future__ import annotations

from torch import Tensor, nn

from ... import _checks
from .. import layers, operators
from ._registry import register


@register("eegnet", ndims=(1,), domains=("eeg",), smallest=27, rate=128)
class EEGNet(nn.Module):
    """EEGNet: filters in time, filters over the scalp, a separable convolution, a classifier.

    Parameters
    ----------
    in_channels, num_classes : int
    n_times : int
        Samples of the input (its classifier sees every time step); at least 27.
    ndim : {1}
    temporal_filters, spatial_filters : int
        F1 and D of the paper: EEGNet-8,2 by default.
    kernel : int
        Width of the temporal filters in samples, half the sampling rate in the paper.
    dropout : float
    momentum : float
        Of the batch norms. The reference has 0.01; training sets of a few hundred trials make
        too few steps for that, so the running statistics lag behind.
    width : float
        Multiplies `temporal_filters`.

    Notes
    -----
    The outputs are logits. Each spatial filter's norm is held to 1 at every forward.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn import build_model
    >>> model = build_model("eegnet", in_channels=8, num_classes=3, n_times=512)
    >>> sum(p.numel() for p in model.parameters())
    2003
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        n_times: int | None = None,
        ndim: int = 1,
        temporal_filters: int = 8,
        spatial_filters: int = 2,
        kernel: int = 64,
        dropout: float = 0.25,
        momentum: float = 0.01,
        width: float = 1.0,
    ) -> None:
        super().__init__()
        if n_times is None:
            raise ValueError("n_times must be given for the network 'eegnet'")
        width = _checks.number("width", width, above=0)
        f1 = max(1, round(width * _checks.whole("temporal_filters", temporal_filters)))
        f2 = f1 * _checks.whole("spatial_filters", spatial_filters)
        self.kernel = kernel = _checks.whole("kernel", kernel)
        filtered = n_times + 2 * (kernel // 2) - kernel + 1
        steps = (filtered // 4 + 1) // 8  # the second block's kernel is even and adds a sample
        if steps < 1:
            least = n_times + 28 - filtered
            raise ValueError(
                f"n_times must be at least {least} for the network 'eegnet'; got {n_times}"
            )
        self.input_shape = (in_channels, n_times)

        def norm(channels: int) -> nn.BatchNorm2d:
            return nn.BatchNorm2d(channels, momentum=momentum, eps=1e-3)

        # (batch, 1, channels, times): EEG as a picture of one colour, as in the paper
        spatial = nn.Conv2d(f1, f2, (in_channels, 1), groups=f1, bias=False)
        self.temporal = nn.Sequential(
            nn.Conv2d(1, f1, (1, kernel), padding=(0, kernel // 2), bias=False), norm(f1)
        )
        self.spatial = nn.Sequential(
            layers.max_norm(spatial, 1.0),
            norm(f2),
            nn.ELU(),
            nn.AvgPool2d((1, 4)),
            operators.Dropout(dropout),
        )
        self.separable = nn.Sequential(
            nn.Conv2d(f2, f2, (1, 16), padding=(0, 8), groups=f2, bias=False),
            nn.Conv2d(f2, f2, 1, bias=False),
            norm(f2),
            nn.ELU(),
            nn.AvgPool2d((1, 8)),
            operators.Dropout(dropout),
        )
        self.classifier = nn.Linear(f2 * steps, num_classes)

    def trial_statistics(self, x: Tensor) -> Tensor:
        """Return what `forward` can be given of these trials, so that it need not find it anew.

        Parameters
        ----------
        x : Tensor, shape (trials, in_channels, n_times)
            On the CPU, float32 or float64.

        Returns
        -------
        Tensor of float64, shape (trials, kernel + 1)
        """
        return operators.trial_statistics(x, self.kernel)

    def forward(self, x: Tensor, statistics: Tensor | None = None) -> Tensor:
        """(batch, in_channels, n_times) -> (batch, num_classes).

        `statistics` are the `trial_statistics` of x; they save time in training on the CPU.
        """
        if tuple(x.shape[1:]) != self.input_shape:
            raise ValueError(
                f"x must have shape (batch, {self.input_shape[0]}, {self.input_shape[1]}); "
                f"got {tuple(x.shape)}"
            )
        x = operators.front(x, self.temporal, self.spatial, statistics)  # (batch, f2, 1, ~times/4)
        x = operators.separable(x, self.separable)  # (batch, f2, 1, ~times / 32)
        return self.classifier(x.flatten(1))
