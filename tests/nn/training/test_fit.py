"""Fitting: reproducible, honest about its statistics, and clear about bad input."""

import copy
import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from sigconv.nn import (
    Augmentation,
    TrainingConfig,
    build_model,
    evaluate,
    fit,
    predict,
    predict_proba,
)
from sigconv.nn.data import standardise
from sigconv.nn.training import seeded
from sigconv.nn.training.held_back import hold_back


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
    losses = fit(model, X, y, TrainingConfig(epochs=15)).losses
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
    assert np.isfinite(fit(small(), X, y, TrainingConfig(epochs=2)).losses).all()


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
    history = fit(small(), X, y, TrainingConfig(epochs=3), on_epoch=seen.append)
    assert tuple(seen) == history.epochs
    assert [epoch.number for epoch in seen] == [1, 2, 3]
    assert history.best == 3


def test_chance_is_the_commonest_class():
    X, _ = planted(10)
    y = np.array([0] * 7 + [1] * 3)
    assert evaluate(small(), X, y).chance == 0.7


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.zeros(8, dtype=int)}, "y must hold at least two classes; got one"),
        ({"y": np.zeros(7, dtype=int)}, r"y must be one whole number .* for each of 8 trials"),
        ({"y": np.linspace(0, 1, 8)}, r"y must be one whole number .* for each of 8 trials"),
        ({"y": np.arange(8) - 1}, r"y must be one whole number of at least 0 for each of 8 trials"),
        (
            {"X": np.full((8, 2, 128), np.nan)},
            "X must hold finite numbers; NaN or infinity stands in trial 0 and 7 others",
        ),
        ({"X": np.zeros(8)}, r"X must have shape \(n_trials, n_channels, ...\)"),
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
        ({"task": "classfy"}, "task must be one of .*did you mean 'classify'"),
        ({"optimiser": "adam"}, "optimiser must be one of 'adamw', 'sgd'"),
        ({"schedule": "linear"}, "schedule must be one of"),
        ({"class_weights": "equal"}, "class_weights must be one of 'balanced'"),
        ({"validation": 1}, "validation must be a finite number above 0 and below 1"),
        ({"crop_stride": 1}, "crop_stride must not be given without crop"),
        ({"amp": "int8"}, "amp must be one of"),
    ],
)
def test_bad_settings(setting, message):
    with pytest.raises(ValueError, match=message):
        TrainingConfig(**setting)


def plain_loop(model, X, y, epochs, batches, loss, optimiser, schedule=None):
    """What `fit` is, written out: the same order of trials and nothing else."""
    losses = []
    for epoch in range(1, epochs + 1):
        model.train()
        total = 0.0
        order = np.random.default_rng([0, 0, epoch]).permutation(len(X))
        for batch in np.array_split(order, batches):
            value = loss(model(X[batch]), y[batch])
            optimiser.zero_grad()
            value.backward()
            optimiser.step()
            if schedule is not None:
                schedule.step()
            total += value.item() * len(batch)
        losses.append(total / len(X))
    return losses


@pytest.mark.parametrize(
    ("settings", "make_optimiser", "make_schedule", "loss"),
    [
        (
            {"optimiser": "sgd", "momentum": 0.5, "schedule": "constant", "weight_decay": 0.1},
            lambda p: torch.optim.SGD(p, 2e-3, momentum=0.5, nesterov=True, weight_decay=0.1),
            lambda o: None,
            nn.CrossEntropyLoss(),
        ),
        (
            {"schedule": "cosine", "label_smoothing": 0.2},
            lambda p: torch.optim.AdamW(p, 2e-3),
            lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 12),
            nn.CrossEntropyLoss(label_smoothing=0.2),
        ),
        (
            {"class_weights": (3.0, 1.0)},
            lambda p: torch.optim.AdamW(p, 2e-3),
            lambda o: torch.optim.lr_scheduler.OneCycleLR(o, 2e-3, total_steps=12),
            nn.CrossEntropyLoss(torch.tensor([3.0, 1.0], dtype=torch.float64)),
        ),
    ],
)
def test_a_plain_torch_loop_goes_the_same_way(settings, make_optimiser, make_schedule, loss):
    X, y = planted(40)
    ours, theirs = (seeded(0, lambda: mlp(dropout=0.0)) for _ in range(2))
    history = fit(ours, X, y, TrainingConfig(epochs=4, batch_size=16, **settings))
    optimiser = make_optimiser(theirs.parameters())
    expected = plain_loop(
        theirs,
        torch.from_numpy(X).double(),
        torch.from_numpy(y),
        4,
        3,
        loss,
        optimiser,
        make_schedule(optimiser),
    )
    np.testing.assert_allclose(history.losses, expected, rtol=1e-12)


