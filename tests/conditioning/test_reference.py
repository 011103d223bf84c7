"""References against their definition and MNE's `set_eeg_reference`."""

import mne
import numpy as np
import pytest

import sigconv
from sigconv import Recording
from sigconv.io.mne_objects import from_raw

rng = np.random.default_rng(8)


@pytest.fixture
def raw():
    names = ["Fp1", "C3", "STI", "C4", "EOG", "A1", "A2"]
    kinds = ["eeg", "eeg", "stim", "eeg", "eog", "eeg", "eeg"]
    info = mne.create_info(names, 250.0, kinds)
    made = mne.io.RawArray(rng.standard_normal((7, 1000)), info, verbose="error")
    made.info["bads"] = ["C4", "EOG"]
    return made


@pytest.mark.parametrize("to", ["average", "A1", ["A1", "A2"], ["C4"], ["EOG", "Fp1"]])
def test_is_mnes(raw, to):
    expected = raw.copy().set_eeg_reference(to, verbose="error").get_data()
    before = raw.get_data()
    recording = from_raw(raw, "fif")
    assert recording.bads == ("C4", "EOG")
    for x in (raw, recording):
        y = sigconv.rereference(x, to)
        got = y.data if isinstance(y, Recording) else y.get_data()
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-14)
        np.testing.assert_array_equal(got[[2, 3, 4]], before[[2, 3, 4]])
    assert sigconv.rereference(raw, to).info["custom_ref_applied"]
    assert not raw.info["custom_ref_applied"]
    np.testing.assert_array_equal(raw.get_data(), before)


def test_epochs_and_evoked(raw):
    events = np.array([[200, 0, 1], [600, 0, 1]])
    epochs = mne.Epochs(raw, events, 1, 0, 0.5, baseline=None, preload=True, verbose="error")
    for x in (epochs, epochs.average()):
        expected = x.copy().set_eeg_reference("average", verbose="error")
        got = sigconv.rereference(x)
        assert type(got) is type(x)
        for a, b in zip(np.atleast_3d(got.get_data()), expected.get_data(), strict=True):
            np.testing.assert_allclose(np.squeeze(a), np.squeeze(b), atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int16, np.complex128])
def test_arrays(dtype):
    x = (100 * rng.standard_normal((2, 5, 300))).astype(dtype)
    wide = x.astype(np.result_type(dtype, np.float64))
    for to, picks in (("average", slice(None)), (1, [1]), ([0, -1], [0, 4])):
        expected = wide - wide[:, picks].mean(axis=1, keepdims=True)
        for workers in (1, 2):
            y = sigconv.rereference(x, to, workers=workers)
            assert y.dtype == (np.float64 if dtype == np.int16 else dtype)
            np.testing.assert_allclose(y, expected, rtol=1e-5 if dtype == np.float32 else 1e-12)
        y = sigconv.rereference(np.moveaxis(x, 1, 2), to, axis=-1)
        np.testing.assert_array_equal(np.moveaxis(y, 2, 1), sigconv.rereference(x, to))
    assert not np.shares_memory(y, x)


def test_an_average_reference_has_no_mean_and_keeps_differences():
    x = rng.standard_normal((8, 5000))
    y = sigconv.rereference(x)
    assert np.abs(y.mean(axis=0)).max() < 1e-15
    np.testing.assert_allclose(np.diff(y, axis=0), np.diff(x, axis=0), atol=1e-14)
    np.testing.assert_allclose(sigconv.rereference(sigconv.rereference(x, 3)), y, atol=1e-14)


def test_real_recordings(data):
    path = data / "eeg/eegmat/Subject00_1.edf"
    recording = sigconv.read(path)
    raw = mne.io.read_raw_edf(path, preload=True, verbose="error")
    expected = raw.set_eeg_reference("average", verbose="error").get_data()
    np.testing.assert_allclose(sigconv.rereference(recording).data, expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize(
    ("x", "to", "error", "sentence"),
    [
        (np.ones(9), "average", ValueError, "x must have an axis of channels and one of time"),
        (np.ones((2, 9)), 2, ValueError, "to must number some of 2 channels; got 2"),
        (np.ones((2, 9)), -3, ValueError, "to must be a whole number of at least -2; got -3"),
        (np.ones((2, 9)), "Cz", TypeError, "to must number the channels of an array"),
        (np.ones((2, 9)), [], ValueError, "to must be 'average', or one or several channels"),
        (np.ones((2, 9)), ["Cz", 1], ValueError, "to must be 'average', or one or several"),
        (np.ones((2, 9)), [1, 1], ValueError, "to must name no channel twice"),
        (Recording(np.ones((2, 9)), 9), "ch3", ValueError, r"to must be one of 'ch1', 'ch2'; got"),
        (Recording(np.ones((2, 9)), 9), 0, TypeError, "to must name the channels of an object"),
        (
            Recording(np.ones((2, 9)), 9, kinds="audio"),
            "average",
            ValueError,
            r"x must have channels of kind eeg, ecog, seeg, dbs; got \['audio'\]",
        ),
    ],
)
def test_sentences(x, to, error, sentence):
    with pytest.raises(error, match=sentence):
        sigconv.rereference(x, to)


def test_sentences_of_objects(raw):
    with pytest.raises(ValueError, match="axis must not be given with a RawArray"):
        sigconv.rereference(raw, axis=0)
    raw.info["bads"] = ["Fp1", "C3", "C4", "A1", "A2"]
    with pytest.raises(ValueError, match="x must have good channels to reference; all eeg ones"):
        sigconv.rereference(raw)
