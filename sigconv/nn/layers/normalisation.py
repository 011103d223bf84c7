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


class Whitening(nn.Module):
    """Each item's channels mixed so that they are uncorrelated and of one power, by itself.

    The symmetric inverse root of the item's covariance over its places, so that channels stay
    as near to what they were as they can. What is alike in all channels (a reference, what
    spreads through the skull) loses its weight.

    Parameters
    ----------
    ridge : float
        Share of the channels' mean power that is added to each: what is weaker is not blown up.

    Notes
    -----
    Nothing is learnt and nothing kept. The root is found by the coupled Newton-Schulz iteration:
    matrix products alone, which every device and export has, and through which gradients go.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.layers import Whitening
    >>> x = torch.randn(1, 2, 1000)
    >>> x[:, 1] += x[:, 0]
    >>> torch.cov(Whitening()(x)[0]).round(decimals=1).abs()
    tensor([[1., 0.],
            [0., 1.]])
    """

    #: Steps until a part of 1e-6 of the whole power has its root in float32.
    _STEPS = 24

    def __init__(self, ridge: float = 0.01) -> None:
        super().__init__()
        self.ridge = _checks.number("ridge", ridge, above=0)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, ...) -> the same shape."""
        maps = x.flatten(2)
        maps = maps - maps.mean(dim=2, keepdim=True)
        channels = maps.shape[1]
        covariance = maps @ maps.transpose(1, 2) / maps.shape[2]
        power = covariance.diagonal(dim1=1, dim2=2).mean(dim=1)[:, None, None]
        power = power.clamp(min=torch.finfo(x.dtype).tiny ** 0.5)
        unit = torch.eye(channels, dtype=x.dtype, device=x.device)
        # all powers together are 1, so that the iteration converges
        scale = channels * (1 + self.ridge)
        root = (covariance / power + self.ridge * unit) / scale
        inverse = unit.expand_as(root)
        for _ in range(self._STEPS):
            step = 1.5 * unit - 0.5 * inverse @ root
            root, inverse = root @ step, step @ inverse
        return (inverse @ maps / (scale * power).sqrt()).reshape(x.shape)

    def extra_repr(self) -> str:
        """Say which number it has."""
        return f"ridge={self.ridge:g}"