def mlp(*, outputs: int = 2, dropout: float = 0.3) -> nn.Module:
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(256, 8),
        nn.BatchNorm1d(8),
        nn.Dropout(dropout),
        nn.Linear(8, outputs),
    ).double()


def test_gradients_are_clipped_to_their_norm():
    X, y = planted(32)
    model = seeded(0, lambda: mlp(dropout=0.0))
    before = [parameter.detach().clone() for parameter in model.parameters()]
    config = TrainingConfig(
        epochs=1, optimiser="sgd", momentum=0, weight_decay=0, schedule="constant", clip=1e-3
    )
    fit(model, X, y, config)
    moved = sum(
        (now - then).square().sum() for now, then in zip(model.parameters(), before, strict=True)
    )
    assert float(moved.detach().sqrt()) == pytest.approx(2e-3 * 1e-3, rel=1e-4)


def test_values_are_regressed():
    X, _ = planted(64)
    y = X[:, 0].mean(axis=1) * 10
    model = seeded(0, lambda: mlp(outputs=1, dropout=0.0))
    config = TrainingConfig(task="regress", epochs=60, learning_rate=1e-2, weight_decay=0)
    history = fit(model, X, y, config)
    assert history.losses[-1] < 0.05 * y.var()
    np.testing.assert_allclose(predict(model, X)[:, 0], y, atol=1.0)
    with pytest.raises(ValueError, match="model must give 2 values for each trial"):
        fit(model, X, np.stack([y, y], axis=1), config)
    with pytest.raises(ValueError, match="y must hold finite numbers"):
        fit(model, X, np.full(64, np.nan), config)


@pytest.mark.parametrize("shape", [(24, 1, 16, 16), (24, 1, 8, 8, 8)])
def test_images_and_volumes_are_trials_too(shape):
    rng = np.random.default_rng(0)
    y = np.arange(24) % 2
    X = rng.normal(size=shape) + y.reshape(-1, *[1] * (len(shape) - 1))
    ndim = len(shape) - 2
    model = seeded(
        0, lambda: build_model("plain_cnn", in_channels=1, num_classes=2, ndim=ndim, width=0.25)
    )
    history = fit(model, X, y, TrainingConfig(epochs=8))
    assert history.losses[-1] < history.losses[0]


def test_a_memory_map_and_a_reader_train_as_arrays_do(tmp_path, monkeypatch):
    X, y = planted(40)
    np.save(tmp_path / "X.npy", X)
    config = TrainingConfig(epochs=2, batch_size=16)
    expected = fit(small(), X, y, config, prepare=standardise).losses
    monkeypatch.setattr("sigconv.nn.training.trials._RESIDENT", 0)

    read: list[int] = []

    class Reader:
        shape, dtype = X.shape, X.dtype

        def __len__(self):
            return len(X)

        def __getitem__(self, indices):
            read.append(len(X[indices]))
            return X[indices]

    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    assert fit(small(), mapped, y, config, prepare=standardise).losses == expected
    assert fit(small(), Reader(), y, config, prepare=standardise).losses == expected
    assert sorted(read)[:6] == [13, 13, 13, 13, 14, 14]  # batch by batch


def test_early_stopping_returns_to_the_best_epoch():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2, 128)), np.arange(60) % 2  # nothing to be learned
    config = TrainingConfig(epochs=40, patience=4, learning_rate=1e-2, schedule="constant")
    model = seeded(0, lambda: mlp(dropout=0.0))
    history = fit(model, X, y, config)
    losses = history.validation_losses
    assert len(losses) == history.best + 4 < 40
    assert losses[history.best - 1] == min(losses)
    # a training that ends with the best epoch has the same weights
    again = seeded(0, lambda: mlp(dropout=0.0))
    fit(again, X, y, dataclasses.replace(config, epochs=history.best))
    np.testing.assert_array_equal(predict(again, X), predict(model, X))


