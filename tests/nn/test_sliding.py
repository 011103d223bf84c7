"""A network for windows, slid over a recording."""

import pytest
import torch
from torch import nn

from sigconv.nn import build_model, layers, parse, slide


def windows(x: torch.Tensor, size: tuple[int, ...], stride: tuple[int, ...]) -> torch.Tensor:
    """Return all windows of one item, (positions..., channels, *size)."""
    ndim = len(size)
    for axis, (n, s) in enumerate(zip(size, stride, strict=True), start=2):
        x = x.unfold(axis, n, s)
    return x[0].permute(*range(1, 1 + ndim), 0, *range(1 + ndim, 1 + 2 * ndim))


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("C8k5p0RP2C8k3p0BRF", (40,)),
        ("C8k5p0BRP3C6k3s2p0RA2C4k2p0RGF6RF", (70,)),
        ("C4k3p0d2RP3s2F8RBD0.5F", (33,)),
        ("C4k3p0RP2{C3k1|C2k1R}GmF", (20,)),
        ("C4k3p0RP2C4k3p0RF6RF", (16, 21)),
        ("C4k3p0BRP2GF", (6, 7, 8)),
        ("F6RF", (9,)),  # no maps at all: every sample begins a window
    ],
)
def test_equals_the_windows_one_by_one(text, size):
    torch.manual_seed(0)
    model = parse(text, ndim=len(size), in_channels=2, num_classes=3, input_shape=size).eval()
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    over = slide(model, (2, *size))
    x = torch.randn(1, 2, *(n + 13 for n in size))
    with torch.no_grad():
        answers = over(x)
        parts = windows(x, size, over.stride)
        expected = model(parts.reshape(-1, 2, *size))
    places = answers.shape[2:]
    assert places == tuple((13 // s) + 1 for s in over.stride)
    torch.testing.assert_close(answers[0].flatten(1).T, expected.view(-1, 3), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("variant", ["modern", "1998"])
def test_lenet_slides(variant):
    model = build_model("lenet5", in_channels=1, num_classes=10, ndim=2)
    over = slide(model, (1, 32, 32))
    assert over.stride == (4, 4)
    x = torch.randn(1, 1, 32, 44)
    with torch.no_grad():
        torch.testing.assert_close(over(x)[..., 0, 2], model(x[..., 8:40]), rtol=1e-4, atol=1e-5)
        first = over(x[..., :32]).flatten(1)
        torch.testing.assert_close(first, over(x)[..., 0, 0], rtol=1e-4, atol=1e-5)


def test_padding_is_a_choice():
    model = build_model("vgg11", in_channels=1, num_classes=2, input_shape=64, width=0.05)
    with pytest.raises(ValueError, match="model must not pad, so that every window gets"):
        slide(model, (1, 64))
    over = slide(model, (1, 64), allow_padding=True)
    assert over.stride == (32,)
    x = torch.randn(2, 1, 64)
    with torch.no_grad():
        torch.testing.assert_close(over(x)[..., 0], model.eval()(x), rtol=1e-4, atol=1e-5)


def test_what_cannot_slide():
    with pytest.raises(TypeError, match="model must be sequential"):
        slide(build_model("unet", in_channels=1, num_classes=2), (1, 200), allow_padding=True)
    model = nn.Sequential(layers.LocallyConnected(1, 1, 1, 3, input_shape=9), nn.Flatten())
    with pytest.raises(TypeError, match="model must do the same at every place; got Locally"):
        slide(model, (1, 9))
    over = slide(parse("C4k3p0RGF", ndim=1, in_channels=1, num_classes=2), (1, 20))
    with pytest.raises(ValueError, match=r"x must hold a window of 20 samples at least; got shape"):
        over(torch.zeros(1, 1, 19))


def test_the_network_stays_as_it_was():
    model = parse("C4k3p0RGF", ndim=1, in_channels=1, num_classes=2).train()
    over = slide(model, (1, 20))
    with torch.no_grad():
        next(over.parameters()).zero_()
    assert model.training
    assert not over.training
    assert next(model.parameters()).abs().sum() > 0
