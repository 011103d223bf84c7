"""Steps and pipelines: plain data until a rate is known, then the filters themselves."""

import copy
import json
import pickle

import mne
import numpy as np
import pytest
from scipy import signal

import sigconv
from sigconv import Pipeline, Recording, Step, conditioning

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


def test_pipelines_travel_to_other_processes():
    pipeline = Pipeline([BAND, HUM, Step("convolve", kernel=(0.25, 0.5, 0.25))])
    there = pickle.loads(pickle.dumps(pipeline))
    assert there == pipeline
    assert there.steps[0].parameters == BAND.parameters
    assert copy.deepcopy(pipeline) == pipeline


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


# Steps of conditioning ---------------------------------------------------------------------

PREPARED = [
    Step("resample", new_fs=100, quality="high"),
    Step("rereference", to="average"),
    Step("detrend", order=2),
    Step("remove_line_noise", mains=40, method="spectrum_fit"),
    Step("pre_emphasis", coefficient=0.5),
    Step("exponential_moving_standardise", factor=0.01, init_block_size=50),
    Step("envelope", method="rms", width=0.1),
]


def test_every_step_of_conditioning_is_tried():
    assert {step.name for step in PREPARED} == conditioning.STEPS.keys()


@pytest.mark.parametrize("step", PREPARED, ids=lambda step: step.name)
def test_a_step_is_the_function_of_its_name(step):
    x = noise()
    function = getattr(sigconv, step.name)
    rate = {"fs": FS} if step.name in ("resample", "remove_line_noise", "envelope") else {}
    expected = function(x, **step.parameters, **rate)
    pipeline = Pipeline([step])
    np.testing.assert_array_equal(pipeline.apply(x, fs=FS), expected)
    recording = pipeline.apply(Recording(x, FS))
    np.testing.assert_array_equal(recording.data, expected)
    raw = mne.io.RawArray(x, mne.create_info(3, FS, "eeg"), verbose="error")
    got = pipeline.apply(raw)
    np.testing.assert_allclose(got.get_data(), expected, rtol=1e-12, atol=1e-14)
    assert recording.fs == got.info["sfreq"] == pipeline.rate_after(FS) == step.rate_after(FS)
    plain = json.loads(json.dumps(pipeline.to_dict()))
    assert Pipeline.from_dict(plain) == pipeline


def test_steps_after_a_new_rate_are_designed_for_it():
    x = noise()
    pipeline = Pipeline([Step("resample", new_fs=100), BAND, Step("resample", new_fs=50)])
    expected = sigconv.resample(x, 100, fs=FS)
    expected = sigconv.bandpass((1, 40), fs=100).zero_phase(expected)
    expected = sigconv.resample(expected, 50, fs=100)
    np.testing.assert_array_equal(pipeline.apply(x, fs=FS), expected)
    recording = pipeline.apply(Recording(x, FS, kinds=["eeg", "eeg", "stim"]))
    assert recording.data.shape == (3, 200)
    np.testing.assert_array_equal(recording.data[:2], expected[:2])
    with pytest.raises(ValueError, match="cutoff must lie between 0 and 25 Hz, half the sampling"):
        Pipeline([*pipeline, Step("lowpass", cutoff=30)]).at(FS)


def test_the_reference_of_a_recording_leaves_other_kinds_alone():
    x = Recording(noise(), FS, ["C3", "C4", "EOG"], kinds=["eeg", "eeg", "eog"])
    y = Pipeline([Step("rereference", to=["C3"])]).apply(x)
    np.testing.assert_array_equal(y.data[2], x.data[2])
    assert not y.data[0].any()


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (Step("resample", new_fs=-1), "new_fs must be a finite number above 0; got -1"),
        (Step("remove_line_noise", mains=125), "mains must lie between 0 and 125 Hz"),
        (Step("detrend", order=-1), "order must be a whole number of at least 0"),
        (Step("rereference", to=()), "to must be 'average', or one or several channels"),
        (Step("envelope", method="lowpass", cutoff=200), "cutoff must lie between 0 and 125 Hz"),
        (Step("exponential_moving_standardise", factor=2), "factor must be .* at most 1; got 2"),
        (Step("pre_emphasis", coefficient=1), "coefficient must be a finite number"),
    ],
)
def test_what_conditioning_cannot_do_at_a_rate(step, message):
    with pytest.raises(ValueError, match=message):
        Pipeline([step]).at(FS)


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("resample", {}, "step 'resample' needs the parameter 'new_fs'"),
        (
            "detrend",
            {"axis": 0},
            "step 'detrend' takes 'order', 'breaks', 'nan_policy'; got 'axis'",
        ),
        ("envelope", {"causal": True}, "step 'envelope' takes .* got 'causal'"),
    ],
)
def test_impossible_steps_of_conditioning(name, parameters, message):
    with pytest.raises(TypeError, match=message):
        Step(name, **parameters)
