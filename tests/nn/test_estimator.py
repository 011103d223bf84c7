"""Networks as scikit-learn's estimators: its own checks, its searches, and MNE's decoding."""

import dataclasses
import inspect
import pickle

import numpy as np
import pytest
import sklearn
import torch
from mne.decoding import Scaler, SlidingEstimator, cross_val_multiscore
from sklearn.base import clone
from sklearn.metrics import get_scorer
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks
from torch import nn

from sigconv.nn import (
    Augmentation,
    CNNClassifier,
    CNNRegressor,
    TrainingConfig,
    build_model,
    fit,
    predict,
    predict_proba,
)
from sigconv.nn.data import Inputs, standardise
from sigconv.nn.training import seeded

#: Estimator -> check of scikit-learn that it must fail -> why. None does.
FAILS: dict[str, dict[str, str]] = {"CNNClassifier": {}, "CNNRegressor": {}}


def trials(n=40, channels=2, times=64):
    """Return noise, and a wave in the trials of every second class."""
    rng = np.random.default_rng(0)
    y = np.tile(["rest", "move"], n // 2)
    X = rng.normal(size=(n, channels, times))
    X[y == "move", 0] += 2 * np.sin(np.arange(times) / 2)
    return X, y


def quick(**parameters):
    return CNNClassifier(**{"epochs": 3, "random_state": 0, **parameters})


@estimator_checks.parametrize_with_checks(
    [CNNClassifier(epochs=2, random_state=0), CNNRegressor(epochs=2, random_state=0)],
    expected_failed_checks=lambda estimator: FAILS[type(estimator).__name__],
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_it_scores_as_scikit_learn_asks_where_amplitudes_are_left():
    one = CNNClassifier(standardise=False, epochs=10, learning_rate=1e-2, random_state=0)
    assert not one.__sklearn_tags__().classifier_tags.poor_score
    estimator_checks.check_classifiers_train("CNNClassifier", one)
    other = CNNRegressor(standardise=False, epochs=30, learning_rate=1e-2, random_state=0)
    assert not other.__sklearn_tags__().regressor_tags.poor_score
    estimator_checks.check_regressors_train("CNNRegressor", other)


@pytest.mark.parametrize("estimator", [CNNClassifier, CNNRegressor])
def test_parameters_are_those_of_the_configuration(estimator):
    defaults = {k: p.default for k, p in inspect.signature(estimator).parameters.items()}
    others = {"task", "seed"}
    if estimator is CNNRegressor:
        others |= {"class_weights", "label_smoothing"}
    for field in dataclasses.fields(TrainingConfig):
        assert field.name in others or defaults[field.name] == field.default


def test_it_says_what_the_functions_say_to_the_bit():
    X, y = trials()
    config = TrainingConfig(epochs=3, seed=7, mixup=0.2, crop=0.5, crop_stride=0.25)
    model = seeded(7, lambda: build_model("eegnet", in_channels=2, num_classes=2, n_times=32))
    fit(model, X, (y == "rest").astype(int), config, prepare=standardise, fs=64)
    expected = predict_proba(model, X, prepare=standardise, crop=(32, 16))
    words = {"fs": 64, "inputs": Inputs(), "mixup": 0.2, "crop": 0.5, "crop_stride": 0.25}
    one = quick(model="eegnet", random_state=7, **words)
    one.fit(X, y)
    assert one.classes_.tolist() == ["move", "rest"]
    np.testing.assert_array_equal(one.predict_proba(X), expected)
    np.testing.assert_array_equal(one.predict(X), one.classes_[expected.argmax(axis=1)])


CHOSEN = Inputs("waveform", {"high": 40, "rate": 128, "difference": True})


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ({"model": "eegnet", "fs": 256}, CHOSEN),
        ({"model": "eegnet"}, Inputs()),  # in samples nothing is known
        ({"model": "plain_cnn", "fs": 256}, Inputs()),  # it may be sound
        ({"model": "eegnet", "fs": 256, "standardise": False}, Inputs()),
        ({"model": "eegnet", "fs": 256, "inputs": Inputs()}, Inputs()),
        ({"fs": 256, "inputs": Inputs("waveform", {"rate": 64})}, Inputs("waveform", {"rate": 64})),
    ],
)
def test_what_networks_for_eeg_see_is_chosen_where_the_rate_is_known(given, seen):
    rng = np.random.default_rng(0)
    X, y = 1e-5 * rng.normal(size=(12, 2, 256)).cumsum(axis=2), np.tile([0, 1], 6)
    one = CNNClassifier(epochs=1, random_state=0, **given).fit(X, y)
    assert one.inputs_ == seen
    prepared = seen(X, given.get("fs", 1))
    if not given.get("standardise", True):
        prepared = X.astype(np.float32)
    np.testing.assert_array_equal(one.predict_proba(X), predict_proba(one.model_, prepared))
    if "fs" in given:
        one = CNNClassifier(epochs=1, crop=0.5, random_state=0, **given).fit(X, y)
        assert one.crop_[0] == seen.rate(256) / 2


