"""Causal filtering against SciPy, and the properties that hold to the last bit."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

import sigconv
from sigconv import TransferFunction
from sigconv.filters.design import FAMILIES
from tests.filter_oracles import relative_error

rng = np.random.default_rng(1)
IIR = sigconv.bandpass((1, 40), fs=250)
FIR = TransferFunction(rng.standard_normal(17), fs=250)
BOTH = pytest.mark.parametrize("tf", [IIR, FIR], ids=["iir", "fir"])
TOLERANCE = {"float16": 2e-3, "float32": 2e-7, "float64": 1e-12, "int16": 1e-12, "uint8": 1e-12}


def scipy_filter(tf, x, axis=-1):
    """Filter with SciPy in double precision."""
    wide = x.astype(np.result_type(x, np.float64))
    if tf.is_fir:
        return signal.lfilter(tf.b, 1, wide, axis)
    return signal.sosfilt(tf.sos, wide, axis)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("order", [1, 2, 5, 8])
@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_like_scipy(family, order, axis, dtype):
    tf = sigconv.lowpass(30, fs=250, order=order, family=family)
    x = (40 * rng.standard_normal((40, 30, 50))).astype(dtype)
    y = tf.filter(x, axis=axis)
    assert y.dtype == (np.float64 if np.dtype(dtype).kind in "iu" else dtype)
    assert y.shape == x.shape
    assert relative_error(y, scipy_filter(tf, x, axis)) < TOLERANCE[dtype]


@BOTH
@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_complex_signals(tf, dtype):
    x = (rng.standard_normal((3, 500)) + 1j * rng.standard_normal((3, 500))).astype(dtype)
    y = tf.filter(x)
    assert y.dtype == dtype
    assert relative_error(y, scipy_filter(tf, x)) < (2e-6 if dtype == np.complex64 else 1e-12)


@BOTH
def test_booleans_other_byte_orders_and_lists(tf):
    np.testing.assert_array_equal(tf.filter([True, False]), tf.filter([1, 0]))
    x = rng.standard_normal(100)
    y = tf.filter(x.astype(">f8"))
    assert y.dtype.isnative
    np.testing.assert_array_equal(y, tf.filter(x))


@pytest.mark.parametrize("order", [1, 4])
def test_the_state_of_rest_is_scipys(order):
    tf = sigconv.lowpass(10, fs=250, order=order)
    x = 5 + rng.standard_normal((3, 400))
    expected, _ = signal.sosfilt(
        tf.sos, x, zi=signal.sosfilt_zi(tf.sos)[:, np.newaxis] * x[np.newaxis, :, :1]
    )
    np.testing.assert_allclose(tf.filter(x, zi=tf.initial_state(x[:, 0])), expected, atol=1e-12)


@BOTH
def test_rest_stays_at_rest(tf):
    level = np.array([[3.0, -5.0], [1e6, 1j]])
    y = tf.filter(np.repeat(level[..., np.newaxis], 200, -1), zi=tf.initial_state(level))
    gain = tf.frequency_response([0.0])[1]
    np.testing.assert_allclose(
        y, np.broadcast_to((gain * level)[..., np.newaxis], y.shape), 1e-9, 1e-9
    )


@BOTH
@settings(deadline=None, max_examples=40)
@given(data=st.data(), axis=st.sampled_from([0, 1]), n=st.integers(1, 3000))
def test_cuts_do_not_matter(tf, data, axis, n):
    x = np.random.default_rng(n).standard_normal((n, 2) if axis == 0 else (2, n))
    x = x.astype(data.draw(st.sampled_from([np.float32, np.float64, np.complex128])))
    cuts = sorted(data.draw(st.lists(st.integers(1, n), max_size=4)))
    state, pieces = None, []
    for piece in np.split(x, cuts, axis):
        if piece.size:
            y, state = tf.filter_with_state(piece, state, axis=axis)
            pieces.append(y)
    whole, final = tf.filter_with_state(x, axis=axis)
    np.testing.assert_array_equal(np.concatenate(pieces, axis), whole)
    np.testing.assert_array_equal(state, final)


@BOTH
def test_memory_order_and_workers_do_not_matter(tf):
    x = rng.standard_normal((7, 5, 300))
    expected = tf.filter(x, workers=1)
    np.testing.assert_array_equal(tf.filter(x, workers=3), expected)
    np.testing.assert_array_equal(tf.filter(np.asfortranarray(x)), expected)
    np.testing.assert_array_equal(tf.filter(x[::-1, :, ::-1])[::-1], tf.filter(x[..., ::-1].copy()))
    np.testing.assert_array_equal(
        np.moveaxis(tf.filter(np.moveaxis(x, -1, 0), axis=0), 0, -1), expected
    )
    np.testing.assert_array_equal(tf.filter(x[3, 2]), expected[3, 2])
    x.setflags(write=False)
    np.testing.assert_array_equal(tf.filter(x), expected)


@BOTH
@settings(deadline=None, max_examples=30)
@given(scale=st.floats(-1e3, 1e3), delay=st.integers(0, 50), seed=st.integers(0, 999))
def test_linear_and_time_invariant(tf, scale, delay, seed):
    one, two = np.random.default_rng(seed).standard_normal((2, 200))
    together = tf.filter(one + scale * two)
    np.testing.assert_allclose(
        together, tf.filter(one) + scale * tf.filter(two), rtol=0, atol=1e-12 * (1 + abs(scale))
    )
    late = tf.filter(np.concatenate([np.zeros(delay), one]))
    np.testing.assert_allclose(late[delay:], tf.filter(one), rtol=0, atol=1e-13)
    assert not late[:delay].any()


@BOTH
def test_out(tf):
    x = rng.standard_normal((4, 300))
    expected = tf.filter(x)
    out = np.full((4, 300), np.nan)
    assert tf.filter(x, out=out) is out
    np.testing.assert_array_equal(out, expected)
    strided = np.empty((300, 8))[:, ::2].T
    np.testing.assert_array_equal(tf.filter(x, out=strided), expected)
    np.testing.assert_array_equal(tf.filter(x, out=x), expected)
    np.testing.assert_array_equal(x, expected)


def test_nan_and_infinity():
    x = rng.standard_normal(300)
    for value in (np.nan, np.inf):
        x[100] = value
        y = IIR.filter(x)
        assert np.isfinite(y[:100]).all()
        assert not np.isfinite(y[100:]).any()
        y = FIR.filter(x)
        np.testing.assert_array_equal(np.flatnonzero(~np.isfinite(y)), np.arange(100, 117))


def test_one_sample_and_one_tap():
    assert IIR.filter([2.0]).shape == (1,)
    gain = TransferFunction(2.0, fs=1)
    y, state = gain.filter_with_state(np.ones((3, 4)))
    np.testing.assert_array_equal(y, np.full((3, 4), 2.0))
    assert state.shape == (3, 0)
    np.testing.assert_array_equal(gain.filter([1.0, 2.0], zi=np.zeros(0)), [2.0, 4.0])


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: IIR.filter([]), ValueError, "x must not be empty"),
        (lambda: IIR.filter(3.0), ValueError, "x must have at least one dimension"),
        (lambda: IIR.filter(["a"]), TypeError, "x must hold numbers"),
        (
            lambda: IIR.filter(np.ones(9, np.longdouble)),
            TypeError,
            "x must be of integers, float16",
        ),
        (lambda: IIR.filter(np.ones((2, 9)), axis=2), ValueError, "axis must be an axis"),
        (lambda: IIR.filter(np.ones((2, 9)), axis=1.0), TypeError, "axis must be a whole number"),
        (
            lambda: IIR.filter(np.ones(9), zi=np.zeros(8)),
            ValueError,
            r"zi must have shape \(4, 2\)",
        ),
        (
            lambda: IIR.filter(np.ones((3, 9)), axis=0, zi=np.zeros((3, 4, 2))),
            ValueError,
            r"zi must have shape \(9, 4, 2\); got \(3, 4, 2\)",
        ),
        (
            lambda: FIR.filter(np.ones(9), zi=np.zeros(17)),
            ValueError,
            r"zi must have shape \(16,\)",
        ),
        (
            lambda: FIR.filter(np.ones(9), zi=1j * np.ones(16)),
            TypeError,
            "zi must hold numbers that",
        ),
        (lambda: IIR.filter(np.ones(9), workers=0), ValueError, "workers must be a whole number"),
        (lambda: IIR.filter(np.ones(9), out=np.ones(8)), ValueError, r"out must have shape \(9,\)"),
        (
            lambda: IIR.filter(np.ones(9), out=np.ones(9, int)),
            TypeError,
            "out must be able to hold float64",
        ),
        (lambda: IIR.initial_state("high"), TypeError, "level must hold numbers"),
    ],
)
def test_sentences(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()


def test_no_rest_with_a_pole_at_one():
    with pytest.warns(UserWarning, match="unstable"):
        integrator = TransferFunction([1], [1, -1], fs=1)
    np.testing.assert_array_equal(integrator.filter([1, 2, 3]), [1, 3, 6])
    with pytest.raises(ValueError, match="no pole at z = 1"):
        integrator.initial_state()
    with pytest.raises(ValueError, match="no pole at z = 1"):
        integrator.filtfilt(np.ones(50))


@pytest.mark.parametrize("run", ["filter", "filtfilt", "zero_phase"])
def test_a_transient_longer_than_the_data_warns(run):
    tf = sigconv.highpass(0.1, fs=250)
    sentence = r"the filter's transient of 28\.7 s is longer than the signal of 20 s"
    with pytest.warns(UserWarning, match=sentence):
        getattr(tf, run)(np.zeros((2, 5000)))
    with pytest.warns(UserWarning, match=sentence):
        getattr(tf, run)(np.zeros((5000, 2)), axis=0)
    with pytest.warns(UserWarning, match=sentence):
        getattr(tf, run)(sigconv.Recording(np.zeros((2, 5000)), fs=250))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        getattr(tf, run)(np.zeros(7500))


def test_what_goes_on_does_not_warn():
    """A piece is no signal, nor is the impulse that asks for a response."""
    tf = sigconv.highpass(0.1, fs=250)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tf.filter(np.zeros(10), zi=tf.initial_state(0.0))
        tf.filter_with_state(np.zeros(10))
        tf.stream(1).push(np.zeros((1, 10)))
        tf.impulse_response(10)
        tf.step_response(10)


def test_a_short_signal_and_a_long_kernel():
    with pytest.warns(UserWarning, match=r"transient of 3\.3 s is longer than the signal of 2 s"):
        sigconv.fir((1, 40), fs=250).zero_phase(np.zeros(500))
