"""Folds judged once, and leaks that do not help."""

import numpy as np
import pytest
from sklearn.model_selection import KFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from sigconv.nn import EEGDataset, TrainingConfig, cross_validate
from sigconv.nn.data import Fold
from sigconv.nn.training import band_power_lda
from sigconv.nn.training.baseline import band_power

FAST = TrainingConfig(epochs=8)


def subjects(n_subjects=4, n_trials=24, seed=0):
    """Noise from several subjects; y alternates and has nothing to do with X."""
    rng = np.random.default_rng(seed)
    n = n_subjects * n_trials
    X = rng.normal(size=(n, 2, 128))
    return X, np.arange(n) % 2, np.repeat(np.arange(n_subjects), n_trials)


def mean_accuracy(X, y, groups):
    data = EEGDataset.from_arrays(X, y, groups, fs=128)
    results = [result for result, _ in cross_validate(data, config=FAST)]
    return tuple(
        np.mean([result.accuracy(method, data.y) for result in results])
        for method in ("plain_cnn", "band power + LDA")
    )


def test_a_real_difference_carries_over_to_new_subjects():
    X, y, groups = subjects()
    X += y[:, None, None] * np.sin(2 * np.pi * 20 * np.arange(128) / 128)
    network, baseline = mean_accuracy(X, y, groups)
    assert network > 0.9
    assert baseline > 0.9


