"""Fitting: reproducible, honest about its statistics, and clear about bad input."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from sigconv.nn import TrainingConfig, build_model, evaluate, fit, predict_proba
from sigconv.nn.training import seeded


def planted(n: int = 64, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two classes of noise, one with a 20 Hz burst at 128 Hz."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    wave = np.sin(2 * np.pi * 20 * np.arange(128) / 128)
    X = rng.normal(size=(n, 2, 128)) + y[:, None, None] * wave
    return X.astype(np.float32), y


def small(seed: int = 0) -> nn.Module:
    return seeded(seed, lambda: build_model("plain_cnn", in_channels=2, num_classes=2))


def test_learns_what_is_there():
    X, y = planted()
    model = small()
    losses = fit(model, X, y, TrainingConfig(epochs=15))
    assert losses[-1] < losses[0] / 2
    assert evaluate(model, *planted(seed=1)).accuracy > 0.9


def test_shuffled_labels_teach_nothing_about_new_trials():
    X, y = planted(200)
    rng = np.random.default_rng(0)
    model = small()
    fit(model, X, rng.permutation(y), TrainingConfig(epochs=15))
    # 400 trials at chance: a deviation of 0.025
    assert abs(evaluate(model, *planted(400, seed=1)).accuracy - 0.5) < 0.2


def test_a_seed_decides_everything_to_the_bit():
    X, y = planted()
    a, b, c = small(), small(), small()
    torch.manual_seed(99)  # what the caller's generator holds must not matter
    losses = fit(a, X, y, TrainingConfig(epochs=3))
    torch.manual_seed(5)
    assert fit(b, X, y, TrainingConfig(epochs=3)) == losses
    assert np.array_equal(predict_proba(a, X), predict_proba(b, X))
    assert fit(c, X, y, TrainingConfig(epochs=3, seed=1)) != losses


def test_the_callers_random_numbers_are_left_alone():
    X, y = planted()
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    fit(small(), X, y, TrainingConfig(epochs=1))
    assert torch.equal(torch.rand(2), expected)


@pytest.mark.parametrize("n", [2, 3, 33, 65])
def test_any_number_of_trials_trains(n):
    """Fewer than a batch, and one more than batches: torch refuses a norm over one value."""
    X, y = planted(n)
    assert np.isfinite(fit(small(), X, y, TrainingConfig(epochs=2))).all()


def test_norms_hold_the_statistics_of_the_training_set():
    X, y = planted(40)
    model = seeded(0, lambda: build_model("eegnet", in_channels=2, num_classes=2, n_times=128))
    fit(model, X, y, TrainingConfig(epochs=2))
    with torch.no_grad():
        filtered = model.temporal[0](torch.from_numpy(X).unsqueeze(1))
    expected = filtered.mean(dim=(0, 2, 3)), filtered.var(dim=(0, 2, 3))
    norm = model.temporal[1]
    torch.testing.assert_close(norm.running_mean, expected[0], rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(norm.running_var, expected[1], rtol=1e-4, atol=1e-6)
    assert norm.momentum == 0.01


def test_prediction_changes_nothing():
    X, _ = planted(300)
    model = small().train()
    before = copy.deepcopy(model.state_dict())
    probabilities = predict_proba(model, X)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    assert model.training
    assert all(torch.equal(before[k], v) for k, v in model.state_dict().items())
    # more trials than one pass takes: each gets what it gets alone
    np.testing.assert_allclose(predict_proba(model, X[280:281]), probabilities[280:281], rtol=1e-5)


def test_on_epoch_is_told_every_epoch():
    X, y = planted()
    seen = []
    losses = fit(
        small(), X, y, TrainingConfig(epochs=3), on_epoch=lambda e, loss: seen.append((e, loss))
    )
    assert seen == list(enumerate(losses, start=1))


def test_chance_is_the_commonest_class():
    X, _ = planted(10)
    y = np.array([0] * 7 + [1] * 3)
    assert evaluate(small(), X, y).chance == 0.7


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.zeros(8, dtype=int)}, "y must hold at least two classes; got one"),
        ({"y": np.zeros(7, dtype=int)}, r"y must be one whole number for each of 8 trials"),
        ({"y": np.linspace(0, 1, 8)}, r"y must be one whole number for each of 8 trials"),
        ({"X": np.full((8, 2, 128), np.nan)}, "X must hold finite numbers"),
        ({"X": np.empty((0, 2, 128))}, "X must not be empty"),
    ],
)
def test_bad_input(change, message):
    X, y = planted(8)
    with pytest.raises(ValueError, match=message):
        fit(small(), **{"X": X, "y": y, **change})


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"epochs": 0}, "epochs must be a whole number of at least 1; got 0"),
        ({"batch_size": 0}, "batch_size must be a whole number of at least 1; got 0"),
        ({"learning_rate": 0}, "learning_rate must be a finite number above 0; got 0"),
        ({"seed": -1}, "seed must be a whole number of at least 0; got -1"),
    ],
)
def test_bad_settings(setting, message):
    with pytest.raises(ValueError, match=message):
        TrainingConfig(**setting)
