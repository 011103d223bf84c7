"""Convolutions over two and three axes by torch's own kernels, asked for so that they are fast.

torch reads taps that meet nothing but padding; copies every window of kernels along the first of
three axes; has kernels of width 1 multiply a few places of each item, one item after the other; and
its gradients of large weights are slow where there are few places.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from .again import again
from .guard import is_plain_tensor

#: Outputs of all trials up to which the gradient of a weight of so many numbers is faster as one
#: product of matrices. Measured on one thread, ms: 512 x 512 x 3 x 3 taps, 64 places 14.1 and 4.4,
#: 32 places 9.9 and 2.4; 512 x 512 x 3 x 3 x 3, 16 places 42 and 5.9; but 256 x 256 x 3 x 3, 196
#: places 2.8 and 3.9; 512 x 256 x 3 x 3, 64 places 2.3 and 2.3.
MOST_PLACES, LEAST_NUMBERS = 64, 1 << 21

#: Places of an item up to which a kernel of width 1 takes all items in one product: of 49 and 16
#: places the products of 4 items took 1.3 times as long one by one, their gradients 2 to 3 times.
MOST_TOGETHER = 64


def convolved(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    groups: int,
) -> Tensor:
    """Compute `torch.nn.functional.conv2d` or `conv3d`, of the same shape and up to rounding.

    Parameters
    ----------
    x : Tensor, shape (batch, channels, ...)
    weight : Tensor, shape (maps, channels / groups, ...)
    bias : Tensor, optional, shape (maps,)
    stride, padding, dilation : sequence of int
        One for each axis.
    groups : int
    """
    if not _may_run(x, weight, bias, dilation, groups):
        return _plain(x, weight, bias, stride, padding, dilation, groups)
    weight, padding = _without_silent_taps(x, weight, stride, padding)
    kernel = weight.shape[2:]
    if math.prod(kernel) == 1 and not any(padding) and max(stride) > 1:
        for axis, step in enumerate(stride, start=2):
            x = x[(slice(None),) * axis + (slice(None, None, step),)]
        x = x.contiguous()
        stride = [1] * len(stride)
    if x.ndim == 5 and kernel[1:] == (1, 1) and not any(padding[1:]) and max(stride[1:]) == 1:
        # along the first axis alone: the others are one to it
        flat = convolved(
            x.flatten(3),
            weight.flatten(3),
            bias,
            (stride[0], 1),
            (padding[0], 0),
            dilation[:2],
            groups,
        )
        return flat.unflatten(3, x.shape[3:])
    if x.ndim == 4 and kernel == (1, 1) and not any(padding):
        if x[0, 0].numel() <= MOST_TOGETHER and max(stride) == 1:
            return _mixed(x, weight, bias)
        return _plain(x, weight, bias, stride, padding)
    places = len(x) * math.prod(_size(x, weight, stride, padding))
    is_wanted = torch.is_grad_enabled() and weight.requires_grad
    if is_wanted and 0 < places <= MOST_PLACES and weight.numel() >= LEAST_NUMBERS:
        return _FewPlaces.apply(x, weight, bias, tuple(stride), tuple(padding))
    return _plain(x, weight, bias, stride, padding)


def _plain(x: Tensor, weight: Tensor, bias: Tensor | None, *how: Any) -> Tensor:
    return (functional.conv2d if weight.ndim == 4 else functional.conv3d)(x, weight, bias, *how)


def _may_run(
    x: Tensor, weight: Tensor, bias: Tensor | None, dilation: Sequence[int], groups: int
) -> bool:
    return bool(
        is_plain_tensor(x)  # first: sizes are not looked at while a network is exported
        and is_plain_tensor(weight)
        and x.ndim == weight.ndim in (4, 5)
        and x.dtype == weight.dtype == torch.float32
        and x.shape[1] == weight.shape[1]
        and groups == max(dilation) == 1
        and x.numel() > 0
        and x.is_contiguous()
        and weight.is_contiguous()
        and (bias is None or bias.dtype == x.dtype)
        and torch.backends.mkldnn.is_available()
        and torch.backends.mkldnn.enabled
    )


def _size(
    x: Tensor, weight: Tensor, stride: Sequence[int], padding: Sequence[int]
) -> tuple[int, ...]:
    """Return the size of the output, as far as it goes: torch refuses what is below 1."""
    each = zip(x.shape[2:], weight.shape[2:], stride, padding, strict=True)
    return tuple((n + 2 * p - k) // s + 1 for n, k, s, p in each)


def _without_silent_taps(
    x: Tensor, weight: Tensor, stride: Sequence[int], padding: Sequence[int]
) -> tuple[Tensor, Sequence[int]]:
    """Leave out as many taps of both ends as meet nothing but padding at every place."""
    size, padding = _size(x, weight, stride, padding), list(padding)
    for axis, (n, out, step) in enumerate(zip(x.shape[2:], size, stride, strict=True)):
        taps, beyond = weight.shape[2 + axis], padding[axis]
        cut = min(beyond - (out - 1) * step, taps - n - beyond)
        if out > 0 and cut > 0:
            weight = weight.narrow(2 + axis, cut, taps - 2 * cut)
            padding[axis] -= cut
    return weight.contiguous(), padding


def _mixed(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Return what a kernel of width 1 makes of the places of all items."""
    found = torch.mm(weight.flatten(1), x.transpose(0, 1).flatten(1))
    if bias is not None:
        found = found + bias[:, None]
    return found.unflatten(1, (len(x), *x.shape[2:])).transpose(0, 1).contiguous()


