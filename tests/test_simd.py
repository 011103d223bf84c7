"""Vectors in compiled code against the same arithmetic in NumPy."""

import numpy as np
import pytest
from numba import njit

from sigconv._simd import BUNDLE, VECTOR, fill, load, store, transpose, zeros


@njit
def combine(x, y, i, j, out):
    v, w = load(x, i, VECTOR), load(y, j, VECTOR)
    store(out, i, (v + w) * fill(y, j, VECTOR) - w + zeros(x, VECTOR))


@njit
def combine_bundles(x, y, i, j, out):
    v, w = load(x, i, BUNDLE), load(y, j, BUNDLE)
    store(out, i, (v + w) * fill(y, j, BUNDLE) - w + zeros(x, BUNDLE))


@njit
def turn(x, i, out, j):
    n = VECTOR // x.itemsize
    transpose(x, i, n, out, j, n)


@pytest.mark.parametrize(("function", "size"), [(combine, VECTOR), (combine_bundles, BUNDLE)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_arithmetic_at_any_alignment(function, size, dtype):
    rng = np.random.default_rng(0)
    lanes = size // np.dtype(dtype).itemsize
    x, y = rng.integers(-99, 99, (2, lanes + 20)).astype(dtype)
    for i in range(10):
        out = np.full(lanes + 20, 7, dtype)
        function(x, y, i, 3, out)
        v, w = x[i : i + lanes], y[3 : 3 + lanes]
        np.testing.assert_array_equal(out[i : i + lanes], (v + w) * y[3] - w)
        assert (out[:i] == 7).all()
        assert (out[i + lanes :] == 7).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_square_is_transposed_in_registers_and_in_place(dtype):
    n = VECTOR // np.dtype(dtype).itemsize
    x = np.arange(n * n + 5, dtype=dtype)
    out = np.zeros_like(x)
    turn(x, 3, out, 2)
    expected = x[3 : 3 + n * n].reshape(n, n).T.copy()
    np.testing.assert_array_equal(out[2 : 2 + n * n].reshape(n, n), expected)
    turn(x, 3, x, 3)
    np.testing.assert_array_equal(x[3 : 3 + n * n].reshape(n, n), expected)
