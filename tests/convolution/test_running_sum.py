"""Running sums: no drift, no leak, whatever the window."""

import numpy as np
import pytest

from sigconv import convolve
from tests import oracles


@pytest.mark.parametrize("width", [1, 2, 3, 7, 64, 99, 100])
@pytest.mark.parametrize("dilation", [1, 2, 5])
@pytest.mark.parametrize("stride", [1, 3])
def test_windows_of_every_width(width, dilation, stride):
    rng = np.random.default_rng(width)
    x = rng.integers(-99, 99, (2, 100))
    h = np.full(width, 3)
    form = {"dilation": dilation, "stride": stride}
    expected = oracles.along_axes(oracles.convolve, x, h, (1,), **form)
    y = convolve(x, h, method="running_sum", workers=2, **form)
    np.testing.assert_array_equal(y, expected.astype(int))


def test_a_loud_stretch_leaves_no_trace_beyond_its_windows():
    rng = np.random.default_rng(0)
    x = rng.normal(size=10_000)
    h = np.full(101, 1 / 101)
    quiet = convolve(x, h, method="running_sum")
    x[3000:3050] = 1e300
    y = convolve(x, h, method="running_sum")
    np.testing.assert_array_equal(y[:3000], quiet[:3000])
    np.testing.assert_array_equal(y[3150:], quiet[3150:])


def test_the_sum_does_not_drift():
    x = np.full(2_000_000, 0.1, np.float32)
    y = convolve(x, np.ones(1000, np.float32), method="running_sum", mode="valid")
    np.testing.assert_array_equal(y, np.float32(float(np.float32(0.1)) * 1000))


def test_sums_are_compensated():
    rng = np.random.default_rng(1)
    x = 1e6 + rng.normal(size=60_000)
    width = 50_001
    y = convolve(x, np.ones(width), method="running_sum", mode="valid")
    sums = np.r_[np.longdouble(0), np.cumsum(x.astype(np.longdouble))]
    exact = sums[width:] - sums[:-width]
    assert np.abs(y / exact - 1).max() < 4 * np.finfo(float).eps
