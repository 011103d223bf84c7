"""On real recordings: hum and drift go, and MNE's filters give the same."""

import numpy as np
import pytest
from scipy import signal

import sigconv

mne = pytest.importorskip("mne")


@pytest.fixture(scope="module")
def raw(data):
    path = data / "eeg/eegmat/Subject00_1.edf"
    return mne.io.read_raw_edf(path, verbose="error").crop(0, 60).load_data(verbose="error")


@pytest.mark.parametrize("band", [(1, 40), (0.5, None), (None, 30), (70, 30)])
@pytest.mark.parametrize("method", ["fir", "iir"])
def test_mnes_default_filters(raw, band, method):
    expected = raw.copy().filter(*band, method=method, verbose="error").get_data("eeg")
    low, high = band
    kind = {(False, True): "highpass", (True, False): "lowpass"}.get((not low, not high))
    if low and high:
        kind = "bandpass" if low < high else "bandstop"
    else:
        kind = "lowpass" if low is None else "highpass"
    edges = tuple(sorted(band)) if low and high else (low or high)
    fs = raw.info["sfreq"]
    if method == "fir":
        tf = sigconv.fir(edges, fs=fs, kind=kind)
        y = tf.zero_phase(raw)
    else:
        tf = getattr(sigconv, kind)(edges, fs=fs)
        made = mne.filter.create_filter(None, fs, *band, method="iir", verbose="error")
        y = tf.zero_phase(raw.get_data("eeg"), pad_length=min(made["padlen"], len(raw.times) - 1))
    y = y if isinstance(y, np.ndarray) else y.get_data("eeg")
    assert np.abs(y - expected).max() < 1e-7 * np.abs(expected).max()


def test_the_hum_falls_below_its_neighbours(data):
    """Its authors took most of the hum out; so there is a lot of it put in again."""
    recording = sigconv.read(data / "eeg/eegmat/Subject00_1.edf")
    hum = 50e-6 * np.sin(2 * np.pi * 50 * np.arange(recording.n_times) / recording.fs)
    recording = recording.replace(data=recording.data + hum)
    clean = sigconv.notch(50, fs=recording.fs).zero_phase(recording)
    rows = recording.signal_channels
    frequencies, before = signal.welch(recording.data[rows], recording.fs, nperseg=4096)
    _, after = signal.welch(clean.data[rows], recording.fs, nperseg=4096)
    hum = np.abs(frequencies - 50) < 0.3
    near = (np.abs(frequencies - 50) > 2) & (np.abs(frequencies - 50) < 6)
    assert (after[:, hum].max(axis=1) < np.median(after[:, near], axis=1)).all()
    assert (before[:, hum].max(axis=1) > 1e3 * np.median(before[:, near], axis=1)).all()
    kept = np.median(after[:, near], axis=1) / np.median(before[:, near], axis=1)
    assert (kept > 0.8).all()


def test_drift_rings_no_more_than_with_scipys_padding(data):
    path = sorted((data / "eeg/ssvep_exo").glob("*_raw.fif"))[0]
    raw = mne.io.read_raw_fif(path, preload=True, verbose="error")
    x, fs = raw.get_data("eeg"), raw.info["sfreq"]
    assert np.ptp(x, axis=1).max() > 1e-3  # volts
    tf = sigconv.highpass(1, fs=fs)
    y, expected = tf.filtfilt(x), signal.sosfiltfilt(tf.sos, x)
    edge = int(2 * fs)
    for part in (slice(0, edge), slice(-edge, None)):
        theirs = np.abs(expected[:, part]).max()
        assert np.abs(y[:, part]).max() <= theirs * (1 + 1e-6)
        assert np.abs(y[:, part] - expected[:, part]).max() < 1e-7 * np.abs(x).max()
