"""Lags against SciPy's and the definition, template matching against NumPy's corrcoef."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from sigconv import convolution, correlate, correlation_lags, match_template
from tests import oracles

MODES = ["full", "same", "valid"]


# Not for odd n with even k: there SciPy 1.17's lags of mode "same" are one beside its correlate's.
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("n", "k"), [(9, 3), (9, 5), (8, 4), (8, 5), (5, 5), (3, 1)])
def test_lags_are_scipys(n, k, mode):
    expected = signal.correlation_lags(n, k, mode)
    np.testing.assert_array_equal(correlation_lags(n, k, mode), expected)


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(1, 12), st.sampled_from(MODES))
def test_lags_say_how_far_the_kernel_was_shifted(n, k, mode):
    if mode == "valid" and k > n:
        return
    rng = np.random.default_rng(n * k)
    x, h = rng.integers(-9, 9, n), rng.integers(-9, 9, k)
    expected = [
        sum(x[i + lag] * h[i] for i in range(k) if 0 <= i + lag < n)
        for lag in correlation_lags(n, k, mode)
    ]
    assert correlate(x, h, mode=mode).tolist() == expected


def pearson(x, template, mode="valid", boundary="zero", cval=0.0):
    """Return np.corrcoef of each window and the template, 0 where either does not vary."""
    pads = [{"full": (k - 1, k - 1), "same": (k // 2, (k - 1) // 2), "valid": (0, 0)}[mode]
            for k in template.shape]  # fmt: skip
    where = np.ix_(
        *(
            [oracles.source(i, n, boundary) for i in range(-before, n + after)]
            for n, (before, after) in zip(x.shape, pads, strict=True)
        )
    )
    outside = np.zeros(np.broadcast_shapes(*(w.shape for w in where)), bool)
    for places in where:
        outside = outside | (places < 0)
    extended = np.where(outside, cval, x[where])
    windows = np.lib.stride_tricks.sliding_window_view(extended, template.shape)
    result = np.zeros(windows.shape[: x.ndim])
    for index in np.ndindex(result.shape):
        # Levels and scales do not matter; the oracle itself should not lose digits to them.
        window = windows[index].ravel() - windows[index].flat[0]
        if np.ptp(window) > 0:
            window = window / abs(window).max()
            result[index] = np.corrcoef(window, template.ravel() - template.flat[0])[0, 1]
    return result


@pytest.mark.parametrize("boundary", ["zero", "constant", "edge", "reflect", "symmetric", "wrap"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("n", "k"), [((30,), (7,)), ((9, 8), (3, 4)), ((6, 5, 7), (2, 3, 3))])
def test_every_form_is_the_definition(n, k, mode, boundary):
    rng = np.random.default_rng(0)
    x, template = rng.normal(size=n), rng.normal(size=k)
    form = {"mode": mode, "boundary": boundary, "cval": 0.5 * (boundary == "constant")}
    y = match_template(x, template, **form)
    np.testing.assert_allclose(y, pearson(x, template, **form), atol=1e-12)


@pytest.mark.parametrize("offset", [0, 1e3, -1e8])
@pytest.mark.parametrize("scale", [1, 1e-9, 1e-160, 1e150])
@pytest.mark.parametrize("k", [5, 400])
def test_neither_level_nor_scale_nor_loud_neighbours_matter(k, scale, offset):
    rng = np.random.default_rng(1)
    x = rng.normal(size=1500)
    x[300:800] *= 1e-7
    x[800:1000] = 0.25
    x[1200:] += 1e6 * rng.normal(size=300)
    x = (x + offset) * scale
    template = rng.normal(size=k) + offset
    y = match_template(x, template)
    np.testing.assert_allclose(y, pearson(x, template), atol=1e-8)
    assert abs(y).max() <= 1


@pytest.mark.parametrize("k", [5, 400])
def test_steps_far_above_the_noise(k):
    rng = np.random.default_rng(0)
    x = (np.arange(1500) % 1000 >= 500) + 1e-5 * rng.normal(size=1500)
    template = rng.normal(size=k)
    np.testing.assert_allclose(match_template(x, template), pearson(x, template), atol=1e-8)


@pytest.mark.parametrize("k", [5, 400])
def test_a_stretch_whose_squares_are_too_small_for_any_number(k):
    rng = np.random.default_rng(0)
    x = np.resize([1.0, -1.0], 1500)
    x[500:1000] = 1e-160 * rng.normal(size=500)
    template = rng.normal(size=k)
    np.testing.assert_allclose(match_template(x, template), pearson(x, template), atol=1e-8)


def test_stretches_of_equal_values_are_like_nothing():
    x = np.full((2, 40), 0.1)
    x[1, 20] = 0.3
    y = match_template(x, [1.0, 2.0, 4.0])
    assert (y[0] == 0).all()
    assert np.flatnonzero(y[1]).tolist() == [18, 19, 20]


def test_copies_are_found_whatever_their_level_and_scale():
    rng = np.random.default_rng(2)
    template = rng.normal(size=(6, 5))
    x = rng.normal(size=(40, 50))
    x[10:16, 20:25] = 1e4 + 0.01 * template
    x[30:36, 3:8] = 7 - 100 * template
    y = match_template(x, template)
    assert np.unravel_index(y.argmax(), y.shape) == (10, 20)
    assert np.unravel_index(y.argmin(), y.shape) == (30, 3)
    np.testing.assert_allclose([y.max(), y.min()], [1, -1], atol=1e-12)


@pytest.mark.parametrize("block", [1, 40])
def test_blocks_do_not_matter(block, monkeypatch):
    x = np.random.default_rng(3).normal(size=(2, 50)) + 1e9
    expected = match_template(x, [1.0, 2.0, 0.0])
    monkeypatch.setattr(convolution.template, "BLOCK", block)
    np.testing.assert_array_equal(match_template(x, [1.0, 2.0, 0.0]), expected)


def test_axes_and_types():
    rng = np.random.default_rng(4)
    x, template = rng.normal(size=(9, 3, 8)), rng.normal(size=(4, 5))
    y = match_template(x, template, axes=(0, 2))
    assert y.shape == (6, 3, 4)
    np.testing.assert_allclose(y[:, 1], pearson(x[:, 1], template), atol=1e-12)
    single = match_template(x.astype("float32"), template, axes=(0, 2))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, y, atol=1e-6)
    whole = match_template(rng.integers(0, 256, 20, np.uint8), np.array([0, 200, 255], np.uint8))
    assert whole.dtype == np.float64


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_value_that_is_not_finite_spoils_only_what_it_touches(bad):
    x = np.random.default_rng(5).normal(size=30)
    clean = match_template(x, [0.0, 1.0, 5.0])
    x[12] = bad
    y = match_template(x, [0.0, 1.0, 5.0])
    assert np.flatnonzero(np.isnan(y)).tolist() == [10, 11, 12]
    np.testing.assert_allclose(np.delete(y, [10, 11, 12]), np.delete(clean, [10, 11, 12]))


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: match_template([1.0, 2], [[1, 2]]), ValueError, r"^template must have at most .*"),
        (
            lambda: match_template(np.ones((3, 3)), [1, 2], axes=(0, 1)),
            ValueError,
            r"^template must have one dimension per axis \(2\); got 1$",
        ),
        (
            lambda: match_template([1, 2, 3], [2, 2]),
            ValueError,
            "^template must hold .* equal$",
        ),
        (lambda: match_template([1, 2, 3], [np.nan, 2]), ValueError, "^template must hold finite"),
        (
            lambda: match_template([1, 2], [1, 2, 3]),
            ValueError,
            r"^template must not be longer .* got \(3,\) samples \(template\) and \(2,\) \(x\)$",
        ),
        (lambda: match_template([1j, 2], [1, 2]), TypeError, "^x must be real; got complex128$"),
        (lambda: match_template([1, 2], [1j, 2]), TypeError, "^template must be real; got compl"),
        (lambda: match_template([1, 2], [1, 2], mode="al"), ValueError, "^mode must be one of"),
        (lambda: match_template([1, 2], [1, 2], boundary="x"), ValueError, "^boundary must be one"),
        (lambda: match_template([1, 2], [1, 2], axes=1), ValueError, "^axes must be an axis"),
        (lambda: match_template([1, 2], [1, 2], workers=0), ValueError, "^workers must be"),
        (lambda: correlation_lags(0, 3), ValueError, "^n must be a whole number of at least 1"),
        (lambda: correlation_lags(3, 3, "ful"), ValueError, r"^mode must be .*mean 'full'\?\)$"),
        (
            lambda: correlation_lags(3, 5, "valid"),
            ValueError,
            r"^k must not be above n in mode 'valid'; got 5 \(k\) and 3 \(n\)$",
        ),
    ],
)
def test_one_sentence_for_each_mistake(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()
