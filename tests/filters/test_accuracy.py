"""Recursive filters against 60 decimal digits."""

import numpy as np
import pytest
from scipy import signal

import sigconv
from tests.filter_oracles import relative_error, response_exactly, sections_exactly

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


def frequencies(tf):
    """Return some across the band, and those of the poles."""
    spread = np.geomspace(tf.fs * 1e-8, tf.fs / 2.001, 40)
    hertz = np.concatenate([spread, np.abs(np.angle(tf.poles)) * tf.fs / (2 * np.pi)])
    return hertz[(hertz > 0) & (hertz < tf.fs / 2)]


@pytest.mark.parametrize("name", DESIGNS)
def test_error_of_the_response(name):
    tf = DESIGNS[name]()
    hertz = frequencies(tf)
    expected = response_exactly(tf, hertz)
    np.testing.assert_allclose(tf.frequency_response(hertz)[1], expected, rtol=1e-12)


@pytest.mark.parametrize("name", DESIGNS)
def test_error_of_the_group_delay(name):
    mpmath = pytest.importorskip("mpmath")
    tf = DESIGNS[name]()
    hertz = frequencies(tf)
    expected = []
    with mpmath.workdps(60):
        for frequency in hertz:
            z = mpmath.expj(-mpmath.mpf(float(2 * np.pi * frequency / tf.fs)))
            samples = mpmath.mpf(0)
            for section in tf.sos.tolist():
                for sign, c in ((1, section[:3]), (-1, section[3:])):
                    slope = c[1] * z + 2 * c[2] * z * z
                    samples += sign * (slope / (c[0] + c[1] * z + c[2] * z * z)).real
            expected.append(float(samples / tf.fs))
    delay = tf.group_delay(hertz)[1]
    assert relative_error(delay, np.array(expected)) < 1e-13


@pytest.mark.parametrize("name", DESIGNS)
def test_error_of_poles_and_settling_time(name):
    mpmath = pytest.importorskip("mpmath")
    tf = DESIGNS[name]()
    with mpmath.workdps(60):
        poles = []
        for section in tf.sos.tolist():
            a1, a2 = mpmath.mpf(section[4]), mpmath.mpf(section[5])
            root = mpmath.sqrt(a1 * a1 - 4 * a2)
            poles += [(-a1 + root) / 2, (-a1 - root) / 2]
        poles = [pole for pole in poles if pole]
        for own in tf.poles:
            assert min(abs(own - pole) for pole in poles) < 3e-16
        slowest = max(abs(pole) for pole in poles)
        expected = float(mpmath.log(mpmath.mpf("0.001")) / mpmath.log(slowest) / tf.fs)
    assert tf.settling_time() == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("name", [name for name in DESIGNS if "Hz at 20 kHz" in name])
def test_error_of_impulse_and_step_response(name):
    tf = DESIGNS[name]()
    n = 5000
    impulse, step = np.zeros(n), np.ones(n)
    impulse[0] = 1
    assert relative_error(tf.impulse_response(n), sections_exactly(tf.sos, impulse)) < 2e-14
    assert relative_error(tf.step_response(n), sections_exactly(tf.sos, step)) < 2e-14


def test_the_slowest_stable_filter_settles():
    """Its pole rounds to 1, but lies inside the circle."""
    a2 = np.nextafter(1, 0)
    tf = sigconv.TransferFunction.from_sos([[1, 0, 0, 1, -1.5, a2]], fs=1)
    assert tf.is_stable
    assert tf.settling_time() == pytest.approx(2 * np.log(1e-3) / np.log(a2), rel=1e-9)


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
