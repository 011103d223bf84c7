"""Factors of kernels."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import signal

from sigconv import convolve, kernels
from sigconv.convolution import extended, separable
from sigconv.convolution.separable import factors
from sigconv.convolution.separable_jit import correlate_outer
from sigconv.convolution.volumes_jit import correlate_volumes
from tests import oracles

from .cases import random


@pytest.mark.parametrize("dtype", ["int64", "float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4), (2, 2, 2, 3)])
def test_an_outer_product_comes_apart(shape, dtype):
    rng = np.random.default_rng(0)
    vectors = [random(rng, n, dtype, scale=9) for n in shape]
    kernel = functools.reduce(np.multiply.outer, vectors)
    found = factors(kernel)
    again = functools.reduce(np.multiply.outer, found)
    assert [len(vector) for vector in found] == list(shape)
    assert again.dtype == kernel.dtype
    eps = 0 if dtype == "int64" else np.finfo(dtype).eps
    assert np.abs(again - kernel).sum() <= 4 * eps * np.abs(kernel).sum()


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        hnp.arrays(np.int64, st.integers(1, 4), elements=st.integers(-30, 30)),
        min_size=2,
        max_size=3,
    )
)
def test_integer_factors_are_integer_and_exact(vectors):
    kernel = functools.reduce(np.multiply.outer, vectors)
    found = factors(kernel)
    assert all(vector.dtype == np.int64 for vector in found)
    np.testing.assert_array_equal(functools.reduce(np.multiply.outer, found), kernel)


def test_what_is_no_outer_product_does_not():
    assert factors(np.array([[1, 0], [0, 1]])) is None
    assert factors(kernels.laplacian().astype(float)) is None
    nearly = np.outer([1.0, 2.0], [3.0, 4.0])
    nearly[0, 0] += 1e-12
    assert factors(nearly) is None


def test_the_smallest_integers_are_left_to_other_methods():
    lowest = np.iinfo(np.int64).min
    assert factors(np.array([[lowest, 0]])) is None
    assert factors(np.array([lowest, 3]))[0].tolist() == [lowest, 3]
    assert convolve([[2, 3]], [[lowest, 0]]).tolist() == [[0, lowest, 0]]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("taps", [(1, 1), (1, 4), (2, 1), (3, 3), (4, 9), (300, 2), (5, 140)])
def test_images_of_every_size(taps, dtype):
    rng = np.random.default_rng(1)
    high, wide = (rng.integers(-3, 4, n).astype(dtype) for n in taps)
    high[0] = wide[0] = 1  # whole factors: their sums are exact
    high[1:] %= 2
    wide[1:] %= 2
    h = np.outer(high, wide)
    for shape in [(1, 1), (3, 5), (9, 130), (5, 300)]:
        x = rng.integers(-9, 9, shape).astype(dtype)
        np.testing.assert_array_equal(convolve(x, h, method="separable"), oracles.convolve(x, h))
        for boundary in (("wrap", "edge"), ("reflect", "symmetric"), "wrap"):
            form = {"mode": "same", "boundary": boundary}
            y = convolve(x, h, method="separable", **form)
            np.testing.assert_array_equal(y, convolve(x.astype(int), h.astype(int), **form))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("strip", [33, 64, 1000])
def test_strips_and_groups_change_no_bit(strip, dtype):
    rng = np.random.default_rng(2)
    x = rng.normal(size=(2, 30, 150)).astype(dtype)
    high, wide = rng.normal(size=(2, 1, 5)).astype(dtype)
    laid = extended.whole(x)
    expected = np.empty((2, 26, 146), dtype)
    assert correlate_outer(*laid, high, wide, expected, 146, False, False, 0, 2 * 7)
    for i in range(2):
        exact = oracles.convolve(x[i], np.outer(high[0], wide[0])[::-1, ::-1], mode="valid")
        np.testing.assert_allclose(expected[i], exact, atol=100 * np.finfo(dtype).eps)
    y = np.full_like(expected, np.nan)
    for item in range(2 * 7 * max(1, 146 // strip)):
        assert correlate_outer(*laid, high, wide, y, strip, False, False, item, item + 1)
    np.testing.assert_array_equal(y, expected)
    assert correlate_outer(
        *laid, high, wide, y, strip, True, False, 0, 2 * 7 * max(1, 146 // strip)
    )
    np.testing.assert_allclose(y, 2 * expected, rtol=8 * np.finfo(dtype).eps, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("boundary", ["wrap", "reflect", "edge", "constant"])
@pytest.mark.parametrize("mode", ["full", "same"])
def test_wide_images_in_strips(mode, boundary, dtype):
    rng = np.random.default_rng(3)
    high, wide = np.zeros(200, dtype), rng.choice([-1, 1], 9).astype(dtype)
    high[::40] = rng.integers(1, 4, 5)
    x = rng.integers(-9, 9, (6, 2300)).astype(dtype)
    assert 2300 * x.itemsize // 2 > separable.STRIP // 203  # two strips or more
    form = {"mode": mode, "boundary": boundary, "cval": 2 * (boundary == "constant")}
    whole = [values.astype(int) for values in (x, np.outer(high, wide))]
    y = convolve(x, np.outer(high, wide), method="separable", **form)
    np.testing.assert_array_equal(y, convolve(*whole, **form))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("taps", [(1, 1, 1), (3, 1, 4), (2, 5, 3), (9, 6, 2), (280, 2, 3)])
def test_volumes_of_every_size(taps, dtype):
    rng = np.random.default_rng(4)
    vectors = [rng.choice([-1, 0, 1], n).astype(dtype) for n in taps]
    for vector in vectors:
        vector[0] = 1
    h = functools.reduce(np.multiply.outer, vectors)
    for shape in [(1, 1, 1), (3, 5, 2), (6, 4, 19), (9, 13, 70)]:
        x = rng.integers(-9, 9, shape).astype(dtype)
        for boundary in ("zero", ("wrap", "edge", "reflect"), ("symmetric", "wrap", "wrap")):
            form = {"mode": "same", "boundary": boundary}
            y = convolve(x, h, method="separable", **form)
            np.testing.assert_array_equal(y, convolve(x.astype(int), h.astype(int), **form))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_bands_and_groups_of_planes_change_no_bit(mode, dtype, monkeypatch):
    rng = np.random.default_rng(5)
    x = rng.normal(size=(2, 11, 70, 33)).astype(dtype)
    vectors = [rng.normal(size=n) for n in (4, 3, 5)]
    h = functools.reduce(np.multiply.outer, vectors).astype(dtype)
    form = {"mode": mode, "method": "separable", "axes": (1, 2, 3)}
    form |= {} if mode == "valid" else {"boundary": "constant", "cval": 0.3}
    expected = convolve(x, h, workers=1, **form)
    monkeypatch.setattr(separable, "PLANES", 1)
    np.testing.assert_array_equal(convolve(x, h, workers=1, **form), expected)
    direct = convolve(x, h, **{**form, "method": "direct"})
    np.testing.assert_allclose(expected, direct, atol=200 * np.finfo(dtype).eps)
    laid = extended.whole(x[:1])
    kernels = [vector[np.newaxis, ::-1].astype(dtype) for vector in vectors]
    y = np.zeros((1, 8, 68, 29), dtype)
    for _ in range(2):
        for item in range(2 * 2):
            assert correlate_volumes(*laid, *kernels, y, 36, True, item, item + 1)
    once = np.zeros_like(y)
    assert correlate_volumes(*laid, *kernels, once, 68, False, 0, 2)
    np.testing.assert_allclose(y, 2 * once, rtol=8 * np.finfo(dtype).eps, atol=1e-6)
    laid.rows[0, 5, 40, 20] = np.nan
    assert not correlate_volumes(*laid, *kernels, once, 68, False, 0, 2)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_found(value):
    h = np.ones((3, 3), "f4")
    for at in [(0, 0), (11, 69), (0, 69), (5, 30)]:
        x = np.ones((12, 70), "f4")
        x[at] = value
        y = convolve(x, h, mode="same", method="separable")
        touched = np.zeros(x.shape, bool)
        touched[max(0, at[0] - 1) : at[0] + 2, max(0, at[1] - 1) : at[1] + 2] = True
        np.testing.assert_array_equal(np.isnan(y), touched)


@pytest.mark.parametrize("axis", [0, 1])
def test_derivatives_of_bright_images_are_as_exact_as_scipys(axis):
    rng = np.random.default_rng(axis)
    x = rng.normal(1000, 1, (90, 100)).astype(np.float32)
    smooth, slope = signal.windows.gaussian(9, 1.5), np.gradient(signal.windows.gaussian(9, 1.5))
    h = np.multiply.outer(*((slope, smooth) if axis == 0 else (smooth, slope)))
    h = h.astype(np.float32)
    exact = signal.convolve(x.astype(float), h.astype(float), "valid", method="direct")
    theirs = signal.convolve(x, h, "valid", method="direct") - exact
    for method in ("separable", "auto"):
        error = convolve(x, h, mode="valid", method=method) - exact
        assert np.sqrt((error**2).mean()) <= 2 * np.sqrt((theirs**2).mean())


@pytest.mark.parametrize("method", ["separable", "direct"])
@pytest.mark.parametrize("taps", [(3, 3), (5, 4), (9, 9), (3, 3, 3), (3, 4, 9)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_bits_of_an_output_are_the_same_wherever_it_lies(method, taps, dtype):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 70) if len(taps) == 2 else (20, 30, 40)).astype(dtype)
    h = functools.reduce(np.multiply.outer, [rng.uniform(1, 2, k) for k in taps]).astype(dtype)
    whole = convolve(x, h, mode="valid", method=method)
    for _ in range(20):
        first = [int(rng.integers(0, n - k - 2)) for n, k in zip(x.shape, taps, strict=True)]
        piece = np.ascontiguousarray(x[tuple(slice(start, None) for start in first)])
        answer = convolve(piece, h, mode="valid", method=method)
        np.testing.assert_array_equal(answer, whole[tuple(slice(start, None) for start in first)])