@pytest.mark.parametrize("state", [3, np.int64(3), np.random.RandomState(3)])
def test_a_random_state_gives_the_same_bits(state):
    X, y = trials()
    one, other = (clone(quick(random_state=state)).fit(X, y) for _ in range(2))
    torch.testing.assert_close(one.model_.state_dict(), other.model_.state_dict(), rtol=0, atol=0)
    third = quick(random_state=4).fit(X, y)
    assert (third.predict_proba(X) != one.predict_proba(X)).any()


def test_none_as_random_state_draws_anew():
    X, y = trials()
    one, other = (quick(random_state=None, epochs=1).fit(X, y) for _ in range(2))
    assert (one.predict_proba(X) != other.predict_proba(X)).any()


@pytest.mark.parametrize("model", ["plain_cnn", "eegnet", "shallow_convnet"])
def test_pickles_say_the_same(model):
    X, y = trials(times=128)
    one = quick(model=model, epochs=1, augment=[Augmentation("noise")]).fit(X, y)
    again = pickle.loads(pickle.dumps(one))
    np.testing.assert_array_equal(again.predict_proba(X), one.predict_proba(X))
    assert again.history_ == one.history_
    assert repr(clone(again)) == repr(one)


@pytest.mark.parametrize(("times", "pool"), [(1, 1), (7, 1), (8, 2), (63, 3), (64, 4), (500, 4)])
def test_the_default_takes_short_trials(times, pool):
    X, y = trials(times=times)
    one = quick(epochs=1).fit(X, y)
    assert one.model_.config["pool"] == pool
    assert one.predict_proba(X).shape == (40, 2)


def test_two_axes_are_one_channel():
    X, y = trials(channels=1)
    flat, deep = quick().fit(X[:, 0], y), quick().fit(X, y)
    np.testing.assert_array_equal(flat.predict_proba(X[:, 0]), deep.predict_proba(X))


class Own(nn.Sequential):
    def __init__(self, in_channels, num_classes, n_times, hidden=4):
        super().__init__(
            nn.Flatten(), nn.Linear(in_channels * n_times, hidden), nn.Linear(hidden, num_classes)
        )


def test_a_network_of_ones_own():
    X, y = trials()
    search = GridSearchCV(quick(model=Own), {"options": [{"hidden": 2}, {"hidden": 8}]}, cv=2)
    assert search.fit(X, y).best_estimator_.model_[1].in_features == 128


def test_pipelines_cross_validation_and_search():
    X, y = trials()
    chain = make_pipeline(Scaler(scalings="mean"), quick(epochs=10))
    assert cross_val_score(chain, X, y, cv=3, scoring="roc_auc").mean() > 0.9
    grid = {"cnnclassifier__learning_rate": [1e-6, 5e-3]}
    search = GridSearchCV(chain, grid, cv=3).fit(X, y)
    assert search.best_params_ == {"cnnclassifier__learning_rate": 5e-3}


def test_mne_decodes():
    X, y = trials(times=96)
    assert cross_val_multiscore(quick(epochs=10), X, y, cv=3).mean() > 0.8
    # windows along the last axis: the wave is in the second one alone
    windows = np.stack([np.random.default_rng(1).normal(size=(40, 2, 64)), X[..., :64]], axis=-1)
    sliding = SlidingEstimator(quick(epochs=10), scoring="roc_auc", verbose=False)
    before, within = cross_val_multiscore(sliding, windows, y, cv=3).mean(axis=0)
    assert within > 0.9
    assert within > before + 0.2
    # a time at a time: rows of channels, each a trial of one channel
    assert SlidingEstimator(quick(epochs=1), verbose=False).fit(X[..., :3], y).score(
        X[..., :3], y
    ).shape == (3,)


def test_evaluations_of_moabbs_kind():
    """A pipeline is cloned for each session, fitted, and scored by a scorer."""
    X, y = trials(60)
    sessions = np.repeat(["0", "1", "2"], 20)
    scorer = get_scorer("roc_auc")
    for train, test in LeaveOneGroupOut().split(X, y, sessions):
        fitted = clone(make_pipeline(quick(epochs=10))).fit(X[train], y[train])
        assert scorer(fitted, X[test], y[test]) > 0.9


class Watched(CNNClassifier):
    """Remembers the groups (they stand in the first sample) that it is fitted and asked on."""

    seen: list = []  # noqa: RUF012

    def fit(self, X, y, groups=None):
        assert groups is not None
        np.testing.assert_array_equal(X[:, 0, 0], groups)
        self._fitted_on = set(groups.tolist())
        return super().fit(X, y, groups)

    def predict(self, X):
        self.seen.append((self._fitted_on, set(X[:, 0, 0].tolist())))
        return super().predict(X)


