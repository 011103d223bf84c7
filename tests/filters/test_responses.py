"""Responses and plain data against SciPy and the definitions."""

import json

import numpy as np
import pytest
from scipy import signal

import sigconv
from sigconv import TransferFunction

FILTERS = [
    sigconv.bandpass((1, 40), fs=250),
    sigconv.lowpass(30, fs=250, family="elliptic"),
    sigconv.notch(50, fs=250),
    sigconv.fir((8, 40), fs=250, taps=51),
    TransferFunction([1.0, 0.5, 0.25], fs=250),
]


@pytest.mark.parametrize("tf", FILTERS, ids=repr)
def test_group_delay_is_scipys(tf):
    hertz = np.array([3.0, 9.7, 20.0, 33.0, 61.0])
    frequencies, delay = tf.group_delay(hertz)
    # section by section: of all in one, rounding b and a shows at the bandpass' low edge
    parts = [(tf.b, tf.a)] if tf.is_fir else [(row[:3], row[3:]) for row in tf.sos]
    expected = sum(signal.group_delay(part, w=hertz, fs=250)[1] for part in parts)
    np.testing.assert_array_equal(frequencies, hertz)
    np.testing.assert_allclose(delay * 250, expected, rtol=1e-9)


@pytest.mark.parametrize("tf", FILTERS, ids=repr)
def test_group_delay_is_the_slope_of_the_phase(tf):
    hertz = np.array([5.0, 12.0, 28.0])
    step = 1e-4
    _, ahead = tf.frequency_response(hertz + step)
    _, behind = tf.frequency_response(hertz - step)
    slope = -np.angle(ahead / behind) / (2 * np.pi * 2 * step)
    np.testing.assert_allclose(tf.group_delay(hertz)[1], slope, rtol=1e-5)


def test_nothing_that_passes_has_no_delay():
    """Two equal taps let nothing pass at half the rate; a comb of zeros likewise."""
    _, delay = TransferFunction([1.0, 0.0, 1.0], fs=4).group_delay([0.5, 1.0])
    assert delay[0] == pytest.approx(0.25)
    assert np.isnan(delay[1])


@pytest.mark.parametrize("tf", FILTERS, ids=repr)
def test_the_step_response_sums_up_the_impulse_response(tf):
    np.testing.assert_allclose(
        tf.step_response(400), np.cumsum(tf.impulse_response(400)), atol=1e-10
    )
    assert len(tf.step_response()) == len(tf.impulse_response())


@pytest.mark.parametrize("tf", FILTERS, ids=repr)
def test_plain_data_and_back(tf):
    again = TransferFunction.from_dict(json.loads(json.dumps(tf.to_dict())))
    assert again == tf
    assert repr(again) == repr(tf)


def test_plain_data_of_something_else():
    with pytest.raises(ValueError, match="plain must hold 'fs' and either 'b' or 'sos'"):
        TransferFunction.from_dict({"fs": 250, "zpk": []})
