"""Vectors in compiled code against the same arithmetic in NumPy."""

import numpy as np
import pytest
from numba import njit

from sigconv._simd import (
    BUNDLE,
    VECTOR,
    fill,
    follow,
    greater,
    lesser,
    load,
    load_as,
    load_doubles,
    load_square,
    splat,
    store,
    store_doubles,
    store_square,
    sum_lanes,
    sum_lines,
    transpose,
    zeros,
)


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


@njit
def double(x, like, out):
    vector = load_as(x, 1, like)
    store(out, 2, vector + vector * splat(like[0], like))
    return sum_lanes(vector)


@pytest.mark.parametrize("there", ["float32", "float64"])
@pytest.mark.parametrize("between", ["float32", "float64"])
def test_vectors_of_another_precision_on_the_way(there, between):
    lanes = VECTOR // np.dtype(between).itemsize
    x, out = np.arange(40, dtype=there) + 0.25, np.zeros(40, there)
    total = double(x, np.ones(1, between), out)
    assert total == x[1 : 1 + lanes].sum()
    np.testing.assert_array_equal(out[2 : 2 + lanes], 2 * x[1 : 1 + lanes])
    assert not out[2 + lanes :].any()


@njit
def turn_and_back(x, i, out, j):
    store_square(out, j, load_square(x, i))


@njit
def add_lines(x, i, out):
    store_doubles(out, 0, sum_lines(x, i))


@njit
def shifted(x, y, out):
    store_doubles(out, 0, follow(load_doubles(x, 0), load_doubles(y, 0)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_squares_of_doubles(dtype):
    x = np.random.default_rng(1).normal(size=70).astype(dtype)
    out = np.zeros_like(x)
    turn_and_back(x, 3, out, 2)
    np.testing.assert_array_equal(out[2:66], x[3:67])
    sums = np.zeros(8)
    add_lines(x, 3, sums)
    a = x[3:67].astype(float).reshape(8, 4, 2).sum(2)
    np.testing.assert_array_equal(sums, (a[:, 0] + a[:, 1]) + (a[:, 2] + a[:, 3]))
    shifted(x, x[8:], sums)
    np.testing.assert_array_equal(sums, x[7:15])


@njit
def in_order(x, y, low, high):
    store(low, 0, lesser(load(x, 0, VECTOR), load(y, 0, VECTOR)))
    store(high, 0, greater(load(x, 0, VECTOR), load(y, 0, VECTOR)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_two_vectors_are_put_in_order(dtype):
    n = VECTOR // np.dtype(dtype).itemsize
    x, y = np.random.default_rng(2).normal(size=(2, n)).astype(dtype)
    x[:4], y[:4] = [0.0, -0.0, np.inf, -np.inf], [-0.0, 0.0, 1, 1]
    low, high = np.empty_like(x), np.empty_like(x)
    in_order(x, y, low, high)
    np.testing.assert_array_equal(low, np.minimum(x, y))
    np.testing.assert_array_equal(high, np.maximum(x, y))
    # of two zeros each keeps its own sign: nothing comes twice
    np.testing.assert_array_equal(np.signbit(low[:2]) ^ np.signbit(high[:2]), True)
