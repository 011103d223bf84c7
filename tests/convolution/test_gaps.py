"""NaN and infinities: what they touch and nothing else, whatever the method."""

import itertools

import numpy as np
import pytest

from sigconv import convolve, correlate

from .cases import KERNEL_OF, kernel

FORMS = [
    {"mode": mode, "boundary": boundary, "stride": stride, "dilation": dilation}
    for mode, boundary, stride, dilation in itertools.product(
        ["full", "same", "valid"], ["zero", "reflect", "wrap"], [1, 2], [1, 3]
    )
]


@pytest.mark.parametrize("method", KERNEL_OF)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_value_spoils_as_many_outputs_as_there_are_taps(method, value):
    rng = np.random.default_rng(0)
    x = rng.normal(size=5000)
    h = kernel(rng, KERNEL_OF[method], (51,), float)
    h = h if method == "running_sum" else np.where(np.arange(51) == 20, 0.0, h)
    clean = convolve(x, h, method=method)
    x[1234] = value
    y = convolve(x, h, method=method)
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(y)), np.arange(1234, 1234 + 51))
    others = np.r_[:1234, 1234 + 51 : 5050]
    np.testing.assert_allclose(y[others], clean[others], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("method", KERNEL_OF)
@pytest.mark.parametrize("dtype", ["float32", "complex128"])
def test_support_of_every_form(method, dtype):
    rng = np.random.default_rng(1)
    for form in FORMS:
        x = rng.normal(size=(2, 9, 8)).astype(dtype)
        gaps = rng.random(x.shape) < 0.05
        h = kernel(rng, KERNEL_OF[method], (2, 3), dtype)
        # Ones over the gaps alone count how many of them an output sees.
        seen = convolve(gaps.astype(int), np.ones((2, 3), int), method="direct", **form) > 0
        x[gaps] = np.where(rng.random(gaps.sum()) < 0.5, np.nan, np.inf)
        y = convolve(x, h, method=method, **form)
        np.testing.assert_array_equal(np.isnan(y), seen)
        assert np.isfinite(y[~seen]).all()


@pytest.mark.parametrize("method", KERNEL_OF)
def test_omitted_terms_count_zero(method):
    rng = np.random.default_rng(2)
    x = rng.normal(size=(3, 40))
    gaps = rng.random(x.shape) < 0.1
    h = kernel(rng, KERNEL_OF[method], (4,), float)
    for function, form in itertools.product((convolve, correlate), FORMS):
        expected = function(np.where(gaps, 0, x), h, method=method, **form)
        y = function(np.where(gaps, -np.inf, x), h, method=method, nan_policy="omit", **form)
        np.testing.assert_array_equal(y, expected)


def test_gaps_are_bridged_and_put_back():
    x = np.array([np.nan, 1.0, np.nan, np.inf, 4.0, 5.0, np.nan])
    y = convolve(x, [0.0, 1.0, 0.0], mode="same", nan_policy="interpolate")
    np.testing.assert_array_equal(y, np.where(np.isfinite(x), x, np.nan))
    y = convolve(x, [1.0, 1.0], mode="valid", nan_policy="interpolate")
    # The bridge is 1 1 2 3 4 5 5; an output is centred on its window's second sample.
    np.testing.assert_array_equal(y, [2.0, np.nan, np.nan, 7.0, 9.0, np.nan])


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64"])
@pytest.mark.parametrize("k", [1, 2, 5, 8])
def test_bridged_outputs_are_those_of_the_bridge(k, dtype):
    rng = np.random.default_rng(k)
    x = rng.normal(size=(3, 30)).astype(dtype)
    gaps = rng.random(x.shape) < 0.3
    h = rng.normal(size=k).astype(dtype)
    t = np.arange(30)
    bridge = np.stack([np.interp(t, t[~g], row[~g]) for row, g in zip(x, gaps, strict=True)])
    x[gaps] = np.nan
    for form in FORMS:
        if form["mode"] == "valid" and (k - 1) * form["dilation"] >= 30:
            continue
        y = convolve(x, h, nan_policy="interpolate", **form)
        expected = convolve(bridge.astype(dtype), h, **form)
        # A kernel that only picks its centre shows which sample an output is centred on.
        centre = np.zeros(k)
        centre[(k - 1) // 2] = 1
        centred = {**form, "boundary": "zero"}
        if form["dilation"] == 1:
            back = convolve(gaps.astype(int), centre.astype(int), **centred) > 0
            np.testing.assert_array_equal(np.isnan(y), back)
        np.testing.assert_array_equal(y[~np.isnan(y)], expected[~np.isnan(y)])


def test_a_channel_that_is_nothing_but_a_gap_stays_one():
    x = np.stack([np.full(6, np.nan), np.ones(6)])
    for mode in ("full", "same", "valid"):
        y = convolve(x, [1.0, 1.0, 1.0], mode=mode, nan_policy="interpolate", boundary="reflect")
        assert np.isnan(y[0]).all()
        assert (y[1] == 3).all()


def test_integers_have_no_gaps():
    for policy in ("propagate", "omit", "interpolate", "raise"):
        assert convolve([1, 2], [1, 1], nan_policy=policy).tolist() == [1, 3, 2]
