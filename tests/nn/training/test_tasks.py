"""Values, and classes of places: what is learned, judged and averaged."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sigconv.nn import Checkpoint, EEGDataset, TrainingConfig, build_model, cross_validate, fit
from sigconv.nn.data import Fold
from sigconv.nn.data.lazy import Parts
from sigconv.nn.results import headline, judge, said_of, save_report, summarise, table
from sigconv.nn.training import Truth
from sigconv.nn.training.losses import CrossEntropy, at_places, overlap_loss

FS = 64


def sequences(n_nights=3, n_windows=6, n_places=4, seed=0):
    """Places of 4 s whose class is their frequency; a fifth of them has no label."""
    rng = np.random.default_rng(seed)
    n = n_nights * n_windows
    y = rng.integers(0, 2, (n, n_places))
    times = np.arange(4 * FS) / FS
    waves = np.stack([np.sin(2 * np.pi * f * times) for f in (4, 12)])
    X = waves[y].reshape(n, 1, -1) + 0.3 * rng.normal(size=(n, 1, n_places * 4 * FS))
    nights = np.repeat(np.arange(n_nights), n_windows)
    data = EEGDataset.from_arrays(X, nights, nights, fs=FS, trials=nights)
    hidden = np.where(rng.uniform(size=y.shape) < 0.2, -1, y)
    return replace(data, y=hidden, classes=("slow", "fast"), task="sequence", place=4.0)


def regression(n_subjects=4, n_trials=15):
    """Windows whose value is the logarithm of how much stronger one rhythm is than the other."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(n_subjects), n_trials)
    y = rng.uniform(-1, 1, len(groups))
    times = np.arange(2 * FS) / FS
    waves = [np.sin(2 * np.pi * f * times) for f in (6, 14)]
    X = np.exp(y)[:, None] * waves[0] + waves[1] + 0.1 * rng.normal(size=(len(y), 2 * FS))
    data = EEGDataset.from_arrays(X[:, None], groups, groups, fs=FS)
    return replace(data, y=20 + 5 * y, classes=("value",), task="regress")


def test_places_of_windows_that_overlap_are_judged_once_by_their_mean():
    data = sequences(1, 3)
    starts = np.array([0.0, 8.0, 16.0])  # windows of 16 s
    y = np.array([[0, 1, -1, 1], [-1, 1, 0, 0], [0, 0, 1, 1]])
    data = replace(data, files=np.full(3, "night.edf"), starts=starts, y=y)
    truth = Truth.of(data, np.arange(3))
    rng = np.random.default_rng(0)
    said = rng.normal(size=(12, 2))
    expected = {}
    for window in range(3):
        for place in range(4):
            if y[window, place] >= 0:
                moment = starts[window] + 4 * place
                known = expected.setdefault(moment, [y[window, place], []])
                known[1].append(said[4 * window + place])
    assert truth.y.tolist() == [expected[moment][0] for moment in sorted(expected)]
    by_hand = [np.mean(expected[moment][1], axis=0) for moment in sorted(expected)]
    np.testing.assert_allclose(truth.mean(said), by_hand)


def test_epochs_are_told_apart_and_scored():
    data = sequences()
    config = TrainingConfig(epochs=12, batch_size=4, learning_rate=5e-3)
    pairs = list(cross_validate(data, model="epoch_cnn", options={"width": 0.5}, config=config))
    results = [result for result, _ in pairs]
    assert list(results[0].probabilities) == ["epoch_cnn", "chance", "band power + LDA"]
    assert np.mean([headline(data, r, "epoch_cnn") for r in results]) > 0.9
    assert np.mean([headline(data, r, "band power + LDA") for r in results]) > 0.9
    known = (data.y >= 0).sum()
    assert sum(len(r.probabilities["epoch_cnn"]) for r in results) == known
    found = summarise(data, results, model="epoch_cnn", split="s", config=config)
    assert sum(found["windows"].values()) == known
    assert set(found["per_class"]["epoch_cnn"]) == {"slow", "fast"}
    assert np.sum(found["confusion"]["epoch_cnn"]) == known
    checkpoint = Checkpoint.of(pairs[0][1], data, config)
    said = checkpoint.predict_proba(data.X[results[0].test])
    assert said.shape == (6, 2, 4)
    judged = judge(replace(data, files=data.groups), said_of(checkpoint, data))
    assert judged["windows"] == known
    assert judged["per_file"]["0"] == headline(data, results[0], "epoch_cnn")


