"""Explanations where the truth is known, beside Captum, and by their axioms."""

import itertools
import math
import warnings

import captum.attr
import numpy as np
import pytest
import torch
from torch import nn

from sigconv.nn import build_model
from sigconv.nn.explain import METHODS, explain, mass_inside, pointing_game

from .conftest import BURST_CHANNELS, FS, Planted

#: Windows small beside the thing.
WINDOW = {1: 6, 2: 2, 3: 2}


def explained(found: Planted, method: str, **options: object) -> tuple[np.ndarray, np.ndarray]:
    """Return an explanation on the input's grid, and the truth on the axes that it resolves."""
    attribution = explain(found.model, found.x, method=method, target=1, **options)
    truth = found.truth if "channel" in attribution.axes else found.truth.any(1, keepdims=True)
    return attribution.on_input(found.x.shape), np.broadcast_to(truth, found.x.shape)


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("integrated_gradients", {"n_steps": 32}),
        ("gradient_shap", {}),
        ("occlusion", {"over": "channel_window", "stride": 2}),
        ("shapley_sampling", {"over": "channel_window", "n_samples": 5}),
        ("grad_cam", {}),
    ],
)
def test_four_fifths_of_the_mass_lie_where_the_truth_is(
    found: Planted, method: str, options: dict[str, object]
) -> None:
    if "over" in options:
        options = {**options, "window": WINDOW[found.ndim]}
    values, truth = explained(found, method, **options)
    assert mass_inside(values, truth).mean() >= 0.8


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"shapley", "shapley_sampling"}))
def test_the_highest_value_lies_where_the_truth_is(found: Planted, method: str) -> None:
    options = {
        "occlusion": {"window": WINDOW[found.ndim], "stride": 2},
        "integrated_gradients": {"n_steps": 32},
    }.get(method, {})
    values, truth = explained(found, method, **options)
    assert pointing_game(values, truth) >= 0.8


@pytest.mark.parametrize("found", [1], indirect=True, ids=["burst"])
def test_shapley_values_of_channels_and_bands_rank_the_truth_first(found: Planted) -> None:
    channels = explain(found.model, found.x, method="shapley", over="channel", target=1)
    assert set(np.argsort(channels.values.mean(0))[-3:]) == set(BURST_CHANNELS)
    for method in ("shapley", "occlusion", "shapley_sampling"):
        bands = explain(found.model, found.x, method=method, over="band", fs=FS, target=1)
        assert bands.axes == ("trial", "band")
        assert (bands.values.argmax(1) == 3).all()  # 13-30 Hz
    both = explain(found.model, found.x, method="occlusion", over="channel_band", fs=FS, target=1)
    assert both.axes == ("trial", "channel", "band")
    assert set(np.argsort(both.values.mean(0)[:, 3])[-3:]) == set(BURST_CHANNELS)


