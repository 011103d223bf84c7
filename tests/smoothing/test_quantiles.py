"""Running medians and quantiles: both ways, every width, ties, extremes, long signals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

import sigconv
from sigconv.smoothing import quantile
from tests.filter_oracles import running_quantile

rng = np.random.default_rng(7)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("width", [3, 5, 7, 9, 13, 15, 17, 31, 33, 63, 65, 127, 129, 511, 1001])
def test_medians_of_long_rows(width, dtype):
    x = rng.standard_normal((3, 1500)).round(1).astype(dtype)  # many equal values
    y = sigconv.smooth(x, width, method="median", workers=1)
    extended = np.pad(x, ((0, 0), (width // 2, width // 2)), mode="reflect")
    expected = np.sort(sliding_window_view(extended, width, axis=1), axis=2)[..., width // 2]
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(sigconv.smooth(x, width, method="median", workers=5), y)


@pytest.mark.parametrize("share", [0, 0.1, 0.25, 0.5, 0.77, 1])
@pytest.mark.parametrize("width", [1, 3, 5, 11, 31, 101])
@pytest.mark.parametrize("boundary", ["reflect", "constant"])
def test_quantiles_are_numpys(width, share, boundary):
    x = rng.standard_normal(300)
    y = sigconv.smooth(x, width, method="quantile", quantile=share, boundary=boundary)
    expected = running_quantile(x, width, share, boundary)
    np.testing.assert_allclose(y, expected, rtol=1e-13, atol=1e-15)


@settings(deadline=None, max_examples=60)
@given(
    n=st.integers(1, 400),
    half=st.integers(0, 150),
    share=st.floats(0, 1),
    seed=st.integers(0, 99),
    omit=st.booleans(),
)
def test_any_length_width_and_share(n, half, share, seed, omit):
    numbers = np.random.default_rng(seed)
    x = numbers.integers(-9, 9, n).astype(float)
    if omit:
        x[numbers.random(n) < 0.2] = np.nan
    y = sigconv.smooth(
        x, 2 * half + 1, method="quantile", quantile=share, boundary="wrap", nan_policy="omit"
    )
    expected = running_quantile(x, 2 * half + 1, share, "wrap")
    np.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("width", [5, 21, 101])
@pytest.mark.parametrize("share", [0.5, 0.3])
def test_both_ways_agree(width, share, monkeypatch):
    x = rng.standard_normal((2, 5000))
    x[1] = x[1].cumsum()
    options = {"method": "quantile", "quantile": share}
    lists = sigconv.smooth(x, width, **options)
    monkeypatch.setattr(quantile, "LARGEST", 0)
    np.testing.assert_array_equal(sigconv.smooth(x, width, **options), lists)


def test_equal_and_extreme_samples_are_not_rounded():
    for value in (0.1, 1.7e308, -5e-324):
        x = np.full(40, value)
        y = sigconv.smooth(x, 7, method="quantile", quantile=0.3)
        np.testing.assert_array_equal(y, x)
    x = np.tile([1.7e308, -1.7e308], 20)
    y = sigconv.smooth(x, 3, method="quantile", quantile=0.25, boundary="wrap")
    np.testing.assert_array_equal(y[::2], -1.7e308)
    np.testing.assert_array_equal(y[1::2], 0)


def test_quantiles_keep_their_order_and_see_only_ranks():
    x = rng.standard_normal(500)
    low, middle, high = (
        sigconv.smooth(x, 25, method="quantile", quantile=share) for share in (0.25, 0.5, 0.75)
    )
    assert (low <= middle).all()
    assert (middle <= high).all()
    np.testing.assert_array_equal(sigconv.smooth(np.exp(x), 25, method="median"), np.exp(middle))