def test_a_planted_leak_does_not_help():
    """Four windows of each trial carry its fingerprint; labels are drawn by lot, one a trial.

    A split that parts the windows of a trial would call nearly all of them right.
    """
    rng = np.random.default_rng(0)
    n_subjects, n_trials, n_windows = 6, 10, 4
    trial = np.repeat(np.arange(n_subjects * n_trials), n_windows)
    y = rng.permutation(np.arange(n_subjects * n_trials) % 2)[trial]
    fingerprint = rng.normal(size=(n_subjects * n_trials, 2, 128))
    X = fingerprint[trial] + 0.3 * rng.normal(size=(len(trial), 2, 128))
    leaky = cross_val_score(
        KNeighborsClassifier(1), X.reshape(len(X), -1), y, cv=KFold(5, shuffle=True, random_state=0)
    )
    assert leaky.mean() > 0.95
    network, baseline = mean_accuracy(X, y, trial // n_trials)
    # 60 independent trials at chance: a deviation of 0.065
    assert abs(network - 0.5) < 0.2
    assert abs(baseline - 0.5) < 0.2


def test_results_name_the_folds_and_their_sizes():
    X, y, groups = subjects(n_subjects=3)
    data = EEGDataset.from_arrays(X, y, groups, fs=128)
    epochs = []
    pairs = list(
        cross_validate(
            data,
            config=TrainingConfig(epochs=2),
            on_epoch=lambda fold, epoch: epochs.append((fold, epoch.number)),
        )
    )
    found = [(r.fold, len(r.train), len(r.test), r.accuracy("chance", data.y)) for r, _ in pairs]
    assert found == [(name, 48, 24, 0.5) for name in "012"]
    assert epochs == [(name, epoch) for name in "012" for epoch in (1, 2)]
    weights = [next(network.parameters()).detach().numpy() for _, network in pairs]
    assert not np.array_equal(weights[0], weights[1])  # each fold has a network of its own


def test_a_class_that_only_one_subject_has():
    X, y, groups = subjects()
    y = np.where(groups == 3, 2, y)
    data = EEGDataset.from_arrays(X, y, groups, fs=128)
    with pytest.raises(ValueError, match="fold '3' must hold every class; '2' stands only in"):
        next(cross_validate(data, config=FAST))


def test_options_and_names_are_checked():
    data = EEGDataset.from_arrays(*subjects(), fs=128)
    with pytest.raises(ValueError, match="name must be one of"):
        next(cross_validate(data, model="eegnat"))
    with pytest.raises(TypeError, match="network 'eegnet' takes"):
        next(cross_validate(data, model="eegnet", options={"kernels": 3}))


def test_band_power_by_its_definition():
    """A sine of amplitude a in a bin has power a²/2: Welch's density times the bin width."""
    fs, n = 128, 512
    wave = 3 * np.sin(2 * np.pi * 21 * np.arange(n) / fs)
    features = band_power(wave[None, None], fs).reshape(-1)
    assert len(features) == 21
    peak = features.argmax()
    assert peak == 9  # the band from 20 to 22 Hz
    # a Hann window spreads a sine over three bins, all of it within two bands
    power = np.exp(features[8:11]).sum() * 2
    assert power == pytest.approx(9 / 2, rel=0.02)


@pytest.mark.parametrize("n_times", [20, 64, 500])
def test_the_baseline_takes_short_windows_and_flat_channels(n_times):
    X = np.random.default_rng(0).normal(size=(10, 2, n_times))
    X[:, 1] = 0
    assert band_power_lda(100).fit(X, np.arange(10) % 2).predict(X).shape == (10,)


def test_a_channel_that_counts_the_trials_does_not_help():
    """Neighbouring windows have one label, and a channel tells which window comes when.

    A split that parts neighbours lets the channel name the label. No honest one does.
    """
    rng = np.random.default_rng(1)
    n_trials, n_windows = 40, 4
    trial = np.repeat(np.arange(n_trials), n_windows)
    y = rng.permutation(np.arange(n_trials) % 2)[trial]
    X = rng.normal(size=(len(trial), 2, 64))
    slow = np.sin(2 * np.pi * np.arange(64) / 64)
    X[:, 1] = slow * np.cos(trial)[:, None] + slow[::-1] ** 2 * np.sin(trial)[:, None]
    flat = X[:, 1]
    leaky = cross_val_score(
        KNeighborsClassifier(1), flat, y, cv=KFold(5, shuffle=True, random_state=0)
    )
    assert leaky.mean() > 0.95
    data = EEGDataset.from_arrays(X, y, np.zeros(len(y)), fs=64, trials=trial)
    for split in ("within-subject:4", "by-time:3"):
        pairs = cross_validate(data, split=split, config=FAST)
        right = [r.accuracy("plain_cnn", data.y) for r, _ in pairs]
        assert abs(np.mean(right) - 0.5) < 0.25  # 30 or 40 independent trials


def test_early_stopping_never_sees_the_test_fold():
    """The same training, whatever stands in the test windows; and validation keeps groups whole."""
    X, y, groups = subjects()
    config = TrainingConfig(epochs=6, patience=2)
    seen = []
    for change in (0.0, 5.0):
        X[groups == 0] += change
        data = EEGDataset.from_arrays(X, y, groups, fs=128)
        result, _ = next(cross_validate(data, config=config))
        assert result.fold == "0"
        seen.append(result.history)
    assert seen[0] == seen[1]
    assert seen[0].validation_losses


def test_folds_of_ones_own_are_checked():
    X, y, groups = subjects()
    data = EEGDataset.from_arrays(X, y, groups, fs=128)
    half = np.arange(len(y)) < 30
    leaky = Fold("mine", np.flatnonzero(half), np.flatnonzero(~half))
    with pytest.raises(ValueError, match="fold 'mine' must keep groups whole; '1' stands on both"):
        next(cross_validate(data, split=[leaky], config=FAST))
    fine = Fold("mine", leaky.train, leaky.test, keeps=("trials",))
    result, _ = next(cross_validate(data, split=[fine], config=TrainingConfig(epochs=1)))
    assert result.fold == "mine"


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_riemannian_baselines_see_what_is_there():
    pytest.importorskip("pyriemann")
    X, y, groups = subjects(n_trials=16)
    X += y[:, None, None] * np.sin(2 * np.pi * 10 * np.arange(128) / 128)
    data = EEGDataset.from_arrays(X, y, groups, fs=128)
    names = ["tangent space", "filter bank + MDM"]
    config = TrainingConfig(epochs=1)
    results = [r for r, _ in cross_validate(data, config=config, baselines=names)]
    for name in names:
        assert np.mean([r.accuracy(name, data.y) for r in results]) > 0.9
    with pytest.raises(
        ValueError, match=r"baselines must be one of .*did you mean 'tangent space'"
    ):
        next(cross_validate(data, baselines=["tangent spaces"]))
