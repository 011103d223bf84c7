"""What layers hold, beside what the parts were made to be."""

import numpy as np
import pytest
import torch
from scipy import signal
from torch import nn

from sigconv.nn import build_model
from sigconv.nn.explain import (
    feature_maps,
    kernel_responses,
    spatial_patterns,
    strongest_windows,
)


def test_feature_maps_are_the_layers_outputs() -> None:
    model = build_model("plain_cnn", in_channels=2, num_classes=2).eval()
    x = np.random.default_rng(0).normal(size=(5, 2, 64))
    with torch.no_grad():
        expected = model.features[:3](torch.as_tensor(x, dtype=torch.float32))
    ours = feature_maps(model, x, "features.2", batch_size=2)
    np.testing.assert_allclose(ours, expected, atol=1e-5)


@pytest.mark.parametrize("dilation", [1, 3])
def test_kernels_answer_frequencies_as_scipy_says(dilation: int) -> None:
    layer = nn.Conv1d(1, 3, 31, dilation=dilation)
    found = kernel_responses(nn.Sequential(layer), "0", fs=200)
    kernel = np.zeros(30 * dilation + 1)
    kernel[::dilation] = layer.weight[1, 0].detach().numpy()[::-1]  # as a convolution
    _, expected = signal.freqz(kernel, worN=found.frequencies, fs=200)
    np.testing.assert_allclose(found.magnitude[1], np.abs(expected), atol=1e-6)
    middle = np.exp(2j * np.pi * found.frequencies / 200 * (len(kernel) - 1) / 2)
    np.testing.assert_allclose(found.response[1], expected * middle, atol=1e-6)


def test_a_kernel_that_is_a_wave_has_its_frequency_as_centre() -> None:
    model = build_model("eegnet", in_channels=3, num_classes=2, n_times=256)
    wave = np.sin(2 * np.pi * 13 * np.arange(64) / 128)
    with torch.no_grad():
        model.temporal[0].weight[0, 0, 0] = torch.as_tensor(wave)
    assert kernel_responses(model, "temporal.0", fs=128).centre[0] == pytest.approx(13, abs=0.5)


def test_patterns_show_the_source_where_filters_also_cancel_noise() -> None:
    # Haufe's example: the source shows at channel 0 alone, noise at both; the filter subtracts
    rng = np.random.default_rng(0)
    source, noise = rng.normal(size=(2, 50, 500))
    x = np.stack([source + noise, noise], axis=1)
    model = nn.Sequential(
        nn.Unflatten(1, (1, 2)),
        nn.Conv2d(1, 1, (2, 1), bias=False),
        nn.Flatten(),
        nn.Linear(500, 2),
    )
    with torch.no_grad():
        model[1].weight[0, 0, :, 0] = torch.tensor([1.0, -1.0])
    found = spatial_patterns(model, x, "1")
    np.testing.assert_allclose(found.filters, [[1, -1]])
    np.testing.assert_allclose(found.patterns, [[1, 0]], atol=0.02)


def test_patterns_of_several_filters_are_those_of_regression() -> None:
    rng = np.random.default_rng(0)
    model = build_model("eegnet", in_channels=5, num_classes=2, n_times=128).eval()
    x = rng.normal(size=(20, 5, 128)) @ np.eye(128) + rng.normal(size=(20, 1, 128))
    found = spatial_patterns(model, x, "spatial.0", batch_size=7)
    given = feature_maps(model, x, "temporal.1")  # (trials, 8, channels, times)
    for group in range(8):
        data = given[:, group].transpose(1, 0, 2).reshape(5, -1)
        data = data - data.mean(1, keepdims=True)
        filters = found.filters[2 * group : 2 * group + 2]
        sources = filters @ data
        expected = np.linalg.lstsq(sources.T, data.T, rcond=None)[0]
        np.testing.assert_allclose(found.patterns[2 * group : 2 * group + 2], expected, atol=1e-5)


def test_the_strongest_windows_hold_what_the_kernel_looks_for() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(scale=0.1, size=(6, 1, 20, 20))
    x[4, 0, 3:6, 11:14] += 5
    x[1, 0, 10:13, 2:5] += 3
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(648, 2))
    nn.init.ones_(model[0].weight)
    found = strongest_windows(model, x, "1", 1, n=2)
    assert [one.trial for one in found] == [4, 1]
    assert found[0].window == (slice(3, 6), slice(11, 14))
    assert found[0].value > found[1].value


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m, x: feature_maps(m, x, "spatal"), r"layer must be one of .*'spatial'\?\)"),
        (lambda m, x: kernel_responses(m, "spatial.0"), "layer must be a convolution along the"),
        (
            lambda m, x: spatial_patterns(m, x, "temporal.0"),
            "layer must be a depthwise convolution",
        ),
        (lambda m, x: strongest_windows(m, x, "temporal.0", 8), "index must be a map of"),
    ],
)
def test_what_is_not_there_gets_one_sentence(call, message: str) -> None:
    model = build_model("eegnet", in_channels=3, num_classes=2, n_times=128)
    with pytest.raises(ValueError, match=message):
        call(model, np.zeros((2, 3, 128)))
