"""Spectrograms against SciPy's, sinusoids, librosa and torchaudio."""

import sys

import librosa
import numpy as np
import pytest
import scipy.signal

import sigconv
from sigconv import Recording

rng = np.random.default_rng(4)
FS = 500.0


@pytest.mark.parametrize(("kind", "scaling"), [("density", "density"), ("power", "spectrum")])
@pytest.mark.parametrize(("size", "hop"), [(100, 50), (101, 7), (64, 64), (50, 80)])
def test_is_scipys(kind, scaling, size, hop):
    x = rng.standard_normal((2, 600))
    if hop > size:  # SciPy's older function has no gaps between windows
        starts = np.arange(0, 600 - size + 1, hop)
        parts = [
            scipy.signal.periodogram(x[:, s : s + size], FS, "hann", detrend=False, scaling=scaling)
            for s in starts
        ]
        freqs, expected = parts[0][0], np.stack([p for _, p in parts], axis=-1)
        times = (starts + size // 2) / FS
    else:
        freqs, times, expected = scipy.signal.spectrogram(
            x, FS, "hann", size, size - hop, detrend=False, scaling=scaling
        )
    spectra = sigconv.spectrogram(x, fs=FS, length=size / FS, step=hop / FS, kind=kind)
    np.testing.assert_allclose(spectra.values, expected, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(spectra.frequencies, freqs)
    np.testing.assert_allclose(spectra.times, times, atol=0.5 / FS)


@pytest.mark.parametrize("padding", ["none", "zero", "edge", "even", "odd"])
def test_a_cosine_has_its_amplitude_and_phase(padding):
    t = np.arange(2000) / FS
    x = 3 * np.cos(2 * np.pi * 40 * t + 0.3)
    amplitude = sigconv.spectrogram(x, fs=FS, length=0.2, step=0.05, kind="amplitude")
    spectra = sigconv.spectrogram(x, fs=FS, length=0.2, step=0.05, kind="complex", padding=padding)
    row = 8
    assert spectra.frequencies[row] == 40
    inside = slice(4, -4)
    np.testing.assert_allclose(amplitude.values[row], 3, rtol=1e-9)
    expected = 3 * np.exp(1j * (2 * np.pi * 40 * spectra.times + 0.3))
    np.testing.assert_allclose(spectra.values[row, inside], expected[inside], rtol=1e-9)
    assert spectra.values.shape == (51, 77 if padding == "none" else 80)
    assert spectra.times[0] == (0.1 if padding == "none" else 0)
    power = sigconv.spectrogram(x + 2, fs=FS, length=0.2, kind="power").values
    np.testing.assert_allclose(power[row], 4.5, rtol=1e-9)
    np.testing.assert_allclose(power[0], 4, rtol=1e-9)


def test_axis_workers_dtypes_and_recordings():
    x = rng.standard_normal((3, 1000, 2))
    expected = sigconv.spectrogram(np.moveaxis(x, 1, -1), fs=FS, length=0.2, workers=1)
    assert expected.values.shape == (3, 2, 51, 19)
    y = sigconv.spectrogram(np.asfortranarray(x), fs=FS, length=0.2, axis=1, workers=3)
    np.testing.assert_array_equal(y.values, expected.values)
    y = sigconv.spectrogram(x.astype(np.float32), fs=FS, length=0.2, axis=1)
    assert y.values.dtype == np.float32
    np.testing.assert_allclose(y.values, expected.values, rtol=1e-3, atol=1e-9)
    y = sigconv.spectrogram(x.astype(np.float32), fs=FS, length=0.2, axis=1, kind="complex")
    assert y.values.dtype == np.complex64
    recording = Recording(x[:, :, 0], FS, kinds=["eeg", "stim", "eeg"])
    y = sigconv.spectrogram(recording, length=0.2)
    np.testing.assert_array_equal(y.values, expected.values[[0, 2], 0])


def test_not_finite():
    x = rng.standard_normal(1000)
    x[500] = np.inf
    values = sigconv.spectrogram(x, fs=FS, length=0.2).values
    bad = ~np.isfinite(values).all(axis=0)
    np.testing.assert_array_equal(np.flatnonzero(bad), [9, 10])
    many = sigconv.spectrogram(np.tile(x, (40, 1)), fs=FS, length=0.2, workers=2).values
    for each in many:
        np.testing.assert_array_equal(each, values)


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"fs": None}, ValueError, "fs must be given with an array"),
        ({"length": 3}, ValueError, "x must be at least a window of 1500 samples long; got 1000"),
        ({"length": 1e-4}, ValueError, "length must be half a sample at least"),
        ({"step": 0}, ValueError, "step must be a finite number above 0; got 0"),
        ({"kind": "psd"}, ValueError, "kind must be one of 'density', 'power', 'amplitude', 'com"),
        ({"padding": "wrap"}, ValueError, "padding must be one of 'none', 'zero', 'edge'"),
        (
            {"window": "hanning2"},
            ValueError,
            "window must be a name that scipy.signal.get_window knows",
        ),
        ({"x": [1j] * 999}, TypeError, "x must be real; got complex128"),
    ],
)
def test_sentences(options, error, sentence):
    given = {"x": np.ones(1000), "fs": FS, **options}
    with pytest.raises(error, match=sentence):
        sigconv.spectrogram(given.pop("x"), **given)


