"""Trends against SciPy and polynomials whose fit is known."""

import itertools

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

import sigconv
from sigconv import Recording

rng = np.random.default_rng(9)


@pytest.mark.parametrize(("order", "kind"), [(0, "constant"), (1, "linear")])
@pytest.mark.parametrize("breaks", [(), 40, [30, 31 + 5, 90]])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128, np.int16])
def test_is_scipys(order, kind, breaks, dtype):
    x = (100 * np.cumsum(rng.standard_normal((3, 2, 150)), axis=-1)).astype(dtype)
    y = sigconv.detrend(x, order=order, breaks=breaks)
    assert y.dtype == (np.float64 if dtype == np.int16 else dtype)
    wide = x.astype(np.result_type(dtype, np.float64))
    bp = breaks if breaks != () else 0
    # SciPy takes means over all of a signal whatever the breaks
    if kind == "constant" and breaks != ():
        edges = [0, *np.atleast_1d(breaks), 150]
        expected = np.concatenate(
            [
                wide[..., a:b] - wide[..., a:b].mean(axis=-1, keepdims=True)
                for a, b in itertools.pairwise(edges)
            ],
            axis=-1,
        )
    else:
        expected = scipy.signal.detrend(wide, type=kind, bp=bp)
    atol = 1e-3 if dtype == np.float32 else 1e-9
    np.testing.assert_allclose(y, expected, rtol=0, atol=atol)


@given(
    coefficients=st.lists(st.floats(-100, 100), min_size=1, max_size=12),
    n=st.integers(20, 400),
)
@settings(deadline=None, max_examples=40)
def test_polynomials_vanish_and_what_is_orthogonal_stays(coefficients, n):
    order = len(coefficients) - 1
    place = np.linspace(-1, 1, n)
    trend = np.polynomial.Polynomial(coefficients)(place)
    np.testing.assert_allclose(sigconv.detrend(trend, order=order), 0, atol=1e-9)
    rest = sigconv.detrend(np.random.default_rng(n).standard_normal(n), order=order)
    np.testing.assert_allclose(sigconv.detrend(rest + trend, order=order), rest, atol=1e-9)


def test_least_squares_of_high_order():
    x = np.cumsum(rng.standard_normal(500))
    place = np.linspace(-1, 1, 500)
    fit = np.polynomial.Chebyshev.fit(place, x, 20)(place)
    np.testing.assert_allclose(sigconv.detrend(x, order=20), x - fit, atol=1e-10)


def test_millivolts_of_drift_in_single_precision():
    t = np.arange(5000) / 250
    eeg = 1e-5 * np.sin(2 * np.pi * 10 * t)
    x = (0.3 + 0.01 * t + eeg).astype(np.float32)
    y = sigconv.detrend(x)
    assert np.abs(y - eeg).max() < 2 * np.spacing(np.float32(0.5))


def test_breaks_in_seconds():
    x = np.repeat([1.0, 5.0], 100)
    np.testing.assert_allclose(sigconv.detrend(x, order=0, breaks=0.5, fs=200), 0, atol=1e-12)
    y = sigconv.detrend(Recording(x, 200), order=0, breaks=[0.5])
    np.testing.assert_allclose(y.data, 0, atol=1e-12)


def test_not_finite():
    x = 3 + 0.1 * np.arange(200) + rng.standard_normal((2, 200))
    holes = np.zeros(x.shape, bool)
    holes[0, [20, 21, 150]] = True
    spoiled = np.where(holes, np.nan, x)
    spoiled[0, 150] = np.inf
    y = sigconv.detrend(spoiled, breaks=100)
    assert np.isnan(y[0]).all()
    np.testing.assert_array_equal(y[1], sigconv.detrend(x, breaks=100)[1])
    y = sigconv.detrend(spoiled[:, :100], breaks=50)
    assert np.isnan(y[0, :50]).all()
    assert np.isfinite(y[0, 50:]).all()

    y = sigconv.detrend(spoiled, nan_policy="omit")
    index = np.arange(200)
    line = np.polyfit(index[~holes[0]], x[0, ~holes[0]], 1)
    expected = np.where(holes[0], np.nan, x[0] - np.polyval(line, index))
    np.testing.assert_allclose(y[0], expected, atol=1e-10)

    y = sigconv.detrend(spoiled, nan_policy="interpolate")
    bridged = x[0].copy()
    bridged[holes[0]] = np.interp(index[holes[0]], index[~holes[0]], x[0, ~holes[0]])
    expected = np.where(holes[0], np.nan, scipy.signal.detrend(bridged))
    np.testing.assert_allclose(y[0], expected, atol=1e-10)

    few = np.full(50, np.nan)
    few[[3, 30]] = 1
    assert np.isnan(sigconv.detrend(few, nan_policy="omit")).all()
    with pytest.raises(ValueError, match="x must be finite with nan_policy 'raise'; got 3"):
        sigconv.detrend(spoiled, nan_policy="raise")


def test_axis_and_workers():
    x = rng.standard_normal((4, 90, 3))
    expected = np.moveaxis(sigconv.detrend(np.moveaxis(x, 1, -1).copy(), workers=1), -1, 1)
    for workers in (2, None):
        y = sigconv.detrend(np.asfortranarray(x), axis=1, workers=workers)
        np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"order": -1}, ValueError, "order must be a whole number of at least 0; got -1"),
        ({"order": 1.5}, TypeError, "order must be a whole number; got 1.5"),
        (
            {"order": 9},
            ValueError,
            r"order must be below the number of samples in each piece \(9\)",
        ),
        ({"breaks": 9}, ValueError, "breaks must lie within the 9 samples of x; got one at 9"),
        ({"breaks": 1}, ValueError, r"order must be below .* each piece \(1\); got 1"),
        ({"breaks": 0.5}, TypeError, "breaks must be a whole number; got 0.5"),
        ({"breaks": "x"}, TypeError, "breaks must be one time or a sequence of them; got 'x'"),
        ({"breaks": [4, 4]}, ValueError, "breaks must lie a sample apart at least"),
        ({"nan_policy": "skip"}, ValueError, "nan_policy must be one of"),
    ],
)
def test_sentences(options, error, sentence):
    with pytest.raises(error, match=sentence):
        sigconv.detrend(np.ones(9), **options)
