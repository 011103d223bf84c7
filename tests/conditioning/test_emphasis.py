"""Pre-emphasis and its inverse against librosa."""

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sigconv
from sigconv import Recording

rng = np.random.default_rng(3)


@pytest.mark.parametrize("coefficient", [0.0, 0.5, 0.97])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_is_librosas(coefficient, dtype):
    x = rng.standard_normal((2, 500)).astype(dtype)
    atol = 1e-6 if dtype == np.float32 else 1e-12
    y = sigconv.pre_emphasis(x, coefficient)
    assert y.dtype == dtype
    np.testing.assert_allclose(y, librosa.effects.preemphasis(x, coef=coefficient), atol=atol)
    back = sigconv.de_emphasis(x, coefficient)
    expected = librosa.effects.deemphasis(x, coef=coefficient)
    np.testing.assert_allclose(back, expected, atol=30 * atol)


def test_the_definition():
    x = rng.standard_normal((3, 50))
    before = rng.standard_normal(3)
    for previous in (0, 2.5, before):
        shifted = np.concatenate([np.broadcast_to(previous, 3)[:, None], x[:, :-1]], axis=1)
        y = sigconv.pre_emphasis(x, 0.9, previous=previous)
        np.testing.assert_allclose(y, x - 0.9 * shifted, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(sigconv.de_emphasis(y, 0.9, previous=previous), x, atol=1e-12)
    np.testing.assert_array_equal(
        sigconv.pre_emphasis(x.T, 0.9, previous=before, axis=0).T,
        sigconv.pre_emphasis(x, 0.9, previous=before, workers=1),
    )


@given(seed=st.integers(0, 99), cut=st.integers(2, 98), coefficient=st.floats(0, 0.99))
@settings(deadline=None, max_examples=30)
def test_back_and_forth_and_piece_by_piece(seed, cut, coefficient):
    x = np.random.default_rng(seed).standard_normal(100)
    y = sigconv.pre_emphasis(x, coefficient)
    np.testing.assert_allclose(sigconv.de_emphasis(y, coefficient), x, atol=1e-10)
    tail = sigconv.pre_emphasis(x[cut:], coefficient, previous=x[cut - 1])
    np.testing.assert_allclose(tail, y[cut:], rtol=1e-13, atol=1e-15)
    tail = sigconv.de_emphasis(y[cut:], coefficient, previous=x[cut - 1])
    np.testing.assert_allclose(tail, x[cut:], atol=1e-10)


def test_recordings_and_integers():
    x = Recording(rng.standard_normal((2, 100)), 8000, kinds=["audio", "stim"], units="")
    y = sigconv.pre_emphasis(x, 0.9)
    np.testing.assert_array_equal(y.data[0], sigconv.pre_emphasis(x.data[0], 0.9))
    np.testing.assert_array_equal(y.data[1], x.data[1])
    counts = np.arange(9, dtype=np.int16)
    assert sigconv.pre_emphasis(counts).dtype == np.float64
    np.testing.assert_allclose(sigconv.de_emphasis(sigconv.pre_emphasis(counts)), counts)


@pytest.mark.parametrize("function", [sigconv.pre_emphasis, sigconv.de_emphasis])
@pytest.mark.parametrize(
    ("x", "options", "error", "sentence"),
    [
        (
            [1.0, 2],
            {"coefficient": 1},
            ValueError,
            "coefficient must be a finite number at least 0",
        ),
        ([1.0, 2], {"coefficient": -0.1}, ValueError, "coefficient must be a finite number at lea"),
        ([1.0, 2], {"previous": "a"}, TypeError, "previous must hold numbers; got 'a'"),
        (
            [1.0, 2],
            {"previous": [1, 2]},
            ValueError,
            r"previous must be one number or one for each",
        ),
        ([1.0], {}, ValueError, "x must have two samples along its axis at least without"),
    ],
)
def test_sentences(function, x, options, error, sentence):
    with pytest.raises(error, match=sentence):
        function(x, **options)
