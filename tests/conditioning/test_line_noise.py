"""Hum made up and hum recorded: it goes, and its neighbours stay."""

import mne
import numpy as np
import pytest
from scipy.signal import welch

import sigconv
from sigconv import Recording
from sigconv.conditioning.line_noise import METHODS

FS = 500.0
T = np.arange(10 * 500) / FS


def brain(seed=0):
    """Return noise that falls with frequency like EEG's, and a rhythm of 10 Hz."""
    noise = np.random.default_rng(seed).standard_normal(T.size)
    spectrum = np.fft.rfft(noise) / np.maximum(1, np.arange(T.size // 2 + 1) / 10)
    return np.fft.irfft(spectrum, T.size) * 10 + np.sin(2 * np.pi * 10 * T)


def hum(base=50.0):
    return sum(
        gain * np.sin(2 * np.pi * base * k * T + k)
        for k, gain in ((1, 5), (2, 1), (3, 2), (4, 0.5))
    )


def line_and_neighbours(x, fs, centre):
    """Return the highest line near a frequency over the level beside it, in dB; and that level."""
    freqs, power = welch(x, fs, nperseg=int(8 * fs), axis=-1)
    away = np.abs(freqs - centre)
    beside = power[..., (away > 3) & (away < 6)]
    line = power[..., away < 0.3].max(axis=-1)
    return 10 * np.log10(line / np.median(beside, axis=-1)), 10 * np.log10(beside)


@pytest.mark.parametrize("mains", [50.0, 60.0])
@pytest.mark.parametrize(("method", "left"), [("notch", 1e-2), ("spectrum_fit", 1e-4)])
def test_exact_frequencies_go(mains, method, left):
    x = hum(mains)
    y = sigconv.remove_line_noise(x, mains, fs=FS, method=method)
    assert np.abs(y)[1000:-1000].max() < left * np.abs(x).max()
    if method == "spectrum_fit":
        assert np.abs(y).max() < 0.03 * np.abs(x).max()


@pytest.mark.parametrize("base", [49.9, 50.07, 50.12])
def test_the_fit_follows_a_mains_that_is_off_and_swells(base):
    x = brain() + (1 + 0.3 * np.sin(2 * np.pi * 0.1 * T)) * hum(base)
    y = sigconv.remove_line_noise(x, 50, fs=FS, method="spectrum_fit")
    for k in (1, 2, 3):  # off by k times as much
        before, level = line_and_neighbours(x, FS, k * base)
        after, level_after = line_and_neighbours(y, FS, k * base)
        assert before > 20
        assert after < -5
        assert np.abs(level_after - level).max() < 1.5


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("distance", "gains"),
    [
        (0.25, {"notch": (0.15, 0.25), "spectrum_fit": (0, 1e-10)}),
        (0.5, {"notch": (0.48, 0.52), "spectrum_fit": (0, 1e-10)}),
        (2, {"notch": (0.93, 0.95), "spectrum_fit": (0.985, 1.001)}),
        (4, {"notch": (0.983, 0.985), "spectrum_fit": (0.9999, 1.0001)}),
    ],
)
def test_the_documented_gains_beside_a_line(method, distance, gains):
    wave = np.exp(2j * np.pi * (50 + distance) * T)
    y = sigconv.remove_line_noise(wave, 50, fs=FS, method=method, harmonics=1)
    gain = np.abs(np.mean((y * wave.conj())[1500:-1500]))
    low, high = gains[method]
    assert low <= gain <= high


@pytest.mark.parametrize("method", METHODS)
def test_what_is_slow_and_strong_stays(method):
    drift = 1000 * T + 300 * np.sin(2 * np.pi * 0.3 * T)
    y = sigconv.remove_line_noise(drift, 50, fs=FS, method=method)
    assert np.abs(y - drift).max() < (1.5 if method == "notch" else 1e-2)


def test_real_recordings(data):
    """EEG whose amplifier took out 50 Hz already but left 100 and 200 Hz, 20 dB high."""
    recording = sigconv.read(data / "eeg/eegmat/Subject01_2.edf")
    recording = recording.replace(data=recording.data.copy())
    seconds = np.arange(recording.n_times) / recording.fs
    recording.data[:19] += 5e-6 * np.sin(2 * np.pi * 50.02 * seconds)  # put hum in anew
    for method, line, change in (("notch", -3, 0.3), ("spectrum_fit", -20, 0.6)):
        y = sigconv.remove_line_noise(recording, 50, method=method)
        for centre in (50.0, 100.0):
            before, level = line_and_neighbours(recording.data[:19], recording.fs, centre)
            after, level_after = line_and_neighbours(y.data[:19], recording.fs, centre)
            assert before.max() > 15
            assert np.median(after) < line
            assert np.abs(level_after - level).max() < change, (method, centre)
    # the fit takes out all that it can at every harmonic and channel
    for centre in (50.0, 100.0, 150.0, 200.0):
        assert line_and_neighbours(y.data[:19], recording.fs, centre)[0].max() < -15


def test_leaves_less_than_mnes_spectrum_fit(data):
    raw = mne.io.read_raw_edf(data / "eeg/eegmat/Subject01_2.edf", preload=True, verbose="error")
    x = raw.get_data()[:19]
    theirs = mne.filter.notch_filter(
        x, FS, [50, 100, 150, 200], method="spectrum_fit", verbose="error"
    )
    ours = sigconv.remove_line_noise(x, 50, fs=FS, method="spectrum_fit")
    for centre in (50.0, 100.0, 150.0, 200.0):
        left, left_by_mne = (line_and_neighbours(y, FS, centre)[0].max() for y in (ours, theirs))
        assert left < left_by_mne


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128, np.int16])
def test_axis_memory_order_workers_and_dtypes(method, dtype):
    x = (100 * np.stack([brain(i) + hum() for i in range(4)], axis=-1)).astype(dtype)[:2000]
    expected = np.stack(
        [
            sigconv.remove_line_noise(
                row.astype(np.result_type(dtype, float)), fs=FS, method=method
            )
            for row in x.T
        ],
        axis=-1,
    )
    for workers in (1, 3):
        y = sigconv.remove_line_noise(
            np.asfortranarray(x), fs=FS, method=method, axis=0, workers=workers
        )
        assert y.dtype == (np.float64 if dtype == np.int16 else dtype)
        np.testing.assert_allclose(y, expected, rtol=0, atol=1e-3 if dtype == np.float32 else 1e-9)


