"""Our own small network for rhythms: the log power of learnt filters, over whole windows."""

from __future__ import annotations

from torch import Tensor, nn

from ... import _checks
from .. import layers
from ..operators import Conv1d
from ._network import Classifier, scaled
from ._registry import register

#: Of the mean power of a batch: below this no power is told from none.
_LEAST_POWER = 1e-6


class _LogPower(nn.Module):
    """The mean square over all times, as a logarithm."""

    def forward(self, x: Tensor) -> Tensor:
        """(batch, maps, times) -> (batch, maps)."""
        return x.square().mean(dim=2).clamp(min=_LEAST_POWER).log()


@register("log_power", ndims=(1,), domains=("eeg",), smallest=65, rate=128)
class LogPower(Classifier):
    """Channels whitened, mixed, each mixture filtered in time: the log power tells the classes.

    For rhythms that last as long as the window: flicker, imagined movement, sleep, rest. When
    something happens in the window it does not see.

    Parameters
    ----------
    in_channels, num_classes : int
    n_times : int, optional
        Not needed: any input at least as long as `kernel` will do.
    filters : int
        Mixtures of the channels, each with one filter in time.
    kernel : int
        Width of the filters in samples: half a second at 128 Hz tells 13 Hz from 17.
    whiten : bool
        Whiten the channels of each window first (`sigconv.nn.layers.Whitening`). What people's
        heads and electrodes do to the signal differs more than what is learnt of them.
    dropout : float
    width : float
        Multiplies `filters`.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn import build_model
    >>> model = build_model("log_power", in_channels=8, num_classes=4)
    >>> model(torch.zeros(2, 8, 512)).shape, sum(p.numel() for p in model.parameters())
    (torch.Size([2, 4]), 2532)
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        n_times: int | None = None,
        filters: int = 32,
        kernel: int = 65,
        whiten: bool = True,
        dropout: float = 0.5,
        width: float = 1.0,
    ) -> None:
        kernel = _checks.whole("kernel", kernel)
        if n_times is not None and n_times < kernel:
            raise ValueError(f"n_times must be at least {kernel}, the kernel; got {n_times}")
        maps = scaled(width, _checks.whole("filters", filters))
        super().__init__(in_channels=in_channels, ndim=1, smallest=kernel)
        self.features = nn.Sequential(
            layers.Whitening() if whiten else nn.Identity(),
            # neither has a bias: the norm behind them would take it away again
            nn.Conv1d(in_channels, maps, 1, bias=False),
            Conv1d(maps, maps, kernel, groups=maps, bias=False),
            nn.BatchNorm1d(maps),
            _LogPower(),
            nn.Dropout(dropout),
        )
        self.classifier = nn.Linear(maps, num_classes)
