"""Whittaker-Eilers, LOWESS and total variation against their definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sigconv
from tests.filter_oracles import lowess, relative_error, total_variation, weighted, whittaker
from tests.smoothing.cases import BOUNDARIES

rng = np.random.default_rng(8)

# Whittaker-Eilers -------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("width", [2.5, 12.0, 60.0])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128, np.int16])
def test_whittaker_solves_its_equations(order, width, dtype):
    x = (50 * rng.standard_normal(70)).astype(dtype)
    if dtype == np.complex128:
        x += 1j * rng.standard_normal(70)
    y = sigconv.smooth(x, width, method="whittaker", order=order)
    expected = whittaker(x, width, order)
    assert y.dtype == (np.float64 if dtype == np.int16 else dtype)
    assert relative_error(y, expected) < (1e-6 if dtype == np.float32 else 1e-11)


@pytest.mark.parametrize("order", [1, 2, 3])
def test_whittaker_goes_through_gaps(order):
    x = rng.standard_normal((2, 80))
    x[0, [0, 3, 79]] = np.nan
    x[0, 20:35] = np.inf
    y = sigconv.smooth(x, 15.0, method="whittaker", order=order, nan_policy="omit")
    for got, row in zip(y, x, strict=True):
        np.testing.assert_allclose(got, whittaker(row, 15.0, order), rtol=0, atol=1e-10)
    z = x * (1 + 2j)
    y = sigconv.smooth(z, 15.0, method="whittaker", order=order, nan_policy="omit")
    np.testing.assert_allclose(y.imag, 2 * y.real, rtol=0, atol=1e-10)
    x[1, order - 1 :] = np.nan  # too few to tell
    y = sigconv.smooth(x, 15.0, method="whittaker", order=order, nan_policy="omit")
    assert np.isnan(y[1]).all()
    assert np.isfinite(y[0]).all()


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("width", [8.0, 40.0])
def test_whittaker_halves_a_sine_of_its_width(order, width):
    sine = np.sin(2 * np.pi * np.arange(200) / width)
    y = sigconv.smooth(sine, width, method="whittaker", order=order, boundary="wrap")
    np.testing.assert_allclose(y, sine / 2, rtol=0, atol=1e-10)


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("order", [1, 2])
def test_whittaker_and_what_lies_beyond(boundary, order):
    impulse = np.zeros(401)
    impulse[200] = 1
    weights = whittaker(impulse, 9.0, order)
    x = rng.standard_normal(60)
    y = sigconv.smooth(x, 9.0, method="whittaker", order=order, boundary=boundary)
    np.testing.assert_allclose(y, weighted(x, weights, boundary), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("order", "width"), [(2, 1000.0), (2, 90_000.0), (3, 3000.0)])
def test_whittaker_keeps_its_digits_when_it_is_wide(order, width):
    mpmath = pytest.importorskip("mpmath")
    n = 40
    x = rng.standard_normal(n) + np.arange(n)
    with mpmath.workdps(60):
        gain = (2 * mpmath.sin(mpmath.pi / mpmath.mpf(width))) ** (2 * order)
        differences = mpmath.matrix(np.diff(np.eye(n), order, axis=0).tolist())
        matrix = mpmath.eye(n) + differences.T * differences / gain
        expected = np.array([float(v) for v in mpmath.lu_solve(matrix, x.tolist())])
    y = sigconv.smooth(x, width, method="whittaker", order=order)
    assert relative_error(y, expected) < 1e-7


def test_whittaker_does_not_drift_over_a_long_signal():
    x = 1e3 + rng.standard_normal(1_000_000).cumsum()
    y = sigconv.smooth(x, 50.0, method="whittaker")
    for start in (0, 500_000, 999_000):
        part = slice(max(start - 1000, 0), start + 1000)
        near = sigconv.smooth(x[part], 50.0, method="whittaker")
        inner = slice(start - part.start, None if start > 900_000 else start - part.start + 300)
        np.testing.assert_allclose(near[inner], y[part][inner], rtol=1e-11)


# LOWESS -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("iterations", [0, 1, 3])
@pytest.mark.parametrize("width", [5, 11, 31, 201])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int16])
def test_lowess_fits_lines(width, iterations, dtype):
    x = 20 * rng.standard_normal((2, 80)) + 3 * np.arange(80)
    x[:, [10, 40, 41]] += 500
    x = x.astype(dtype)
    y = sigconv.smooth(x, width, method="lowess", iterations=iterations)
    assert y.dtype == (np.float64 if dtype == np.int16 else dtype)
    for got, row in zip(y, x.astype(float), strict=True):
        expected = lowess(row, width, iterations)
        assert relative_error(got, expected) < (1e-6 if dtype == np.float32 else 1e-11)


@pytest.mark.parametrize("iterations", [0, 3])
def test_lowess_leaves_samples_out(iterations):
    x = rng.standard_normal(80).cumsum()
    x[[0, 3, 79]] = np.nan
    x[20:35] = np.inf
    x[50] += 100
    y = sigconv.smooth(x, 11, method="lowess", iterations=iterations, nan_policy="omit")
    holes = np.where(np.isfinite(x), x, np.nan)
    np.testing.assert_allclose(y, lowess(holes, 11, iterations), rtol=0, atol=1e-10)
    assert np.isnan(y[25:30]).all()


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_lowess_and_what_lies_beyond(boundary):
    x = rng.standard_normal(60)
    distance = np.abs(np.arange(-7, 8)) / 7
    weights = (1 - distance**3) ** 3
    y = sigconv.smooth(x, 15, method="lowess", iterations=0, boundary=boundary)
    expected = weighted(x, weights / weights.sum(), boundary)
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-13)


def test_lowess_keeps_lines_whatever_the_outliers():
    line = 2.0 * np.arange(200) - 7
    x = line + 0.0
    x[rng.choice(200, 20, replace=False)] += 1e6
    y = sigconv.smooth(x, 31, method="lowess")
    np.testing.assert_allclose(y, line, rtol=0, atol=1e-6)
    np.testing.assert_allclose(sigconv.smooth(line, 31, method="lowess"), line, rtol=1e-12)


# Total variation --------------------------------------------------------------------------------


def steps_and_noise(n, seed):
    numbers = np.random.default_rng(seed)
    return np.repeat(numbers.normal(0, 5, n // 20 + 1), 20)[:n] + numbers.standard_normal(n)


@pytest.mark.parametrize("n", [1, 2, 3, 17, 60])
@pytest.mark.parametrize("height", [0.01, 0.5, 3.0, 100.0])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int16])
def test_total_variation_minimises(n, height, dtype):
    x = (10 * steps_and_noise(n, n)).astype(dtype)
    y = sigconv.smooth(x, 6.0, method="total_variation", height=height)
    assert y.dtype == (np.float64 if dtype == np.int16 else dtype)
    expected = total_variation(x.astype(float), 3 * height) if n > 1 else x
    tolerance = 1e-4 if dtype == np.float32 else 1e-8
    np.testing.assert_allclose(y, expected, rtol=0, atol=tolerance)


@settings(deadline=None, max_examples=60)
@given(
    n=st.integers(1, 300),
    limit=st.floats(1e-3, 1e3),
    seed=st.integers(0, 999),
    whole=st.booleans(),
    offset=st.sampled_from([0.0, 1e6]),
)
def test_total_variation_is_certified_by_its_running_sums(n, limit, seed, whole, offset):
    x = steps_and_noise(n, seed) + offset
    if whole:
        x = x.round()  # many equal values
    y = sigconv.smooth(x, 2.0, method="total_variation", height=limit)
    check_optimal(x, y, limit)


def check_optimal(x, y, limit):
    """Check the conditions of optimality, which no other signal fulfils."""
    sums = (x - y).cumsum()
    slack = 1e-9 * (1 + limit + np.abs(x).max())
    assert abs(sums[-1]) <= slack
    assert np.abs(sums[:-1]).max(initial=0) <= limit + slack
    jumps = np.diff(y)
    seen = np.abs(jumps) > slack
    np.testing.assert_allclose(sums[:-1][seen], -limit * np.sign(jumps[seen]), rtol=0, atol=slack)


def test_total_variation_of_a_long_signal():
    x = steps_and_noise(300_000, 1) + 1e4
    y = sigconv.smooth(x, 20.0, method="total_variation", height=1.0)
    check_optimal(x, y, 10.0)


def test_total_variation_flattens_what_is_low_or_short():
    x = np.zeros(100_010)
    x[50_000:50_010] = 2.0
    for width, height in ((10, 2.0), (9, 2.0), (10, 1.0), (5, 2.0), (20, 2.0)):
        y = sigconv.smooth(x, width, method="total_variation", height=height)
        left = max(2 - width * height / 10, 0)
        np.testing.assert_allclose(y[50_000:50_010], left, rtol=0, atol=1e-3)
    # without a height it is the noise's deviation, whatever the units
    noisy = steps_and_noise(100, 2)
    one = sigconv.smooth(noisy, 10.0, method="total_variation")
    np.testing.assert_allclose(
        sigconv.smooth(1e-6 * noisy, 10.0, method="total_variation"), 1e-6 * one, rtol=1e-9
    )
    deviation = 1.4826 * np.median(np.abs(np.diff(noisy))) / np.sqrt(2)
    same = sigconv.smooth(noisy, 10.0, method="total_variation", height=deviation)
    np.testing.assert_allclose(one, same, rtol=1e-12)


def test_total_variation_leaves_samples_out():
    x = steps_and_noise(60, 3)
    x[[0, 1, 15, 30, 31, 59]] = np.nan
    keep = np.isfinite(x)
    y = sigconv.smooth(x, 4.0, method="total_variation", height=1.0, nan_policy="omit")
    np.testing.assert_allclose(y[keep], total_variation(x[keep], 2.0), rtol=0, atol=1e-8)
    # a gap lies between its neighbours
    np.testing.assert_array_equal(y[[0, 1, 59]], y[[2, 2, 58]])
    assert min(y[29], y[32]) <= y[30] <= max(y[29], y[32])
    quiet = np.array([1.0, np.nan, 1.0, 1.0, 5.0, 1.0, 1.0])
    y = sigconv.smooth(quiet, 4.0, method="total_variation", nan_policy="omit")
    np.testing.assert_array_equal(y, [1, 1, 1, 1, 5, 1, 1])  # no noise, nothing to take away
