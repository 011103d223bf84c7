"""Differentiable operators along time, compiled: filters one by one, moments, ELU and pooling."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ..._simd import VECTOR
from . import filter_jit, pool_jit, sums_jit
from .again import again
from .threads import split_over_threads


def as_rows(x: Tensor) -> NDArray[Any]:
    """Return (trials, channels, times) as contiguous rows (trials * channels, times)."""
    return x.detach().contiguous().flatten(0, 1).numpy()


def as_kernels(taps: Tensor) -> NDArray[Any]:
    """Return kernels (n, taps), padded with zeros to whole vectors."""
    lanes = VECTOR // taps.element_size()
    return functional.pad(taps.detach(), (0, -taps.shape[-1] % lanes)).contiguous().numpy()


def _plain_filter(x: Tensor, taps: Tensor, padding: tuple[int, int]) -> tuple[Tensor, Tensor]:
    channels = x.shape[1]
    weight = taps.repeat_interleave(channels // len(taps), 0).unsqueeze(1)
    out = functional.conv1d(functional.pad(x, padding), weight, groups=channels)
    wide = out.double()
    return out, torch.stack([wide.sum((0, 2)), wide.square().sum((0, 2))], 1)


class _Filter(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, taps: Tensor, padding: tuple[int, int], with_moments: bool
    ) -> Any:
        trials, channels, n = x.shape
        length = n + sum(padding) - taps.shape[1] + 1
        out = x.new_empty(trials, channels, length)
        sums = torch.empty(trials * channels if with_moments else 0, 2, dtype=torch.float64)
        rows, kernels, repeat = as_rows(x), as_kernels(taps), channels // len(taps)
        target, totals = out.flatten(0, 1).numpy(), sums.numpy()

        def part(begin: int, end: int) -> None:
            filter_jit.filter_rows(rows, kernels, 1, repeat, padding[0], target, totals, begin, end)

        split_over_threads(part, len(rows))
        ctx.save_for_backward(x, taps, out if with_moments else None)
        ctx.padding = padding
        ctx.set_materialize_grads(False)
        return (out, sums.view(trials, channels, 2).sum(0)) if with_moments else (out, None)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor | None, to_sums: Tensor | None) -> Any:
        x, taps, out = ctx.saved_tensors
        if torch.is_grad_enabled():
            plain = functools.partial(_plain_filter, padding=ctx.padding)
            return *again(plain, (x, taps), (gradient, to_sums)), None, None
        trials, channels, n = x.shape
        n_taps = taps.shape[1]
        if gradient is None:
            gradient = x.new_zeros(trials, channels, n + sum(ctx.padding) - n_taps + 1)
        needs_x, needs_taps = ctx.needs_input_grad[:2]
        to_x = x.new_empty(trials if needs_x else 0, channels, n)
        to_taps = torch.empty(trials * channels if needs_taps else 0, n_taps, dtype=torch.float64)
        slopes = (
            np.empty((0, 2), as_rows(x).dtype)
            if to_sums is None
            else to_sums.to(x).contiguous().numpy()
        )
        rows, given = as_rows(x), as_rows(gradient)
        outputs = given if out is None else as_rows(out)
        mirrored, repeat = as_kernels(taps.flip(1)), channels // len(taps)
        targets = to_x.flatten(0, 1).numpy(), to_taps.numpy()
        left = ctx.padding[0]

        def part(begin: int, end: int) -> None:
            filter_jit.gradients(
                rows, mirrored, repeat, left, n_taps, outputs, given, slopes, *targets, begin, end
            )

        split_over_threads(part, len(rows))
        if needs_taps:
            to_taps = to_taps.view(trials, len(taps), repeat, n_taps).sum((0, 2)).to(taps)
        return (to_x if needs_x else None), (to_taps if needs_taps else None), None, None


def filtered(x: Tensor, taps: Tensor, padding: tuple[int, int]) -> Tensor:
    """Correlate each channel with a kernel of its own, or neighbours with one they share.

    Parameters
    ----------
    x : Tensor, shape (trials, channels, times)
        On the CPU, float32 or float64.
    taps : Tensor, shape (kernels, taps)
        Of the same type; channel c has the kernel c // (channels / kernels).
    padding : (int, int)
        Zeros before and after, at most taps - 1 each.

    Returns
    -------
    Tensor, shape (trials, channels, times + sum(padding) - taps + 1)
    """
    return _Filter.apply(x, taps, padding, False)[0]


def filtered_with_moments(
    x: Tensor, taps: Tensor, padding: tuple[int, int]
) -> tuple[Tensor, Tensor, Tensor]:
    """Return `filtered`, and each channel's mean and mean square, in float64."""
    out, sums = _Filter.apply(x, taps, padding, True)
    means = sums / (out.shape[0] * out.shape[2])
    return out, means[:, 0], means[:, 1]