class _FewPlaces(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: tuple[int, ...],
        padding: tuple[int, ...],
    ) -> Tensor:
        ctx.save_for_backward(x, weight, bias)
        ctx.how = stride, padding
        return _plain(x, weight, bias, stride, padding)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Any:
        x, weight, bias = ctx.saved_tensors
        if torch.is_grad_enabled():
            inputs = [each for each in (x, weight, bias) if each is not None]

            def plain(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> tuple[Tensor]:
                return (_plain(x, weight, bias, *ctx.how),)

            found = again(plain, inputs, (gradient,))
            return *found, *[None] * (5 - len(found))
        to_x = to_weight = to_bias = None
        if ctx.needs_input_grad[0]:
            to_x = _gradient_of_input(gradient, x, weight, *ctx.how)
        if ctx.needs_input_grad[1]:
            wide = gradient.transpose(0, 1).flatten(1)
            to_weight = torch.mm(wide, _windows(x, weight, *ctx.how)).view_as(weight)
        if ctx.needs_input_grad[2]:
            to_bias = gradient.flatten(2).sum((0, 2))
        return to_x, to_weight, to_bias, None, None


def _gradient_of_input(
    gradient: Tensor,
    x: Tensor,
    weight: Tensor,
    stride: tuple[int, ...],
    padding: tuple[int, ...],
) -> Any:
    ones, none = [1] * len(stride), [0] * len(stride)
    wanted = [True, False, False]
    return torch.ops.aten.convolution_backward(
        gradient, x, weight, None, stride, padding, ones, False, none, 1, wanted
    )[0]


def _windows(
    x: Tensor, weight: Tensor, stride: tuple[int, ...], padding: tuple[int, ...]
) -> Tensor:
    """Return what each place of each trial sees, (trials * places, channels * taps)."""
    x = functional.pad(x, [n for n in reversed(padding) for _ in range(2)])
    ndim = len(stride)
    for axis, (taps, step) in enumerate(zip(weight.shape[2:], stride, strict=True), start=2):
        x = x.unfold(axis, taps, step)
    axes = list(range(2, 2 + 2 * ndim))
    return x.permute(0, *axes[:ndim], 1, *axes[ndim:]).flatten(1 + ndim).flatten(0, ndim)


class Conv2d(nn.Conv2d):
    """torch's layer, by `convolved`: the same parameters, state and answer.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.operators import Conv2d
    >>> Conv2d(2, 8, 3, padding=1)(torch.ones(1, 2, 5, 6)).shape
    torch.Size([1, 8, 5, 6])
    """

    def _conv_forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        if self.padding_mode != "zeros" or isinstance(self.padding, str):
            return super()._conv_forward(x, weight, bias)
        how = self.stride, self.padding, self.dilation, self.groups
        return convolved(x, weight, bias, *how)


class Conv3d(nn.Conv3d):
    """torch's layer, by `convolved`: the same parameters, state and answer.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn.operators import Conv3d
    >>> Conv3d(2, 8, 3, padding=1)(torch.ones(1, 2, 4, 5, 6)).shape
    torch.Size([1, 8, 4, 5, 6])
    """

    def _conv_forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        if self.padding_mode != "zeros" or isinstance(self.padding, str):
            return super()._conv_forward(x, weight, bias)
        how = self.stride, self.padding, self.dilation, self.groups
        return convolved(x, weight, bias, *how)
