"""The deep ConvNet (Schirrmeister et al. 2017, https://doi.org/10.1002/hbm.23730)."""

from __future__ import annotations

from torch import nn

from ... import _checks
from .. import layers, operators
from . import _eeg
from ._network import Classifier, scaled
from ._registry import register

#: Feature maps of the four blocks over those of the first.
_GROWTH = (1, 2, 4, 8)


@register("deep4", ndims=(1,), domains=("eeg",), smallest=441, rate=250)
class Deep4(Classifier):
    """Four blocks of convolution, norm, ELU and max pooling; the first is split by the scalp.

    Parameters
    ----------
    in_channels, num_classes : int
    n_times : int
        Samples of the input (its classifier sees every time step); at least 441.
    filters : int
        Feature maps of the first block; the others have 2, 4 and 8 times as many.
    kernel : int
        Width of all temporal filters in samples.
    pool : int
        Window of the max pooling, and the distance of the windows.
    dropout : float
    width : float
        Multiplies `filters`.

    Examples
    --------
    >>> from sigconv.nn import build_model
    >>> model = build_model("deep4", in_channels=22, num_classes=4, n_times=1000)
    >>> sum(p.numel() for p in model.parameters())
    282879
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        n_times: int | None = None,
        filters: int = 25,
        kernel: int = 10,
        pool: int = 3,
        dropout: float = 0.5,
        width: float = 1.0,
    ) -> None:
        kernel, pool = _checks.whole("kernel", kernel), _checks.whole("pool", pool)
        least = 1
        for _ in _GROWTH:
            least = least * pool + kernel - 1
        steps = n_times = _eeg.windows_of("deep4", n_times, least)
        filters = _checks.whole("filters", filters)
        maps = [scaled(width, filters * growth) for growth in _GROWTH]
        super().__init__(in_channels=in_channels, ndim=1, input_shape=(n_times,))
        blocks: list[nn.Module] = []
        for i, after in enumerate(maps):
            if i == 0:
                blocks.append(_eeg.SpatioTemporal(in_channels, after, after, kernel))
            else:
                blocks.append(operators.Dropout(dropout))
                blocks.append(nn.Conv1d(maps[i - 1], after, kernel, bias=False))
            blocks += [nn.BatchNorm1d(after), nn.ELU(), layers.max_pool(1, pool)]
            steps = (steps - kernel + 1) // pool
        self.features = operators.Sequential(*blocks, nn.Flatten())
        self.classifier = nn.Linear(maps[-1] * steps, num_classes)
        _eeg.xavier(self)
