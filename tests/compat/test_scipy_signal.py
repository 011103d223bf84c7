"""Random problems beside scipy.signal itself, and where the two differ on purpose."""

import numpy as np
import pytest
from scipy import signal

from sigconv.compat import scipy_signal
from tests import oracles

from .cases import DTYPES, assert_alike, assert_signature, random

MODES = ["full", "same", "valid"]
HALF = np.ones((1, 1), np.float16)


@pytest.mark.parametrize("name", scipy_signal.__all__)
def test_signatures(name):
    assert_signature(getattr(scipy_signal, name), getattr(signal, name))


@pytest.mark.parametrize("seed", range(100))
def test_answers_types_and_errors_are_scipys(seed):
    rng = np.random.default_rng(seed)
    ndim = rng.integers(1, 4)
    # SciPy's direct method has no booleans in several dimensions, and rounds them by Fourier.
    x, h = (random(rng, rng.integers(1, 8, ndim), rng.choice(DTYPES[1:])) for _ in range(2))
    for mode in MODES:
        for name in ("convolve", "correlate"):
            for method in ("auto", "direct", "fft"):
                ours, theirs = getattr(scipy_signal, name), getattr(signal, name)
                assert_alike(ours, theirs, x, h, mode=mode, method=method)
        axes = [None, *range(ndim), tuple(rng.permutation(ndim)[: rng.integers(1, ndim + 1)])]
        for name in ("fftconvolve", "oaconvolve"):
            for where in axes:
                ours, theirs = getattr(scipy_signal, name), getattr(signal, name)
                assert_alike(ours, theirs, x, h, mode=mode, axes=where)


@pytest.mark.parametrize("seed", range(60))
def test_images_with_boundaries_are_scipys(seed):
    rng = np.random.default_rng(seed)
    x, h = (random(rng, rng.integers(1, 7, 2), rng.choice(DTYPES[1:])) for _ in range(2))
    for mode in MODES:
        for boundary in ("fill", "wrap", "symm"):
            for name in ("convolve2d", "correlate2d"):
                ours, theirs = getattr(scipy_signal, name), getattr(signal, name)
                assert_alike(ours, theirs, x, h, mode=mode, boundary=boundary, fillvalue=2)


@pytest.mark.parametrize("mode", MODES)
def test_lags_are_scipys(mode):
    for n in range(1, 9):
        for k in range(1, 9):
            assert_alike(scipy_signal.correlation_lags, signal.correlation_lags, n, k, mode=mode)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # SciPy's on its way to some errors
@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("convolve", ([1, 2], [1], "spam"), "Acceptable mode flags"),
        ("convolve", ([1, 2], [1], "full", "bacon"), "Acceptable method flags"),
        ("convolve", ([1, 2], [[1]]), "same dimensionality"),
        ("convolve", ([1.0], []), "cannot be empty"),
        ("convolve", (np.ones((2, 3)), np.ones((3, 2)), "valid"), "at least as large"),
        ("fftconvolve", ([1, 2], [1], "spam"), "acceptable mode flags"),
        ("fftconvolve", ([1, 2], [1], "full", 1), "axes exceeds dimensionality"),
        ("fftconvolve", ([1, 2], [1], "full", (0, 0)), "all axes must be unique"),
        ("fftconvolve", ([1, 2], [1], "full", ()), "axes cannot be empty"),
        ("oaconvolve", ([1, 2], [1], "full", 0.5), "scalar or iterable of integers"),
        ("oaconvolve", (np.ones((2, 5)), np.ones((3, 2)), "full", 1), "incompatible shapes"),
        ("convolve2d", ([1], [1]), "must both be 2-D"),
        ("convolve2d", ([[1]], [[1]], "full", "spam"), "Acceptable boundary flags"),
        ("convolve2d", ([[1]], [[1]], "full", "fill", 1j), "could not cast `fillvalue`"),
        ("correlate2d", (HALF, HALF), "not available for this type"),
        ("correlation_lags", (3, 3, "spam"), "Mode spam is invalid"),
        ("choose_conv_method", ([1, 2], [1], "spam"), "mode=spam"),
    ],
)
def test_errors_have_scipys_words(name, arguments, words):
    for module in (signal, scipy_signal):
        with pytest.raises(ValueError, match=words):
            getattr(module, name)(*arguments)


def test_integers_are_exact_by_any_method():
    x = np.array([2**40 + 1, 3, -(2**33)])
    exact = oracles.convolve(x, x[::-1])
    expected = ((exact + 2**63) % 2**64 - 2**63).astype(np.int64)  # wraps as NumPy's does
    for method in ("auto", "direct", "fft"):
        np.testing.assert_array_equal(scipy_signal.convolve(x, x[::-1], method=method), expected)


def test_booleans_ask_whether_there_is_a_product():
    x = np.ones((300, 2), bool)
    y = scipy_signal.convolve(x, x)
    assert y.dtype == bool
    assert y.all()  # 256 products are not none


@pytest.mark.parametrize("where", ["signal", "kernel"])
@pytest.mark.parametrize("name", ["convolve", "fftconvolve", "oaconvolve"])
def test_a_nan_spoils_only_what_it_touches(name, where):
    rng = np.random.default_rng(0)
    x, h = rng.normal(size=500), rng.normal(size=51)
    (x if where == "signal" else h)[20] = np.nan
    y = getattr(scipy_signal, name)(x, h)
    assert np.isnan(y).sum() == (51 if where == "signal" else 500)
    sound = ~np.isnan(y)
    expected = oracles.convolve(np.nan_to_num(x), np.nan_to_num(h)).astype(float)
    np.testing.assert_allclose(y[sound], expected[sound], atol=1e-12)


def test_a_nan_by_fourier_is_told_as_scipy_tells_it():
    for module in (signal, scipy_signal):
        with pytest.warns(RuntimeWarning, match="Use of fft convolution on input with NAN"):
            module.convolve([1.0, np.nan, 2.0], [1.0, 2.0], method="fft")


@pytest.mark.parametrize("dtype", [np.longdouble, np.clongdouble, object])
def test_wide_types_are_scipys(dtype):
    x, h = np.arange(5).astype(dtype), np.arange(3).astype(dtype)
    for name in ("convolve", "correlate"):
        y = getattr(scipy_signal, name)(x, h)
        assert y.dtype == dtype
        np.testing.assert_array_equal(y, getattr(signal, name)(x, h))


def test_the_choice_of_a_method():
    choose = scipy_signal.choose_conv_method
    assert choose(np.ones(100), np.ones(5)) == "direct"
    assert choose(np.ones(100_000), np.ones(30_000)) == "fft"
    assert choose(np.full(100_000, 2**40), np.ones(30_000, int)) == "direct"
    assert choose(np.ones(100_000, bool), np.ones(30_000, bool)) == "direct"
    name, times = choose(np.ones(100), np.ones(5), measure=True)
    assert times[name] == min(times.values())
    assert times.keys() == {"direct", "fft"}
