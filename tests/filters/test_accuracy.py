"""Recursive filters against 60 decimal digits."""

import numpy as np
import pytest
from scipy import signal

import sigconv
from tests.filter_oracles import relative_error, sections_exactly

x = np.random.default_rng(2).standard_normal(8000)
DESIGNS = {
    "0.01 Hz at 20 kHz": lambda: sigconv.lowpass(0.01, fs=20000, order=2),
    "0.01 Hz at 20 kHz, order 4": lambda: sigconv.lowpass(0.01, fs=20000),
    "0.5 to 1 Hz at 20 kHz": lambda: sigconv.bandpass((0.5, 1), fs=20000, order=2),
    "drift": lambda: sigconv.highpass(0.1, fs=1000),
    "EEG": lambda: sigconv.bandpass((1, 40), fs=250),
    "narrow": lambda: sigconv.bandpass((40, 40.1), fs=250),
    "narrow at fs/4": lambda: sigconv.bandpass((62, 63), fs=250),
    "close to fs/2": lambda: sigconv.lowpass(124.9, fs=250),
    "narrow, close to fs/2": lambda: sigconv.bandpass((124, 124.5), fs=250),
    "wide": lambda: sigconv.bandpass((0.1, 124.9), fs=250, order=1),
    "order 8": lambda: sigconv.lowpass(80, fs=250, order=8),
    "elliptic": lambda: sigconv.bandpass((1, 40), fs=1000, order=6, family="elliptic"),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_error_of_the_causal_filter(name):
    tf = DESIGNS[name]()
    expected = sections_exactly(tf.sos, x)
    error = relative_error(tf.filter(x), expected)
    scipys = relative_error(signal.sosfilt(tf.sos, x), expected)
    assert error < 2e-14
    assert error <= 3 * scipys + 1e-15
    single = tf.filter(x.astype(np.float32))
    assert relative_error(single, sections_exactly(tf.sos, x.astype(np.float32))) < 6e-8


@pytest.mark.parametrize("name", ["0.01 Hz at 20 kHz", "EEG", "narrow"])
def test_error_of_the_response(name):
    tf = DESIGNS[name]()
    frequencies = np.geomspace(tf.fs * 1e-8, tf.fs / 2.001, 40)
    with np.errstate(all="ignore"):
        expected = [_response_exactly(tf.sos, frequency / tf.fs) for frequency in frequencies]
    np.testing.assert_allclose(tf.frequency_response(frequencies)[1], expected, rtol=1e-12)


def _response_exactly(sos, cycles):
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(50):
        # the angle as the filter rounds it, or the comparison is about that
        z = mpmath.expj(-mpmath.mpf(2 * np.pi * cycles))
        result = mpmath.mpc(1)
        for section in sos.tolist():
            b0, b1, b2, a0, a1, a2 = (mpmath.mpf(c) for c in section)
            result *= (b0 + b1 * z + b2 * z * z) / (a0 + a1 * z + a2 * z * z)
        return complex(result)


def test_decaying_tails_end_in_zero():
    for tf in (sigconv.lowpass(40, fs=250), sigconv.lowpass(40, fs=250, order=1)):
        impulse = np.zeros(20000)
        impulse[0] = 1
        tail = tf.filter(impulse)
        expected = signal.sosfilt(tf.sos, impulse)
        np.testing.assert_allclose(tail, expected, rtol=1e-9, atol=1e-280)
        assert not tail[-1000:].any()


def test_denormal_input_counts_as_zero():
    tf = sigconv.lowpass(40, fs=250)
    assert not tf.filter(np.full(100, 1e-310)).any()
    small = tf.filter(np.full(1000, 1e-200))
    assert small[-1] == pytest.approx(1e-200, rel=1e-12)
