"""Batch norms in training, from means and mean squares that are known already.

The few numbers that a norm has are computed by numpy in float64, and their gradients in closed
form: torch's operations on eight numbers each took a quarter of a training step of EEGNet.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .again import again

Numbers = NDArray[np.float64]

#: What is no number shows in the answer, as in torch, and nowhere else.
_quiet = np.errstate(all="ignore")


def _numbers(*tensors: Tensor | None) -> list[Any]:
    return [None if t is None else t.detach().numpy().astype(np.float64) for t in tensors]


@torch.no_grad()
def follow(norm: Any, mean: Numbers, variance: Numbers, n: int) -> None:
    """Move the running statistics as a forward pass over n samples a channel does."""
    rate = norm.momentum
    unbiased = variance * (n / (n - 1))
    for running, value in ((norm.running_mean, mean), (norm.running_var, unbiased)):
        running.mul_(1 - rate).add_(torch.from_numpy(value).to(running), alpha=rate)
    norm.num_batches_tracked.add_(1)


@_quiet
def follow_mixture(
    norm: Any, gain: Tensor, offset: Tensor, mean: Tensor, mean_square: Tensor, n: int
) -> None:
    """Move the running statistics of a norm that sees gain * y + offset.

    `mean` and `mean_square` are y's, over n samples a channel.
    """
    a, b, m, square = _numbers(gain, offset, mean, mean_square)
    follow(norm, a * m + b, a * a * (square - m * m), n)


def _plain_affine(
    gain: Tensor, weight: Tensor, bias: Tensor, mean: Tensor, mean_square: Tensor, eps: float
) -> tuple[Tensor, Tensor]:
    variance = mean_square - mean * mean
    scale = weight.double() * gain * torch.rsqrt(gain * gain * variance + eps)
    return scale.to(weight), (bias.double() - scale * mean).to(bias)


class _Affine(torch.autograd.Function):
    @staticmethod
    @_quiet
    def forward(
        ctx: Any,
        gain: Tensor,
        weight: Tensor,
        bias: Tensor,
        mean: Tensor,
        mean_square: Tensor,
        eps: float,
    ) -> Any:
        g, w, b, m, square = _numbers(gain, weight, bias, mean, mean_square)
        rate = 1 / np.sqrt(g * g * (square - m * m) + eps)
        scale = w * g * rate
        ctx.save_for_backward(gain, weight, bias, mean, mean_square)
        ctx.eps, ctx.rate = eps, rate
        return torch.from_numpy(scale).to(weight), torch.from_numpy(b - scale * m).to(bias)

    @staticmethod
    @_quiet
    def backward(ctx: Any, to_scale: Tensor, to_shift: Tensor) -> Any:
        if torch.is_grad_enabled():
            plain = functools.partial(_plain_affine, eps=ctx.eps)
            return *again(plain, ctx.saved_tensors, (to_scale, to_shift)), None
        like, rate = ctx.saved_tensors[1], ctx.rate
        g, w, _, m, _ = _numbers(*ctx.saved_tensors)
        a, b = _numbers(to_scale, to_shift)
        a -= b * m
        # of w g rate: a rate goes down as the variance and the gain go up
        to_gain = a * w * rate * (ctx.eps * rate * rate)
        to_square = -0.5 * a * w * (g * rate) ** 3
        to_mean = -b * w * g * rate - 2 * m * to_square
        found = [torch.from_numpy(each) for each in (to_gain, a * g * rate, b, to_mean, to_square)]
        return found[0], found[1].to(like), found[2].to(like), *found[3:], None


def affine(
    norm: Any, mean: Tensor, mean_square: Tensor, n: int, gain: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Return a norm's scale and shift of each channel; the running statistics move.

    Parameters
    ----------
    norm : nn.BatchNorm1d or nn.BatchNorm2d
    mean, mean_square : Tensor of float64, shape (channels,)
        Over `n` samples a channel of what the scale is for.
    gain : Tensor of float64, shape (channels,), optional
        What the norm sees is that, times this; its running statistics are left alone.
    """
    if gain is None:
        gain = torch.ones_like(mean)
        follow_mixture(norm, gain, torch.zeros_like(gain), mean, mean_square, n)
    return _Affine.apply(gain, norm.weight, norm.bias, mean, mean_square, norm.eps)


def _plain_gain(
    taps: Tensor, weight: Tensor, bias: Tensor, products: Tensor, sums: Tensor, n: int, eps: float
) -> tuple[Tensor]:
    wide = taps.double()
    mean = wide @ sums / n
    variance = (wide @ products * wide).sum(1) / n - mean * mean
    return (weight.double() * torch.rsqrt(variance + eps) + 0 * bias.double(),)


class _Gain(torch.autograd.Function):
    @staticmethod
    @_quiet
    def forward(
        ctx: Any,
        taps: Tensor,
        weight: Tensor,
        bias: Tensor,
        products: Tensor,
        sums: Tensor,
        n: int,
        norm: Any,
    ) -> Any:
        h, w, b, m = _numbers(taps, weight, bias, sums)
        # by torch: threads of numpy's BLAS would fight for the cores with those of torch
        through = torch.mm(taps.double(), products).numpy()
        mean = (h * m).sum(1) / n
        variance = (through * h).sum(1) / n - mean * mean
        follow(norm, mean, variance, n)
        rate = 1 / np.sqrt(variance + norm.eps)
        ctx.save_for_backward(taps, weight, bias, products, sums)
        ctx.n, ctx.eps, ctx.rate = n, norm.eps, rate
        ctx.slopes = 2 / n * (through - mean[:, None] * m)  # of the variances, to the taps
        offset = torch.from_numpy(b - w * rate * mean)
        ctx.mark_non_differentiable(offset)
        return torch.from_numpy(w * rate), offset

    @staticmethod
    @_quiet
    def backward(ctx: Any, to_gain: Tensor, _: Tensor) -> Any:
        taps, weight, bias, products, sums = ctx.saved_tensors
        if torch.is_grad_enabled():
            plain = functools.partial(
                _plain_gain, products=products, sums=sums, n=ctx.n, eps=ctx.eps
            )
            return *again(plain, (taps, weight, bias), (to_gain,)), None, None, None, None
        w, given = _numbers(weight, to_gain)
        to_weight = given * ctx.rate
        to_taps = (-0.5 * w * to_weight * ctx.rate**2)[:, None] * ctx.slopes
        found = [torch.from_numpy(each).to(taps) for each in (to_taps, to_weight)]
        return *found, torch.zeros_like(bias), None, None, None, None


def gain_and_offset(
    norm: Any, taps: Tensor, products: Tensor, sums: Tensor, n: int
) -> tuple[Tensor, Tensor]:
    """Return the affine map that a norm is behind filters; the running statistics move.

    Parameters
    ----------
    norm : nn.BatchNorm1d or nn.BatchNorm2d
    taps : Tensor, shape (filters, taps)
    products, sums : Tensor of float64
        `statistics.Lagged` of what is filtered.
    n : int
        Samples of each filter's output.

    Returns
    -------
    Tensor, Tensor of float64, shape (filters,)
        The second has no gradient: it is for what a second norm takes away again.
    """
    return _Gain.apply(taps, norm.weight, norm.bias, products, sums, n, norm)


def is_simple(norm: Any) -> bool:
    """Whether a norm is a batch norm with weights and a moving average, in training."""
    return (
        type(norm) in (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)  # not SyncBatchNorm
        and norm.affine
        and norm.track_running_stats
        and norm.momentum is not None
        and norm.training
    )