def test_the_validation_part_keeps_groups_whole():
    y = np.arange(60) % 3
    groups = np.repeat(np.arange(10), 6)
    training, validation = hold_back(y, groups, TrainingConfig(patience=1))
    assert sorted([*training, *validation]) == list(range(60))
    assert not set(groups[training]) & set(groups[validation])
    assert len(validation) == 12
    assert set(y[training]) == set(y[validation]) == {0, 1, 2}
    everything, none = hold_back(y, groups, TrainingConfig())
    assert (len(everything), len(none)) == (60, 0)


@pytest.mark.parametrize(
    ("y", "groups", "message"),
    [
        ([0, 0, 1, 1], [1, 1, 1, 1], "groups must be two at least, to stop early"),
        ([0, 0, 0, 1], None, "y must hold each class twice at least, to stop early"),
        ([0, 0, 1, 1], [1, 2, 3, 3], "groups must leave every class to the training part"),
        ([0, 0, 1, 1], [1, 2, 3], r"groups must hold one for each of 4 trials; got \(3,\)"),
    ],
)
def test_no_validation_part_can_be_had(y, groups, message):
    with pytest.raises(ValueError, match=message):
        hold_back(np.array(y), groups, TrainingConfig(patience=1, seed=1))


def test_crops_are_trained_on_and_averaged():
    X, y = planted(32)
    model = small()
    config = TrainingConfig(epochs=3, batch_size=32, crop=0.5, crop_stride=0.25)
    starts = [0, 32, 64]
    history = fit(model, X, y, config, fs=128)
    crops = np.concatenate([X[:, :, start : start + 64] for start in starts])
    logits = predict(model, crops).reshape(3, 32, 2).mean(axis=0)
    np.testing.assert_allclose(predict(model, X, crop=(64, 32)), logits, rtol=1e-5, atol=1e-6)
    assert history.losses[-1] < history.losses[0]
    # every crop of every trial is seen in an epoch: one crop a trial is a training like any other
    whole = fit(small(), X, y, TrainingConfig(epochs=1, crop=128), fs=None).losses
    assert whole == fit(small(), X, y, TrainingConfig(epochs=1)).losses
    with pytest.raises(ValueError, match="crop must be no longer than the trials of 128 samples"):
        fit(small(), X, y, TrainingConfig(crop=2.0), fs=128)


def test_dense_predictions_are_averaged():
    X, y = planted(16)
    dense = nn.Conv1d(2, 2, 5)
    fit(dense, X, y, TrainingConfig(epochs=1))
    with torch.no_grad():
        expected = dense(torch.from_numpy(X)).mean(-1)
    np.testing.assert_allclose(predict(dense, X), expected, rtol=1e-5)


def test_mixup_and_augmentation_are_drawn_by_the_seed():
    X, y = planted()
    augment = [Augmentation("noise"), Augmentation("time_shift", limit=0.05)]
    config = TrainingConfig(epochs=2, mixup=0.4, augment=augment)
    first = fit(small(), X, y, config, fs=128).losses
    assert fit(small(), X, y, config, fs=128).losses == first
    assert fit(small(), X, y, dataclasses.replace(config, seed=1), fs=128).losses != first
    assert fit(small(), X, y, dataclasses.replace(config, mixup=0.0), fs=128).losses != first


def test_bfloat16_learns_on_the_cpu():
    X, y = planted()
    model = small()
    losses = fit(model, X, y, TrainingConfig(epochs=10, amp="bfloat16")).losses
    assert losses[-1] < losses[0] / 1.5
    assert next(model.parameters()).dtype == torch.float32
    with pytest.raises(ValueError, match="amp must be 'bfloat16' on the CPU"):
        fit(model, X, y, TrainingConfig(amp="float16"))


def test_frozen_layers_stay_as_they_are():
    X, y = planted()
    model = small()
    norm = next(module for module in model.modules() if isinstance(module, nn.BatchNorm1d))
    first = next(model.parameters())
    for parameter in (first, *norm.parameters()):
        parameter.requires_grad_(False)
    before = first.detach().clone()
    fit(model, X, y, TrainingConfig(epochs=2))
    assert torch.equal(first, before)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    with pytest.raises(ValueError, match="model must have parameters that can be trained"):
        fit(model, X, y, TrainingConfig(epochs=1))


def test_a_loss_that_runs_away_is_told():
    X, y = planted(16)
    config = TrainingConfig(
        task="regress", epochs=9, optimiser="sgd", learning_rate=1e30, schedule="constant"
    )
    with pytest.raises(ValueError, match=r"the loss must stay finite; it became \w+ in epoch"):
        fit(mlp(outputs=1), X, y, config)
