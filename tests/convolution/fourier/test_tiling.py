"""Tiles cover the outputs, fit the vectors, and do not depend on the number of rows."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigconv._simd import VECTOR
from sigconv.convolution.fourier import tiling
from sigconv.convolution.geometry import Geometry


@st.composite
def problems(draw):
    n_axes = draw(st.integers(1, 3))
    taps = tuple(draw(st.integers(1, 300 if n_axes == 1 else 20)) for _ in range(n_axes))
    extended = tuple(k + draw(st.integers(0, 400 // n_axes**2)) for k in taps)
    ones = (1,) * n_axes
    return Geometry(draw(st.integers(1, 5)), extended, taps, ones, ones)


def _odd_part(n):
    return n // (n & -n)


@given(problems(), st.sampled_from([4, 8]))
def test_tiles_hold_the_kernel_and_cover_the_outputs(problem, itemsize):
    choice = tiling.best(problem, itemsize)
    plan = tiling.tiling(problem, choice.shape)
    lanes = VECTOR // (4 if choice.dtype == "float32" else 8)
    depth, height, width = choice.shape
    assert all(_odd_part(n) in (1, 3, 5, 9, 15) for n in choice.shape)
    assert width % lanes == 0
    assert (width if depth * height == 1 else depth * height) % lanes == 0
    assert all(s >= 1 for s in plan.step)
    for m, s, n in zip(tiling.triple(problem.output), plan.step, plan.counts, strict=True):
        assert (n - 1) * s < m <= n * s
    assert math.isfinite(choice.time)
    assert choice.time > 0


def test_a_row_is_cut_alike_among_any_number_of_rows():
    def shape(n_rows):
        return tiling.best(Geometry(n_rows, (5000,), (200,), (1,), (1,)), 8).shape

    assert shape(1) == shape(2) == shape(1000)


@pytest.mark.parametrize("itemsize", [4, 8])
def test_kernels_beyond_the_longest_transform_are_left_to_others(itemsize):
    taps = tiling.LONGEST + 1
    assert math.isinf(tiling.best(Geometry(1, (2 * taps,), (taps,), (1,), (1,)), itemsize).time)


def test_long_lines_fall_into_whole_cache_lines():
    plan = tiling.tiling(Geometry(1, (40_000,), (500,), (1,), (1,)), (1, 1, 4096))
    assert plan.step == (1, 1, 3584)
    short = tiling.tiling(Geometry(1, (40_000,), (500,), (1,), (1,)), (1, 1, 512))
    assert short.step == (1, 1, 13)


def test_short_rows_of_floats_are_transformed_in_single_precision_where_they_may_be():
    def arithmetic(n, taps):
        return tiling.best(Geometry(1, (n + taps - 1,), (taps,), (1,), (1,)), 4).dtype

    assert arithmetic(100_000, 20_001) == arithmetic(10_000, 20_001) == "float32"
    assert arithmetic(10_000, 3301) == "float64"  # half of a window is too little there
