"""Convolutions of one channel with many long kernels, strided too, as operators of torch's.

The first layers of waveform networks. Where torch's matrix product runs near the processor's
peak, the same products cannot be had faster; so there are fewer (see `tiles_jit`), and the memory
of large outputs is used again. The operators are `sigconv::filter_tiles` and
`sigconv::tile_products`; what goes back to the input is torch's transposed convolution.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from ... import _memory
from ..._simd import VECTOR
from . import tiles_jit
from .threads import split_over_threads
from .tiles_jit import BLOCK, LINES, MAPS, OUTPUTS, PAIRS, POINTS, TAPS

#: Bytes of an output from which on it does not stay in the caches.
PAST = 1 << 22


@torch.library.custom_op("sigconv::filter_tiles", mutates_args=(), device_types="cpu")
def filter_tiles(
    x: Tensor, taps: Tensor, bias: Tensor, stride: int, left: int, length: int
) -> Tensor:
    """Return out[b, o, t] = bias[o] + sum over k of taps[o, k] x[b, t * stride + k - left].

    `x` (trials, times), `taps` (maps, taps), `bias` (maps,); t runs up to `length`.
    """
    n_maps, n_taps = taps.shape
    out = _empty(x, len(x), n_maps, length)
    if not torch.isfinite(x.sum()):  # tiles would make NaN of neighbours, and of infinity
        windows = _padded(x, left, (length - 1) * stride + n_taps)
        return out.copy_(functional.conv1d(windows[:, None], taps[:, None], bias, stride))
    samples, groups = _tiled(x, n_taps, stride, left, length)
    kernels = _by_group(taps.double(), stride, groups)
    kernels = torch.einsum("pi,mgis->psgm", _taps_at_points(), kernels).flatten(1, 2)
    kernels = functional.pad(kernels, (0, -n_maps % MAPS)).to(x).contiguous()
    # what does not stay in the caches need not be fetched to be overwritten: a fifth of the time
    size, row = out.element_size() * out.numel(), out.element_size() * length
    past = size >= PAST and row % _memory.ALIGNMENT == 0
    arrays = samples.numpy(), groups, kernels.numpy(), bias.detach().numpy(), out.numpy(), past
    width = OUTPUTS * 2 * PAIRS * (VECTOR // x.element_size())

    def part(begin: int, end: int) -> None:
        tiles_jit.filter_tiles(*arrays, begin, end)

    split_over_threads(part, len(x) * -(-length // width))
    return out


@filter_tiles.register_fake
def _(x: Tensor, taps: Tensor, bias: Tensor, stride: int, left: int, length: int) -> Tensor:
    return x.new_empty(x.shape[0], taps.shape[0], length)


@torch.library.custom_op("sigconv::tile_products", mutates_args=(), device_types="cpu")
def tile_products(
    gradient: Tensor, x: Tensor, n_taps: int, stride: int, left: int
) -> tuple[Tensor, Tensor]:
    """Return what `filter_tiles` made of its taps and biases, taken back to them.

    out[o, k] = sum over b and t of gradient[b, o, t] x[b, t * stride + k - left], and the sums of
    gradient[:, o].
    """
    trials, n_maps, length = gradient.shape
    samples, groups = _tiled(x, n_taps, stride, left, length)
    depth, lanes = stride * groups, VECTOR // x.element_size()
    sums = x.new_empty(trials, POINTS, -(-n_maps // LINES) * LINES, -(-depth // lanes) * lanes)
    totals = torch.empty(trials, n_maps, dtype=torch.float64)
    # the gradient of a mean is one number for a whole row: a copy took a third of the step
    strides = gradient.stride()
    reach = 1 + sum((n - 1) * step for n, step in zip(gradient.shape, strides, strict=True))
    given = gradient.detach().as_strided((reach,), (1,)).numpy()
    arrays = samples.numpy(), groups, given, strides, length, sums.numpy(), totals.numpy()

    def part(begin: int, end: int) -> None:
        tiles_jit.tile_products(*arrays, begin, end)

    split_over_threads(part, trials)
    at_points = sums.sum(0, dtype=torch.float64)[:, :n_maps, :depth]
    at_points = at_points.unflatten(2, (stride, groups))
    found = torch.einsum("pmsg,pi->mgis", at_points, _taps_at_points()).flatten(1)
    return found[:, :n_taps].to(x, copy=True), totals.sum(0).to(x)


@tile_products.register_fake
def _(gradient: Tensor, x: Tensor, n_taps: int, stride: int, left: int) -> tuple[Tensor, Tensor]:
    n_maps = gradient.shape[1]
    return gradient.new_empty(n_maps, n_taps), gradient.new_empty(n_maps)


def _spread(gradient: Tensor, taps: Tensor, stride: int, left: int, n: int) -> Tensor:
    """Return what `filter_tiles` made of its input, taken back to it."""
    wide = functional.conv_transpose1d(gradient, taps[:, None], stride=stride)[:, 0]
    return functional.pad(wide, (-left, left + n - wide.shape[1]))


def _empty(like: Tensor, *shape: int) -> Tensor:
    """Return a tensor of undefined values, in memory that was used before if it is large."""
    return torch.from_numpy(_memory.empty(shape, like.detach().numpy().dtype))


def _padded(x: Tensor, left: int, total: int) -> Tensor:
    """Return rows of `total` samples: `left` zeros, x, and zeros, or less of x than there is."""
    return functional.pad(x.detach(), (left, total - left - x.shape[1]))


def _tiled(x: Tensor, n_taps: int, stride: int, left: int, length: int) -> tuple[Tensor, int]:
    """Return samples by phase and place in the tile, and how many groups of taps a phase has."""
    groups = -(-n_taps // (stride * TAPS))
    n_tiles = -(-length // (OUTPUTS * BLOCK)) * BLOCK
    far = n_tiles + (TAPS * (groups - 1) + POINTS - 1) // OUTPUTS
    wide = _padded(x, left, far * OUTPUTS * stride)
    tiled = wide.unflatten(1, (far, OUTPUTS, stride)).permute(0, 3, 2, 1)
    return tiled.contiguous(), groups


def _by_group(taps: Tensor, stride: int, groups: int) -> Tensor:
    """Return (maps, groups, TAPS, stride), zeros behind the last tap."""
    wide = functional.pad(taps, (0, groups * TAPS * stride - taps.shape[1]))
    return wide.unflatten(1, (groups, TAPS, stride))


def _taps_at_points() -> Tensor:
    """Return what makes a group of taps its values at the points, (POINTS, TAPS)."""
    places = torch.tensor([0, 1, -1, 2, -2, 0.5, -0.5], dtype=torch.float64)
    scales = torch.tensor([90, -20, -20, 1, 1, 64, 64], dtype=torch.float64) / 90
    finite = scales[:, None] * places[:, None] ** torch.arange(TAPS)
    return torch.cat([finite, functional.one_hot(torch.tensor([TAPS - 1]), TAPS)])


def _keep_filter(ctx: Any, inputs: Any, output: Tensor) -> None:
    x, taps, _, ctx.stride, ctx.left, _ = inputs
    ctx.save_for_backward(x, taps)


def _filter_backward(ctx: Any, gradient: Tensor) -> Any:
    x, taps = ctx.saved_tensors
    to_x = to_taps = to_bias = None
    if ctx.needs_input_grad[0]:
        to_x = _spread(gradient, taps, ctx.stride, ctx.left, x.shape[1])
    if ctx.needs_input_grad[1]:
        to_taps, to_bias = tile_products(gradient, x, taps.shape[1], ctx.stride, ctx.left)
    elif ctx.needs_input_grad[2]:
        to_bias = gradient.sum((0, 2))
    return to_x, to_taps, to_bias, None, None, None


def _keep_products(ctx: Any, inputs: Any, output: tuple[Tensor, Tensor]) -> None:
    given, x, _, ctx.stride, ctx.left = inputs
    ctx.save_for_backward(given, x)


def _products_backward(ctx: Any, gradient: Tensor, to_sums: Tensor) -> Any:
    given, x = ctx.saved_tensors
    to_given = filter_tiles(x, gradient, to_sums, ctx.stride, ctx.left, given.shape[2])
    to_x = None
    if ctx.needs_input_grad[1]:
        to_x = _spread(given, gradient, ctx.stride, ctx.left, x.shape[1])
    return to_given, to_x, None, None, None


filter_tiles.register_autograd(_filter_backward, setup_context=_keep_filter)
tile_products.register_autograd(_products_backward, setup_context=_keep_products)
