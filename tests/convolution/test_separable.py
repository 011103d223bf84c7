"""Factors of kernels."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sigconv import convolve, kernels
from sigconv.convolution.separable import factors

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
