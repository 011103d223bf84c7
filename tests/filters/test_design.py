"""Designs against SciPy's and MNE's, and the sentences for impossible ones."""

import numpy as np
import pytest
from scipy import signal

import sigconv
from sigconv.filters.design import FAMILIES

SCIPY = {
    "butterworth": lambda *a, **k: signal.butter(*a, **k),
    "chebyshev1": lambda n, *a, **k: signal.cheby1(n, 1, *a, **k),
    "chebyshev2": lambda n, *a, **k: signal.cheby2(n, 40, *a, **k),
    "elliptic": lambda n, *a, **k: signal.ellip(n, 1, 40, *a, **k),
    "bessel": lambda *a, **k: signal.bessel(*a, **k),
}


def test_every_family_has_an_oracle():
    assert SCIPY.keys() == FAMILIES.keys()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("order", [1, 2, 4, 7])
@pytest.mark.parametrize(
    ("kind", "cutoff"),
    [("lowpass", 40), ("highpass", 0.5), ("bandpass", (1, 40)), ("bandstop", (48, 52))],
)
def test_sections_are_scipys(family, order, kind, cutoff):
    tf = getattr(sigconv, kind)(cutoff, fs=250, order=order, family=family)
    expected = SCIPY[family](order, cutoff, kind, fs=250, output="sos")
    np.testing.assert_array_equal(tf.sos, expected)
    assert tf.order == order * (2 if kind.startswith("band") else 1)
    assert tf.is_stable


def test_losses_are_passed_on():
    tf = sigconv.lowpass(40, fs=250, order=8, family="elliptic", ripple=0.1, attenuation=60)
    np.testing.assert_array_equal(tf.sos, signal.ellip(8, 0.1, 60, 40, fs=250, output="sos"))
    gain = 20 * np.log10(np.abs(tf.frequency_response(np.linspace(0, 120, 5000))[1]))
    pass_band, rest = gain[:1667], gain[1667:]
    stop_band = rest[np.argmax(rest <= -60) :]
    assert pass_band.min() == pytest.approx(-0.1, abs=1e-3)
    assert stop_band.max() == pytest.approx(-60, abs=1e-3)


def test_notch_is_scipys():
    tf = sigconv.notch(50, fs=250, q=25)
    b, a = signal.iirnotch(50, 25, fs=250)
    np.testing.assert_array_equal(tf.sos, [[*b, *a]])


def test_peak_is_scipys():
    tf = sigconv.peak(10, fs=250, q=5)
    b, a = signal.iirpeak(10, 5, fs=250)
    np.testing.assert_array_equal(tf.sos, [[*b, *a]])


@pytest.mark.parametrize(("fs", "freq"), [(250, 50), (1000, 50), (240, 60), (250, 250 / 3)])
@pytest.mark.parametrize("q", [1.2, 2, 30, 500])
@pytest.mark.parametrize("kind", ["notch", "peak"])
def test_comb_is_scipys(fs, freq, q, kind):
    tf = sigconv.comb(freq, fs=fs, q=q, kind=kind)
    b, a = signal.iircomb(freq, q, kind, fs=fs, pass_zero=kind == "peak")
    hertz = np.linspace(0.3, fs / 2 - 0.3, 200)
    _, expected = signal.freqz(b, a, hertz, fs=fs)
    np.testing.assert_allclose(tf.frequency_response(hertz)[1], expected, atol=1e-11)
    x = np.random.default_rng(0).normal(size=2000)
    np.testing.assert_allclose(tf.filter(x), signal.lfilter(b, a, x), atol=1e-10)
    assert tf.is_stable


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: sigconv.peak(150, fs=250), ValueError, "freq must lie between 0 and 125 Hz"),
        (lambda: sigconv.comb(60, fs=250), ValueError, "of 250 Hz, as 62.5 Hz does; got 60"),
        (lambda: sigconv.comb(50, fs=250, q=1), ValueError, "q must be a finite number above 1"),
        (
            lambda: sigconv.comb(50, fs=250, kind="a"),
            ValueError,
            "kind must be one of 'notch', 'pe",
        ),
        (lambda: sigconv.lowpass(125, fs=250), ValueError, "cutoff must lie between 0 and 125 Hz"),
        (lambda: sigconv.lowpass(0, fs=250), ValueError, "half the sampling rate of 250 Hz; got 0"),
        (lambda: sigconv.lowpass((1, 40), fs=250), TypeError, "cutoff must be a finite number"),
        (lambda: sigconv.bandpass(40, fs=250), ValueError, "cutoff must be two frequencies"),
        (lambda: sigconv.bandpass((40, 1), fs=250), ValueError, "lower frequency first; got"),
        (lambda: sigconv.bandstop((40, 130), fs=250), ValueError, "cutoff must lie between 0"),
        (lambda: sigconv.lowpass(40, fs=0), ValueError, "fs must be a finite number above 0"),
        (lambda: sigconv.lowpass(40, fs=250, order=0), ValueError, "order must be a whole number"),
        (lambda: sigconv.lowpass(40, fs=250, order=2.5), TypeError, "order must be a whole number"),
        (
            lambda: sigconv.lowpass(40, fs=250, family="butter"),
            ValueError,
            "family must be one of .*did you mean 'butterworth'",
        ),
        (
            lambda: sigconv.highpass(40, fs=250, ripple=1),
            ValueError,
            r"ripple is for the families \['chebyshev1', 'elliptic'\]; got it with 'butterworth'",
        ),
        (
            lambda: sigconv.highpass(40, fs=250, family="elliptic", ripple=50),
            ValueError,
            "attenuation must be above the ripple of 50 dB; got 40",
        ),
        (lambda: sigconv.notch(150, fs=250), ValueError, "freq must lie between 0 and 125 Hz"),
        (lambda: sigconv.notch(50, fs=250, q=0), ValueError, "q must be a finite number above 0"),
    ],
)
def test_impossible_designs(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()