def test_values_are_learned_in_their_units(tmp_path):
    data = regression()
    config = TrainingConfig(epochs=25)
    pairs = list(cross_validate(data, config=config))
    results = [result for result, _ in pairs]
    found = summarise(data, results, model="plain_cnn", split="s", config=config)
    scores = {name: each["mae"]["mean"] for name, each in found["scores"].items()}
    assert scores["plain_cnn"] < 0.5 * scores["mean"]
    assert scores["band power + ridge"] < 0.5 * scores["mean"]
    first = results[0]
    own = first.probabilities["plain_cnn"][:, 0]
    assert headline(data, first, "plain_cnn") == pytest.approx(
        np.abs(own - data.y[first.test]).mean()
    )
    assert first.probabilities["mean"] == pytest.approx(data.y[first.train].mean())
    checkpoint = Checkpoint.of(pairs[0][1], data, config, scale=first.scale)
    np.testing.assert_allclose(checkpoint.predict_proba(data.X[first.test])[:, 0], own, rtol=1e-5)
    assert "MAE" in table(found)
    assert "R2" in table(found)
    save_report(tmp_path / "report.html", found)
    assert "MAE by subject" in (tmp_path / "report.html").read_text()


def test_the_test_values_are_not_looked_at():
    """The scale comes from the training windows: other test values change nothing that is said."""
    data = regression(2, 6)
    part = Fold("a", np.arange(6), np.arange(6, 12))
    other = replace(data, y=np.where(np.arange(12) < 6, data.y, 1e6))
    config = TrainingConfig(epochs=1)
    (a, _), (b, _) = (next(cross_validate(d, split=[part], config=config)) for d in (data, other))
    for name, values in a.probabilities.items():
        np.testing.assert_array_equal(values, b.probabilities[name])


def test_what_is_not_known_counts_nothing():
    outputs, y = torch.randn(6, 3, 5), np.random.default_rng(0).integers(0, 3, (6, 5))
    y[0], y[1, 2:] = -1, -1
    model = torch.nn.Linear(1, 1)
    loss = CrossEntropy.of(y, TrainingConfig(task="sequence"), next(model.parameters()))
    targets = torch.as_tensor(y)
    known = torch.as_tensor(y) >= 0
    expected = torch.nn.functional.cross_entropy(
        outputs.movedim(1, -1)[known], torch.as_tensor(y)[known]
    )
    assert float(loss.part(outputs, targets, targets)) == pytest.approx(float(expected))
    halves = [loss.part(outputs[part], targets[part], targets) for part in (slice(2), slice(2, 6))]
    assert float(sum(halves)) == pytest.approx(float(expected))


def test_overlap_is_monais_dice():
    losses = pytest.importorskip("monai.losses", reason="MONAI is not installed")
    outputs, y = torch.randn(4, 3, 6, 7), torch.randint(0, 3, (4, 6, 7))
    theirs = losses.DiceLoss(
        softmax=True, to_onehot_y=True, include_background=False, smooth_nr=1e-5, smooth_dr=1e-5
    )(outputs, y[:, None])
    assert float(overlap_loss(outputs, y).mean()) == pytest.approx(float(theirs), rel=1e-5)


def test_finer_outputs_are_averaged_over_their_places():
    outputs = torch.randn(2, 3, 12)
    expected = torch.stack([outputs[:, :, i : i + 4].mean(-1) for i in (0, 4, 8)], dim=-1)
    torch.testing.assert_close(at_places(outputs, (3,)), expected)
    torch.testing.assert_close(at_places(outputs, None), outputs.mean(-1))
    with pytest.raises(ValueError, match="model must give an answer for each of 5 places"):
        at_places(outputs, (5,))


def test_each_sample_with_a_unet():
    rng = np.random.default_rng(0)
    y = np.repeat(rng.integers(0, 2, (12, 8)), 16, axis=1)
    X = (2 * y - 1)[:, None] + rng.normal(size=(12, 1, 128))
    options = {"padding": "same", "levels": 2, "width": 0.125, "batch_norm": True, "dropout": 0.0}
    model = build_model("unet", in_channels=1, num_classes=2, **options)
    config = TrainingConfig(task="sequence", epochs=6, batch_size=4, patience=6, learning_rate=0.01)
    history = fit(model, X, y, config)
    assert history.losses[-1] < 0.7 * history.losses[0]
    assert len(history.validation_losses) == 6


def test_parts_are_the_windows_cut():
    X = np.random.default_rng(0).normal(size=(3, 2, 12))
    parts = Parts(X, 4)
    assert parts.shape == (12, 2, 3)
    expected = X.reshape(3, 2, 4, 3).transpose(0, 2, 1, 3).reshape(12, 2, 3)
    np.testing.assert_array_equal(parts[:], expected)
    np.testing.assert_array_equal(parts[np.array([7, 2, 2])], expected[[7, 2, 2]])


@pytest.mark.parametrize(
    ("y", "config", "message"),
    [
        (np.zeros((4, 8)), {}, "y must hold whole numbers of at least -1"),
        (np.zeros(4, int), {}, "y must hold whole numbers of at least -1"),
        (np.zeros((4, 8), int), {}, "y must hold at least two classes; got one"),
        (np.eye(4, 8, dtype=int), {"crop": 32}, "crop must not be given with task 'sequence'"),
    ],
)
def test_targets_are_checked(y, config, message):
    model = build_model("unet", in_channels=1, num_classes=2, padding="same", width=0.1)
    with pytest.raises(ValueError, match=message):
        fit(model, np.zeros((4, 1, 64)), y, TrainingConfig(task="sequence", **config))
