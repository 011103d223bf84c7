"""Plain problems take a shorter way than all others: to the same bits and the same errors."""

import numpy as np
import pytest

from sigconv import convolve, correlate
from sigconv.convolution.ready import ready

from .cases import random

RNG = np.random.default_rng(8)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("function", [convolve, correlate])
@pytest.mark.parametrize("n_taps", [1, 2, 7, 20, 40, 300])
@pytest.mark.parametrize("form", [{"mode": "same", "boundary": "reflect"}, {"mode": "valid"}, {}])
def test_both_ways_give_the_same_bits(dtype, function, n_taps, form):
    x, h = random(RNG, 700, dtype), random(RNG, n_taps, dtype)
    short = function(x, h, **form)
    long = function(x.tolist(), h, **form) if dtype == "float64" else None
    into = function(x, h, **form, out=np.empty_like(short))
    assert short.dtype == dtype
    np.testing.assert_array_equal(short, into)
    if long is not None:
        np.testing.assert_array_equal(short, long)


def test_the_short_way_is_taken_and_left():
    def known(x, h, *words, name="auto", workers=2):
        words = words or (None, "same", "zero", 0.0, 1, 1, "propagate")
        return ready(x.shape, x.dtype, h.shape, h.dtype, False, name, workers, *words)

    x, h = np.ones(50), np.ones(4)
    assert known(x, h).at_once is not None
    assert known(x.reshape(5, 10), h).at_once is None  # one compiled function for one shape
    assert known(np.ones(1_000_000), h).at_once is None  # another thread is worth it
    assert known(np.ones(1_000_000), h, workers=1).at_once is not None
    assert known(x, h, name="fft").at_once is None
    assert known(x, h, name="no such method") is None
    assert known(x, h.astype("float32")) is None
    assert known(x.astype(">f8"), h) is None
    assert known(x, h, None, "same", "zero", 0.0, 1, 1, "omit") is None


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_equal_taps_are_told_from_others(dtype):
    x = random(RNG, 20_000, dtype)
    box = np.ones(64, dtype)
    names = None, "same", "zero", 0.0, 1, 1, "propagate"
    known = ready(x.shape, x.dtype, box.shape, box.dtype, False, "auto", 1, *names)
    assert known.at_once is not None
    assert known.unless_equal
    for place in (None, 0, 32, 63):
        h = box.copy()
        if place is not None:
            h[place] = 2
        method = "running_sum" if place is None else "direct"
        expected = convolve(x, h, mode="same", method=method)
        np.testing.assert_array_equal(convolve(x, h, mode="same", workers=1), expected)


@pytest.mark.parametrize("n_taps", [5, 20, 700])
def test_into_an_array(n_taps):
    x, h = random(RNG, 1000, "float64"), random(RNG, n_taps, "float64")
    expected = convolve(x, h, mode="same")
    for out in (
        np.empty(1000),
        np.empty(2000)[::2],
        np.empty((1000, 1))[:, 0],
        np.empty(1000, complex),
    ):
        assert convolve(x, h, mode="same", out=out) is out
        np.testing.assert_array_equal(out, expected)
    with pytest.raises(ValueError, match=r"out must have shape \(1000,\); got \(999,\)"):
        convolve(x, h, mode="same", out=np.empty(999))
    with pytest.raises(TypeError, match="out must be able to hold float64; got int64"):
        convolve(x, h, mode="same", out=np.empty(1000, int))


def test_into_the_signal_or_the_kernel_itself():
    memory = random(RNG, 1500, "float64")
    x, h = memory[:1000].copy(), memory[990:1000].copy()
    expected = convolve(x, h, mode="same")
    for out in (memory[:1000], memory[100:1100], memory[500:]):
        memory[:1000] = x
        convolve(memory[:1000], h, mode="same", out=out)
        np.testing.assert_array_equal(out, expected)
        memory[:1000] = x
        convolve(x, memory[990:1000], mode="same", out=out)
        np.testing.assert_array_equal(out, expected)


def test_nan_goes_the_long_way_into_an_array():
    x, h, out = random(RNG, 300, float), random(RNG, 5, float), np.zeros(300)
    x[100] = np.nan
    assert convolve(x, h, mode="same", out=out) is out
    np.testing.assert_array_equal(out, convolve(x, h, mode="same"))


def test_nan_in_the_signal_goes_the_long_way():
    x, h = random(RNG, 300, float), random(RNG, 5, float)
    x[100] = np.nan
    y = convolve(x, h, mode="same")
    assert np.flatnonzero(np.isnan(y)).tolist() == [98, 99, 100, 101, 102]
    expected = convolve(x, h, mode="same", nan_policy="omit")
    np.testing.assert_array_equal(y[:98], expected[:98])


@pytest.mark.parametrize(
    ("h", "words", "match"),
    [
        ([1.0, np.inf], {}, "h must hold finite numbers"),
        ([1.0, np.nan], {"method": "direct"}, "h must hold finite numbers"),
        (np.ones(9), {"mode": "valid"}, "h must not be longer than x"),
        ([1.0], {"stride": 0}, "stride must be"),
        ([1.0], {"stride": 1.0}, "stride must be"),
        ([1.0], {"axes": (1.0,)}, "axes must"),
        ([1.0], {"cval": 2.0}, "cval is for boundary 'constant'"),
        ([1.0], {"mode": ["same"]}, "mode must be"),
        (np.empty(0), {}, "h must not be empty"),
        (np.array(1.0), {}, "h must have at least one dimension"),
    ],
)
def test_errors_are_those_of_the_long_way(h, words, match):
    x = np.zeros(8)
    convolve(x, np.ones(1), stride=1)
    convolve(x, np.ones(1), axes=(0,))
    with pytest.raises((ValueError, TypeError), match=match):
        convolve(x, np.asarray(h), **words)