class _Moments(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        sums = torch.empty(x.shape[0] * x.shape[1], 2, dtype=torch.float64)
        rows, totals = as_rows(x), sums.numpy()

        def part(begin: int, end: int) -> None:
            sums_jit.moments_of_rows(rows, totals, begin, end)

        split_over_threads(part, len(rows))
        ctx.save_for_backward(x)
        return sums.view(*x.shape[:2], 2).sum(0) / (x.shape[0] * x.shape[2])

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors  # nothing here but torch's operations: it can be derived
        slopes = (gradient / (x.shape[0] * x.shape[2])).to(x)
        return torch.addcmul(slopes[:, :1], x, 2 * slopes[:, 1:])


def moments(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return each channel's mean and mean square, in float64."""
    both = _Moments.apply(x)
    return both[:, 0], both[:, 1]


def _plain_elu_pool(x: Tensor, scale: Tensor, shift: Tensor, window: int) -> tuple[Tensor]:
    active = functional.elu(x * scale[:, None] + shift[:, None])
    return (functional.avg_pool1d(active, window),)


_tables = functools.cache(pool_jit.exponential_table)


class _EluPool(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, scale: Tensor, shift: Tensor, window: int) -> Tensor:
        slope = torch.empty_like(x, memory_format=torch.contiguous_format)
        out = x.new_empty(*x.shape[:2], x.shape[2] // window)
        rows, a, b = as_rows(x), scale.detach().numpy(), shift.detach().numpy()
        slopes, target = slope.flatten(0, 1).numpy(), out.flatten(0, 1).numpy()
        tables = _tables(rows.dtype)

        def part(begin: int, end: int) -> None:
            pool_jit.elu_pooled(rows, a, b, *tables, window, slopes, target, begin, end)

        split_over_threads(part, len(rows))
        ctx.save_for_backward(x, scale, shift, slope)
        ctx.window = window
        return out

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:
        x, scale, shift, slope = ctx.saved_tensors
        if torch.is_grad_enabled():
            plain = functools.partial(_plain_elu_pool, window=ctx.window)
            return *again(plain, (x, scale, shift), (gradient,)), None
        to_x = torch.empty_like(x, memory_format=torch.contiguous_format)
        to_affine = torch.empty(x.shape[0] * x.shape[1], 2, dtype=torch.float64)
        rows, slopes, given, a = (
            as_rows(x),
            as_rows(slope),
            as_rows(gradient),
            scale.detach().numpy(),
        )
        target, sums = to_x.flatten(0, 1).numpy(), to_affine.numpy()

        def part(begin: int, end: int) -> None:
            pool_jit.unpooled(rows, a, slopes, given, ctx.window, target, sums, begin, end)

        split_over_threads(part, len(rows))
        totals = to_affine.view(*x.shape[:2], 2).sum(0).to(scale)
        return to_x, totals[:, 0], totals[:, 1], None


def elu_pooled(x: Tensor, scale: Tensor, shift: Tensor, window: int) -> Tensor:
    """Return the means over windows of ELU(scale * x + shift).

    Parameters
    ----------
    x : Tensor, shape (trials, channels, times)
        On the CPU, float32 or float64.
    scale, shift : Tensor, shape (channels,)
        Of the same type.
    window : int
        As far apart as they are wide; what is left over at the end is dropped.

    Returns
    -------
    Tensor, shape (trials, channels, times // window)
    """
    return _EluPool.apply(x, scale, shift, window)
