"""The networks for EEG: published counts, and braindecode's answers with its weights."""

import warnings

import pytest
import torch
from torch import nn

from sigconv.nn import build_model
from sigconv.nn.models._eeg import SpatioTemporal

from .oracles import braindecode_models, carry, lively, n_parameters

#: Channels, samples and classes -> parameters as published.
COUNTS = {
    "shallow_convnet": (46_084, 40_804, 109_444, 17_283, 36_402),
    "deep4": (282_879, 278_079, 305_929, 269_128, 278_202),
    "atcnet": (113_732, 75_008, 115_076, 74_428, 113_306),
    "eeg_tcnet": (4_304, None, None, 4_067, None),
}
SIZES = ((22, 1000, 4), (22, 512, 4), (64, 640, 4), (8, 512, 3), (19, 1000, 2))
NAMES = {
    "eegnet": "EEGNet",
    "shallow_convnet": "ShallowFBCSPNet",
    "deep4": "Deep4Net",
    "atcnet": "ATCNet",
    "eeg_tcnet": "EEGTCNet",
}


@pytest.mark.parametrize("name", COUNTS)
def test_parameters(name):
    for (channels, times, classes), count in zip(SIZES, COUNTS[name], strict=True):
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


def their_network(models, name: str, channels: int, times: int, classes: int) -> nn.Module:
    theirs = getattr(models, NAMES[name])
    torch.manual_seed(0)
    model = theirs(n_chans=channels, n_outputs=classes, n_times=times)
    if name == "eeg_tcnet":
        # in the paper and in its authors' code only a norm stands between the first two layers
        model.eegnet_tc.activation = _SkippedOnce(model.eegnet_tc.activation)
    return lively(model)


class _SkippedOnce(nn.Module):
    """An activation that the first of every three calls goes without."""

    def __init__(self, activation: nn.Module) -> None:
        super().__init__()
        self.activation, self.calls = activation, 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return x if self.calls % 3 == 1 else self.activation(x)


def carried(name: str, ours: nn.Module, theirs: nn.Module) -> None:
    """Copy braindecode's weights into our network."""
    if name in ("eegnet", "shallow_convnet", "deep4"):
        carry([(ours, theirs)])
        return
    if name == "eeg_tcnet":
        front = nn.ModuleList([ours.temporal, ours.spatial, ours.separable])
        carry([(front, theirs.eegnet_tc), (ours.causal[0].shortcut, theirs.tcn_block.downsample)])
        paths = zip(ours.causal, theirs.tcn_block.layers, strict=True)
        carry([(block.path, layers) for block, layers in paths])
        last = [(ours.classifier, theirs.final_layer)]
    else:
        front = nn.ModuleList([ours.temporal, ours.spatial, ours.refining])
        carry([(front, theirs.conv_block)])
        for window, attention, blocks in zip(
            ours.windows, theirs.attention_blocks, theirs.temporal_conv_nets, strict=True
        ):
            carry([(window[0], attention), (window[1:], blocks)])
        last = list(zip(ours.classifiers, theirs.final_layer, strict=True))
    for classifier, other in last:
        # its limit holds what comes from one feature, Keras's and ours what goes to one class:
        # the weight as it is used, small enough to be within both
        classifier.bias.data.copy_(other.bias)
        classifier.parametrizations.weight.original.data.copy_(other.weight.detach())
        assert classifier.weight.norm(dim=1).max() < 0.25


def within_limits(theirs: nn.Module, channels: int) -> None:
    """Make their weights so small that no limit of a norm is reached, theirs or ours."""
    for module in theirs.modules():
        held = hasattr(module, "parametrizations")
        over_the_scalp = isinstance(module, nn.Conv2d) and channels in module.kernel_size
        if held or over_the_scalp:
            weight = module.parametrizations.weight.original if held else module.weight
            weight.data.mul_(0.1 / weight.data.norm())


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("channels", "times"), [(5, 700), (22, 1000), (3, 512)])
def test_equals_braindecode(monkeypatch, name, channels, times):
    models = braindecode_models(monkeypatch)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that ATCNet is scaled to short windows, say
        theirs = their_network(models, name, channels, times, 3)
    within_limits(theirs, channels)
    ours = build_model(name, in_channels=channels, num_classes=3, n_times=times).eval()
    carried(name, ours, theirs)
    x = torch.randn(4, channels, times)
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