@pytest.mark.parametrize(
    ("method", "theirs", "options", "captums"),
    [
        ("saliency", "Saliency", {}, {}),
        ("input_x_gradient", "InputXGradient", {}, {}),
        (
            "integrated_gradients",
            "IntegratedGradients",
            {"n_steps": 16},
            {"n_steps": 16, "method": "riemann_middle"},
        ),
        ("guided_backprop", "GuidedBackprop", {}, {}),
        ("deconvnet", "Deconvolution", {}, {}),
    ],
)
def test_gradient_methods_equal_captum(
    found: Planted, method: str, theirs: str, options: dict, captums: dict
) -> None:
    ours = explain(found.model, found.x[:3], method=method, target=1, **options)
    x = torch.as_tensor(found.x[:3], dtype=torch.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = getattr(captum.attr, theirs)(found.model).attribute(x, target=1, **captums)
    np.testing.assert_allclose(ours, expected.detach(), rtol=1e-5, atol=1e-6)


def test_grad_cam_equals_captum(found: Planted) -> None:
    layer = found.model[5]
    ours = explain(found.model, found.x[:3], method="grad_cam", target=1, layer="5")
    x = torch.as_tensor(found.x[:3], dtype=torch.float32)
    expected = captum.attr.LayerGradCam(found.model, layer).attribute(
        x, target=1, relu_attributions=True
    )
    np.testing.assert_allclose(ours, expected.detach()[:, 0], rtol=1e-5, atol=1e-6)


def test_grad_cam_pp_weighs_places_as_its_paper_says(found: Planted) -> None:
    x = torch.as_tensor(found.x[:1], dtype=torch.float32)
    maps = found.model[:6](x).detach().requires_grad_()
    (gradient,) = torch.autograd.grad(found.model[6:](maps)[0, 1], maps)
    a, g = maps.detach().double()[0].flatten(1), gradient.double()[0].flatten(1)
    cam = torch.zeros(a.shape[1], dtype=torch.float64)
    for k in range(len(a)):
        below = 2 * g[k] ** 2 + a[k].sum() * g[k] ** 3
        alpha = torch.where(below != 0, g[k] ** 2 / below, 0.0)
        cam += (alpha * g[k].clamp(min=0)).sum() * a[k]
    ours = explain(found.model, found.x[:1], method="grad_cam_pp", target=1, layer="5")
    np.testing.assert_allclose(np.ravel(ours), cam.clamp(min=0), rtol=1e-4, atol=1e-6)


def test_integrated_gradients_sum_to_the_difference(found: Planted) -> None:
    found = Planted(found.model, found.x[:3], found.truth[:3])
    ours = explain(found.model, found.x, target=1)
    nothing = found.model(torch.zeros(1, *found.x.shape[1:]))[0, 1].item()
    sums = ours.values.reshape(len(ours.values), -1).sum(1)
    np.testing.assert_allclose(sums, ours.score - nothing, rtol=1e-3)


def test_exact_shapley_values_are_those_of_the_definition() -> None:
    # a game of four groups in which order matters: a network of products
    class Products(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.tensor(2.0))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            a, b, c, d = (x[:, 0, 2 * i : 2 * i + 2].sum(1) for i in range(4))
            worth = self.weight * a * b + c**2 * d + a * c * d + b
            return torch.stack([worth, -worth], 1)

    x = np.random.default_rng(0).normal(size=(3, 1, 8))
    model = Products()
    ours = explain(model, x, method="shapley", over="window", window=2, target=0)

    def worth(trial: np.ndarray, there: tuple[int, ...]) -> float:
        kept = trial.copy()
        for i in set(range(4)) - set(there):
            kept[0, 2 * i : 2 * i + 2] = 0
        return model(torch.as_tensor(kept[None], dtype=torch.float32))[0, 0].item()

    for trial, values in zip(x, ours.values, strict=True):
        expected = np.zeros(4)
        for order in itertools.permutations(range(4)):
            for place, part in enumerate(order):
                gain = worth(trial, order[: place + 1]) - worth(trial, order[:place])
                expected[part] += gain / math.factorial(4)
        np.testing.assert_allclose(values.reshape(4, 2).sum(1), expected, atol=1e-5)
    nothing = model(torch.zeros(1, 1, 8))[0, 0].item()
    np.testing.assert_allclose(ours.values.sum(1), ours.score - nothing, atol=1e-5)


def test_only_rectifiers_part_guided_backpropagation_from_the_gradient() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 3, 64))
    smooth = nn.Sequential(nn.Conv1d(3, 4, 5), nn.ELU(), nn.Flatten(), nn.Linear(240, 2))
    gradient = torch.as_tensor(x, dtype=torch.float32).requires_grad_()
    smooth(gradient)[:, 1].sum().backward()
    for method in ("guided_backprop", "deconvnet"):
        with pytest.warns(UserWarning, match=f"{method} differs from the plain gradient only"):
            ours = explain(smooth, x, method=method, target=1)
        np.testing.assert_allclose(ours, gradient.grad, rtol=1e-5, atol=1e-7)
    # in place, as many networks have them
    sharp = nn.Sequential(
        nn.Conv1d(3, 4, 5), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(240, 2)
    )
    plain = torch.as_tensor(x, dtype=torch.float32).requires_grad_()
    sharp(plain)[:, 1].sum().backward()
    assert not np.allclose(explain(sharp, x, method="guided_backprop", target=1), plain.grad)
    assert sharp[1].inplace


def test_a_network_that_holds_channels_as_an_axis_tells_them_apart_until_they_are_one() -> None:
    model = build_model("eegnet", in_channels=5, num_classes=2, n_times=256)
    x = np.random.default_rng(0).normal(size=(2, 5, 256))
    model(torch.as_tensor(x, dtype=torch.float32))  # the batch norms see something
    assert explain(model, x, method="grad_cam").axes == ("trial", "time")
    early = explain(model, x, method="grad_cam", layer="temporal.1")
    assert early.axes == ("trial", "channel", "time")
    assert early.values.shape == (2, 5, 256)


