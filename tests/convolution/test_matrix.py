"""The matrix form against the convolution itself, in every form."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import linalg, sparse

import sigconv

from .cases import random

BOUNDARIES = ["zero", "constant", "edge", "reflect", "symmetric", "wrap"]
PAIRS = [
    (sigconv.convolution_matrix, sigconv.convolve),
    (sigconv.correlation_matrix, sigconv.correlate),
]
SHAPES = {1: ((7,), (4,)), 2: ((6, 5), (2, 3)), 3: ((4, 5, 3), (2, 1, 2))}


@pytest.mark.parametrize("dtype", ["int64", "complex128"])
@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("ndim", [1, 2, 3])
@pytest.mark.parametrize(("matrix", "function"), PAIRS)
def test_the_product_is_the_convolution(matrix, function, ndim, mode, boundary, dtype):
    rng = np.random.default_rng(0)
    n, k = SHAPES[ndim]
    x, h = random(rng, n, dtype), random(rng, k, dtype)
    for stride, dilation in itertools.product([1, 2], [1, 2]):
        form = {"mode": mode, "boundary": boundary, "stride": stride, "dilation": dilation}
        y = function(x, h, method="direct", **form)
        c = matrix(h, n, **form)
        assert isinstance(c, sparse.csr_array)
        assert c.dtype == h.dtype
        assert c.has_canonical_format
        np.testing.assert_allclose(c @ x.ravel(), y.ravel(), rtol=1e-12, atol=1e-12)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_words_per_axis_and_kernels_longer_than_the_signal(data):
    ndim = data.draw(st.integers(1, 3))
    n, k, stride, dilation = (
        data.draw(st.tuples(*[st.integers(1, high)] * ndim)) for high in (6, 9 - 2 * ndim, 3, 3)
    )
    form = {"mode": data.draw(st.sampled_from(["full", "same"]))}
    form["boundary"] = data.draw(st.tuples(*[st.sampled_from(BOUNDARIES)] * ndim))
    form |= {"stride": stride, "dilation": dilation}
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    x, h = random(rng, n, "int64"), random(rng, k, "int64")
    for matrix, function in PAIRS:
        np.testing.assert_array_equal(matrix(h, n, **form) @ x.ravel(), function(x, h, **form).flat)


@pytest.mark.parametrize("ndim", [1, 2, 3])
def test_the_transpose_of_full_convolution_is_valid_correlation(ndim):
    rng = np.random.default_rng(ndim)
    n, k = SHAPES[ndim]
    h = random(rng, k, "int64")
    c = sigconv.convolution_matrix(h, n)
    y = random(rng, [a + b - 1 for a, b in zip(n, k, strict=True)], "int64")
    np.testing.assert_array_equal(c.T @ y.ravel(), sigconv.correlate(y, h, mode="valid").flat)


def test_the_transpose_of_valid_correlation_is_full_convolution():
    rng = np.random.default_rng(0)
    h, y = random(rng, (2, 3), "int64"), random(rng, (4, 3), "int64")
    c = sigconv.correlation_matrix(h, (5, 5), mode="valid")
    np.testing.assert_array_equal(c.T @ y.ravel(), sigconv.convolve(y, h).flat)


def test_the_gradient_of_a_layer_is_the_transpose():
    rng = np.random.default_rng(0)
    h, grad = random(rng, (3, 2), "int64"), random(rng, (2, 4), "int64")
    form = {"stride": (2, 1), "dilation": (1, 2)}
    c = sigconv.correlation_matrix(h, (6, 6), mode="valid", **form)
    back = sigconv.conv_nd_grad_input(grad[None, None], h[None, None], (6, 6), **form)
    np.testing.assert_array_equal(c.T @ grad.ravel(), back.ravel())


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_scipys_dense_one(mode):
    h = [1.0, 2.0, -5.0, 4.0]
    expected = linalg.convolution_matrix(h, 9, mode)
    c = sigconv.convolution_matrix(h, 9, mode=mode)
    np.testing.assert_array_equal(c.toarray(), expected)


def test_zeros_among_the_taps_take_no_memory():
    assert sigconv.convolution_matrix([1, 0, 0, 2], 10).nnz == 20
    assert sigconv.convolution_matrix([0.0], 3).nnz == 0


def test_half_precision_becomes_single():
    assert sigconv.convolution_matrix(np.ones(2, np.float16), 3).dtype == np.float32


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (
            lambda: sigconv.convolution_matrix([[1, 2]], (3, 3, 3)),
            ValueError,
            r"^input_shape must be one number or one per axis \(2\); got \(3, 3, 3\)$",
        ),
        (
            lambda: sigconv.convolution_matrix([1], 0),
            ValueError,
            "^input_shape must be .*; got 0",
        ),
        (lambda: sigconv.convolution_matrix([1], 2.5), TypeError, "^input_shape must be a whole"),
        (
            lambda: sigconv.correlation_matrix([1, 2, 3], 4, mode="valid", dilation=2),
            ValueError,
            r"^h must not be longer than the signal in mode 'valid'; got \(5,\) samples",
        ),
        (
            lambda: sigconv.convolution_matrix([1], 3, mode="sme"),
            ValueError,
            r"^mode must be one of .* got 'sme' \(did you mean 'same'\?\)$",
        ),
        (
            lambda: sigconv.convolution_matrix([1], 3, boundary="mirrored"),
            ValueError,
            "^boundary must be one of",
        ),
        (lambda: sigconv.convolution_matrix([1], 3, stride=0), ValueError, "^stride must be"),
        (lambda: sigconv.convolution_matrix([1], 3, dilation=0), ValueError, "^dilation must"),
        (lambda: sigconv.convolution_matrix([np.nan], 3), ValueError, "^h must hold finite num"),
        (lambda: sigconv.convolution_matrix(["a"], 3), TypeError, "^h must hold numbers"),
    ],
)
def test_one_sentence_for_each_mistake(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()
