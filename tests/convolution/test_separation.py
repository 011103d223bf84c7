"""Kernels taken apart into outer products."""

import functools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sigconv import convolve, kernels, separate

from .cases import random


def total(terms, dtype=None):
    """Return the sum of outer products, in extended precision or a type."""
    wide = [[v.astype(dtype or np.result_type(v, np.longdouble)) for v in term] for term in terms]
    return sum(functools.reduce(np.multiply.outer, term) for term in wide)


def missing(h, terms):
    return float(np.abs(h - total(terms)).sum() / np.abs(h).sum())


def made_of(rank, shape, dtype, seed=0):
    rng = np.random.default_rng(seed)
    terms = [[random(rng, n, dtype, scale=5) for n in shape] for _ in range(rank)]
    return total(terms, np.result_type(dtype, np.int64)).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("shape", [(7,), (5, 9), (9, 5), (4, 5, 6), (3, 2, 4, 3)])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_the_terms_add_up_to_the_kernel(rank, shape, dtype):
    h = made_of(rank, shape, dtype)
    terms, error = separate(h)
    eps = float(np.finfo(dtype).eps)
    assert all([len(v) for v in term] == list(shape) for term in terms)
    assert all(v.dtype == dtype for term in terms for v in term)
    assert missing(h, terms) == pytest.approx(error, rel=1e-3, abs=eps / 100)
    # float32 kernels are themselves rounded, which no three terms give back
    assert error < (4 if len(shape) < 3 else 16) * eps
    if dtype in ("float64", "complex128") and len(shape) == 2:
        assert len(terms) == rank


@pytest.mark.parametrize("ndim", [2, 3])
def test_ranks_of_known_kernels(ndim):
    def rank(h):
        return len(separate(h).terms)

    assert rank(kernels.gaussian(2, ndim=ndim)) == 1
    assert rank(kernels.sobel(0, ndim=ndim)) == 1
    assert rank(kernels.laplacian(ndim)) == ndim
    assert rank(kernels.laplacian(ndim, diagonal=True)) == 2
    size = 15
    x = np.arange(size) - size // 2
    gauss = functools.reduce(np.multiply.outer, [np.exp(-(x**2) / 8)] * ndim)
    grid = np.meshgrid(*[x] * ndim, indexing="ij")
    square = sum(g**2 for g in grid)
    assert rank(gauss * (square - 4.0 * ndim)) == {2: 2, 3: 4}[ndim]  # Laplacian of gaussian
    assert rank(gauss * np.cos(0.3 * sum(grid))) == {2: 2, 3: 4}[ndim]  # Gabor


def test_full_rank_and_terms_by_size():
    h = np.random.default_rng(0).normal(size=(9, 12))
    terms, error = separate(h)
    sizes = [math.prod(np.abs(v).sum() for v in term) for term in terms]
    assert len(terms) == 9
    assert error < 1e-15
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("rtol", [0.5, 0.1, 0.01])
def test_fewer_terms_for_less_precision(rtol):
    y, x = np.mgrid[-7:8, -7:8]
    disk = (np.hypot(x, y) < 7.5).astype(float)
    terms, error = separate(disk, rtol)
    assert error <= rtol
    assert missing(disk, terms) == pytest.approx(error, abs=1e-15)
    assert missing(disk, terms[:-1]) > rtol  # one less would not do
    signal = np.random.default_rng(1).normal(size=(60, 60))
    off = np.abs(convolve(signal, disk) - convolve(signal, total(terms).astype(float))).max()
    assert off <= error * np.abs(disk).sum() * np.abs(signal).max()


@settings(deadline=None, max_examples=60)
@given(
    hnp.arrays(
        np.int64,
        hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=5),
        elements=st.integers(-20, 20),
    )
)
def test_integers_come_apart_into_integers(h):
    terms, error = separate(h)
    assert error == 0
    assert all(v.dtype == np.int64 for term in terms for v in term)
    np.testing.assert_array_equal(total(terms, object), h)
    if h.ndim == 2:
        assert len(terms) == max(1, np.linalg.matrix_rank(h))


def test_integers_of_low_rank_stay_exact_where_they_do_not_fit():
    rng = np.random.default_rng(3)
    a, b = rng.integers(-(2**62), 2**62, (2, 8)), rng.integers(-9, 9, (2, 8))
    h = a.T @ b  # wraps around, so that its rank is 2 only in integers that wrap
    terms, error = separate(h)
    assert error == 0
    np.testing.assert_array_equal(total(terms, np.int64), h)


def test_symmetric_kernels_have_symmetric_factors():
    y, x = np.mgrid[-7:8, -7:8]
    for h in (np.exp(-np.hypot(x, y)), x * np.exp(-np.hypot(x, y))):
        terms, _ = separate(h)
        for vector in (v for term in terms for v in term):
            even, odd = (np.array_equal(vector, s * vector[::-1]) for s in (1, -1))
            assert even or odd


@pytest.mark.parametrize(
    ("h", "rtol", "error", "sentence"),
    [
        ([], None, ValueError, "^h must not be empty"),
        ([[1.0, np.nan]], None, ValueError, "^h must hold finite numbers; got values that are not"),
        ([["a"]], None, TypeError, "^h must hold numbers"),
        ([[1.0]], -1, ValueError, "^rtol must be a finite number at least 0; got -1$"),
        ([[1.0]], "much", TypeError, "^rtol must be a finite number at least 0; got 'much'$"),
    ],
)
def test_one_sentence_for_each_mistake(h, rtol, error, sentence):
    with pytest.raises(error, match=sentence):
        separate(h, rtol)
