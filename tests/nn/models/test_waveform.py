"""M3 to M34-res: published counts, the paper's lengths, and what a shortcut takes over."""

import pytest
import torch
from torch import nn

from sigconv.nn import build_model, summary

from .oracles import n_parameters

#: Parameters and billions of products for 32,000 samples.
COUNTS = {
    "m3": (221_194, 0.557),
    "m5": (559_114, 0.279),
    "m11": (1_786_442, 0.225),
    "m18": (3_683_786, 0.397),
    "m34res": (3_978_490, 0.459),
}


@pytest.mark.parametrize("name", COUNTS)
def test_counts(name):
    with torch.device("meta"):
        model = build_model(name, in_channels=1, num_classes=10)
    count, billions = COUNTS[name]
    assert n_parameters(model) == count
    assert round(summary(model, (1, 32_000)).macs / 1e9, 3) == billions


def test_a_norm_behind_every_addition():
    model = build_model("m34res", in_channels=1, num_classes=10, shortcut="bn")
    assert n_parameters(model) == 3_984_154


@pytest.mark.parametrize("name", COUNTS)
def test_squares_of_kernels_in_2d(name):
    """Lifting: every kernel k has k**2 weights, all else is equal."""
    with torch.device("meta"):
        flat, deep = (build_model(name, in_channels=1, num_classes=10, ndim=n) for n in (1, 2))
    weights = [p for p in flat.parameters() if p.ndim == 3]
    more = sum(p.numel() * (p.shape[-1] - 1) for p in weights)
    assert n_parameters(deep) == n_parameters(flat) + more


def test_the_papers_lengths():
    model = build_model("m11", in_channels=1, num_classes=10, width=0.1).eval()
    x, lengths = torch.zeros(1, 1, 32_000), []
    for stage in model.features[:-1]:
        x = stage(x)
        lengths.append(x.shape[-1])
    assert lengths == [2000, 500, 125, 31, 31]


def test_shortcuts_take_maps_over_as_they_are():
    model = build_model("m34res", in_channels=1, num_classes=10, width=0.25).eval()
    block = model.features[2][0]
    for parameter in block.body.parameters():
        nn.init.zeros_(parameter)
    x = torch.rand(2, 12, 50)
    y = block(x)
    assert y.shape == (2, 24, 50)
    torch.testing.assert_close(y, torch.cat([x, torch.zeros(2, 12, 50)], 1), rtol=0, atol=0)


def test_a_smaller_first_kernel_for_spectrograms():
    model = build_model("m5", in_channels=1, num_classes=10, ndim=2, kernel=4, stride=1, width=0.1)
    assert model.smallest_input == (255, 255)
    model = build_model("m3", in_channels=1, num_classes=10, ndim=2, kernel=8, stride=2, width=0.1)
    assert model.eval()(torch.zeros(1, 1, 64, 101)).shape == (1, 10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_times": 1023}, "n_times must be at least 1024; got 1023"),
        ({"kernel": 0}, "kernel must be a whole number of at least 1; got 0"),
    ],
)
def test_impossible_networks(arguments, message):
    with pytest.raises(ValueError, match=message):
        build_model("m5", in_channels=1, num_classes=10, **arguments)


def test_unknown_shortcut():
    with pytest.raises(ValueError, match="shortcut must be one of 'identity', 'bn'; got 'conv'"):
        build_model("m34res", in_channels=1, num_classes=10, shortcut="conv")
    with pytest.raises(TypeError, match=r"network 'm5' takes .*; got 'shortcut'"):
        build_model("m5", in_channels=1, num_classes=10, shortcut="bn")


def test_inputs_that_are_too_short():
    model = build_model("m5", in_channels=1, num_classes=10)
    with pytest.raises(ValueError, match="x must have at least 1024 samples along each axis"):
        model(torch.zeros(1, 1, 1023))
