"""NaN and infinities under every policy."""

import numpy as np
import pytest

import sigconv
from sigconv.smoothing.methods import METHODS
from tests.filter_oracles import running_quantile, weighted
from tests.smoothing.cases import BOUNDARIES, EVERY, GLOBAL, WEIGHTS

rng = np.random.default_rng(5)


@pytest.mark.parametrize("method", [name for name in EVERY if name not in GLOBAL])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_propagate(method, value):
    x = rng.standard_normal(90)
    clean = sigconv.smooth(x, EVERY[method], method=method, boundary="edge")
    x[40] = value
    y = sigconv.smooth(x, EVERY[method], method=method, boundary="edge")
    spoiled = np.zeros(90, bool)
    if method == "exponential":
        spoiled[40:] = True
    else:
        taps = len(WEIGHTS[method][1]) if method in WEIGHTS else EVERY[method]
        spoiled[40 - (taps - 1) // 2 : 40 + taps // 2 + 1] = True
    np.testing.assert_array_equal(~np.isfinite(y), spoiled)
    np.testing.assert_allclose(y[~spoiled], clean[~spoiled], rtol=0, atol=1e-13)


@pytest.mark.parametrize("method", GLOBAL)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_propagate_through_all_of_a_signal(method, value):
    x = rng.standard_normal((3, 70))
    clean = sigconv.smooth(x, EVERY[method], method=method)
    x[1, 40] = value
    y = sigconv.smooth(x, EVERY[method], method=method)
    assert np.isnan(y[1]).all()
    np.testing.assert_array_equal(y[[0, 2]], clean[[0, 2]])


def test_a_lowess_without_iterations_reaches_no_further_than_its_window():
    x = rng.standard_normal(90)
    for places in ([40], [2], [88]):
        broken = x.copy()
        broken[places] = np.nan
        y = sigconv.smooth(broken, 11, method="lowess", iterations=0)
        first = np.clip(np.arange(90) - 5, 0, 79)
        spoiled = (first <= places[0]) & (places[0] < first + 11)
        np.testing.assert_array_equal(np.isnan(y), spoiled)
        clean = sigconv.smooth(x, 11, method="lowess", iterations=0)
        np.testing.assert_allclose(y[~spoiled], clean[~spoiled], rtol=1e-13)


@pytest.mark.parametrize("method", [name for name in WEIGHTS if METHODS[name].omits])
@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_omit_gives_the_weight_to_the_rest(method, boundary, dtype):
    width, weights = WEIGHTS[method]
    x = rng.standard_normal(80).astype(dtype)
    x[[5, 6, 20, 79]] = np.nan
    x[30] = np.inf
    x[40:70] = np.nan
    y = sigconv.smooth(x, width, method=method, boundary=boundary, nan_policy="omit")
    expected = weighted(x, weights, boundary, weigh_present=True)
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-4 if dtype == np.float32 else 1e-11)
    assert np.isnan(y[55])
    assert y.dtype == dtype


@pytest.mark.parametrize("share", [0, 0.3, 0.5, 1])
@pytest.mark.parametrize("width", [1, 9, 201])
def test_omit_in_quantiles(width, share):
    x = rng.standard_normal(80)
    x[[5, 6, 20, 79]] = np.nan
    x[30] = np.inf
    x[40:60] = np.nan
    y = sigconv.smooth(x, width, method="quantile", quantile=share, nan_policy="omit")
    expected = running_quantile(x, width, share, "reflect")
    np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-15)
    if share == 0.5:
        y = sigconv.smooth(x, width, method="median", nan_policy="omit")
        np.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("method", EVERY)
def test_interpolate_bridges_and_puts_gaps_back(method):
    x = rng.standard_normal((2, 60))
    gaps = np.zeros_like(x, bool)
    gaps[0, [0, 1, 20, 21, 22, 59]] = True
    bridged = x.copy()
    index = np.arange(60)
    bridged[0, gaps[0]] = np.interp(index[gaps[0]], index[~gaps[0]], x[0, ~gaps[0]])
    expected = sigconv.smooth(bridged, EVERY[method], method=method)
    expected[gaps] = np.nan
    x[gaps] = np.nan
    x[0, 20] = np.inf
    y = sigconv.smooth(x, EVERY[method], method=method, nan_policy="interpolate")
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("policy", ["propagate", "omit", "interpolate"])
def test_nothing_but_gaps(policy):
    x = np.array([np.full(30, np.nan), np.ones(30)])
    for method in ("moving_average", "gaussian", "median", *GLOBAL):
        y = sigconv.smooth(x, EVERY[method], method=method, nan_policy=policy)
        assert np.isnan(y[0]).all()
        np.testing.assert_allclose(y[1], 1)
