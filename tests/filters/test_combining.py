"""Filters added, subtracted, scaled and fed back, against 60 digits and the outputs themselves."""

import itertools
import json
import operator
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sigconv
from sigconv import TransferFunction
from sigconv.filters import exact
from tests.filter_oracles import difference_equation, response_exactly

RNG = np.random.default_rng(0)
x = RNG.standard_normal(400)

PARTS = {
    "low": sigconv.lowpass(40, fs=250),
    "low, order 8": sigconv.lowpass(30, fs=250, order=8),
    "high": sigconv.highpass(0.5, fs=250, order=3),
    "band": sigconv.bandpass((8, 13), fs=250),
    "elliptic": sigconv.bandpass((1, 40), fs=250, order=3, family="elliptic"),
    "narrow": sigconv.bandpass((40, 40.1), fs=250, order=2),
    "very low": sigconv.lowpass(0.05, fs=250, order=2),
    "notch": sigconv.notch(50, fs=250),
    "delay": TransferFunction([0, 0, 0.5], [1, -0.9], fs=250),
    "repeated pole": TransferFunction([1], np.poly([0.5, 0.5, 0.5]), fs=250),
    "fir": TransferFunction([1, -2, 3, 0, 1], fs=250),
    "late fir": TransferFunction([0, 0, 1], fs=250),
    "gain": TransferFunction(-3, fs=250),
}
PAIRS = list(itertools.combinations(PARTS, 2))
FREQUENCIES = np.concatenate([np.geomspace(1e-4, 124.9, 30), [0.05, 40.05, 50.01]])


def exactly(tf):
    return response_exactly(tf, FREQUENCIES)


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_sum_and_difference(first, second):
    for combine, name in ((operator.add, "sum"), (operator.sub, "difference")):
        one, other = PARTS[first], PARTS[second]
        parts = exactly(one), exactly(other)
        both = combine(one, other)
        scale = np.maximum(*np.abs(parts))
        scale = np.maximum(scale, 1e-6 * scale.max())
        off = np.abs(exactly(both) - combine(*parts)) / scale
        assert off.max() < 2e-7, name
        outputs = combine(one.filter(x), other.filter(x))
        np.testing.assert_allclose(both.filter(x), outputs, atol=1e-9 * np.abs(outputs).max())
        assert TransferFunction.from_dict(json.loads(json.dumps(both.to_dict()))) == both
        assert hash(combine(one, other)) == hash(both)


@pytest.mark.parametrize("order", [1, 2, 4, 6, 8])
@pytest.mark.parametrize("cutoff", [0.2, 1, 40])
def test_what_a_filter_leaves_out(order, cutoff):
    tf = sigconv.lowpass(cutoff, fs=250, order=order)
    rest = 1 - tf
    assert rest.order == order
    off = np.abs(exactly(rest) - (1 - exactly(tf)))
    assert off.max() < 1e-7
    np.testing.assert_allclose((rest + tf).filter(x), x, atol=1e-7)


def test_series_keeps_equality_and_plain_data():
    for first, second in PAIRS:
        both = PARTS[first] * PARTS[second]
        assert both == PARTS[first] * PARTS[second]
        assert TransferFunction.from_dict(json.loads(json.dumps(both.to_dict()))) == both
        expected = exactly(PARTS[first]) * exactly(PARTS[second])
        np.testing.assert_allclose(exactly(both), expected, atol=1e-12 * np.abs(expected).max())


@pytest.mark.parametrize("name", PARTS)
def test_numbers(name):
    tf = PARTS[name]
    y = tf.filter(x)
    close = {"rtol": 0, "atol": 1e-9 * np.abs(y).max()}
    for scaled in (2 * tf, tf * 2, np.float64(2) * tf, np.int64(2) * tf):
        np.testing.assert_allclose(scaled.filter(x), 2 * y, **close)
    np.testing.assert_allclose((tf / 4).filter(x), y / 4, **close)
    np.testing.assert_allclose((-tf).filter(x), -y, **close)
    np.testing.assert_allclose((tf + 1).filter(x), y + x, **close)
    np.testing.assert_allclose((tf - 0.5).filter(x), y - 0.5 * x, **close)
    np.testing.assert_allclose((0.5 - tf).filter(x), 0.5 * x - y, **close)
    assert (-tf) * -1 == tf
    assert tf - tf == TransferFunction(0, fs=250)
    assert 0 * tf == TransferFunction(0, fs=250)
    assert sum([tf, tf]) == tf + tf
    assert (tf + tf).order == tf.order  # equal sections are not doubled


@pytest.mark.parametrize(
    ("first", "second"),
    [pair for pair in PAIRS if "repeated pole" not in pair and "gain" not in pair],
)
def test_feedback(first, second):
    forward, back = PARTS[first], 0.05 * PARTS[second]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some loops are unstable, which is no matter here
        loop = forward.feedback(back)
    h, g = exactly(forward), exactly(back)
    expected = h / (1 + h * g)
    near_zero = 1e-8 * np.abs(expected).max()
    np.testing.assert_allclose(exactly(loop), expected, rtol=1e-6, atol=near_zero)
    if loop.is_stable:
        y = loop.filter(x)
        again = forward.filter(x - back.filter(y))  # what goes in, less what comes back
        np.testing.assert_allclose(again, y, atol=1e-7 * np.abs(y).max())


