"""What "auto" takes."""

import functools
import math
import re

import numpy as np
import pytest

from sigconv import convolve, plan_convolution
from sigconv.convolution import choose
from sigconv.convolution.geometry import Geometry


def chosen(rows, weights):
    rows, weights = rows[np.newaxis], weights[np.newaxis]
    ones = (1,) * (rows.ndim - 1)
    geometry = Geometry(1, rows.shape[1:], weights.shape[1:], ones, ones)
    choice = choose.choose("auto", rows, weights, geometry)
    assert choice.cost > 0
    return choice.name


NOISE = np.random.default_rng(0).normal(size=100_000)
KERNEL = np.random.default_rng(1).normal(size=5_000)


@pytest.mark.parametrize(
    ("rows", "weights", "names"),
    [
        (NOISE[:10], KERNEL[:3], {"direct"}),
        (NOISE, KERNEL[:5], {"direct"}),
        (NOISE, KERNEL, {"fft", "overlap_save"}),
        (NOISE, np.ones(5_000), {"fft", "overlap_save", "running_sum"}),
        (NOISE.reshape(250, 400), KERNEL[:9].reshape(3, 3), {"direct"}),
        (NOISE.reshape(250, 400), np.outer(KERNEL[:21], KERNEL[:21]), {"separable"}),
        (NOISE.reshape(250, 400), KERNEL[:900].reshape(30, 30), {"fft", "overlap_save"}),
        ((NOISE * 9).astype(int), (KERNEL * 9).astype(int), {"fft", "overlap_save"}),
        ((NOISE * 1e12).astype(int), (KERNEL * 1e12).astype(int), {"direct"}),
    ],
)
def test_auto_takes_what_fits(rows, weights, names):
    assert chosen(rows, weights) in names


def test_auto_spreads_no_errors_over_a_wide_range_of_loudness():
    rows = NOISE.copy()
    rows[:60_000] *= 1e-7
    assert chosen(rows, KERNEL) == "direct"
    rows[:60_000] = 0  # silence has nothing to lose
    assert chosen(rows, KERNEL) != "direct"
    rows[:60_000] = NOISE[:60_000] * 1e-4
    assert chosen(rows, KERNEL) != "direct"


def test_auto_lets_no_transform_overflow():
    assert chosen(NOISE * 1e303, KERNEL) == "direct"
    assert np.isfinite(convolve(NOISE * 1e303, KERNEL / 1e3)).all()


def test_a_silent_channel_keeps_no_other_from_the_transform():
    rows = np.stack([NOISE, 0 * NOISE])
    geometry = Geometry(2, NOISE.shape, KERNEL.shape, (1,), (1,))
    assert not choose.choose("auto", rows, KERNEL[np.newaxis], geometry).method.local


def test_the_table_lists_the_methods_of_the_docstring():
    listed = re.search(r"method : {(.*?)}", convolve.__doc__, re.DOTALL)
    assert re.findall(r"\w+", listed[1]) == ["auto", *choose.METHODS]


def test_costs_grow_with_the_problem():
    def at(n, k):
        return Geometry(1, (n + k - 1,), (k,), (1,), (1,))

    for name, method in choose.METHODS.items():
        costs = [method.cost(at(n, 100), np.dtype(float)) for n in (10**4, 10**6, 10**7)]
        assert costs == sorted(costs), name
        assert all(math.isfinite(cost) and cost > 0 for cost in costs)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("lengths", "taps"),
    [((600,), (301,)), ((3_000,), (501,)), ((28, 28), (5, 5)), ((64, 64), (31, 31))],
)
def test_a_row_alone_has_the_bits_that_it_has_among_others(lengths, taps, dtype):
    rng = np.random.default_rng(3)
    x, h = rng.normal(size=(60, *lengths)).astype(dtype), rng.normal(size=taps)
    for kernel in (h, functools.reduce(np.multiply.outer, [np.hanning(k + 2)[1:-1] for k in taps])):
        together = convolve(x, kernel, mode="same")
        for n in (1, 2, 7):
            np.testing.assert_array_equal(convolve(x[:n], kernel, mode="same"), together[:n])
        planned = {
            plan_convolution((n, *lengths), kernel, x_dtype=dtype).method for n in (1, 7, 60)
        }
        assert len(planned) == 1
