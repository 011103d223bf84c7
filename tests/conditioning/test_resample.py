"""Resampling against soxr, SciPy's Fourier method, and what is known of sinusoids."""

import sys

import mne
import numpy as np
import pytest
import scipy.signal
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

import sigconv
from sigconv import Annotation, Recording
from sigconv.conditioning.resample import QUALITIES, length

rng = np.random.default_rng(7)
RATES = [(500, 250), (512, 250), (256, 1000), (44100, 16000), (160, 128), (250, 250), (500, 333.3)]


def in_the_middle(n):
    """Return noise that is zero near its ends, where soxr's zeros are right."""
    x = rng.standard_normal((3, n))
    x[:, : n // 4] = x[:, -n // 4 :] = 0
    return x


@pytest.mark.parametrize(("fs", "new_fs"), RATES)
@pytest.mark.parametrize("quality", QUALITIES)
def test_is_soxrs(fs, new_fs, quality):
    x = in_the_middle(4000)
    y = sigconv.resample(x, new_fs, fs=fs, quality=quality)
    expected = np.stack([soxr.resample(row, fs, new_fs, QUALITIES[quality]) for row in x])
    assert y.shape == expected.shape
    # all but the best compute in single precision, and cut as they are their blocks round anew
    atol = 1e-7 if quality == "very_high" else 1e-5
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-3 if new_fs == 333.3 else atol)


@pytest.mark.parametrize(("fs", "new_fs"), RATES)
def test_sinusoids_stay_where_they_are_up_to_the_ends(fs, new_fs):
    seconds, freq = 3, 0.1 * min(fs, new_fs)
    wave = lambda rate: 300 + np.sin(2 * np.pi * freq * np.arange(seconds * rate) / rate + 0.4)  # noqa: E731
    y = sigconv.resample(wave(fs), new_fs, fs=fs)
    expected = 300 + np.sin(2 * np.pi * freq * np.arange(len(y)) / new_fs + 0.4)
    error = np.abs(y - expected)
    middle = slice(round(new_fs), round(2 * new_fs))
    assert error[middle].max() < 2e-5
    within = np.arange(len(y)) / new_fs <= seconds - 1 / fs  # later ones can only be guessed
    assert error[within].max() < 0.03  # without care for the ends: 100, of the offset


def test_agrees_with_the_fourier_method_inside():
    sos = scipy.signal.butter(8, 0.3, output="sos")
    x = np.hanning(2000) * scipy.signal.sosfiltfilt(sos, rng.standard_normal(2000))
    expected = scipy.signal.resample(x, 1000)
    y = sigconv.resample(x, 250, fs=500)
    np.testing.assert_allclose(y[200:-200], expected[200:-200], atol=3e-5)


def test_nothing_is_aliased():
    x = np.sin(2 * np.pi * 180 * np.arange(5000) / 500)
    for quality, left in (("very_high", 1e-7), ("high", 1e-5), ("medium", 1e-3), ("low", 1e-3)):
        y = sigconv.resample(x, 250, fs=500, quality=quality)
        assert np.abs(y[500:-500]).max() < left


@given(n=st.integers(1, 3000), rates=st.sampled_from(RATES))
@settings(deadline=None, max_examples=40)
def test_the_length_rule(n, rates):
    fs, new_fs = rates
    expected = int(np.floor(n * new_fs / fs + 0.5))
    if expected < 1:
        with pytest.raises(ValueError, match="x must be long enough for a sample at"):
            sigconv.resample(np.ones(n), new_fs, fs=fs)
        return
    y = sigconv.resample(np.ones(n), new_fs, fs=fs)
    assert y.shape == (length(n, fs, new_fs),) == (expected,)
    np.testing.assert_allclose(y, 1, rtol=1e-12)


@given(slope=st.floats(-10, 10), offset=st.floats(-1e3, 1e3))
@settings(deadline=None, max_examples=20)
def test_a_straight_line_stays_one(slope, offset):
    y = sigconv.resample(offset + slope * np.arange(300) / 500, 128, fs=500)
    np.testing.assert_allclose(y, offset + slope * np.arange(len(y)) / 128, atol=1e-9)