def test_a_nested_search_keeps_groups_whole():
    X, y = trials(48, times=16)
    groups = np.repeat(np.arange(6), 8)
    X[:, 0, 0] = groups
    Watched.seen.clear()
    with sklearn.config_context(enable_metadata_routing=True):
        one = Watched(epochs=1, patience=1, random_state=0)
        search = GridSearchCV(one, {"learning_rate": [1e-3, 1e-2]}, cv=GroupKFold(2))
        cross_validate(search, X, y, cv=LeaveOneGroupOut(), params={"groups": groups})
    assert len(Watched.seen) == 6 * (2 * 2 + 1)
    for fitted, asked in Watched.seen:
        assert not fitted & asked
    assert [len(asked) for _, asked in Watched.seen].count(1) == 6


def test_early_stopping_keeps_groups_whole():
    X, y = trials()
    with pytest.raises(ValueError, match="groups must be two at least, to stop early"):
        quick(patience=1).fit(X, y, groups=np.zeros(40))


def test_groups_of_a_search_keep_a_planted_leak_out():
    """What tells the trials of a group apart does not help with a group that is not known."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(8), 10)
    y = np.array([0, 1, 1, 0, 1, 0, 0, 1])[groups]  # one label a group
    tones = np.sin(np.arange(64) * rng.uniform(0.2, 2.5, 8)[:, None])
    X = rng.normal(size=(80, 1, 64)) + 2 * tones[groups][:, None]
    one = quick(epochs=15)
    leaky = GridSearchCV(one, {"learning_rate": [5e-3]}, cv=KFold(4, shuffle=True, random_state=0))
    leaky.fit(X, y)
    honest = GridSearchCV(one, {"learning_rate": [5e-3]}, cv=GroupKFold(4))
    honest.fit(X, y, groups=groups)
    assert leaky.best_score_ > 0.95
    assert honest.best_score_ < 0.8


def test_values_are_learned_on_any_scale():
    rng = np.random.default_rng(0)
    y = 1000 + 1e-3 * rng.uniform(size=(80, 2))
    X = rng.normal(size=(80, 2, 64))
    X += 5e3 * (y - 1000)[..., None] * np.sin(np.arange(64) / 2)
    one = CNNRegressor(epochs=20, random_state=0).fit(X, y)
    assert one.predict(X).shape == (80, 2)
    assert one.score(X, y) > 0.5
    flat = CNNRegressor(epochs=1, random_state=0).fit(X, y[:, 0])
    said = predict(flat.model_, X, prepare=standardise)[:, 0]
    np.testing.assert_array_equal(flat.predict(X), said * y[:, 0].std() + y[:, 0].mean())


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"model": "egnet"}, "name must be one of .*did you mean 'eegnet'"),
        ({"model": nn.Linear(2, 2)}, "model must be a network's name or a callable"),
        ({"options": {"drop": 1}}, "network 'plain_cnn' takes .*; got 'drop'"),
        ({"fs": -1}, "fs must be a finite number above 0; got -1"),
        ({"epochs": 0}, "epochs must be a whole number of at least 1; got 0"),
        ({"optimiser": "adam"}, "optimiser must be one of .*'adamw'"),
        ({"crop": 100}, "crop must be no longer than the trials of 64 samples; got 100"),
        ({"random_state": -1}, "random_state must be a whole number of at least 0; got -1"),
        ({"random_state": "a"}, "random_state must be a whole number, a RandomState or None"),
        ({"class_weights": [1.0]}, "class_weights must"),
    ],
)
def test_bad_parameters_are_told_in_a_sentence(parameters, message):
    with pytest.raises((ValueError, TypeError), match=message):
        quick(**parameters).fit(*trials())


def test_bad_trials_are_told_in_a_sentence():
    X, y = trials()
    with pytest.raises(ValueError, match=r"got 1 class, a$"):
        quick().fit(X, ["a"] * 40)
    with pytest.raises(ValueError, match=r"X must have shape \(n_trials, n_channels, n_times\)"):
        quick().fit(X[..., None], y)
    X[3, 0, 5] = np.nan
    with pytest.raises(ValueError, match=r"NaN or infinity stands in trial 3$"):
        quick().fit(X, y)
    with pytest.raises(ValueError, match="Input y contains infinity"):
        CNNRegressor().fit(X[:3], [1, 2, np.inf])
    one = quick(epochs=1).fit(X[4:], y[4:])
    with pytest.raises(ValueError, match=r"shape \(2, 64\), as in `fit`; got \(2, 63\)"):
        one.predict(X[..., :63])
    with pytest.raises(ValueError, match="X has 1 features, but CNNClassifier is expecting 2"):
        one.predict(X[:, :1])
