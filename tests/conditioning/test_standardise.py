"""Exponential moving standardisation against braindecode and the sums themselves."""

import importlib.util
import sys
import warnings
from unittest.mock import MagicMock

import numpy as np
import pytest

import sigconv
from sigconv import Recording

rng = np.random.default_rng(2)


def definition(x, factor, eps):
    """Return the documented sums, each from the beginning."""
    means = np.empty(x.size)
    for n in range(x.size):
        weights = (1 - factor) ** np.arange(n, -1, -1.0)
        means[n] = weights @ x[: n + 1] / weights.sum()
    squares = np.empty(x.size)
    for n in range(x.size):
        weights = (1 - factor) ** np.arange(n, -1, -1.0)
        squares[n] = weights @ (x - means)[: n + 1] ** 2 / weights.sum()
    return (x - means) / np.maximum(eps, np.sqrt(squares))


@pytest.mark.parametrize("factor", [1e-3, 0.05, 1.0])
def test_the_definition(factor):
    x = 50 + rng.standard_normal(300)
    y = sigconv.exponential_moving_standardise(x, factor)
    np.testing.assert_allclose(y, definition(x, factor, 1e-10), rtol=1e-9, atol=1e-9)


@pytest.fixture
def braindecodes(monkeypatch):
    """Return braindecode's function, which needs no torchaudio although its package imports it."""
    if importlib.util.find_spec("braindecode") is None:
        pytest.skip("braindecode is not installed")
    for name in ("torchaudio", "torchaudio.functional", "torchaudio.transforms"):
        if name not in sys.modules:  # one that does not fit its torch cannot be imported
            monkeypatch.setitem(sys.modules, name, MagicMock())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what it imports
        from braindecode.preprocessing.preprocess import exponential_moving_standardize
    return exponential_moving_standardize


@pytest.mark.parametrize("factor", [1e-3, 0.3])
def test_are_pandas_moving_means(factor):
    pandas = pytest.importorskip("pandas")
    x = 100 + 20 * np.cumsum(rng.standard_normal((3, 2000)), axis=1)
    frame = pandas.DataFrame(x.T)
    distance = frame - frame.ewm(alpha=factor).mean()
    deviation = np.sqrt((distance**2).ewm(alpha=factor).mean())
    expected = (distance / np.maximum(1e-4, deviation)).to_numpy().T
    y = sigconv.exponential_moving_standardise(x, factor, eps=1e-4)
    np.testing.assert_allclose(y, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("block", [None, 1, 100, 3000])
@pytest.mark.parametrize("eps", [1e-4, 3.0])
def test_is_braindecodes(braindecodes, block, eps):
    x = 100 + 20 * np.cumsum(rng.standard_normal((3, 2000)), axis=1)
    y = sigconv.exponential_moving_standardise(x, init_block_size=block, eps=eps)
    expected = braindecodes(x, init_block_size=block, eps=eps)
    np.testing.assert_allclose(y, expected, rtol=1e-9, atol=1e-9)


def test_single_precision_is_as_good_as_its_samples():
    """A deviation of 10 microvolts on an offset of 0.3 V, whose rounding is 0.015."""
    x = (0.3 + 1e-5 * rng.standard_normal(20000)).astype(np.float32)
    y = sigconv.exponential_moving_standardise(x)
    assert y.dtype == np.float32
    expected = sigconv.exponential_moving_standardise(x.astype(np.float64))
    np.testing.assert_allclose(y, expected, atol=1e-6)
    assert abs(y[5000:].std() - 1) < 0.1
    far = np.float32(1e-5) * rng.standard_normal(10).astype(np.float32)  # its squares underflow
    assert np.isfinite(sigconv.exponential_moving_standardise(far * np.float32(1e-20))).all()


def test_causal():
    x = rng.standard_normal(1000)
    y = sigconv.exponential_moving_standardise(x, 0.01)
    np.testing.assert_array_equal(sigconv.exponential_moving_standardise(x[:400], 0.01), y[:400])


def test_a_flat_signal_is_zero():
    for level in (0.0, 0.1, -3e4):
        assert not sigconv.exponential_moving_standardise(np.full(500, level)).any()


def test_not_finite():
    x = rng.standard_normal((2, 400))
    clean = sigconv.exponential_moving_standardise(x, 0.05)
    spoiled = x.copy()
    spoiled[0, [0, 100, 101]] = np.nan, np.inf, -np.inf
    y = sigconv.exponential_moving_standardise(spoiled, 0.05)
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(y[0])), [0, 100, 101])
    np.testing.assert_array_equal(y[1], clean[1])
    kept = np.setdiff1d(np.arange(400), [0, 100, 101])
    weights = lambda n: 0.95 ** (n - kept[kept <= n])  # noqa: E731
    means = {n: weights(n) @ x[0, kept[kept <= n]] / weights(n).sum() for n in kept}
    square = {n: (x[0, n] - means[n]) ** 2 for n in kept}
    n = 399
    variance = weights(n) @ [square[i] for i in kept] / weights(n).sum()
    np.testing.assert_allclose(y[0, n], (x[0, n] - means[n]) / np.sqrt(variance), rtol=1e-10)
    y = sigconv.exponential_moving_standardise(spoiled, 0.05, init_block_size=150)
    block = spoiled[0, :150]
    fine = np.isfinite(block)
    expected = (block[fine] - block[fine].mean()) / block[fine].std()
    np.testing.assert_allclose(y[0, :150][fine], expected, rtol=1e-10)
    assert np.isnan(y[0, :150][~fine]).all()


def test_axis_workers_integers_and_recordings():
    x = (100 * rng.standard_normal((3, 200, 2))).astype(np.int16)
    expected = sigconv.exponential_moving_standardise(np.moveaxis(x, 1, -1), workers=1)
    y = sigconv.exponential_moving_standardise(np.asfortranarray(x), axis=1, workers=2)
    assert y.dtype == np.float64
    np.testing.assert_array_equal(np.moveaxis(y, 1, -1), expected)
    eeg = Recording(x[:, :, 0], 100, kinds=["eeg", "stim", "eeg"])
    y = sigconv.exponential_moving_standardise(eeg)
    np.testing.assert_array_equal(y.data[[0, 2]], expected[[0, 2], 0])
    np.testing.assert_array_equal(y.data[1], eeg.data[1])


@pytest.mark.parametrize(
    ("x", "options", "error", "sentence"),
    [
        ([1.0], {"factor": 0}, ValueError, "factor must be a finite number above 0; got 0"),
        ([1.0], {"factor": 1.1}, ValueError, "factor must be .* at most 1; got 1.1"),
        ([1.0], {"init_block_size": 0}, ValueError, "init_block_size must be a whole number of at"),
        ([1.0], {"eps": 0}, ValueError, "eps must be a finite number above 0; got 0"),
        ([1j], {}, TypeError, "x must be real for exponential_moving_standardise"),
    ],
)
def test_sentences(x, options, error, sentence):
    with pytest.raises(error, match=sentence):
        sigconv.exponential_moving_standardise(x, **options)