def test_axis_memory_order_workers_and_dtypes():
    x = rng.standard_normal((3, 400, 2))
    expected = np.stack(
        [sigconv.resample(x[:, :, i].copy(), 100, fs=250, workers=1) for i in range(2)], axis=-1
    )
    for given_x in (x, np.asfortranarray(x)):
        for workers in (1, 2, None):
            y = sigconv.resample(given_x, 100, fs=250, axis=1, workers=workers)
            np.testing.assert_array_equal(y, expected)
    for dtype in (np.float32, np.float16, np.complex64, np.complex128):
        y = sigconv.resample(x.astype(dtype), 100, fs=250, axis=1)
        assert y.dtype == dtype
        np.testing.assert_allclose(y.real, expected, atol=2e-2 if dtype == np.float16 else 1e-5)
    counts = (1000 * x).astype(np.int16)
    y = sigconv.resample(counts, 100, fs=250, axis=1)
    assert y.dtype == np.float64
    np.testing.assert_array_equal(y, sigconv.resample(counts.astype(float), 100, fs=250, axis=1))
    z = sigconv.resample(x + 1j * x[::-1], 100, fs=250, axis=1)
    np.testing.assert_array_equal(z.imag, expected[::-1])


def test_single_precision_keeps_microvolts_on_an_offset():
    x = (0.3 + 1e-5 * in_the_middle(4000)[0]).astype(np.float32)
    y = sigconv.resample(x, 250, fs=500)
    expected = sigconv.resample(x.astype(float), 250, fs=500)
    assert np.abs(y - expected).max() <= np.spacing(np.float32(0.3))


def test_not_finite():
    x = rng.standard_normal((2, 1000))
    clean = sigconv.resample(x, 250, fs=500)
    x[0, 500:510] = np.nan
    x[0, 700] = np.inf
    y = sigconv.resample(x, 250, fs=500)
    assert np.isnan(y[0]).all()
    np.testing.assert_array_equal(y[1], clean[1])
    y = sigconv.resample(x, 250, fs=500, nan_policy="interpolate")
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(y[0])), [*range(250, 255), 350])
    bridged = x.copy()
    bad = ~np.isfinite(x[0])
    bridged[0, bad] = np.interp(np.flatnonzero(bad), np.flatnonzero(~bad), x[0, ~bad])
    np.testing.assert_array_equal(
        y[0, ~np.isnan(y[0])], sigconv.resample(bridged, 250, fs=500)[0, ~np.isnan(y[0])]
    )
    with pytest.raises(ValueError, match="x must be finite with nan_policy 'raise'; got 11 values"):
        sigconv.resample(x, 250, fs=500, nan_policy="raise")


# Objects -----------------------------------------------------------------------------------


def test_recordings():
    data = rng.standard_normal((3, 2000))
    data[1] = 0
    data[1, 401] = 7  # a single sample, which taking every fourth one would miss
    data[1, 800:1200] = 3
    x = Recording(
        data,
        500,
        channels=["C3", "TRIG", "C4"],
        kinds=["eeg", "stim", "eeg"],
        annotations=[Annotation(3.21, 0.5, "T1")],
        origin={"device": "cap"},
    )
    y = sigconv.resample(x, 125)
    assert (y.fs, y.n_times, y.duration) == (125, 500, x.duration)
    assert y.annotations == x.annotations
    assert (y.channels, y.kinds, y.units, y.origin) == (x.channels, x.kinds, x.units, x.origin)
    np.testing.assert_array_equal(y.data[[0, 2]], sigconv.resample(data[[0, 2]], 125, fs=500))
    expected = np.zeros(500)
    expected[100] = 7
    expected[200:300] = 3
    np.testing.assert_array_equal(y.data[1], expected)
    up = sigconv.resample(x, 1000)
    np.testing.assert_array_equal(up.data[1], np.repeat(data[1], 2))


@pytest.fixture
def raw():
    info = mne.create_info(["C3", "STI", "C4"], 256.0, ["eeg", "stim", "eeg"])
    data = rng.standard_normal((3, 2560)) * 1e-5
    data[1] = 0
    data[1, [512, 1537]] = 2
    made = mne.io.RawArray(data, info, first_samp=1001, verbose="error")
    made.set_meas_date(1_000_000_000)
    made.set_annotations(mne.Annotations([1.1, 4.0], [0.5, 0], ["BAD_jump", "go"]))
    made.info["bads"] = ["C4"]
    return made