def test_harmonics_and_short_signals():
    x = hum()
    one = sigconv.remove_line_noise(x, 50, fs=FS, method="spectrum_fit", harmonics=1)
    np.testing.assert_allclose(one, x - 5 * np.sin(2 * np.pi * 50 * T + 1), atol=0.05)
    y = sigconv.remove_line_noise(x[:100], 50, fs=FS, method="spectrum_fit")
    assert np.abs(y).max() < 0.3
    assert sigconv.remove_line_noise(x[:100], 50, fs=FS).shape == (100,)


def test_not_finite():
    x = np.stack([brain() + hum()] * 2)
    x[0, 2500] = np.inf
    y = sigconv.remove_line_noise(x, fs=FS)
    assert not np.isfinite(y[0]).any()
    y = sigconv.remove_line_noise(x, fs=FS, method="spectrum_fit")
    bad = ~np.isfinite(y[0])
    assert bad[2500]
    assert not bad[:1000].any()
    assert not bad[4000:].any()
    clean = sigconv.remove_line_noise(x[1], fs=FS, method="spectrum_fit")
    np.testing.assert_allclose(y[1], clean, rtol=1e-12)


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"fs": None}, ValueError, "fs must be given with an array"),
        ({"mains": 300}, ValueError, "mains must lie between 0 and 250 Hz, half the sampling rate"),
        ({"method": "zapline"}, ValueError, "method must be one of 'notch', 'spectrum_fit'; got"),
        (
            {"harmonics": 5},
            ValueError,
            "harmonics must be at most 4, what lies below 250 Hz; got 5",
        ),
        ({"harmonics": 0}, ValueError, "harmonics must be a whole number of at least 1; got 0"),
        ({"width": 50}, ValueError, "width must be a finite number above 0 and below 50; got 50"),
        ({"window": 0}, ValueError, "window must be a finite number above 0; got 0"),
        (
            {"window": 0.05, "method": "spectrum_fit"},
            ValueError,
            r"x and window must last three periods of the mains, 0.06 s; got 0.05 s",
        ),
    ],
)
def test_sentences(options, error, sentence):
    with pytest.raises(error, match=sentence):
        sigconv.remove_line_noise(np.ones(1000), **{"fs": FS, **options})


def test_objects():
    x = Recording(np.stack([brain() + hum(), np.zeros(T.size)]), FS, kinds=["eeg", "stim"])
    y = sigconv.remove_line_noise(x)
    np.testing.assert_array_equal(y.data[0], sigconv.remove_line_noise(x.data[0], fs=FS))
    assert not y.data[1].any()


def test_the_fit_at_the_ends():
    """Its error there is some times that inside; half as much more, were ends fitted as middles."""
    errors = [
        sigconv.remove_line_noise(brain(i) + hum(50.1), 50, fs=FS, method="spectrum_fit") - brain(i)
        for i in range(20)
    ]
    over_time = np.sqrt(np.mean(np.square(errors), axis=0))
    inside = over_time[1000:-1000].mean()
    assert over_time[:50].max() < 7.5 * inside
    assert over_time[-50:].max() < 7.5 * inside
