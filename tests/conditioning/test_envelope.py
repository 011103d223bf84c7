"""Envelopes against their definitions and what is known of sinusoids."""

import numpy as np
import pytest
import scipy.signal

import sigconv
from sigconv import Recording
from sigconv.conditioning.envelope import METHODS

rng = np.random.default_rng(1)
FS = 250.0
T = np.arange(2500) / FS


@pytest.mark.parametrize(
    ("method", "factor", "error"),
    [("hilbert", 1, 1e-9), ("rms", 1 / np.sqrt(2), 1e-2), ("lowpass", 2 / np.pi, 1e-2)],
)
def test_the_amplitude_of_a_sinusoid(method, factor, error):
    amplitude = 3 + np.cos(2 * np.pi * 0.2 * T)
    y = sigconv.envelope(amplitude * np.sin(2 * np.pi * 20 * T), fs=FS, method=method)
    inside = slice(100, -100)
    assert np.abs(y / (factor * amplitude) - 1)[inside].max() < error


@pytest.mark.parametrize("n", [300, 301])
def test_hilbert_is_the_magnitude_of_positive_frequencies(n):
    x = rng.standard_normal((2, n))
    spectrum = np.fft.fft(x)
    freqs = np.fft.fftfreq(n)
    analytic = np.fft.ifft(spectrum * (1 + np.sign(np.where(freqs == -0.5, 0, freqs))))
    np.testing.assert_allclose(sigconv.envelope(x), np.abs(analytic), atol=1e-12)


@pytest.mark.parametrize("width", [1, 5, 8])
def test_rms(width):
    x = rng.standard_normal(100)
    padded = np.pad(x, 10, mode="reflect")
    expected = [
        np.sqrt(np.mean(padded[10 + i - width // 2 : 10 + i - width // 2 + width] ** 2))
        for i in range(100)
    ]
    y = sigconv.envelope(x, fs=FS, method="rms", width=width / FS)
    np.testing.assert_allclose(y, expected, rtol=1e-9)


def test_lowpass():
    x = rng.standard_normal(2500)
    sos = scipy.signal.butter(4, 8, fs=FS, output="sos")
    expected = scipy.signal.sosfiltfilt(sos, np.abs(x), padtype="even", padlen=1000)
    y = sigconv.envelope(x, fs=FS, method="lowpass", cutoff=8)
    np.testing.assert_allclose(y, expected, atol=1e-3)
    np.testing.assert_allclose(y[200:-200], expected[200:-200], atol=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_axis_workers_dtypes_and_recordings(method):
    x = rng.standard_normal((3, 400, 2))
    expected = sigconv.envelope(np.moveaxis(x, 1, -1), fs=FS, method=method, workers=1)
    y = sigconv.envelope(np.asfortranarray(x), fs=FS, method=method, axis=1, workers=3)
    np.testing.assert_array_equal(np.moveaxis(y, 1, -1), expected)
    y = sigconv.envelope(x.astype(np.float32), fs=FS, method=method, axis=1)
    assert y.dtype == np.float32
    np.testing.assert_allclose(np.moveaxis(y, 1, -1), expected, atol=1e-5)
    counts = (1000 * x).astype(np.int16)
    y = sigconv.envelope(counts, fs=FS, method=method, axis=1)
    assert y.dtype == np.float64
    recording = Recording(x[:, :, 0], FS, kinds=["eeg", "stim", "eeg"])
    y = sigconv.envelope(recording, method=method)
    np.testing.assert_array_equal(y.data[[0, 2]], expected[[0, 2], 0])
    np.testing.assert_array_equal(y.data[1], x[1, :, 0])


def test_not_finite():
    x = rng.standard_normal((2, 500))
    x[0, 250] = np.inf
    assert not np.isfinite(sigconv.envelope(x)[0]).any()
    y = sigconv.envelope(x, fs=FS, method="rms", width=0.04)
    np.testing.assert_array_equal(np.flatnonzero(~np.isfinite(y[0])), range(246, 256))
    for method in METHODS:
        assert np.isfinite(sigconv.envelope(x, fs=FS, method=method)[1]).all()


@pytest.mark.parametrize(
    ("x", "options", "error", "sentence"),
    [
        (
            [1.0],
            {"method": "peak"},
            ValueError,
            "method must be one of 'hilbert', 'rms', 'lowpass'",
        ),
        ([1.0], {"method": "rms"}, ValueError, "fs must be given with an array"),
        ([1.0], {"method": "rms", "fs": 1}, ValueError, "width must be half a sample at least"),
        (
            [1.0] * 9,
            {"method": "lowpass", "fs": 100, "cutoff": 50},
            ValueError,
            "cutoff must lie between 0 and 50 Hz",
        ),
        ([1j, 2], {}, TypeError, "x must be real for an envelope; got complex128"),
    ],
)
def test_sentences(x, options, error, sentence):
    with pytest.raises(error, match=sentence):
        sigconv.envelope(x, **options)
