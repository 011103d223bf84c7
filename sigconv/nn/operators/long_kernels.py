"""Convolutions along time with one channel a group, compiled, as operators that torch knows.

`conv1d` chooses among them, `tiles` and torch. There are three, each bilinear, and the gradients
of each are the other two: so there are gradients of any order. They are `sigconv::filter_each`,
`sigconv::spread_each` and `sigconv::products_each` in `torch.ops`, and they can be traced.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from . import filter_jit
from .guard import is_plain_tensor
from .rows import as_kernels, as_rows
from .threads import split_over_threads
from .tiles import filter_tiles
from .tiles_jit import TAPS


@torch.library.custom_op("sigconv::filter_each", mutates_args=(), device_types="cpu")
def _filter_each(x: Tensor, taps: Tensor, left: int, right: int) -> Tensor:
    """Return out[b, o, t] = sum over k of taps[o, k] x[b, o // fan, t + k - left]."""
    (trials, channels, n), (maps, n_taps) = x.shape, taps.shape
    out = x.new_empty(trials, maps, n + left + right - n_taps + 1)
    rows, kernels, target = as_rows(x), as_kernels(taps), out.flatten(0, 1).numpy()
    sums = torch.empty(0, 2, dtype=torch.float64).numpy()

    def part(begin: int, end: int) -> None:
        filter_jit.filter_rows(rows, kernels, maps // channels, 1, left, target, sums, begin, end)

    split_over_threads(part, len(target))
    return out


@_filter_each.register_fake
def _(x: Tensor, taps: Tensor, left: int, right: int) -> Tensor:
    return x.new_empty(x.shape[0], taps.shape[0], x.shape[2] + left + right - taps.shape[1] + 1)


@torch.library.custom_op("sigconv::spread_each", mutates_args=(), device_types="cpu")
def _spread_each(gradient: Tensor, taps: Tensor, channels: int, left: int, right: int) -> Tensor:
    """Return what `filter_each` made of its input, taken back to it."""
    (trials, maps, n), n_taps = gradient.shape, taps.shape[1]
    out = gradient.new_empty(trials, channels, n + n_taps - 1 - left - right)
    rows, mirrored, target = as_rows(gradient), as_kernels(taps.flip(1)), out.flatten(0, 1).numpy()

    def part(begin: int, end: int) -> None:
        filter_jit.spread_rows(
            rows, mirrored, maps // channels, n_taps - 1 - left, target, begin, end
        )

    split_over_threads(part, len(target))
    return out


@_spread_each.register_fake
def _(gradient: Tensor, taps: Tensor, channels: int, left: int, right: int) -> Tensor:
    n = gradient.shape[2] + taps.shape[1] - 1 - left - right
    return gradient.new_empty(gradient.shape[0], channels, n)


@torch.library.custom_op("sigconv::products_each", mutates_args=(), device_types="cpu")
def _products_each(gradient: Tensor, x: Tensor, n_taps: int, left: int) -> Tensor:
    """Return out[o, k] = sum over b and t of gradient[b, o, t] x[b, o // fan, t + k - left]."""
    trials, maps, _ = gradient.shape
    found = torch.empty(trials * maps, n_taps, dtype=torch.float64)
    rows, inputs, target = as_rows(gradient), as_rows(x), found.numpy()

    def part(begin: int, end: int) -> None:
        filter_jit.products(rows, inputs, maps // x.shape[1], left, target, begin, end)

    split_over_threads(part, len(target))
    return found.view(trials, maps, n_taps).sum(0).to(x)


@_products_each.register_fake
def _(gradient: Tensor, x: Tensor, n_taps: int, left: int) -> Tensor:
    return gradient.new_empty(gradient.shape[1], n_taps)


def _keep_filter(ctx: Any, inputs: Any, output: Tensor) -> None:
    x, taps, ctx.left, ctx.right = inputs
    ctx.save_for_backward(x, taps)


def _filter_backward(ctx: Any, gradient: Tensor) -> Any:
    x, taps = ctx.saved_tensors
    to_x = to_taps = None
    if ctx.needs_input_grad[0]:
        to_x = _spread_each(gradient, taps, x.shape[1], ctx.left, ctx.right)
    if ctx.needs_input_grad[1]:
        to_taps = _products_each(gradient, x, taps.shape[1], ctx.left)
    return to_x, to_taps, None, None


def _keep_spread(ctx: Any, inputs: Any, output: Tensor) -> None:
    given, taps, _, ctx.left, ctx.right = inputs
    ctx.save_for_backward(given, taps)


def _spread_backward(ctx: Any, gradient: Tensor) -> Any:
    given, taps = ctx.saved_tensors
    to_given = _filter_each(gradient, taps, ctx.left, ctx.right)
    return to_given, _products_each(given, gradient, taps.shape[1], ctx.left), None, None, None


def _keep_products(ctx: Any, inputs: Any, output: Tensor) -> None:
    given, x, n_taps, ctx.left = inputs
    ctx.right = given.shape[2] + n_taps - 1 - ctx.left - x.shape[2]
    ctx.save_for_backward(given, x)


def _products_backward(ctx: Any, gradient: Tensor) -> Any:
    given, x = ctx.saved_tensors
    to_given = _filter_each(x, gradient, ctx.left, ctx.right)
    return to_given, _spread_each(given, gradient, x.shape[1], ctx.left, ctx.right), None, None


_filter_each.register_autograd(_filter_backward, setup_context=_keep_filter)
_spread_each.register_autograd(_spread_backward, setup_context=_keep_spread)
_products_each.register_autograd(_products_backward, setup_context=_keep_products)


#: Taps from which a training step is faster. Measured on one thread, 16 trials of 1,000 samples,
#: one channel into 8 maps and 16 and 176 depthwise maps, times torch's: 8 taps 1.3 to 2.8 a step
#: and 0.6 to 1.2 forward alone; 16 taps 2.4 to 6.5 and 1.2 to 14; 256 taps 4 to 20 and 4 to 30.
FEWEST_TAPS = 8

#: Where one channel goes into so many maps that tiles are faster than all else: from so many taps
#: on, without and with a stride, and so many products a trial. Measured on one thread, 16 trials of
#: 4,000 samples, times the faster of torch's and the loops above, forward and a training step: no
#: stride, 16 maps and more, 20 taps 1.1 to 3.3 and 1.3 to 2.5, 80 taps 1.3 to 4.1 and 1.3 to 1.8;
#: stride 2 and 4, 8 maps and more, 40 taps 0.7 to 1.4 and 1.1 to 1.5, 80 taps 1.7 to 3.2 and
#: 1.7 to 2.5.
FEWEST_TILED, FEWEST_STRIDED = 20, 64
LEAST_PRODUCTS = 1 << 19


def conv1d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int = 1,
    groups: int = 1,
) -> Tensor:
    """Compute `torch.nn.functional.conv1d`, through the compiled loops where these are faster.

    Parameters
    ----------
    x : Tensor, shape (batch, channels, times)
    weight : Tensor, shape (maps, channels / groups, taps)
    bias : Tensor, optional, shape (maps,)
    stride, dilation, groups : int
    padding : int or (int, int)
        Zeros before and after.

    Returns
    -------
    Tensor, shape (batch, maps, ...)
        As torch's, up to rounding, with gradients of any order.

    Notes
    -----
    The loops take one input channel a group, on the CPU, of one type, with at least
    `FEWEST_TAPS` taps, no stride and no dilation; and memory for the output only, where torch
    writes down every window. One channel alone that goes into many maps, strided too, is taken by
    tiles, with two fifths of the products (`tiles_jit`); in float32 the error is some 5e-6 of what
    the kernel makes of white noise, three times torch's.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.operators import conv1d
    >>> conv1d(torch.ones(1, 1, 100), torch.ones(2, 1, 31), padding=(15, 15)).shape
    torch.Size([1, 2, 100])
    """
    before, after = (padding, padding) if isinstance(padding, int) else padding
    if _are_tiles_faster(x, weight, bias, stride, dilation, (before, after)):
        length = (x.shape[2] + before + after - weight.shape[2]) // stride + 1
        shift = weight.new_zeros(weight.shape[0]) if bias is None else bias
        return filter_tiles(x.squeeze(1), weight.squeeze(1), shift, stride, before, length)
    if _is_compiled_faster(x, weight, stride, dilation, groups, (before, after)):
        out = _filter_each(x, weight.squeeze(1), before, after)
        return out if bias is None else out + bias[:, None]
    if before == after:
        return functional.conv1d(x, weight, bias, stride, before, dilation, groups)
    padded = functional.pad(x, (before, after))
    return functional.conv1d(padded, weight, bias, stride, 0, dilation, groups)


def _are_tiles_faster(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: int,
    dilation: int,
    padding: tuple[int, int],
) -> bool:
    maps, _, n_taps = weight.shape
    fewest = FEWEST_TILED if stride == 1 else FEWEST_STRIDED
    return (
        x.ndim == 3
        and x.shape[1] == weight.shape[1] == dilation == 1
        and maps >= (16 if stride == 1 else 8)
        and n_taps >= max(fewest, TAPS * stride)
        and (x.shape[2] + sum(padding) - n_taps) // stride * maps * n_taps >= LEAST_PRODUCTS
        and min(padding) >= 0
        and max(padding) < n_taps
        and x.shape[0] > 0
        and x.dtype == weight.dtype
        and (bias is None or bias.dtype == x.dtype)
        and _may_run(x)
    )


def _is_compiled_faster(
    x: Tensor, weight: Tensor, stride: int, dilation: int, groups: int, padding: tuple[int, int]
) -> bool:
    n_taps = weight.shape[-1]
    return (
        weight.shape[1] == stride == dilation == 1
        and n_taps >= FEWEST_TAPS
        and x.ndim == 3
        and groups == x.shape[1]
        and min(padding) >= 0
        and max(padding) < n_taps <= x.shape[2] + sum(padding)
        and x.shape[0] > 0
        and x.dtype == weight.dtype
        and _may_run(x)
    )


def _may_run(x: Tensor) -> bool:
    if torch.compiler.is_compiling():  # it knows the operators; what is exported must not
        return x.device.type == "cpu" and not torch.compiler.is_exporting()
    return is_plain_tensor(x)


class Conv1d(nn.Conv1d):
    """torch's layer, by `conv1d`: the same parameters, state and answer.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.operators import Conv1d
    >>> Conv1d(1, 8, 65, padding="same")(torch.ones(2, 1, 500)).shape
    torch.Size([2, 8, 500])
    """

    def _conv_forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        if self.padding_mode != "zeros" or x.ndim != 3:
            return super()._conv_forward(x, weight, bias)
        if isinstance(self.padding, str):
            total = self.dilation[0] * (self.kernel_size[0] - 1) if self.padding == "same" else 0
            padding = total // 2, total - total // 2
        else:
            padding = self.padding[0], self.padding[0]
        stride, dilation = self.stride[0], self.dilation[0]
        return conv1d(x, weight, bias, stride, padding, dilation, self.groups)
