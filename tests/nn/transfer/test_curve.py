"""How far layers carry over: each point is the training that it says."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from sigconv.nn import TrainingConfig, build_model, evaluate, fit
from sigconv.nn.data import Fold
from sigconv.nn.pretrained import freeze
from sigconv.nn.training import seeded
from sigconv.nn.transfer import draw_transfer, transfer_curve
from sigconv.nn.transfer.curve import _AGAIN, WAYS

CONFIG = TrainingConfig(epochs=4, learning_rate=5e-3)
LAYERS = ("features.4", "features.14")


@pytest.fixture(scope="module")
def bursts():
    """Trials of two frequencies; a network that tells four others apart; the curve."""
    rng = np.random.default_rng(0)
    time = np.arange(96) / 96

    def trials(frequencies, n):
        y = np.arange(n) % len(frequencies)
        tones = np.sin(
            2 * np.pi * np.array(frequencies)[y, None] * time + rng.uniform(0, 6, (n, 1))
        )
        return (tones[:, None] + 0.5 * rng.normal(size=(n, 2, 96))).astype(np.float32), y

    source = seeded(3, lambda: build_model("plain_cnn", in_channels=2, num_classes=4, width=0.5))
    fit(source, *trials([6, 12, 20, 30], 80), CONFIG)
    X, y = trials([9, 16], 60)
    fold = Fold("half", np.arange(30), np.arange(30, 60))
    curve = transfer_curve(source, X, y, [fold], layers=LAYERS, config=CONFIG, seeds=(5,))
    return source, X, y, fold, curve


@pytest.mark.parametrize("way", WAYS)
def test_each_point_is_a_training_of_its_own(bursts, way):
    """Built by hand: first blocks from the one network or the other, the rest drawn anew."""
    source, X, y, fold, curve = bursts

    def fresh(seed):
        options = {"in_channels": 2, "num_classes": 2, "width": 0.5}
        return seeded(seed, lambda: build_model("plain_cnn", **options))

    own = fresh(5)
    fit(own, X[fold.train], y[fold.train], replace(CONFIG, seed=5))
    assert evaluate(own, X[fold.test], y[fold.test]).accuracy == curve.base[0]
    giver = source if way.startswith("transferred") else own
    for number, last in enumerate((4, 14)):
        model = fresh(_AGAIN + 5)
        model.features[: last + 1].load_state_dict(giver.features[: last + 1].state_dict())
        if way.endswith("frozen"):
            freeze(model, *[f"features.{i}" for i in range(last + 1)])
        fit(model, X[fold.train], y[fold.train], replace(CONFIG, seed=_AGAIN + 5))
        expected = evaluate(model, X[fold.test], y[fold.test]).accuracy
        assert curve.accuracy[way][number, 0] == expected


def test_the_source_is_left_alone(bursts):
    source, X, y, fold, curve = bursts
    before = {key: value.clone() for key, value in source.state_dict().items()}
    again = transfer_curve(
        source, X, y, [fold], layers=LAYERS[:1], config=CONFIG, seeds=(5,), ways=["own, frozen"]
    )
    assert again.accuracy["own, frozen"][0, 0] == curve.accuracy["own, frozen"][0, 0]
    assert all(torch.equal(value, before[key]) for key, value in source.state_dict().items())
    assert all(parameter.requires_grad for parameter in source.parameters())


def test_numbers_and_picture(bursts, tmp_path):
    *_, curve = bursts
    text = str(curve)
    assert f"nothing             {curve.base[0]:.3f}" in text
    assert text.splitlines()[-1] == "1 trainings each; chance 0.500"
    figure = draw_transfer(curve)
    figure.savefig(tmp_path / "curve.png")
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["chance", "from nothing", *WAYS]
    lines = [bars.lines[0].get_ydata() for bars in figure.axes[0].containers[1:]]
    for line, values in zip(lines, curve.accuracy.values(), strict=True):
        np.testing.assert_array_equal(line, values.mean(1))


def test_bad_arguments(bursts):
    source, X, y, fold, _ = bursts
    with pytest.raises(ValueError, match=r"ways must be one of .*did you mean 'own, frozen'"):
        transfer_curve(source, X, y, [fold], layers=LAYERS, ways=["own, frosen"])
    with pytest.raises(ValueError, match="layer must be one of"):
        transfer_curve(source, X, y, [fold], layers=["stage1"])
    with pytest.raises(ValueError, match="layers, ways, folds and seeds must hold at least one"):
        transfer_curve(source, X, y, [fold], layers=[])
    with pytest.raises(TypeError, match="source must be made by build_model"):
        transfer_curve(nn.Sequential(nn.Conv1d(2, 2, 3)), X, y, [fold], layers=["0"])
