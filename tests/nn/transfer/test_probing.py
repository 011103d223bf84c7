"""Features of a network that stays as it is."""

import numpy as np
import pytest
import torch

from sigconv.nn import build_model
from sigconv.nn.transfer import FrozenFeatures, linear_probe


@pytest.fixture
def model():
    torch.manual_seed(0)
    return build_model("plain_cnn", in_channels=2, num_classes=3)


def test_features_are_the_layers_own(model):
    X = np.random.default_rng(0).normal(size=(6, 2, 128))
    before = {key: value.clone() for key, value in model.state_dict().items()}
    model.train()
    places = FrozenFeatures(model, "features.4", pool="none").fit_transform(X)
    pooled = FrozenFeatures(model, "features.4").fit_transform(X)
    assert model.training
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    with torch.no_grad():
        expected = model.eval().features[:5](torch.as_tensor(X, dtype=torch.float32))
    np.testing.assert_allclose(places, expected.flatten(1), atol=1e-6)
    np.testing.assert_allclose(pooled, expected.mean(-1), atol=1e-6)


def test_crops_are_averaged(model):
    X = np.random.default_rng(0).normal(size=(6, 2, 192))
    whole = FrozenFeatures(model, "features.9", crop=(128, 64)).fit_transform(X)
    parts = [
        FrozenFeatures(model, "features.9").fit_transform(X[..., s : s + 128]) for s in (0, 64)
    ]
    np.testing.assert_allclose(whole, np.mean(parts, axis=0), atol=1e-6)


def test_a_probe_finds_what_the_features_hold(model):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(80, 2, 128)), np.arange(80) % 2
    X[y == 1, 0] *= 2
    probe = linear_probe(model, "features.4").fit(X[:40], y[:40])
    assert probe.score(X[40:], y[40:]) > 0.9
    shuffled = linear_probe(model, "features.4").fit(X[:40], rng.permutation(y[:40]))
    assert shuffled.score(X[40:], y[40:]) < 0.8


def test_bad_arguments(model):
    X = np.zeros((4, 2, 128))
    with pytest.raises(ValueError, match="pool must be one of 'mean', 'none'; got 'max'"):
        linear_probe(model, "features.4", pool="max").fit(X, [0, 1, 0, 1])
    with pytest.raises(ValueError, match="layer must be one of"):
        linear_probe(model, "stage2").fit(X, [0, 1, 0, 1])
    with pytest.raises(ValueError, match="C must be"):
        linear_probe(model, "features.4", C=0)
