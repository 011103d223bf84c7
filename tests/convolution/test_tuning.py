"""Measuring, and what is made of it. No test asks how fast anything was."""

import numpy as np
import pytest

from sigconv.convolution import choose, tuning
from sigconv.convolution.machine import Speed
from sigconv.convolution.tuning import Measured, Trial


def measured(call, factor, estimates, noise=0.0):
    rng = np.random.default_rng(0)
    return [
        Measured("fft", "float32", 2, e, (call + factor * e) * (1 + noise * rng.uniform(-1, 1)))
        for e in estimates
    ]


def test_call_and_factor_are_found():
    speeds = tuning.fit(measured(5e4, 0.7, [1e4, 1e5, 1e7]))
    speed = speeds.table["fft", "float32", 2]
    assert speed.call == pytest.approx(5e4)
    assert speed.factor == pytest.approx(0.7)
    assert list(tuning.misfits(measured(5e4, 0.7, [1e6]), speeds)) == pytest.approx([1])


def test_noise_moves_them_a_little():
    estimates = [1e4, 1e5, 1e6, 1e7]
    noisy = tuning.fit(measured(5e4, 0.7, estimates, noise=0.2))
    assert max(tuning.misfits(measured(5e4, 0.7, estimates), noisy)) < 1.3


@pytest.mark.parametrize("call", [-9e3, 0.0])
def test_no_call_takes_less_than_nothing(call):
    speed = tuning.fit(measured(call, 2.0, [1e4, 1e5, 1e7])).table["fft", "float32", 2]
    assert speed.call == pytest.approx(0, abs=1e-3)
    assert 1 < speed.factor <= 2.001


def test_one_measurement_gives_a_factor():
    (speed,) = tuning.fit(measured(0, 3.0, [1e6])).table.values()
    assert speed == Speed(0.0, pytest.approx(3.0))


def test_trials_cover_every_method_type_and_number_of_axes():
    trials = tuning.trials()
    assert {trial.method for trial in trials} == choose.METHODS.keys()
    assert {trial.dtype for trial in trials} == set(tuning.DTYPES)
    assert {len(trial.shape) for trial in trials} == {1, 2, 3}
    assert len(set(trials)) == len(trials)


@pytest.mark.parametrize("method", choose.METHODS)
@pytest.mark.parametrize("dtype", tuning.DTYPES)
def test_a_trial(method, dtype):
    found = Trial(method, dtype, (16, 16), 5).measure(seconds=0.0)
    assert found[:3] == (method, dtype, 2)
    assert found.estimate > 0
    assert found.time > 0


def test_methods_that_do_not_apply_are_left_out():
    assert Trial("low_rank", "float64", (8, 8, 8), 3).measure(seconds=0.0) is None


def test_what_would_take_long_is_left_out():
    assert Trial("direct", "float64", (2_000, 2_000), 101).measure(seconds=0.0) is None


def test_something_is_measured_of_every_method_type_and_number_of_axes(monkeypatch):
    monkeypatch.setattr(tuning, "FEWEST", 1)
    shortest = {(t.method, t.dtype, len(t.shape)): t for t in reversed(tuning.trials())}
    assert len(shortest) == len(choose.METHODS) * len(tuning.DTYPES) * 3
    left_out = {key for key, trial in shortest.items() if trial.measure(seconds=0.0) is None}
    assert left_out <= {("low_rank", dtype, 3) for dtype in tuning.DTYPES}
