"""Blocks by what they are made of: shapes, numbers of weights, and the sums written out."""

import pytest
import torch
from torch import nn

from sigconv.nn import layers

DIMENSIONS = pytest.mark.parametrize("ndim", [1, 2, 3])


def count(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


@DIMENSIONS
def test_separable_convolutions_do_what_their_product_does(ndim):
    """Depthwise then pointwise is the full convolution with an outer product for weights."""
    unit = layers.depthwise_separable(ndim, 4, 6, 3, bias=False).double()
    full = layers.convolution(ndim, 4, 6, 3, padding=1, bias=False).double()
    alone, mix = unit.depthwise.weight[:, 0], unit.pointwise.weight.flatten(1)
    full.weight.data = torch.einsum("oi,i...->oi...", mix, alone).detach()
    x = torch.randn(2, 4, *(7,) * ndim, dtype=torch.double)
    torch.testing.assert_close(unit(x), full(x))
    assert count(unit) == 4 * 3**ndim + 4 * 6


@DIMENSIONS
def test_one_axis_after_the_other_is_an_outer_product_of_kernels(ndim):
    unit = layers.spatially_separable(ndim, 1, 1, 5, bias=False).double()
    kernel = torch.ones((), dtype=torch.double)
    for layer in unit:
        kernel = kernel.unsqueeze(-1) * layer.weight.flatten()
    full = layers.convolution(ndim, 1, 1, 5, padding=2, bias=False).double()
    full.weight.data = kernel.detach().reshape(full.weight.shape)
    x = torch.randn(2, 1, *(9,) * ndim, dtype=torch.double)
    torch.testing.assert_close(unit(x), full(x))


def test_sizes_of_a_separable_convolution():
    unit = layers.spatially_separable(
        3, 2, 8, (3, 5, 1), channels=4, stride=(1, 2, 1), dilation=(2, 1, 1)
    )
    assert unit(torch.zeros(1, 2, 6, 10, 3)).shape == (1, 8, 6, 5, 3)
    assert [m.in_channels for m in unit] == [2, 4, 4]


@DIMENSIONS
@pytest.mark.parametrize("stride", [1, 2])
def test_residual_blocks(ndim, stride):
    x = torch.randn(2, 8, *(6,) * ndim)
    size = (6 // stride,) * ndim
    basic = layers.basic_block(ndim, 8, 8 * stride, stride=stride).eval()
    assert basic(x).shape == (2, 8 * stride, *size)
    assert isinstance(basic.shortcut, nn.Identity if stride == 1 else nn.Sequential)
    torch.testing.assert_close(basic(x), (basic.body(x) + basic.shortcut(x)).relu())
    plain = layers.basic_block(ndim, 8, 16, stride=stride, shortcut=False)
    assert count(plain) == (8 * 16 + 16 * 16) * 3**ndim + 4 * 16
    for stride_in, strided in (("1x1", "a"), ("3x3", "b")):
        block = layers.bottleneck(ndim, 8, 4, 16, stride=stride, stride_in=stride_in)
        assert block(x).shape == (2, 16, *size)
        strides = {name: unit.conv.stride[0] for name, unit in block.body.named_children()}
        assert strides == {"a": 1, "b": 1, "c": 1} | {strided: stride}
        weights = 8 * 4 + 4 * 4 * 3**ndim + 4 * 16 + 2 * (4 + 4 + 16)
        assert count(block) == weights + 8 * 16 + 2 * 16
    with pytest.raises(ValueError, match=r"stride_in must be one of '3x3', '1x1'; got '3'"):
        layers.bottleneck(ndim, 8, 4, 16, stride_in="3")


@DIMENSIONS
def test_xception_blocks(ndim):
    x = torch.randn(1, 8, *(9,) * ndim)
    block = layers.xception_block(ndim, 8, (8, 16), stride=2)
    assert block(x).shape == (1, 16, *(5,) * ndim)
    weights = 8 * 3**ndim + 8 * 8 + 2 * 8 + 8 * 3**ndim + 8 * 16 + 2 * 16
    assert count(block) == weights + 8 * 16 + 2 * 16
    assert isinstance(layers.xception_block(ndim, 8, (8, 8)).shortcut, nn.Identity)
    first = [type(m) for m in layers.xception_block(ndim, 8, (8,), relu_first=False).body]
    assert first[0] is not nn.ReLU


@DIMENSIONS
def test_inception_puts_its_branches_one_after_the_other(ndim):
    sizes = layers.InceptionSizes(4, 3, 6, 2, 5, 7)
    block = layers.inception(ndim, 8, sizes)
    x = torch.randn(2, 8, *(5,) * ndim)
    parts = [branch(x) for branch in block.branches]
    assert [part.shape[1] for part in parts] == [4, 6, 5, 7]
    assert torch.equal(block(x), torch.cat(parts, 1))
    weights = 8 * 4 + 8 * 3 + 3 * 6 * 3**ndim + 8 * 2 + 2 * 5 * 5**ndim + 8 * 7
    assert count(block) == weights + 4 + 3 + 6 + 2 + 5 + 7


@DIMENSIONS
def test_dense_layers_keep_what_they_saw(ndim):
    x = torch.randn(2, 8, *(6,) * ndim)
    block = layers.dense_block(ndim, 8, 3, growth=4)
    y = block(x)
    assert y.shape == (2, 20, *(6,) * ndim)
    assert torch.equal(y[:, :8], x)
    assert torch.equal(y[:, :12], block.layer1(x))
    down = layers.transition(ndim, 20, 10).eval()
    half = (
        nn.functional.avg_pool1d
        if ndim == 1
        else (nn.functional.avg_pool2d if ndim == 2 else nn.functional.avg_pool3d)
    )
    expected = half(down.conv(down.norm(y).relu()), 2)
    torch.testing.assert_close(down(y), expected)


@DIMENSIONS
def test_a_u_net_cuts_the_middle_or_continues_the_end(ndim):
    below, skip = torch.randn(1, 8, *(6,) * ndim), torch.randn(1, 4, *(19,) * ndim)
    valid = layers.UpAndJoin(ndim, 8, 4, 4)
    assert valid(below, skip).shape == (1, 4, *(8,) * ndim)
    seen = []
    valid.join.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    valid(below, skip)
    middle = skip[(..., *[slice(3, 15)] * ndim)]
    assert torch.equal(seen[0], torch.cat([middle, valid.up(below)], 1))
    same = layers.UpAndJoin(ndim, 8, 4, 4, padding="same")
    odd = skip[(..., *[slice(0, 13)] * ndim)]
    assert same(below, odd).shape == (1, 4, *(13,) * ndim)


@DIMENSIONS
@pytest.mark.parametrize("factor", [2, 4, 8])
def test_linear_upsampling_is_interpolation(ndim, factor):
    """Inside, where every sample has neighbours on both sides, and without an offset."""
    x = torch.randn(2, 3, *(6,) * ndim, dtype=torch.double)
    layer = layers.LinearUpsample(ndim, 3, factor, padding=factor // 2).double()
    assert list(layer.parameters()) == []
    mode = ("linear", "bilinear", "trilinear")[ndim - 1]
    expected = nn.functional.interpolate(x, scale_factor=factor, mode=mode, align_corners=False)
    inner = (..., *[slice(factor, -factor)] * ndim)
    torch.testing.assert_close(layer(x)[inner], expected[inner])
