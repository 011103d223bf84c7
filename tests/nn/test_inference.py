"""A network on whole recordings and on streams: the same, however the signal is cut."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sigconv
from sigconv import Pipeline, Recording, Step
from sigconv.nn import Checkpoint, build_model
from sigconv.nn.data import Inputs
from sigconv.nn.training import seeded

CAUSAL = Pipeline(
    [Step("bandpass", cutoff=(1, 40), order=2, causal=True), Step("notch", freq=50, causal=True)]
)


def checkpoint(pipeline=CAUSAL, units=("V", "V"), **options):
    model = seeded(
        0,
        lambda: build_model(
            "eegnet", in_channels=2, num_classes=3, n_times=64, kernel=16, **options
        ),
    )
    return Checkpoint(
        model.eval(), ["a", "b", "c"], ["C3", "C4"], 128.0, (0.5, 1.0), pipeline, units
    )


def recording(n=1000, fs=128.0, **fields):
    data = 1e-5 * np.random.default_rng(0).normal(size=(2, n)).cumsum(axis=1)
    return Recording(data, fs, **{"channels": ["C3", "C4"], **fields})


def test_windows_of_a_recording_are_those_of_its_filtered_whole():
    one = checkpoint()
    said = one.predict(recording(), step=0.25)
    filtered = CAUSAL.apply(recording().data, fs=128)
    starts = range(0, 1000 - 64 + 1, 32)
    expected = one.predict_proba(np.stack([filtered[:, i : i + 64] for i in starts]))
    np.testing.assert_allclose(said.probabilities, expected, rtol=1e-5, atol=1e-7)
    assert said.starts.tolist() == [i / 128 for i in starts]
    assert len(one.predict(recording())) == 15  # one beside the other
    assert [mark.text for mark in said.annotations] == said.calls


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=12), st.sampled_from([None, 0.25, 0.8]))
def test_a_stream_says_what_the_whole_does_for_every_cut(cuts, step):
    one = checkpoint()
    x = recording().data
    places = sorted(min(cut, 1000) for cut in np.cumsum(cuts))
    stream = one.stream(128, step=step)
    parts = [stream.push(chunk) for chunk in np.split(x, places, axis=1)]
    at_once = one.stream(128, step=step).push(x)
    probabilities = np.concatenate([part.probabilities for part in parts])
    np.testing.assert_array_equal(probabilities, at_once.probabilities)  # to the bit
    whole = one.predict(recording(), step=step)
    np.testing.assert_allclose(probabilities, whole.probabilities, rtol=1e-4, atol=1e-6)
    assert np.concatenate([part.starts for part in parts]).tolist() == whole.starts.tolist()


@settings(deadline=None, max_examples=10)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=12))
def test_a_stream_filters_within_its_windows(cuts):
    """What runs both ways over a window needs no later sample; the rate is the window's."""
    seen = Inputs("waveform", {"high": 40, "rate": 128, "difference": True})
    one = replace(checkpoint(Pipeline()), fs=256.0, inputs=seen)
    x = recording(2000, fs=256.0).data + 1e-3  # with a level, as it was recorded
    places = sorted(min(cut, 2000) for cut in np.cumsum(cuts))
    stream = one.stream(256, step=0.25)
    said = [stream.push(chunk).probabilities for chunk in np.split(x, places, axis=1)]
    whole = one.predict(Recording(x, 256.0, channels=["C3", "C4"]), step=0.25)
    np.testing.assert_allclose(np.concatenate(said), whole.probabilities, rtol=1e-4, atol=1e-6)
    windows = np.stack([x[:, i : i + 128] for i in range(0, 2000 - 127, 64)])
    np.testing.assert_allclose(
        whole.probabilities, one.predict_proba(windows.astype(np.float32)), rtol=1e-4, atol=1e-6
    )


def test_latency_is_told():
    stream = checkpoint().stream(128, step=0.25)
    assert stream.latency.compute == 0
    stream.push(recording().data)
    latency = stream.latency
    assert (latency.window, latency.step) == (0.5, 0.25)
    assert 0 < latency.compute < 10


@pytest.mark.parametrize(
    ("fs", "pipeline", "message"),
    [
        (250, CAUSAL, "fs must be 128 Hz for a stream, the network's rate; got 250"),
        (
            128,
            Pipeline([Step("lowpass", cutoff=40)]),
            "steps must all be causal for a stream; step 1, lowpass cutoff=40, is not",
        ),
    ],
)
def test_streams_that_cannot_be_had(fs, pipeline, message):
    with pytest.raises(ValueError, match=message):
        checkpoint(pipeline).stream(fs)


def test_a_chunk_of_another_shape_leaves_the_stream_as_it_was():
    one = checkpoint()
    stream = one.stream(128)
    x = recording().data
    stream.push(x[:, :50])
    with pytest.raises(ValueError, match=r"chunk must have shape \(2, n\); got \(3, 10\)"):
        stream.push(np.zeros((3, 10)))
    expected = one.stream(128).push(x)
    np.testing.assert_array_equal(stream.push(x[:, 50:]).probabilities, expected.probabilities)


def test_channels_units_and_rates_are_brought_to_the_networks():
    one = checkpoint()
    expected = one.predict(recording())
    swapped = recording(channels=["C4", "C3"])
    swapped = swapped.replace(data=recording().data[::-1])
    more = Recording(
        np.concatenate([swapped.data, np.zeros((1, 1000))]),
        128.0,
        channels=["c4", "C3.", "STI"],
        kinds=["eeg", "eeg", "stim"],
    )
    micro = recording(units="uV")
    micro = micro.replace(data=1e6 * micro.data)
    for other in (swapped, more, micro):
        np.testing.assert_allclose(
            one.predict(other).probabilities, expected.probabilities, rtol=1e-4, atol=1e-6
        )
    fast = recording(2000, 256.0)
    slow = sigconv.resample(fast, 128)
    np.testing.assert_array_equal(one.predict(fast).probabilities, one.predict(slow).probabilities)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            recording(channels=["C3", "Cz"]),
            "night: lacks the channels C4; of those",
        ),
        (recording(units=""), "night: channel C3 must be in 'V'; it is in 'no unit'"),
        (recording(20), r"night: must be 0\.5 s long at least, one window; it has 0\.15625 s"),
        (recording(kinds="stim"), "night: holds no signal channel"),
        (
            Recording(np.full((2, 200), np.nan), 128.0, channels=["C3", "C4"]),
            "night: has no window without NaN or infinity",
        ),
    ],
)
def test_recordings_that_do_not_fit(other, message):
    with pytest.raises(ValueError, match=message):
        checkpoint(Pipeline()).predict(other, name="night")


def test_windows_with_gaps_are_left_out():
    data = recording().data.copy()
    data[0, 70] = np.nan
    said = checkpoint(Pipeline()).predict(recording().replace(data=data))
    assert len(said) == 14
    assert 0.5 not in said.starts
