"""Vectors in compiled code against the same arithmetic in NumPy."""

import numpy as np
import pytest
from numba import njit

from sigconv._simd import (
    BUNDLE,
    DOUBLES,
    VECTOR,
    every_fourth,
    fainter,
    fill,
    follow,
    greater,
    lanes_in,
    lesser,
    load,
    load_as,
    load_doubles,
    load_turned,
    louder,
    prefetch,
    settle,
    splat,
    store,
    store_few,
    store_in_turns,
    store_past,
    store_turned,
    sum_each,
    sum_lanes,
    swap_halves,
    transpose,
    turn_square,
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
def turn_and_back(x, i, step, columns, out, j):
    turned = load_turned(x, i, step)
    for k in range(len(turned)):
        store(columns, k * len(turned), turned[k])
    store_turned(out, j, step, turned)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_lines_are_turned_into_columns_of_doubles_and_back(dtype):
    n, step = DOUBLES, 21
    x = np.random.default_rng(0).normal(size=n * step + 3).astype(dtype)
    lines = np.stack([x[3 + k * step :][:n] for k in range(n)])
    columns, out = np.zeros(n * n), np.full(n * step + 2, 7, dtype)
    turn_and_back(x, 3, step, columns, out, 2)
    np.testing.assert_array_equal(columns.reshape(n, n), lines.T)
    for k in range(n):
        line = out[2 + k * step :][:step]
        np.testing.assert_array_equal(line[:n], lines[k])
        assert (line[n:] == 7).all()


@njit
def turn_two_and_swap(x, out, swapped):
    n = lanes_in(x)
    a, b = load(x, 0, VECTOR), load(x, n, VECTOR)
    c, d = load(x, 2 * n, VECTOR), load(x, 3 * n, VECTOR)
    turned = turn_square((a, b, c, d, a, b, c, d, d, c, b, a, d, c, b, a))
    for k in range(len(turned)):
        store(out, k * n, turned[k])
    store(swapped, 0, swap_halves(a))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_squares_side_by_side_are_turned_and_halves_swapped(dtype):
    n = VECTOR // np.dtype(dtype).itemsize
    x = np.arange(4 * n, dtype=dtype).reshape(4, n)
    out, swapped = np.zeros((2, DOUBLES, n), dtype), np.zeros(n, dtype)
    turn_two_and_swap(x.reshape(-1), out.reshape(-1), swapped)
    for turned, rows in zip(out, ([0, 1, 2, 3] * 2, [3, 2, 1, 0] * 2), strict=True):
        for first in range(0, n, DOUBLES):
            square = slice(first, first + DOUBLES)
            np.testing.assert_array_equal(turned[:, square], x[rows, square].T)
    np.testing.assert_array_equal(swapped, np.roll(x[0], n // 2))


@njit
def add_up_each(x, out):
    n = lanes_in(x)
    a, b = load(x, 0, VECTOR), load(x, n, VECTOR)
    store(out, 0, sum_each((a, b, a, a, b, b, a + b, a)))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_each_of_eight_vectors_is_summed(dtype):
    n = VECTOR // np.dtype(dtype).itemsize
    x, out = np.arange(2 * n, dtype=dtype), np.zeros(DOUBLES)
    add_up_each(x, out)
    a, b = x.reshape(2, n).sum(axis=1)
    np.testing.assert_array_equal(out, [a, b, a, a, b, b, a + b, a])


@njit
def store_some(x, out, first, count):
    store_few(out, first, load(x, 1, VECTOR), count)


@pytest.mark.parametrize("there", ["float32", "float64"])
@pytest.mark.parametrize("here", ["float32", "float64"])
def test_the_first_of_a_vector_are_stored_alone(here, there):
    n = VECTOR // np.dtype(here).itemsize
    x = np.arange(n + 2, dtype=here)
    for count in range(n + 1):
        out = np.full(n + 8, -1, there)
        store_some(x, out, 3, count)
        np.testing.assert_array_equal(out[3 : 3 + count], x[1 : 1 + count])
        assert (out[:3] == -1).all()
        assert (out[3 + count :] == -1).all()


@njit
def dealt_and_gathered(x, i, dealt, out, j):
    n = VECTOR // x.itemsize
    a, b = every_fourth(x, i, 0), every_fourth(x, i, 1)
    c, d = every_fourth(x, i, 2), every_fourth(x, i, 3)
    store(dealt, 0, a)
    store(dealt, n, b)
    store(dealt, 2 * n, c)
    store(dealt, 3 * n, d)
    store_in_turns(out, j, a, b, c, d, 0)
    first = -(out.ctypes.data // out.itemsize) % n
    store_in_turns(out, first + 8 * n, a, b, c, d, 1)
    settle()
    return first


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_vectors_are_dealt_to_and_gathered_in_turns(dtype):
    n = VECTOR // np.dtype(dtype).itemsize
    x = np.arange(5 * n, dtype=dtype)
    dealt, out = np.zeros(4 * n, dtype), np.zeros(14 * n, dtype)
    first = dealt_and_gathered(x, 3, dealt, out, 5)
    np.testing.assert_array_equal(dealt.reshape(4, n), x[3 : 3 + 4 * n].reshape(n, 4).T)
    np.testing.assert_array_equal(out[5 : 5 + 4 * n], x[3 : 3 + 4 * n])
    np.testing.assert_array_equal(out[first + 8 * n : first + 12 * n], x[3 : 3 + 4 * n])
    assert not out[first + 12 * n :].any()


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
def shifted(x, y, out):
    store(out, 0, follow(load_doubles(x, 0), load_doubles(y, 0), 1))
    store(out, 8, follow(load_doubles(x, 0), load_doubles(y, 0), 4))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_vectors_follow_each_other(dtype):
    x = np.random.default_rng(1).normal(size=70).astype(dtype)
    out = np.zeros(16)
    shifted(x, x[8:], out)
    np.testing.assert_array_equal(out, np.r_[x[7:15], x[4:12]])


@njit
def heard(x, out):
    bits = out.view(np.float64)
    for i in range(0, len(x), 8):
        store(bits, 0, louder(load(bits, 0, VECTOR), load_doubles(x, i)))
        store(bits, 8, fainter(load(bits, 8, VECTOR), load_doubles(x, i)))


def test_the_loudest_and_the_faintest_sample_of_each_lane():
    x = np.random.default_rng(2).normal(size=(5, 8))
    x[3, 2:5] = 0, -0.0, np.nan
    bits = np.zeros(16, np.int64)
    bits[8:] = -1
    heard(x.reshape(-1), bits)
    magnitudes = np.abs(x)
    loudest = bits[:8].view(float)
    np.testing.assert_array_equal(loudest, magnitudes.max(0))
    faintest = (bits[8:] + 1).view(float)
    np.testing.assert_array_equal(faintest, np.nanmin(np.where(x == 0, np.inf, magnitudes), 0))
    silent = np.zeros(16, np.int64)
    silent[8:] = -1
    heard(np.zeros(8), silent)
    assert (silent[8:] == -1).all()


@njit
def copy_past(x, out):
    for i in range(0, len(x), 8):
        prefetch(x, i + 1_000_000)
        store_past(out, i, load_doubles(x, i))
    settle()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_stores_past_the_caches(dtype):
    x = np.random.default_rng(3).normal(size=800)
    memory = np.zeros(832, dtype)
    skip = -(memory.ctypes.data // memory.itemsize) % 8
    out = memory[skip : skip + 800]
    copy_past(x, out)
    np.testing.assert_array_equal(out, x.astype(dtype))
    assert (memory[:skip] == 0).all()
    assert (memory[skip + 800 :] == 0).all()


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
