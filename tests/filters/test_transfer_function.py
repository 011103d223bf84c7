"""What a TransferFunction is and says of itself."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

import sigconv
from sigconv import TransferFunction
from tests.filter_oracles import difference_equation, relative_error

FILTERS = {
    "first order": TransferFunction([0.1], [1, -0.9], fs=100),
    "delay": TransferFunction([0, 0, 0.5], [1, -0.9], fs=100),
    "more b than a": TransferFunction([1, 2, 3, 4], [2, -1], fs=100),
    "b ends in zeros": TransferFunction([0, 1, 0, 0], [1, 0.5, 0.25], fs=100),
    "repeated pole": TransferFunction([1], np.poly([0.5, 0.5, 0.5]), fs=100),
    "fir": TransferFunction([1, -2, 3, 0], fs=100),
    "delayed fir": TransferFunction([0, 0, 1], fs=100),
    "gain": TransferFunction(3, fs=100),
    "nothing": TransferFunction([0, 0], [1, 0.5], fs=100),
    "band": sigconv.bandpass((10, 20), fs=100, order=3),
    "odd order": sigconv.lowpass(10, fs=100, order=5),
}
x = np.random.default_rng(0).standard_normal(200)


@pytest.mark.parametrize("name", FILTERS)
def test_b_and_a_are_the_difference_equation(name):
    tf = FILTERS[name]
    expected = difference_equation(tf.b, tf.a, x)
    np.testing.assert_allclose(tf.filter(x), expected, rtol=0, atol=1e-11)
    assert len(tf.b) <= tf.order + 1
    assert max(len(tf.b), len(tf.a)) == tf.order + 1


@pytest.mark.parametrize("name", FILTERS)
def test_b_and_a_come_back(name):
    tf = FILTERS[name]
    again = TransferFunction(tf.b, tf.a, fs=100)
    np.testing.assert_allclose(again.filter(x), tf.filter(x), rtol=0, atol=1e-11)


@pytest.mark.parametrize("name", FILTERS)
def test_sections_come_back(name):
    tf = FILTERS[name]
    again = TransferFunction.from_sos(tf.sos, fs=100)
    assert again.is_fir == tf.is_fir
    np.testing.assert_allclose(again.filter(x), tf.filter(x), rtol=0, atol=1e-13)


@pytest.mark.parametrize("name", [name for name in FILTERS if name != "nothing"])
def test_zeros_poles_and_gain_are_the_response(name):
    tf = FILTERS[name]
    frequencies, response = tf.frequency_response(50)
    z = np.exp(2j * np.pi * frequencies / 100)
    expected = tf.gain * np.prod(z[:, None] - tf.zeros, -1) / np.prod(z[:, None] - tf.poles, -1)
    np.testing.assert_allclose(response, expected, rtol=0, atol=1e-12 * np.abs(expected).max())
    assert len(tf.poles) == tf.order


def test_from_zpk():
    z, p, k = signal.ellip(5, 1, 40, [0.2, 0.4], "bandpass", output="zpk")
    tf = TransferFunction.from_zpk(z, p, k, fs=2)
    got, expected = tf.frequency_response(100)[1], signal.freqz_zpk(z, p, k, 100)[1]
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-13)
    np.testing.assert_allclose(np.sort_complex(tf.poles), np.sort_complex(p), atol=1e-13)
    assert TransferFunction.from_zpk([], [], 2.0, fs=1) == TransferFunction(2, fs=1)


def test_response_of_a_very_low_cutoff():
    # SciPy's own evaluation of these sections is off by 1e-5 here; its zpk form is not.
    z, p, k = signal.butter(4, 0.01, "highpass", fs=20000, output="zpk")
    tf = TransferFunction.from_sos(signal.zpk2sos(z, p, k), fs=20000)
    frequencies = np.geomspace(1e-3, 1e4 - 1, 50)
    got = tf.frequency_response(frequencies)[1]
    # The coefficients of a section are rounded: 1e-16 of 2 against (2 pi 5e-7)² of what counts.
    _, expected = signal.freqz_zpk(z, p, k, frequencies, fs=20000)
    np.testing.assert_allclose(got, expected, rtol=3e-5)


def test_response_is_the_transform_of_the_impulse_response():
    for tf in (FILTERS["band"], FILTERS["fir"], FILTERS["delay"]):
        n = 4096
        transform = np.fft.rfft(tf.impulse_response(n))[:-1]
        np.testing.assert_allclose(tf.frequency_response(n // 2)[1], transform, atol=1e-12)


def test_response_takes_any_shape_of_frequencies():
    frequencies, response = FILTERS["band"].frequency_response([[1.0, 15.0], [30.0, 50.0]])
    assert frequencies.shape == response.shape == (2, 2)
    assert abs(response[0, 1]) > 0.9
    assert abs(response[1, 1]) < 1e-9


def test_settling_time():
    assert FILTERS["first order"].settling_time() == pytest.approx(np.log(1e-3) / np.log(0.9) / 100)
    assert FILTERS["fir"].settling_time() == 0.03
    assert FILTERS["gain"].settling_time() == 0
    tf = sigconv.lowpass(5, fs=100, order=2)
    response = tf.impulse_response(2000)
    after = round(tf.settling_time(1e-6) * 100)
    assert np.abs(response[after:]).max() < 1e-5 * np.abs(response).max()
    with pytest.warns(UserWarning, match="unstable"):
        assert TransferFunction([1], [1, -1], fs=100).settling_time() == np.inf


def test_impulse_response_lasts_as_long_as_the_filter_settles():
    assert len(FILTERS["fir"].impulse_response()) == 4
    np.testing.assert_array_equal(FILTERS["fir"].impulse_response(), [1, -2, 3, 0])
    assert len(FILTERS["first order"].impulse_response()) == 67


def test_series():
    for first in FILTERS.values():
        for second in (FILTERS["fir"], FILTERS["band"]):
            both = first * second
            expected = second.filter(first.filter(x))
            np.testing.assert_allclose(both.filter(x), expected, rtol=0, atol=1e-11)
    with pytest.raises(
        ValueError, match=r"fs must be the same in both filters; got 100\.0 and 50\.0"
    ):
        FILTERS["fir"] * TransferFunction(1, fs=50)
    with pytest.raises(ValueError, match="kernel must be short to be written as second-order"):
        FILTERS["band"] * sigconv.fir((1, 40), fs=100)


def test_equality_and_hash():
    one, same = sigconv.lowpass(10, fs=100), sigconv.lowpass(10, fs=100)
    assert one == same
    assert hash(one) == hash(same)
    assert one != sigconv.lowpass(10, fs=100.5)
    assert one != sigconv.lowpass(11, fs=100)
    assert one != sigconv.lowpass(10, fs=100, order=5)
    assert TransferFunction([1, 0.0], fs=1) == TransferFunction([1, -0.0], fs=1)
    assert TransferFunction([2, 4], 2, fs=1) == TransferFunction([1, 2], [1, 0], fs=1)
    assert one != "a filter"


def test_it_cannot_be_changed():
    tf = sigconv.lowpass(10, fs=100)
    with pytest.raises(AttributeError):
        tf.fs = 50
    with pytest.raises(AttributeError):
        tf.name = "mine"
    tf.sos[0, 0] = tf.b[0] = tf.a[0] = 7
    assert tf == sigconv.lowpass(10, fs=100)
    given_kernel = np.ones(3)
    kept = TransferFunction(given_kernel, fs=1)
    given_kernel[0] = 7
    assert kept == TransferFunction([1, 1, 1], fs=1)
    assert pickle.loads(pickle.dumps(tf)) == tf


def test_text():
    assert str(FILTERS["first order"]) == "y[n] = 0.1 x[n] + 0.9 y[n-1]"
    assert str(FILTERS["fir"]) == "y[n] = x[n] - 2 x[n-1] + 3 x[n-2]"
    assert str(TransferFunction([-1, 1], fs=1)) == "y[n] = -x[n] + x[n-1]"
    assert str(FILTERS["nothing"]) == "y[n] = 0"
    assert str(TransferFunction(np.ones(99), fs=1)).endswith("+ x[n-5] + ... + x[n-98]")
    lines = str(FILTERS["band"]).splitlines()
    assert [line[: line.index("[")] for line in lines] == ["v1", "v2", "y"]
    assert repr(FILTERS["band"]) == "<TransferFunction: IIR of order 6, 3 sections, fs 100 Hz>"
    assert repr(FILTERS["fir"]) == "<TransferFunction: FIR of 4 taps, fs 100 Hz>"


def test_unstable_filters_warn_with_their_poles():
    with pytest.warns(UserWarning, match=r"unstable: its poles 1.1\+0j do not lie inside"):
        tf = TransferFunction([1], [1, -1.1], fs=1)
    assert not tf.is_stable
    with pytest.warns(UserWarning, match=r"poles 0\+2j, 0-2j"):
        TransferFunction.from_zpk([], [2j, -2j], 1, fs=1)
    with pytest.warns(UserWarning, match=r"poles 1\+0j, 1\+0j"):
        TransferFunction.from_sos([[1, 0, 0, 1, -2, 1]], fs=1)
    with pytest.warns(UserWarning, match=r"poles 0\.5\+0\.866025j"):
        TransferFunction.from_sos([[1, 0, 0, 1, -1, 1]], fs=1)
    with pytest.warns(UserWarning, match="unstable"), pytest.raises(ValueError, match="n must be"):
        TransferFunction([1], [1, -1.1], fs=1).impulse_response()


def test_unsound_polynomials_warn():
    b, a = signal.butter(6, 1, fs=250)
    with pytest.warns(UserWarning, match="b and a of order 6 are numerically unsound: their"):
        TransferFunction(b, a, fs=250)
    for order, cutoff in ((2, 1), (4, 1), (8, 40)):  # these are sound: no warning, right numbers
        b, a = signal.butter(order, cutoff, fs=250)
        tf = TransferFunction(b, a, fs=250)
        expected = sigconv.lowpass(cutoff, fs=250, order=order).filter(x)
        assert relative_error(tf.filter(x), expected) < 1e-6


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: TransferFunction([], fs=1), ValueError, "b must have 1 dimension.*got"),
        (lambda: TransferFunction([[1, 2]], fs=1), ValueError, "b must have 1 dimension"),
        (lambda: TransferFunction([1, np.nan], fs=1), ValueError, "b must hold finite numbers"),
        (lambda: TransferFunction([1j], fs=1), TypeError, "b must hold real numbers"),
        (lambda: TransferFunction(["a"], fs=1), TypeError, "b must hold real numbers"),
        (lambda: TransferFunction([1], [0, 1], fs=1), ValueError, "a must start with a coeff"),
        (lambda: TransferFunction([1], fs=-1), ValueError, "fs must be a finite number above 0"),
        (lambda: TransferFunction([1], fs="fast"), TypeError, "fs must be a finite number above 0"),
        (lambda: TransferFunction.from_sos([1, 2], fs=1), ValueError, "sos must have 2 dimension"),
        (lambda: TransferFunction.from_sos([[1, 2]], fs=1), ValueError, r"shape \(n_sections, 6\)"),
        (lambda: TransferFunction.from_sos(np.zeros((1, 6)), fs=1), ValueError, "no a0 of 0"),
        (lambda: TransferFunction.from_zpk([1j], [], 1, fs=1), ValueError, "conjugate pairs"),
        (
            lambda: TransferFunction.from_zpk([np.inf], [], 1, fs=1),
            ValueError,
            "z must hold finite",
        ),
        (lambda: TransferFunction.from_zpk([], ["p"], 1, fs=1), TypeError, "p must be a 1D array"),
        (lambda: TransferFunction.from_zpk([], [], None, fs=1), TypeError, "k must be a finite"),
        (lambda: FILTERS["fir"].frequency_response(0), ValueError, "frequencies must be a whole"),
        (lambda: FILTERS["fir"].frequency_response([np.nan]), ValueError, "must be finite; got"),
        (lambda: FILTERS["fir"].impulse_response(0), ValueError, "n must be a whole number"),
        (lambda: FILTERS["fir"].settling_time(2), ValueError, "tolerance must be a finite number"),
    ],
)
def test_sentences(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.floats(-3, 3).map(lambda value: round(value, 3)), min_size=1, max_size=5),
    st.lists(st.tuples(st.floats(0, 0.9), st.floats(0, np.pi)), min_size=0, max_size=3),
    st.integers(0, 3),
)
def test_any_stable_polynomials(b, pole_pairs, delay):
    poles = np.array([r * np.exp(1j * angle) for r, angle in pole_pairs])
    a = np.poly(np.concatenate([poles, poles.conj()])).real
    b = np.concatenate([np.zeros(delay), b])
    tf = TransferFunction(b, a, fs=1)
    expected = difference_equation(b, np.atleast_1d(a), x[:50])
    scale = max(np.abs(expected).max(), np.abs(b).max())
    np.testing.assert_allclose(tf.filter(x[:50]), expected, rtol=0, atol=1e-7 * scale + 1e-280)
