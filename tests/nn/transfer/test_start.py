"""Trainings that start from a network: what is carried over, what is frozen, what is refused."""

import dataclasses

import numpy as np
import pytest
import torch

from sigconv import Pipeline, Step
from sigconv.nn import (
    Checkpoint,
    EEGDataset,
    TrainingConfig,
    build_model,
    cross_validate,
    list_models,
    load_checkpoint,
    save_checkpoint,
)
from sigconv.nn.data import Fold, Seen, folds, standardise
from sigconv.nn.pretrained import features
from sigconv.nn.transfer import Start
from sigconv.nn.transfer.start import _head

FAST = TrainingConfig(epochs=1)


def people(n_groups=3, n_trials=12, seed=0, channels=("C3", "Cz"), classes=("left", "right")):
    rng = np.random.default_rng(seed)
    n = n_groups * n_trials
    return EEGDataset.from_arrays(
        rng.normal(size=(n, len(channels), 128)),
        np.array(classes)[np.arange(n) % len(classes)],
        np.repeat(np.arange(n_groups), n_trials),
        fs=128,
        channels=channels,
    )


def network(data, **options):
    torch.manual_seed(1)
    return build_model(
        "plain_cnn", in_channels=len(data.channels), num_classes=len(data.classes), **options
    )


def begun(checkpoint, data, **options):
    model = build_model("plain_cnn", in_channels=data.X.shape[1], num_classes=len(data.classes))
    fold = next(folds("leave-one-subject-out", data))
    return model, Start({"it": checkpoint}, **options).begin(model, fold, data, data.X.shape[1:])


@pytest.fixture(scope="module")
def checkpoint():
    data = people()
    return Checkpoint.of(network(data), data, FAST)


def test_the_same_network_is_carried_over_whole(checkpoint):
    model, told = begun(checkpoint, people(seed=1))
    there = checkpoint.model.state_dict()
    assert all(torch.equal(value, there[key]) for key, value in model.state_dict().items())
    assert str(told) == "starts from it: 20 of 20 tensors"


@pytest.mark.parametrize("classes", [("rest", "move"), ("a", "b", "c")])
def test_other_classes_get_a_new_head(checkpoint, classes):
    """Two other classes are as many as before: the head would fit, and would mean nothing."""
    model, told = begun(checkpoint, people(seed=1, classes=classes))
    assert told.carried.missing == ("classifier.weight", "classifier.bias")
    there = checkpoint.model.state_dict()
    same = (
        {key for key, value in model.state_dict().items() if torch.equal(value, there[key])}
        if len(classes) == 2
        else set(told.carried.matched)
    )
    assert "classifier.weight" not in same
    assert "features.0.weight" in same
    assert f"new head for {', '.join(sorted(classes))} (there: left, right)" in str(told)


def test_what_differs_is_said():
    data = people(seed=1)
    other = people(channels=("F3", "F4", "Fz"))
    old = Checkpoint.of(network(other), other, FAST)
    there = dataclasses.replace(
        old, fs=250.0, pipeline=Pipeline([Step("bandpass", cutoff=(1, 40))]), training={}
    )
    _, told = begun(there, data)
    line = str(told)
    assert "20 of 20 tensors; features.0.weight: 3 to 2 channels" in line
    assert "250 Hz there, 128 Hz here" in line
    assert "other channels there: F3, F4, Fz" in line
    assert "other filter there: bandpass cutoff=(1, 40)" in line
    assert "what it was trained on is not known" in line
    assert "\n" not in line


def test_nothing_that_fits_is_an_error(checkpoint):
    model = build_model("eegnet", in_channels=2, num_classes=2, n_times=128)
    data = people(seed=1)
    fold = next(folds("leave-one-subject-out", data))
    with pytest.raises(
        ValueError, match="it is 'plain_cnn', and none of its kernels fits 'eegnet'"
    ):
        Start({"it": checkpoint}).begin(model, fold, data, (2, 128))