def test_feedback_of_the_lecture():
    delay = TransferFunction([0, 1], fs=100)
    assert str(delay.feedback(0.5)) == "y[n] = x[n-1] - 0.5 y[n-1]"
    assert str(delay.feedback(-0.5)) == "y[n] = x[n-1] + 0.5 y[n-1]"
    assert str(TransferFunction(4, fs=100).feedback()) == "y[n] = 0.8 x[n]"
    assert TransferFunction(0, fs=100).feedback(delay) == TransferFunction(0, fs=100)
    with pytest.warns(UserWarning, match="the filter is unstable"):
        delay.feedback(-1.5)


def test_refusals():
    tf = PARTS["low"]
    with pytest.raises(ValueError, match=r"fs must be the same in both filters; got 250\.0 and"):
        tf + TransferFunction(1, fs=50)
    with pytest.raises(ValueError, match="fs must be the same in both filters"):
        tf.feedback(TransferFunction(1, fs=50))
    with pytest.raises(TypeError, match="other must be a TransferFunction or a number; got 'a'"):
        tf.feedback("a")
    with pytest.raises(ValueError, match="depends on itself without delay"):
        TransferFunction(1, fs=1).feedback(-1)
    with pytest.raises(ValueError, match="at most 40 zeros together; got 828"):
        tf + sigconv.fir((1, 40), fs=250)
    for refused in (
        lambda: tf + "a",
        lambda: tf * [1, 2],
        lambda: tf / tf,
        lambda: np.ones(2) * tf,
    ):
        with pytest.raises(TypeError):
            refused()
    with pytest.raises(ValueError, match="other must be a finite number; got nan"):
        tf * float("nan")


def test_what_no_sections_can_hold_warns():
    tf = sigconv.lowpass(0.01, fs=20000, order=2)
    with pytest.warns(UserWarning, match="the combined filter is numerically unsound: rounding"):
        1 - tf


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from([0.5, -0.25, 1.0, 0.9]), st.integers(1, 3)), max_size=3),
    st.lists(st.tuples(st.floats(0.1, 1.1), st.floats(0.01, 3.1)), max_size=3),
    st.integers(0, 2),
)
def test_factors_give_the_polynomial_back(singles, pairs, delay):
    """Also of repeated roots, which exact arithmetic tells from close ones."""
    parts = [(1.0, -root, 0.0) for root, times in singles for _ in range(times)]
    parts += [(1.0, -2 * r * np.cos(angle), r * r) for r, angle in pairs]
    p = exact.multiplied(exact.product(parts), [exact.Fraction(0)] * delay + [exact.Fraction(3)])
    gain, late, factors = exact.factored(p)
    assert (gain, late) == (3.0, delay)
    again = exact.product([[gain], *factors])
    expected = [float(value) for value in p[delay:]]
    scale = np.prod([1 + abs(u) + abs(v) for _, u, v in parts])
    np.testing.assert_allclose([float(v) for v in again], expected, atol=1e-14 * 3 * scale)


EQUATIONS = {
    "y[n] = 0.1 x[n] + 0.9 y[n-1]": ([0.1], [1, -0.9]),
    "y[n] - 0.9 y[n-1] = 0.1 x[n]": ([0.1], [1, -0.9]),
    "0.1x[n]=y[n]-.9*y[n-1]": ([0.1], [1, -0.9]),
    "Y[n] = -X[n-2] + 1e-3 x[n-2] - y[n-3]": ([0, 0, -0.999], [1, 0, 0, 1]),
    "2 y[n] = x[n] + x[n-1]": ([0.5, 0.5], [1]),
    "y[n] = 0": ([0.0], [1]),
    "x[n] - y[n] = 0": ([1.0], [1]),
}


@pytest.mark.parametrize("text", EQUATIONS)
def test_from_an_equation(text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tf = TransferFunction.from_equation(text, fs=100)
    b, a = EQUATIONS[text]
    np.testing.assert_allclose(tf.filter(x[:30]), difference_equation(b, a, x[:30]), atol=1e-12)


@pytest.mark.parametrize("name", ["low", "delay", "fir", "gain", "late fir"])
def test_what_is_printed_can_be_read(name):
    tf = sigconv.lowpass(40, fs=250, order=2) if name == "low" else PARTS[name]
    again = TransferFunction.from_equation(str(tf), fs=250)
    np.testing.assert_allclose(again.filter(x), tf.filter(x), atol=1e-4)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "y[n]",
        "y[n] = ",
        "x[n] = 2 x[n-1]",
        "y[n] = x[n+1]",
        "y[n] = x[n] y[n-1]",
        "y[n] = z[n]",
        "y[n] = x[n] = y[n-1]",
        "y[n-1] = x[n]",
        "y[n] = x[n] + ... + x[n-9]",
        7,
    ],
)
def test_no_equation(text):
    with pytest.raises(ValueError, match=r"text must be a difference equation with y\[n\]"):
        TransferFunction.from_equation(text, fs=100)
