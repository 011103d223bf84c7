"""Steps and pipelines: plain data until a rate is known, then the filters themselves."""

import json

import mne
import numpy as np
import pytest
from scipy import signal

from sigconv import Pipeline, Recording, Step

FS = 250.0
BAND = Step("bandpass", cutoff=(1, 40))
HUM = Step("notch", freq=50, q=20)


def noise(shape=(3, 1000)):
    return np.random.default_rng(0).normal(size=shape)


def test_steps_run_in_their_order_as_scipy_would():
    x = noise()
    y = Pipeline([BAND, HUM]).apply(x, fs=FS)
    sos = signal.butter(4, (1, 40), "bandpass", fs=FS, output="sos")
    expected = signal.sosfiltfilt(sos, x)
    b, a = signal.iirnotch(50, 20, fs=FS)
    sos = signal.tf2sos(b, a)
    expected = signal.sosfiltfilt(sos, expected)
    np.testing.assert_allclose(y, expected, atol=1e-9)


def test_causal_means_that_the_future_does_not_matter():
    x = noise()
    pipeline = Pipeline([Step("bandpass", cutoff=(1, 40), causal=True)])
    whole, half = pipeline.apply(x, fs=FS), pipeline.apply(x[:, :500], fs=FS)
    np.testing.assert_array_equal(whole[:, :500], half)


def test_a_smooth_step_counts_in_seconds():
    x = noise((1, 200))
    y = Pipeline([Step("smooth", width=0.05)]).apply(x, fs=100)
    expected = np.convolve(np.pad(x[0], 2, mode="reflect"), np.ones(5) / 5, mode="valid")
    np.testing.assert_allclose(y[0], expected, rtol=1e-12, atol=1e-14)


def test_recordings_and_mne_objects_know_their_rate():
    x = 1e-6 * noise()
    expected = Pipeline([BAND]).apply(x, fs=FS)
    recording = Recording(x, FS, channels=["C3", "C4", "STI"], kinds=["eeg", "eeg", "stim"])
    filtered = Pipeline([BAND]).apply(recording)
    np.testing.assert_array_equal(filtered.data[:2], expected[:2])
    np.testing.assert_array_equal(filtered.data[2], x[2])
    raw = mne.io.RawArray(x, mne.create_info(3, FS, "eeg"), verbose="error")
    np.testing.assert_allclose(Pipeline([BAND]).apply(raw).get_data(), expected, rtol=1e-12)


def test_no_steps_change_nothing():
    np.testing.assert_array_equal(Pipeline().apply(noise(), fs=FS), noise())
    assert str(Pipeline()) == "no steps"


def test_plain_data_and_back():
    pipeline = Pipeline([BAND, HUM, Step("smooth", width=0.02, method="savitzky_golay", order=3)])
    plain = json.loads(json.dumps(pipeline.to_dict()))
    assert Pipeline.from_dict(plain) == pipeline
    assert plain["step"][0] == {"name": "bandpass", "cutoff": [1, 40]}
    assert len({pipeline, Pipeline.from_dict(plain)}) == 1
    assert [step.name for step in pipeline] == ["bandpass", "notch", "smooth"]
    assert len(pipeline) == 3


def test_numpy_numbers_are_plain_too():
    step = Step("bandpass", cutoff=np.array([1.0, 40.0]), order=np.int64(2))
    assert step == Step("bandpass", cutoff=(1.0, 40.0), order=2)
    json.dumps(step.parameters["order"])


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("bandpas", {}, r"name must be one of .* \(did you mean 'bandpass'\?\)"),
        ("bandpass", {}, "step 'bandpass' needs the parameter 'cutoff'"),
        ("smooth", {}, "step 'smooth' needs the parameter 'width'"),
        (
            "bandpass",
            {"cutoff": (1, 2), "ordr": 3},
            r"step 'bandpass' takes .*did you mean 'order'",
        ),
        ("notch", {"freq": 50, "fs": 250}, "step 'notch' takes .* got 'fs'"),
        ("smooth", {"width": 1, "method": "mean"}, "method must be one of"),
        ("smooth", {"width": 1, "order": 2}, "step 'smooth' takes .* got 'order'"),
        ("smooth", {"width": 1, "fs": 250}, "got 'fs'"),
    ],
)
def test_impossible_steps(name, parameters, message):
    with pytest.raises((ValueError, TypeError), match=message):
        Step(name, **parameters)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (Step("lowpass", cutoff=5000), "cutoff must lie between 0 and 125 Hz, half the .* 250 Hz"),
        (Step("notch", freq=130), "freq must lie between 0 and 125 Hz"),
        (Step("bandpass", cutoff=(40, 1)), "cutoff"),
        (Step("bandpass", cutoff=(1, 40), order=0), "order must be a whole number of at least 1"),
        (Step("bandpass", cutoff=(1, 40), family="buttr"), "family must be one of"),
    ],
)
def test_what_a_rate_makes_impossible(step, message):
    with pytest.raises(ValueError, match=message):
        Pipeline([step]).at(FS)


def test_bad_arguments():
    with pytest.raises(ValueError, match="fs must be given with an array"):
        Pipeline([BAND]).apply(noise())
    with pytest.raises(ValueError, match="fs must not be given with a Recording"):
        Pipeline([BAND]).apply(Recording(noise(), FS), fs=FS)
    with pytest.raises(TypeError, match="steps must hold Step objects; got 'bandpass'"):
        Pipeline(["bandpass"])
    with pytest.raises(ValueError, match="x must not be empty"):
        Pipeline([BAND]).apply(np.empty((2, 0)), fs=FS)
