"""The registry: every network under its name, exact to the parameter."""

import numpy as np
import pytest
import torch
from torch import nn

from sigconv.nn import TrainingConfig, build_model, evaluate, fit, list_models

#: (name, ndim) -> what a small case of it needs. A network without a case here fails below.
CASES = {
    ("eegnet", 1): {"in_channels": 3, "shape": (96,), "n_times": 96},
    ("plain_cnn", 1): {"in_channels": 3, "shape": (96,)},
    ("plain_cnn", 2): {"in_channels": 1, "shape": (16, 12)},
    ("plain_cnn", 3): {"in_channels": 2, "shape": (8, 9, 10)},
}


def build(case: tuple[str, int], **config) -> tuple[nn.Module, torch.Tensor]:
    name, ndim = case
    needs = CASES[case]
    torch.manual_seed(0)
    model = build_model(
        name,
        ndim=ndim,
        in_channels=needs["in_channels"],
        num_classes=2,
        n_times=needs.get("n_times"),
        **config,
    )
    return model, torch.randn(8, needs["in_channels"], *needs["shape"])


def n_parameters(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def test_every_network_of_every_dimension_has_a_case():
    registered = {(name, ndim) for ndim in (1, 2, 3) for name in list_models(ndim=ndim)}
    assert registered == CASES.keys()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_logits_and_gradients_reach_everything(case):
    model, x = build(case)
    logits = model(x)
    assert logits.shape == (8, 2)
    # class 0 alone: the sum of both would have no gradient at the softmax' invariant direction
    logits[:, 0].square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
    dead = [n for n, p in model.named_parameters() if not p.grad.abs().sum() > 0]
    assert dead == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_eight_samples_are_overfitted(case):
    model, x = build(case, dropout=0.0)
    y = np.arange(8) % 2
    config = TrainingConfig(epochs=60, learning_rate=1e-2)
    fit(model, x.numpy(), y, config)
    assert evaluate(model, x.numpy(), y).accuracy == 1.0


@pytest.mark.parametrize("case", CASES, ids=str)
def test_config_builds_the_same_network_again(case):
    model, x = build(case, width=0.5)
    again = build_model(**model.config)
    again.load_state_dict(model.state_dict())
    torch.testing.assert_close(again.eval()(x), model.eval()(x), rtol=0, atol=0)


def eegnet_count(c: int, t: int, k: int) -> int:
    """Lawhern et al. 2018, layer by layer (F1 = 8, D = 2, kernel 64)."""
    steps = ((t + 1) // 4 + 1) // 8
    return 512 + 16 + 16 * c + 32 + 256 + 256 + 32 + 16 * steps * k + k


@pytest.mark.parametrize(
    ("channels", "times", "classes", "count"),
    [
        (22, 1000, 4, 3444),
        (22, 512, 4, 2484),
        (64, 640, 4, 3412),
        (8, 512, 3, 2003),
        (19, 1000, 2, 2402),
    ],
)
def test_eegnet_parameters(channels, times, classes, count):
    model = build_model("eegnet", in_channels=channels, num_classes=classes, n_times=times)
    assert n_parameters(model) == count == eegnet_count(channels, times, classes)


@pytest.mark.parametrize("times", [27, 28, 63, 64, 95, 127, 1125])
def test_eegnet_takes_any_length_from_the_smallest_on(times):
    model = build_model("eegnet", in_channels=4, num_classes=3, n_times=times)
    assert n_parameters(model) == eegnet_count(4, times, 3)
    assert model.eval()(torch.randn(2, 4, times)).shape == (2, 3)


def test_eegnet_normalises_as_published():
    model = build_model("eegnet", in_channels=4, num_classes=2, n_times=128)
    norms = [m for m in model.modules() if isinstance(m, nn.BatchNorm2d)]
    assert [(m.num_features, m.momentum, m.eps) for m in norms] == [
        (8, 0.01, 1e-3),
        (16, 0.01, 1e-3),
        (16, 0.01, 1e-3),
    ]
    assert [m.p for m in model.modules() if isinstance(m, nn.Dropout)] == [0.25, 0.25]


def test_eegnet_holds_its_spatial_filters_to_norm_one():
    model = build_model("eegnet", in_channels=30, num_classes=2, n_times=128)
    spatial = model.spatial[0]
    with torch.no_grad():
        spatial.parametrizations.weight.original.mul_(100)
    norms = spatial.weight.flatten(1).norm(dim=1)
    torch.testing.assert_close(norms, torch.ones(16), rtol=1e-5, atol=0)
    before = model.eval()(torch.randn(2, 30, 128))
    assert before.isfinite().all()


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_plain_cnn_parameters(ndim):
    kernels = {1: (33, 15, 7), 2: (5, 3, 3), 3: (3, 3, 3)}[ndim]
    widths = (5, 16, 32, 32)
    count = sum(
        a * b * k**ndim + 2 * b for a, b, k in zip(widths, widths[1:], kernels, strict=False)
    )
    model = build_model("plain_cnn", ndim=ndim, in_channels=5, num_classes=7)
    assert n_parameters(model) == count + 32 * 7 + 7


def test_plain_cnn_does_not_care_where_a_burst_lies():
    """Equivariant maps under a global mean: a shift by the pools' product changes nothing."""
    model, _ = build(("plain_cnn", 1))
    model.eval()
    x = torch.zeros(1, 3, 64 * 9)
    x[..., 256:288] = torch.randn(3, 32)
    with torch.no_grad():
        torch.testing.assert_close(model(x), model(x.roll(64, dims=-1)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "eegnett"}, "name must be one of .*got 'eegnett' \\(did you mean 'eegnet'\\?\\)"),
        ({"name": "eegnet", "ndim": 2}, "ndim must be one of 1 for the network 'eegnet'; got 2"),
        ({"name": "eegnet"}, "n_times must be given for the network 'eegnet'"),
        ({"name": "eegnet", "n_times": 26}, "n_times must be at least 27 .* got 26"),
        ({"name": "plain_cnn", "n_times": 63}, "n_times must be at least 64; got 63"),
        ({"name": "plain_cnn", "in_channels": 0}, "in_channels must be .* at least 1; got 0"),
        ({"name": "plain_cnn", "kernels": (4, 3, 3)}, r"kernels must be odd.* got \(4, 3, 3\)"),
        ({"name": "plain_cnn", "kernels": (3, 3)}, "kernels must be one for each of 3 blocks"),
        ({"name": "plain_cnn", "width": 0}, "width must be a finite number above 0; got 0"),
    ],
)
def test_impossible_networks(arguments, message):
    with pytest.raises(ValueError, match=message):
        build_model(**{"in_channels": 2, "num_classes": 2, **arguments})


def test_unknown_option():
    with pytest.raises(TypeError, match=r"network 'plain_cnn' takes .*got 'dropuot' .*'dropout'"):
        build_model("plain_cnn", in_channels=2, num_classes=2, dropuot=0.5)


def test_inputs_of_the_wrong_shape():
    model = build_model("eegnet", in_channels=4, num_classes=2, n_times=128)
    with pytest.raises(ValueError, match=r"x must have shape \(batch, 4, 128\); got \(1, 5, 128\)"):
        model(torch.zeros(1, 5, 128))
    model = build_model("plain_cnn", in_channels=1, num_classes=2, ndim=2)
    with pytest.raises(ValueError, match=r"x must have at least 8 samples along each axis"):
        model(torch.zeros(1, 1, 7, 20))