# Log-mel -----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_log_mel_is_librosas(dtype):
    x = (0.1 * rng.standard_normal((2, 16000))).astype(dtype)
    mels = sigconv.log_mel(x, fs=16000, n_mels=40, fmin=50, fmax=7000)
    power = librosa.feature.melspectrogram(
        y=x, sr=16000, n_fft=512, win_length=400, hop_length=160, n_mels=40, fmin=50, fmax=7000
    )
    expected = librosa.power_to_db(power, top_db=None)
    assert mels.values.dtype == dtype
    np.testing.assert_allclose(mels.values, expected, atol=1e-3 if dtype == np.float32 else 1e-9)
    centres = librosa.mel_frequencies(42, fmin=50, fmax=7000)[1:-1]
    np.testing.assert_allclose(mels.frequencies, centres)
    np.testing.assert_allclose(mels.times, np.arange(101) * 0.01)


def test_log_mel_is_its_definition():
    """Slaney's scale: linear up to 1 kHz, then 27 bands for every factor of 6.4."""
    x = 0.1 * rng.standard_normal(4000)
    window = np.zeros(256)
    window[28:228] = np.hanning(201)[:-1]
    padded = np.pad(x, 128)
    frames = np.stack([padded[i : i + 256] * window for i in range(0, 4001, 80)])
    power = np.abs(np.fft.rfft(frames)) ** 2
    top = 15 + 27 * np.log(4) / np.log(6.4)
    mels = np.linspace(0, top, 34)
    edges = np.where(mels < 15, mels * 200 / 3, 1000 * 6.4 ** ((mels - 15) / 27))
    freqs = np.arange(129) * 8000 / 256
    triangles = [
        np.interp(freqs, edges[i : i + 3], [0, 2 / (edges[i + 2] - edges[i]), 0], 0, 0)
        for i in range(32)
    ]
    expected = 10 * np.log10(power @ np.array(triangles).T).T
    got = sigconv.log_mel(x, fs=8000, n_mels=32)
    np.testing.assert_allclose(got.values, expected, atol=1e-4)
    np.testing.assert_allclose(got.frequencies, edges[1:-1])


def test_log_mel_of_silence_axis_workers_and_real_speech(data):
    assert (sigconv.log_mel(np.zeros(4000), fs=8000).values == -100).all()
    x = 0.1 * rng.standard_normal((4000, 3))
    expected = sigconv.log_mel(x.T.copy(), fs=8000, workers=1).values
    np.testing.assert_array_equal(sigconv.log_mel(x, fs=8000, axis=0, workers=2).values, expected)
    speech = sigconv.read(data / "audio/fsdd/recordings/3_jackson_1.wav")
    mels = sigconv.log_mel(speech)
    assert mels.values.shape == (1, 64, speech.n_times // 80 + 1)
    loudest = mels.frequencies[mels.values[0].max(axis=1).argmax()]
    assert 50 < loudest < 3000


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"fs": None}, ValueError, "fs must be given with an array"),
        ({"fmax": 5000}, ValueError, "fmin and fmax must be in order and at most 4000 Hz"),
        ({"fmin": 3000, "fmax": 1000}, ValueError, "fmin and fmax must be in order"),
        ({"n_mels": 500}, ValueError, "n_mels must be few enough for every band to hold"),
        ({"n_mels": 0}, ValueError, "n_mels must be a whole number of at least 1"),
        ({"floor": 0}, ValueError, "floor must be a finite number above 0"),
        ({"x": [np.nan] * 999}, ValueError, "x must be finite; NaN or infinity stands in it"),
    ],
)
def test_sentences_of_log_mel(options, error, sentence):
    given = {"x": np.ones(1000), "fs": 8000, **options}
    with pytest.raises(error, match=sentence):
        sigconv.log_mel(given.pop("x"), **given)


def test_log_mel_without_librosa(monkeypatch):
    monkeypatch.setitem(sys.modules, "librosa", None)
    with pytest.raises(ImportError, match="a log-mel spectrogram needs librosa, which the extra"):
        sigconv.log_mel(np.ones(999), fs=8000)
