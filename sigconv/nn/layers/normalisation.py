"""What holds responses and weights to a scale."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from ... import _checks
from ._dimension import by_dimension

_BATCH_NORM: dict[int, type[nn.Module]] = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}


def batch_norm(ndim: int, channels: int, *, eps: float = 1e-5, momentum: float = 0.1) -> nn.Module:
    """Return batch normalisation over `ndim` axes.

    Examples
    --------
    >>> from sigconv.nn.layers import batch_norm
    >>> batch_norm(2, 16)
    BatchNorm2d(16, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
    """
    return by_dimension(_BATCH_NORM, ndim)(channels, eps=eps, momentum=momentum)


class LocalResponseNorm(nn.Module):
    """AlexNet's normalisation: each response over (k + alpha * sum of squares) ** beta.

    The sum goes over `size` neighbouring feature maps at the same place, as in the paper
    (Krizhevsky et al. 2012); torch's layer of this name divides `alpha` by `size`.

    Parameters
    ----------
    size : int
    alpha, beta, k : float

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import LocalResponseNorm
    >>> LocalResponseNorm(5)(torch.ones(2, 96, 55, 55)).shape
    torch.Size([2, 96, 55, 55])
    """

    def __init__(
        self, size: int = 5, *, alpha: float = 1e-4, beta: float = 0.75, k: float = 2.0
    ) -> None:
        super().__init__()
        self.size = _checks.whole("size", size)
        self.alpha, self.beta, self.k = alpha, beta, k

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, ...) -> the same shape."""
        before = self.size // 2
        maps = x.square().flatten(2).transpose(1, 2)  # (batch, places, channels)
        maps = nn.functional.pad(maps, (before, self.size - 1 - before))
        sums = self.size * nn.functional.avg_pool1d(maps, self.size, stride=1)
        scale = (self.k + self.alpha * sums) ** -self.beta
        return x * scale.transpose(1, 2).reshape(x.shape)

    def extra_repr(self) -> str:
        """Say which numbers it has."""
        return f"{self.size}, alpha={self.alpha:g}, beta={self.beta:g}, k={self.k:g}"


class _MaxNorm(nn.Module):
    def __init__(self, limit: float) -> None:
        super().__init__()
        self.limit = limit

    def forward(self, weight: Tensor) -> Tensor:
        return torch.renorm(weight, p=2, dim=0, maxnorm=self.limit)


def max_norm(layer: nn.Module, limit: float) -> nn.Module:
    """Hold the L2 norm of each filter of `layer` to `limit` at every forward; return `layer`.

    The limit is part of the layer (a parametrisation), so the stored parameters stay free and
    the gradient knows of it; nothing has to be called between the steps of the training.

    Examples
    --------
    >>> from torch import nn
    >>> from sigconv.nn.layers import max_norm
    >>> layer = max_norm(nn.Linear(100, 2), 0.25)
    >>> bool((layer.weight.norm(dim=1) <= 0.2501).all())
    True
    """
    parametrize.register_parametrization(layer, "weight", _MaxNorm(limit))
    return layer
