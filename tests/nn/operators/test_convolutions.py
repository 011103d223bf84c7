"""Convolutions over two and three axes: torch's answer and gradients, whichever way they take."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from sigconv.nn.operators import Conv2d, Conv3d, convolutions, plain_modules


def compare(x, weight, bias, stride, padding, *, few=True):
    """Compare answer and gradients with those of torch in float64."""
    inputs = [each.requires_grad_() for each in (x, weight, bias)]
    ndim = x.ndim - 2
    plain = functional.conv2d if ndim == 2 else functional.conv3d
    wide = [each.detach().double().requires_grad_() for each in inputs]
    expected = plain(*wide, stride, padding)
    found = convolutions.convolved(*inputs, stride, padding, (1,) * ndim, 1)
    assert found.shape == expected.shape
    torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-4)
    slopes = torch.randn_like(found)
    ours = torch.autograd.grad(found, inputs, slopes)
    theirs = torch.autograd.grad(expected, wide, slopes.double())
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one.double(), other, rtol=1e-4, atol=1e-3)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), ndim=st.sampled_from([2, 3]), many=st.booleans())
def test_is_torchs(data, ndim, many):
    def one(low, high):
        return tuple(data.draw(st.integers(low, high)) for _ in range(ndim))

    kernel, stride, padding = one(1, 3), one(1, 3), one(0, 3)
    if data.draw(st.booleans()):
        kernel = (kernel[0], *(1,) * (ndim - 1))
        padding = (padding[0], *(0,) * (ndim - 1))
    n = tuple(
        max(data.draw(st.integers(1, 5)), k - 2 * p) for k, p in zip(kernel, padding, strict=True)
    )
    trials, channels, maps = (data.draw(st.integers(1, 3)) for _ in range(3))
    patch = pytest.MonkeyPatch()
    with patch.context() as context:
        if many:  # the way of few places and many numbers, for all
            context.setattr(convolutions, "LEAST_NUMBERS", 1)
            context.setattr(convolutions, "MOST_PLACES", 1 << 20)
        torch.manual_seed(data.draw(st.integers(0, 99)))
        x, bias = torch.randn(trials, channels, *n), torch.randn(maps)
        compare(x, torch.randn(maps, channels, *kernel), bias, stride, padding)


@pytest.mark.parametrize("shape", [(4, 512, 4, 4), (1, 512, 1, 4, 4)])
def test_large_weights_at_few_places(shape):
    ndim = len(shape) - 2
    torch.manual_seed(0)
    weight = torch.randn(512, 512, *(3,) * ndim) / 70
    compare(torch.randn(shape), weight, torch.randn(512), (1,) * ndim, (1,) * ndim)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (Conv2d(3, 4, 1), (2, 3, 3, 3)),
        (Conv2d(3, 4, 1, stride=2), (2, 3, 3, 3)),
        (Conv3d(3, 4, (3, 1, 1), padding=(1, 0, 0), bias=False), (2, 3, 3, 2, 2)),
        (Conv3d(3, 4, 3, padding=1), (2, 3, 1, 2, 2)),
    ],
)
def test_gradients_of_gradients(layer, shape, monkeypatch):
    monkeypatch.setattr(convolutions, "LEAST_NUMBERS", 1)
    torch.manual_seed(0)
    x = torch.randn(shape, requires_grad=True)

    def second():
        out = layer(x).tanh()
        (slope,) = torch.autograd.grad(out.square().sum(), x, create_graph=True)
        return torch.autograd.grad(slope.square().sum(), [x, *layer.parameters()])

    ours = second()
    with plain_modules():
        for one, other in zip(ours, second(), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def test_what_is_wrong_is_torchs_error():
    with pytest.raises(RuntimeError, match="expected input"):
        Conv2d(3, 4, 1)(torch.ones(1, 2, 5, 5))
    with pytest.raises(RuntimeError, match="Kernel size can't be greater"):
        Conv3d(3, 4, 3)(torch.ones(1, 3, 2, 5, 5))


def test_items_without_a_batch_and_other_paddings():
    for layer in (
        Conv2d(3, 4, 3, padding="same"),
        Conv2d(3, 4, 3, padding=1, padding_mode="circular"),
    ):
        x = torch.randn(2, 3, 6, 7)
        torch.testing.assert_close(layer(x)[0], layer(x[0]), rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(Conv2d(3, 4, 1)(x[0]).shape, torch.Size([4, 6, 7]))