def test_the_network_is_left_as_it_was() -> None:
    model = build_model("plain_cnn", in_channels=2, num_classes=2)
    model(torch.randn(4, 2, 64))
    before = {key: value.clone() for key, value in model.state_dict().items()}
    state = torch.get_rng_state()
    for method in ("smoothgrad", "grad_cam", "shapley"):
        explain(model, np.ones((2, 2, 64)), method=method)
    assert model.training
    assert all((before[key] == value).all() for key, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert (torch.get_rng_state() == state).all()


def test_maps_of_classes_are_explained_by_their_mean() -> None:
    model = nn.Conv2d(1, 3, 3, padding=1)
    x = np.random.default_rng(0).normal(size=(2, 1, 8, 8))
    found = explain(model, x, target=2)
    np.testing.assert_allclose(
        found.score, model(torch.as_tensor(x).float())[:, 2].mean((1, 2)).detach(), rtol=1e-5
    )


def _trained() -> nn.Module:
    model = build_model("plain_cnn", in_channels=2, num_classes=3)
    model(torch.randn(8, 2, 64))
    return model


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "gradcam"}, r"method must be one of .*did you mean 'grad_cam'\?"),
        ({"target": 3}, "target must be a class from 0 to 2; got 3"),
        ({"classes": ["a", "b"]}, "classes must be 3, one for each output; got 2"),
        ({"target": [0]}, "target must be a class, or one for each of 2 trials"),
        (
            {"method": "grad_cam", "layer": "features.77"},
            r"layer must be one of .*got 'features.77' \(did you mean",
        ),
        ({"method": "grad_cam", "layer": "classifier"}, "layer must have maps"),
        ({"method": "occlusion", "over": "bands"}, "over must be one of .*did you mean 'band'"),
        ({"method": "occlusion", "over": "groups"}, "groups must be given"),
        ({"method": "occlusion", "window": 65}, "window must fit into the input"),
        ({"method": "occlusion", "window": 4, "stride": 5}, "stride must be at most the window"),
        ({"method": "shapley", "over": "window", "window": 2}, "must have at most 16 parts"),
        (
            {"method": "shapley", "over": "band", "fs": 64, "bands": [(1, 9), (8, 12)]},
            "bands must not overlap",
        ),
        (
            {"method": "shapley", "over": "band", "fs": 64, "bands": [(40, 50)]},
            "bands must each hold a frequency",
        ),
    ],
)
def test_bad_questions_get_one_sentence(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        explain(_trained(), np.zeros((2, 2, 64)) + np.arange(64), **options)


def test_an_option_of_another_method_is_refused() -> None:
    with pytest.raises(TypeError, match=r"method 'saliency' takes no parameters; got 'layer'"):
        explain(_trained(), np.ones((2, 2, 64)), method="saliency", layer="features.0")


def test_networks_that_have_nothing_to_explain_are_refused() -> None:
    untrained = build_model("plain_cnn", in_channels=2, num_classes=2)
    with pytest.raises(ValueError, match="model must be trained"):
        explain(untrained, np.ones((1, 2, 64)))
    constant = nn.Sequential(nn.Conv1d(2, 2, 3), nn.Flatten(), nn.Linear(124, 2))
    nn.init.zeros_(constant[2].weight)
    with pytest.raises(ValueError, match="model must answer to its input"):
        explain(constant, np.ones((1, 2, 64)))
    with pytest.raises(ValueError, match="model must have weights"):
        explain(nn.Flatten(), np.ones((1, 2, 64)))
    with pytest.raises(TypeError, match="model must be a torch module; got str"):
        explain("run/model.safetensors", np.ones((1, 2, 64)))


def test_inputs_the_network_cannot_take_are_refused() -> None:
    bare = nn.Sequential(nn.Conv1d(2, 2, 65), nn.AdaptiveAvgPool1d(1), nn.Flatten())
    with pytest.raises(ValueError, match="x must be as long as the network's receptive field"):
        explain(bare, np.ones((1, 2, 64)))
    with pytest.raises(ValueError, match="x must have at least 64 samples"):
        explain(_trained(), np.ones((1, 2, 63)))
    with pytest.raises(ValueError, match="x must hold finite numbers"):
        explain(_trained(), np.full((1, 2, 64), np.nan))
    with pytest.raises(ValueError, match=r"x must have shape \(trials, channels, ...\)"):
        explain(_trained(), np.ones((2, 64)))
