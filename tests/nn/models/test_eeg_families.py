"""The networks for EEG: published counts, and braindecode's answers with its weights."""

import json

import pytest
import torch
from torch import nn

from sigconv.nn import build_model
from sigconv.nn.models._eeg import SpatioTemporal

from .eeg_peers import (
    CLASSES,
    GOLDEN,
    NAMES,
    SIZES,
    filled,
    our_parts,
    their_network,
    their_parts,
)
from .oracles import carry, n_parameters
from .peers import answer, kept

#: Channels, samples and classes -> parameters as published.
COUNTS = {
    "shallow_convnet": (46_084, 40_804, 109_444, 17_283, 36_402),
    "deep4": (282_879, 278_079, 305_929, 269_128, 278_202),
    "atcnet": (113_732, 75_008, 115_076, 74_428, 113_306),
    "eeg_tcnet": (4_304, None, None, 4_067, None),
}
INPUTS = ((22, 1000, 4), (22, 512, 4), (64, 640, 4), (8, 512, 3), (19, 1000, 2))
ANSWERS = json.loads(GOLDEN.read_text())


@pytest.mark.parametrize("name", COUNTS)
def test_parameters(name):
    for (channels, times, classes), count in zip(INPUTS, COUNTS[name], strict=True):
        model = build_model(name, in_channels=channels, num_classes=classes, n_times=times)
        assert count is None or n_parameters(model) == count


@pytest.mark.parametrize("times", [99, 113, 114, 700, 1125])
def test_shallow_convnet_by_its_formula(times):
    model = build_model("shallow_convnet", in_channels=7, num_classes=3, n_times=times)
    steps = (times - 99) // 15 + 1
    assert n_parameters(model) == 1_040 + 1_600 * 7 + 80 + 40 * steps * 3 + 3
    assert model.eval()(torch.randn(2, 7, times)).shape == (2, 3)


@pytest.mark.parametrize("times", [441, 521, 522, 1125])
def test_deep4_by_its_formula(times):
    model = build_model("deep4", in_channels=7, num_classes=3, n_times=times)
    steps = times
    for _ in range(4):
        steps = (steps - 9) // 3
    counted = 275 + 625 * 7 + 50 + 12_600 + 50_200 + 200_400 + 200 * steps * 3 + 3
    assert n_parameters(model) == counted
    assert model.eval()(torch.randn(2, 7, times)).shape == (2, 3)


@pytest.mark.parametrize("times", [1, 20, 100, 300, 615, 616, 1125])
def test_atcnet_takes_any_length(times):
    model = build_model("atcnet", in_channels=3, num_classes=2, n_times=times)
    assert model.eval()(torch.randn(2, 3, times)).shape == (2, 2)


def test_eeg_tcnet_needs_no_length():
    model = build_model("eeg_tcnet", in_channels=3, num_classes=2).eval()
    for times in (55, 64, 1000):
        assert model(torch.randn(2, 3, times)).shape == (2, 2)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("channels", "times"), SIZES)
def test_as_braindecode_answered(name, channels, times):
    """Numbers that it gave once; eeg_peers.py made them."""
    ours = build_model(name, in_channels=channels, num_classes=CLASSES, n_times=times).eval()
    filled(our_parts(name, ours), channels)
    found = torch.tensor(kept(answer(ours, (channels, times))))
    expected = torch.tensor(ANSWERS[f"{name} {channels} {times}"])
    torch.testing.assert_close(found, expected, rtol=5e-4, atol=5e-4)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("channels", "times"), SIZES)
def test_as_braindecode_answers(name, channels, times):
    theirs = their_network(name, channels, times)
    filled(their_parts(name, theirs), channels)
    ours = build_model(name, in_channels=channels, num_classes=CLASSES, n_times=times).eval()
    parts = list(zip(our_parts(name, ours), their_parts(name, theirs), strict=True))
    carry(parts)
    for mine, other in parts:
        if isinstance(mine, nn.Linear):  # as it is used: theirs takes a ten-thousandth off
            mine.parametrizations.weight.original.data.copy_(other.weight.detach())
    x = torch.randn(4, channels, times, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(ours(x), theirs(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("batch", "channels", "times"), [(1, 1, 30), (3, 7, 64)])
def test_two_linear_layers_are_one(batch, channels, times):
    """By the definition: filters in time for each channel, then sums over channels and maps."""
    layer = SpatioTemporal(channels, 4, 6, 9).double()
    x = torch.randn(batch, channels, times, dtype=torch.float64)
    filtered = layer.temporal(x.reshape(-1, 1, times)).view(batch, channels, 4, times - 8)
    expected = torch.einsum("bcft,sfc->bst", filtered, layer.spatial.weight)
    torch.testing.assert_close(layer(x), expected, rtol=1e-12, atol=1e-12)


def test_causal_blocks_look_back_only():
    model = build_model("eeg_tcnet", in_channels=2, num_classes=2)
    x = torch.randn(1, 16, 40)
    y = x.clone()
    y[..., 25:] = 0
    causal = model.causal.eval()
    torch.testing.assert_close(causal(x)[..., :25], causal(y)[..., :25], rtol=0, atol=0)
    assert not torch.allclose(causal(x)[..., 25:], causal(y)[..., 25:])


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("shallow_convnet", {}, "n_times must be given for the network 'shallow_convnet'"),
        ("shallow_convnet", {"n_times": 98}, "n_times must be at least 99 .*; got 98"),
        ("deep4", {"n_times": 440}, "n_times must be at least 441 .*; got 440"),
        ("eeg_tcnet", {"n_times": 54}, "n_times must be at least 55 .*; got 54"),
        ("atcnet", {}, "n_times must be given for the network 'atcnet'"),
    ],
)
def test_impossible_lengths(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        build_model(name, in_channels=2, num_classes=2, **arguments)