def test_channels_in_another_order_are_refused(checkpoint):
    data = people(seed=1, channels=("cz", "c3"))
    with pytest.raises(ValueError, match=r"channels must be in the order of it \(C3,Cz\)"):
        next(cross_validate(data, start=Start({"it": checkpoint}), config=FAST))


def test_each_fold_starts_from_a_network_that_never_saw_it(tmp_path):
    data = people()
    for fold in folds("leave-one-subject-out", data):
        saved = Checkpoint.of(network(data), data, FAST, seen=Seen.of(data, fold.train))
        save_checkpoint(tmp_path / f"without-{fold.name}.safetensors", saved)
    start = Start.read(tmp_path)
    for split in ("leave-one-subject-out", "few-shot:2"):
        for fold in folds(split, data):
            assert start.chosen(fold, data).endswith(f"without-{fold.name}.safetensors")
    alone = Start.read(tmp_path / "without-0.safetensors")
    with pytest.raises(ValueError, match=r"fold '1' are new; .*without-0.* groups '1' of the test"):
        list(cross_validate(data, start=alone, config=FAST, split="few-shot:2"))
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ValueError, match="empty: must hold checkpoints"):
        Start.read(empty)
    with pytest.raises(FileNotFoundError, match="nowhere: no such file"):
        Start.read(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="checkpoints must hold at least one network"):
        Start({})


def test_what_a_network_saw_is_handed_on(checkpoint, tmp_path):
    data = people(seed=1)
    start = Start({"it": checkpoint})
    result, model = next(cross_validate(data, start=start, config=FAST))
    seen = Seen.of(data, result.train) | result.begun.seen
    save_checkpoint(tmp_path / "a.safetensors", Checkpoint.of(model, data, FAST, seen=seen))
    again = Start.read(tmp_path)
    old = people()
    assert load_checkpoint(tmp_path / "a.safetensors").training["seen"] == seen.to_dict()
    with pytest.raises(ValueError, match="to which the test windows"):
        again.chosen(next(folds("leave-one-subject-out", old)), old)
    assert again.chosen(Fold("0", result.train, result.test), data)


def test_frozen_layers_stay_in_every_fold(checkpoint):
    data = people(seed=1)
    lines = []
    start = Start({"it": checkpoint}, freeze="features.4", probe="features.9", tell=lines.append)
    there = checkpoint.model.state_dict()
    for result, model in cross_validate(data, start=start, config=FAST):
        moved = {k for k, v in model.state_dict().items() if not torch.equal(v, there[k])}
        assert not {key for key in moved if key.startswith(("features.0.", "features.1."))}
        assert "features.5.weight" in moved
        # the probe is fitted to the features as they came, on the training windows alone
        X = torch.as_tensor(standardise(data.X))
        found = features(checkpoint.model.eval(), X, "features.9").mean(-1).detach().double()
        train, test = found.numpy()[result.train], found.numpy()[result.test]
        expected = _logistic(train, data.y[result.train], test)
        said = result.probabilities["features.9 + logistic regression"]
        np.testing.assert_allclose(said, expected, atol=1e-3)
    assert len(lines) == 3
    assert "frozen up to features.4: " in lines[0]


def _logistic(train, y, test):
    from sklearn.linear_model import LogisticRegression

    mean, deviation = train.mean(0), train.std(0)
    model = LogisticRegression(max_iter=1000).fit((train - mean) / deviation, y)
    return model.predict_proba((test - mean) / deviation)


@pytest.mark.parametrize("name", list_models(ndim=1, domain="eeg"))
def test_the_head_is_what_hangs_on_the_classes(name):
    options = {"notation": {"notation": "(C8R)P(C8R)PF16F"}, "epoch_cnn": {"epoch": 512}}
    model = build_model(name, in_channels=4, num_classes=3, n_times=512, **options.get(name, {}))
    head = _head(model)
    assert head
    for key in head:
        assert 3 in model.state_dict()[key].shape
    assert len(head) < len(model.state_dict())
