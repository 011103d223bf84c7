"""Band power against known sinusoids, Parseval and SciPy's Welch."""

import itertools

import mne
import numpy as np
import pytest
import scipy.integrate
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

import sigconv
from sigconv import Recording
from sigconv.features import EEG_BANDS

rng = np.random.default_rng(6)
FS = 250.0
T = np.arange(5000) / FS


def test_sinusoids_lie_in_their_bands():
    freqs, amplitudes = [2.5, 6, 10.5, 20, 37], [1, 2, 3, 4, 5]
    x = sum(a * np.sin(2 * np.pi * f * T) for a, f in zip(amplitudes, freqs, strict=True))
    expected = np.square(amplitudes) / 2
    power = sigconv.band_power(7 + x, fs=FS)
    np.testing.assert_allclose(power, expected, rtol=2e-3)
    relative = sigconv.band_power(x, fs=FS, scale="relative")
    np.testing.assert_allclose(relative, expected / expected.sum(), rtol=2e-3)
    np.testing.assert_allclose(sigconv.band_power(x, fs=FS, scale="db"), 10 * np.log10(power))


def test_edges_on_the_grid_are_the_trapezoidal_rule_over_scipys_density():
    x = rng.standard_normal((3, 5000))
    freqs, density = scipy.signal.welch(x, FS, nperseg=500)
    power = sigconv.band_power(x, EEG_BANDS, fs=FS)
    for i, (low, high) in enumerate(EEG_BANDS.values()):
        inside = (freqs >= low) & (freqs <= high)
        expected = scipy.integrate.trapezoid(density[:, inside], freqs[inside], axis=-1)
        np.testing.assert_allclose(power[:, i], expected, rtol=1e-12)


@given(cuts=st.lists(st.floats(2, 123), min_size=1, max_size=4, unique=True))
@settings(deadline=None, max_examples=30)
def test_bands_side_by_side_add_up(cuts):
    x = np.random.default_rng(0).standard_normal(1000)
    edges = [0.0, *sorted(cuts), 125.0]
    edges = [e for i, e in enumerate(edges) if i == 0 or e - edges[i - 1] > 0.6]
    edges[-1] = 125.0
    bands = {str(i): band for i, band in enumerate(itertools.pairwise(edges))}
    if any(high - low < 0.5 for low, high in bands.values()):
        return
    whole = sigconv.band_power(x, {"all": (0, 125)}, fs=FS)
    np.testing.assert_allclose(sigconv.band_power(x, bands, fs=FS).sum(), whole[0], rtol=1e-10)


def test_all_of_it_is_the_variance():
    x = rng.standard_normal(100_000)
    np.testing.assert_allclose(sigconv.band_power(x, {"all": (0, 125)}, fs=FS), x.var(), rtol=1e-2)


def test_axis_workers_dtypes_and_short_signals():
    x = rng.standard_normal((3, 1000, 2))
    expected = sigconv.band_power(np.moveaxis(x, 1, -1), fs=FS, workers=1)
    y = sigconv.band_power(np.asfortranarray(x), fs=FS, axis=1, workers=3)
    assert y.shape == (3, 5, 2)
    np.testing.assert_array_equal(np.moveaxis(y, 1, -1), expected)
    y = sigconv.band_power(x.astype(np.float32), fs=FS, axis=1)
    assert y.dtype == np.float32
    np.testing.assert_allclose(np.moveaxis(y, 1, -1), expected, rtol=1e-4)
    assert sigconv.band_power(x[0, :100, 0], {"low": (1, 10)}, fs=FS).shape == (1,)


def test_objects(data):
    raw = mne.io.read_raw_edf(data / "eeg/eegmat/Subject00_1.edf", verbose="error").crop(0, 30)
    power = sigconv.band_power(raw)
    np.testing.assert_array_equal(power, sigconv.band_power(raw.get_data(), fs=500))
    # closed eyes: the back of the head has more of its power in the alpha band than the front
    share = sigconv.band_power(raw, scale="relative")[:, 2]
    names = raw.ch_names
    assert share[names.index("EEG O1")] > share[names.index("EEG Fp1")]
    recording = Recording(raw.get_data(), 500, kinds=["eeg"] * 20 + ["stim"])
    np.testing.assert_array_equal(sigconv.band_power(recording), power[:20])


def test_not_finite():
    x = rng.standard_normal((2, 1000))
    x[0, 3] = np.inf
    power = sigconv.band_power(x, fs=FS)
    assert np.isnan(power[0]).all()
    assert np.isfinite(power[1]).all()
    many = np.concatenate([x] * 20)
    np.testing.assert_array_equal(
        sigconv.band_power(many, fs=FS, workers=2), np.tile(power.T, 20).T
    )
    assert (sigconv.band_power(np.zeros(1000), fs=FS, scale="db") == -np.inf).all()


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"fs": None}, ValueError, "fs must be given with an array"),
        ({"bands": {}}, TypeError, r"bands must map names to \(low, high\) in Hz; got {}"),
        ({"bands": [(1, 4)]}, TypeError, r"bands must map names to \(low, high\)"),
        ({"bands": {"a": 4}}, TypeError, r"bands must map names .* got 'a': 4"),
        ({"bands": {"a": (4, 1)}}, ValueError, r"bands\['a'\] must be \(low, high\) in Hz, low"),
        ({"bands": {"a": (4, 126)}}, ValueError, r"high at most 125, half the sampling rate"),
        ({"bands": {"a": (4, 4.2)}}, ValueError, r"at least as wide as the resolution of 0.5 Hz"),
        ({"scale": "dB"}, ValueError, r"scale must be one of 'absolute', 'relative', 'db'"),
        ({"window": -1}, ValueError, "window must be a finite number above 0; got -1"),
        ({"x": [1.0]}, ValueError, "x must have two samples along its axis at least; got 1"),
        ({"x": [1j, 2]}, TypeError, "x must be real; got complex128"),
    ],
)
def test_sentences(options, error, sentence):
    given_options = {"x": np.ones(1000), "fs": FS, **options}
    with pytest.raises(error, match=sentence):
        sigconv.band_power(given_options.pop("x"), **given_options)
