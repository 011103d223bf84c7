"""Max pooling, compiled: torch takes one output after the other, and looks for its place.

On one thread, 4 x 64 maps of 56 x 56 samples, windows of 3 and stride 2, torch takes 6 ms, an
eighth of an answer of ResNet-18.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from .again import again
from .guard import is_plain_tensor
from .maxima_jit import Three, back_to_largest, largest
from .threads import split_over_threads

_PLAIN = {3: functional.max_pool1d, 4: functional.max_pool2d, 5: functional.max_pool3d}


def _three(values: Sequence[int], fill: int) -> Three:
    """Return one value for each of three axes, the last of which there are."""
    first, second, third = (*[fill] * (3 - len(values)), *values)
    return first, second, third


def _maps(x: Tensor) -> Any:
    """Return (rows, depth, height, width)."""
    return x.detach().contiguous().view(-1, *_three(x.shape[2:], 1)).numpy()


def _largest(x: Tensor, how: Sequence[tuple[int, ...]]) -> Tensor:
    each = zip(x.shape[2:], *how, strict=True)
    out = x.new_empty(*x.shape[:2], *[(n + 2 * p - w) // s + 1 for n, w, s, p in each])
    maps, target, three = _maps(x), _maps(out), _threes(how)

    def part(begin: int, end: int) -> None:
        largest(maps, *three, target, begin, end)

    split_over_threads(part, len(maps))
    return out


def _threes(how: Sequence[tuple[int, ...]]) -> list[Three]:
    return [_three(values, fill) for values, fill in zip(how, (1, 1, 0), strict=True)]


class _Largest(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, *how: tuple[int, ...]) -> Tensor:
        ctx.save_for_backward(x)
        ctx.how = how
        return _largest(x, how)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:
        (x,) = ctx.saved_tensors
        if torch.is_grad_enabled():

            def plain(x: Tensor) -> tuple[Tensor]:
                return (_PLAIN[x.ndim](x, *ctx.how),)

            return *again(plain, (x,), (gradient,)), None, None, None
        to_x = torch.empty_like(x, memory_format=torch.contiguous_format)
        # once more: what was given away may have been changed in its place
        arrays = [_maps(each) for each in (x, _largest(x, ctx.how), gradient)]
        target, three = _maps(to_x), _threes(ctx.how)

        def part(begin: int, end: int) -> None:
            back_to_largest(*arrays, *three, target, begin, end)

        split_over_threads(part, len(target))
        return to_x, None, None, None


def max_pool(
    x: Tensor, window: Sequence[int], stride: Sequence[int], padding: Sequence[int]
) -> Tensor | None:
    """Return the largest of each window along the last axes; None where torch is to do it.

    Parameters
    ----------
    x : Tensor, shape (batch, channels, ...)
    window, stride, padding : sequence of int
        One for each axis, as torch has them.
    """
    if not (
        is_plain_tensor(x)
        and x.ndim in _PLAIN
        and x.ndim == 2 + len(window)
        and x.numel() > 0
        and x.is_contiguous()
    ):
        return None
    each = list(zip(x.shape[2:], window, stride, padding, strict=True))
    if any(n + 2 * p < w or 2 * p > w or p < 0 for n, w, s, p in each):
        return None
    if x.ndim == 3 and not (torch.is_grad_enabled() and x.requires_grad):
        # which is fast where no places are wanted: 0.3 ms where the loops took 1.9
        return functional.max_pool1d(x, window[0], stride[0], padding[0])
    return _Largest.apply(x, tuple(window), tuple(stride), tuple(padding))
