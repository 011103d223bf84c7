"""What networks make up, where we know what they look for."""

import numpy as np
import pytest
import torch
from torch import nn

from sigconv.nn.explain import activation_maximum, deep_dream

from .conftest import BURST_CHANNELS, FS, Planted


@pytest.mark.parametrize("found", [1], indirect=True, ids=["burst"])
def test_the_burst_is_made_up_on_its_channels_at_its_frequency(found: Planted) -> None:
    dream = activation_maximum(found.model, found.x.shape[1:], target=1, n_steps=100, seed=1)
    assert dream.after > dream.before
    power = np.abs(np.fft.rfft(dream.values * np.hanning(dream.values.shape[1]), axis=1)) ** 2
    frequencies = np.fft.rfftfreq(dream.values.shape[1], 1 / FS)
    peak = frequencies[power[list(BURST_CHANNELS)].sum(0).argmax()]
    assert 14 <= peak <= 26  # a kernel of 7 samples is 18 Hz wide


def test_in_every_dimension_a_class_and_a_map_and_a_neuron_can_be_moved(found: Planted) -> None:
    shape = found.x.shape[1:]
    for aim in (
        {"target": 0},
        {"layer": "5", "index": 2},
        {"layer": "5", "index": 2, "place": [5] * found.ndim},
    ):
        dream = activation_maximum(found.model, shape, n_steps=15, **aim)
        assert dream.values.shape == shape
        assert dream.values.std(ddof=1) == pytest.approx(1, rel=1e-4)
        assert len(dream.history) == 15
        assert dream.after >= dream.before
    again = activation_maximum(found.model, shape, n_steps=15, **aim)
    np.testing.assert_array_equal(again.values, dream.values)


def test_a_dream_begins_at_its_input_and_keeps_its_size(found: Planted) -> None:
    dream = deep_dream(found.model, found.x[0], "5", n_steps=20)
    assert dream.after > dream.before
    assert dream.values.std(ddof=1) == pytest.approx(found.x[0].std(ddof=1), rel=1e-4)
    assert np.corrcoef(dream.values.ravel(), found.x[0].ravel())[0, 1] > 0.5
    still = deep_dream(found.model, found.x[0], "5", n_steps=1, step=1e-9)
    np.testing.assert_allclose(still.values, found.x[0], atol=1e-5)


def test_low_octaves_come_first_and_steep_decay_is_smooth() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv1d(1, 4, 5), nn.ReLU(), nn.Flatten(), nn.Linear(496, 2))
    still = np.zeros((1, 128))
    still[0, 64] = 1
    first = activation_maximum(model, (1, 128), target=0, start=still, octaves=64, n_steps=1)
    changed = np.fft.rfft(first.values[0] / first.values[0].std() - still[0] / still[0].std())
    assert np.abs(changed[4:]).std() < 1e-2  # no frequency but the lowest has moved by itself

    def roughness(**options: float) -> float:
        values = activation_maximum(model, (1, 128), target=0, **options).values
        return float(np.abs(np.diff(values)).mean())

    assert roughness(decay=1.5) < roughness(decay=0.0)
    assert roughness(total_variation=50.0) < roughness()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "target or layer must be given, and not both"),
        ({"target": 0, "layer": "0"}, "target or layer must be given, and not both"),
        ({"target": 2}, "target must be a class from 0 to 1; got 2"),
        ({"layer": "9", "index": 0}, "layer must be one of '0', '1'"),
        ({"layer": "0"}, "index must be a map of '0', from 0 to 3; got None"),
        ({"layer": "0", "index": 4}, "index must be a map of '0', from 0 to 3; got 4"),
        ({"layer": "0", "index": 0, "place": [124]}, r"place must lie in a map of shape \(124,\)"),
        ({"target": 0, "start": np.zeros(128)}, r"start must have the shape \(1, 128\)"),
    ],
)
def test_aims_that_are_not_there_get_one_sentence(options: dict, message: str) -> None:
    model = nn.Sequential(nn.Conv1d(1, 4, 5), nn.Flatten(), nn.Linear(496, 2))
    with pytest.raises(ValueError, match=message):
        activation_maximum(model, (1, 128), **options)
