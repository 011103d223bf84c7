"""The filters' benchmark takes its errors over the whole length, against the definition."""

import numpy as np
import pytest

import sigconv
from benchmarks import filters
from benchmarks.timing import error
from tests import filter_oracles


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sections", [1, 4])
def test_the_right_answer_reaches_the_last_sample(dtype, sections):
    n = 150
    case = filters.causal(dtype, 3, n, sections)
    exact = case.exact()
    assert exact.dtype == np.longdouble
    assert exact.shape == case.ours()[case.sample].shape == (2, n)
    sos = sigconv.bandpass((1, 40), fs=250, order=sections).sos
    x = np.random.default_rng(0).normal(size=(3, n)).astype(dtype)
    for got, row in zip(exact, x[[0, 2]], strict=True):
        expected = filter_oracles.sections_exactly(sos, row)
        np.testing.assert_allclose(got.astype(float), expected, rtol=1e-9, atol=1e-15)
    for answer in (case.ours, *case.peers.values()):
        assert error(answer()[case.sample], exact) < 1e3 * np.finfo(dtype).eps
