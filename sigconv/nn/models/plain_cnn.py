"""Our own strong small baseline: a few blocks of convolution, norm, ELU and pooling."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from ... import _checks
from .. import layers, operators
from ._network import Classifier, scaled
from ._registry import DOMAINS, register

#: Kernel widths by dimension. Along time the first layer has to hold a cycle of the slowest
#: rhythm of interest (33 samples: 130 ms at 256 Hz); images and volumes say more per sample.
KERNELS = {1: (33, 15, 7), 2: (5, 3, 3), 3: (3, 3, 3)}
#: Pooling by dimension, so that inputs of usual size keep a few samples an axis to the end.
POOLS = {1: 4, 2: 2, 3: 2}


@register("plain_cnn", ndims=(1, 2, 3), domains=DOMAINS, smallest={1: 64, 2: 8, 3: 8}, rate=128)
class PlainCNN(Classifier):
    """Blocks of convolution, batch norm, ELU, average pooling and dropout, then their mean.

    Parameters
    ----------
    in_channels, num_classes : int
    n_times : int, optional
        Not needed: any input at least as long as the product of the pools will do.
    ndim : {1, 2, 3}
    channels : sequence of int
        Feature maps of each block.
    kernels : sequence of int, optional
        Odd kernel widths of each block; (33, 15, 7) in 1D, (5, 3, 3) in 2D, (3, 3, 3) in 3D.
    pool : int, optional
        Pooling window of each block; 4 in 1D, 2 in 2D and 3D.
    dropout : float
    width : float
        Multiplies `channels`.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn import build_model
    >>> model = build_model("plain_cnn", in_channels=1, num_classes=10, ndim=2)
    >>> model(torch.zeros(2, 1, 28, 28)).shape
    torch.Size([2, 10])
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        n_times: int | None = None,
        ndim: int = 1,
        channels: Sequence[int] = (16, 32, 32),
        kernels: Sequence[int] | None = None,
        pool: int | None = None,
        dropout: float = 0.25,
        width: float = 1.0,
    ) -> None:
        widths = [scaled(width, c) for c in channels]
        kernels = KERNELS[ndim] if kernels is None else tuple(kernels)
        if len(kernels) != len(widths):
            raise ValueError(f"kernels must be one for each of {len(widths)} blocks; got {kernels}")
        if any(kernel % 2 == 0 for kernel in kernels):
            raise ValueError(f"kernels must be odd, so that maps keep their size; got {kernels}")
        pool = POOLS[ndim] if pool is None else _checks.whole("pool", pool)
        smallest = pool ** len(widths)
        if n_times is not None and n_times < smallest:
            raise ValueError(f"n_times must be at least {smallest}; got {n_times}")
        super().__init__(in_channels=in_channels, ndim=ndim, smallest=smallest)
        blocks: list[nn.Module] = []
        for before, after, kernel in zip([in_channels, *widths], widths, kernels, strict=False):
            blocks += [
                # no bias: the norm behind it would take it away again
                layers.convolution(ndim, before, after, kernel, padding=kernel // 2, bias=False),
                layers.batch_norm(ndim, after),
                nn.ELU(),
                layers.average_pool(ndim, pool),
                operators.Dropout(dropout),
            ]
        self.features = nn.Sequential(*blocks, layers.GlobalAveragePool())
        self.classifier = nn.Linear(widths[-1], num_classes)