def test_raw(raw):
    before = raw.get_data()
    y = sigconv.resample(raw, 100)
    assert isinstance(y, mne.io.BaseRaw)
    assert (y.info["sfreq"], y.info["lowpass"], y.n_times) == (100, 50, 1000)
    np.testing.assert_array_equal(
        y.get_data()[[0, 2]], sigconv.resample(before[[0, 2]], 100, fs=256)
    )
    since_first = lambda it: it.annotations.onset - it.first_time  # noqa: E731
    np.testing.assert_allclose(since_first(y), since_first(raw), atol=1e-9)
    assert list(y.annotations.description) == ["BAD_jump", "go"]
    assert y.info["bads"] == ["C4"]
    assert y.info["meas_date"] == raw.info["meas_date"]
    assert abs(y.first_time - raw.first_time) <= 0.5 / 100
    events = mne.find_events(y, verbose="error")[:, 0] - y.first_samp
    np.testing.assert_array_equal(events, [200, 600])
    np.testing.assert_array_equal(raw.get_data(), before)


def test_epochs_and_evoked(raw):
    raw.info["bads"] = []
    events = mne.find_events(raw, verbose="error")
    epochs = mne.Epochs(raw, events, 2, -0.2, 1, picks="all", baseline=(None, 0), verbose="error")
    epochs.load_data()
    before = epochs.get_data()
    y = sigconv.resample(epochs, 100)
    assert isinstance(y, mne.BaseEpochs)
    np.testing.assert_array_equal(
        y.get_data()[:, [0, 2]], sigconv.resample(before[:, [0, 2]], 100, fs=256)
    )
    assert y.times[0] == epochs.times[0]
    np.testing.assert_allclose(np.diff(y.times), 0.01)
    np.testing.assert_array_equal(y.events, epochs.events)
    assert y.event_id == epochs.event_id
    assert y.baseline == epochs.baseline
    assert y.drop_log == epochs.drop_log

    evoked = epochs.average()
    z = sigconv.resample(evoked, 100)
    assert isinstance(z, mne.Evoked)
    np.testing.assert_array_equal(z.data, sigconv.resample(evoked.data, 100, fs=256))
    assert z.baseline == evoked.baseline
    assert (z.nave, z.comment, z.times[0]) == (evoked.nave, evoked.comment, evoked.times[0])


def test_agrees_with_mne_on_a_real_recording(data):
    edf = mne.io.read_raw_edf(data / "eeg/eegmat/Subject00_1.edf", verbose="error")
    edf.crop(0, 20, include_tmax=False)  # MNE stretches signals that are no whole number of steps
    edf.load_data(verbose="error")
    expected = edf.copy().resample(125, verbose="error").get_data()
    y = sigconv.resample(edf, 125)
    got = y.get_data()[:, : expected.shape[1]]
    scale = expected.std(axis=1, keepdims=True)
    # the two low-passes differ only just below the new fs/2, where EEG holds next to nothing
    inside = slice(250, -250)
    assert np.max(np.abs(got - expected)[:, inside] / scale) < 0.02
    assert not np.array_equal(y.annotations.onset, [])


# Sentences ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"new_fs": 0}, ValueError, "new_fs must be a finite number above 0; got 0"),
        ({"new_fs": "fast"}, TypeError, "new_fs must be a finite number above 0; got 'fast'"),
        ({"fs": None}, ValueError, "fs must be given with an array: the sampling rate in Hz"),
        ({"fs": -1}, ValueError, "fs must be a finite number above 0; got -1"),
        ({"quality": "hihg"}, ValueError, r"quality must be one of .* \(did you mean 'high'\?\)"),
        (
            {"nan_policy": "omit"},
            ValueError,
            "nan_policy must be one of 'propagate', 'interpolate'",
        ),
        ({"axis": 1}, ValueError, "axis must be an axis of an array with 1 dimensions; got 1"),
        ({"workers": 0}, ValueError, "workers must be a whole number of at least 1; got 0"),
    ],
)
def test_sentences(options, error, sentence):
    with pytest.raises(error, match=sentence):
        sigconv.resample(np.ones(9), **{"new_fs": 100, "fs": 200, **options})


def test_sentences_of_objects():
    x = Recording(np.ones(100), 100)
    with pytest.raises(ValueError, match="fs must not be given with a Recording"):
        sigconv.resample(x, 50, fs=100)
    with pytest.raises(ValueError, match="x must have channels that hold signals"):
        sigconv.resample(x.replace(kinds="stim"), 50)


def test_without_soxr(monkeypatch):
    monkeypatch.setitem(sys.modules, "soxr", None)
    with pytest.raises(ImportError, match=r"resampling needs soxr, which the extra 'resample'"):
        sigconv.resample(np.ones(9), 50, fs=100)
