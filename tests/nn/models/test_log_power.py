"""The network on log power: by its definition, and what it can tell."""

import numpy as np
import pytest
import torch

from sigconv.nn import TrainingConfig, build_model, evaluate, fit
from tests.nn.layers.test_normalisation import whitened


@pytest.mark.parametrize("whiten", [True, False])
def test_by_its_definition(whiten):
    torch.manual_seed(0)
    model = build_model("log_power", in_channels=3, num_classes=4, filters=5, whiten=whiten)
    model = model.double().eval()
    x = np.random.default_rng(0).normal(size=(3, 200))
    mixed = model.features[1].weight.detach().numpy()[:, :, 0] @ (
        whitened(x, 0.01) if whiten else x
    )
    taps = model.features[2].weight.detach().numpy()[:, 0]
    filtered = [np.correlate(row, h, "valid") for row, h in zip(mixed, taps, strict=True)]
    power = np.log(np.square(filtered).mean(axis=1) / (1 + model.features[3].eps))
    weight, bias = (p.detach().numpy() for p in model.classifier.parameters())
    found = model(torch.from_numpy(x[None]))[0].detach().numpy()
    np.testing.assert_allclose(found, weight @ power + bias, rtol=1e-6)


def test_rhythms_are_told_apart_whatever_mixes_them():
    """Two frequencies from one place; everyone's electrodes see it and the noise differently."""
    rng = np.random.default_rng(0)
    times, people = np.arange(256) / 128, 6
    y = np.tile(np.repeat([0, 1], 10), people)
    X = rng.normal(size=(len(y), 4, 256))
    phase = rng.uniform(0, 2 * np.pi, len(y))
    X[:, 0] += np.sin(2 * np.pi * np.where(y == 1, 13, 17)[:, None] * times + phase[:, None])
    for person in range(people):
        who = slice(20 * person, 20 * person + 20)
        X[who] = (np.eye(4) + 0.3 * rng.normal(size=(4, 4))) @ X[who]
    model = build_model("log_power", in_channels=4, num_classes=2)
    fit(model, X[:100], y[:100], TrainingConfig(epochs=20, learning_rate=1e-2))
    assert evaluate(model, X[100:], y[100:]).accuracy > 0.9


def test_too_short_windows_are_refused():
    with pytest.raises(ValueError, match="n_times must be at least 65, the kernel; got 64"):
        build_model("log_power", in_channels=3, num_classes=4, n_times=64)
