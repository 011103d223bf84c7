"""Exponential standardisation as a layer."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ...conditioning import standardise
from ...filters import TransferFunction
from . import recursion


class ExponentialStandardise(nn.Module):
    """Mean and deviation of the recent past taken out, as `exponential_moving_standardise` does.

    Parameters
    ----------
    factor : float
        Weight of the newest sample, above 0 and at most 1.
    init_block_size : int, optional
        So many first samples are standardised by their own mean and deviation together.
    eps : float
        The least deviation to divide by, in the units of the input.

    Notes
    -----
    What is not finite makes all that follows NaN, where the numpy path leaves it out. It computes
    in float64 on the CPU, wherever the input is.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.signal_layers import ExponentialStandardise
    >>> x = 300 + 5 * torch.randn(2, 3, 5000)
    >>> bool(abs(ExponentialStandardise()(x)[..., 2000:].std() - 1) < 0.1)
    True
    """

    def __init__(
        self,
        factor: float = 1e-3,
        *,
        init_block_size: int | None = None,
        eps: float = standardise.EPS,
    ) -> None:
        super().__init__()
        standardise.prepare(factor, init_block_size, eps)
        self.factor, self.block, self.eps = float(factor), init_block_size or 0, float(eps)
        poles = [1.0] if factor == 1 else [1.0, factor - 1.0]
        self._sum = TransferFunction([1.0], poles, fs=1.0)

    def forward(self, x: Tensor) -> Tensor:
        """(..., times) -> the same shape."""
        if x.shape[-1] == 0:
            return x.clone()
        wide = x.double()
        origin = wide[..., :1].detach()  # a signal that stays there has no deviation at all
        near = wide - origin
        weights = recursion.filtered(torch.ones_like(near), self._sum)
        distance = near - recursion.filtered(near, self._sum) / weights
        variance = recursion.filtered(distance.square(), self._sum) / weights
        # before the root, whose slope at 0 is infinite
        y = distance / variance.clamp(min=self.eps**2).sqrt()
        if self.block:
            first = near[..., : self.block]
            centred = first - first.mean(-1, keepdim=True)
            deviation = centred.square().mean(-1, keepdim=True).clamp(min=self.eps**2).sqrt()
            y = torch.cat([centred / deviation, y[..., self.block :]], -1)
        return y.to(x.dtype)
