"""The benchmark's cells: the listed sizes, the drawn ones, and the right answers beside them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

import sigconv
from benchmarks.convolution import cases
from benchmarks.timing import error
from tests import oracles
from tests.convolution.cases import BUDGET

PARTS = ("1d", "2d", "box", "3d")

#: One of every kind: even, odd, channels, a kernel longer than the signal, no two axes alike.
SMALL = [
    cases.Cell(shape, taps, dtype, kind)
    for dtype in cases.DTYPES
    for shape, taps, kind in (
        ((50,), (3,), "any"),
        ((50,), (10,), "any"),
        ((20,), (31,), "any"),
        ((3, 40), (6,), "any"),
        ((3, 40), (7,), "box"),
        ((12, 9), (4, 5), "any"),
        ((12, 9), (5, 3), "gaussian"),
        ((8, 9), (2, 3), "box"),
        ((6, 7, 5), (3, 4, 3), "any"),
        ((6, 7, 5), (3, 5, 3), "gaussian"),
    )
]


def same(problem):
    """Return the whole answer by the naive definition."""
    x, h = problem.x, problem.h
    rows = x.reshape(-1, *x.shape[x.ndim - h.ndim :])
    return np.array([oracles.convolve(row, h, "same") for row in rows]).reshape(x.shape)


@pytest.mark.parametrize("cell", SMALL, ids=lambda cell: cell.name)
def test_the_right_answers_are_the_definition_s(cell):
    problem = cases.make(cell)
    naive = same(problem)[problem.places]
    exact = problem.exact()
    assert exact.dtype == np.longdouble
    # the order of the sum differs
    assert error(exact, naive) <= 64 * np.finfo(np.longdouble).eps
    assert error(sigconv.convolve(problem.x, problem.h, mode="same")[problem.places], exact) <= (
        BUDGET * np.finfo(cell.dtype).eps
    )


@pytest.mark.parametrize("cell", SMALL, ids=lambda cell: cell.name)
def test_the_error_of_scipy_s_direct_method_is_that_of_its_whole_call(cell):
    problem = cases.make(cell)
    rows = problem.x.reshape(-1, *problem.x.shape[problem.x.ndim - cell.ndim :])
    whole = [signal.convolve(row, problem.h, mode="same", method="direct") for row in rows]
    whole = np.reshape(whole, problem.x.shape)[problem.places]
    exact, eps = problem.exact(), np.finfo(cell.dtype).eps
    assert error(problem.direct(), whole) <= 2 * eps
    assert error(whole, exact) <= 2 * error(problem.direct(), exact) + eps


@pytest.mark.parametrize("cell", SMALL, ids=lambda cell: cell.name)
def test_data_are_what_the_cell_says(cell):
    problem = cases.make(cell)
    assert problem.x.dtype == problem.h.dtype == cell.dtype
    assert (problem.x.shape, problem.h.shape) == (cell.shape, cell.taps)
    assert {place[-1] for place in map(tuple, np.transpose(problem.places))} >= {
        0,
        cell.shape[-1] - 1,
    }
    if cell.kind != "any":
        assert np.linalg.matrix_rank(problem.h.reshape(cell.taps[0], -1), tol=1e-6) == 1
    np.testing.assert_array_equal(cases.make(cell).x, problem.x)


SHORT = {"1d": 12_000, "2d": 80, "box": 80, "3d": 20}


@pytest.mark.parametrize("part", PARTS)
def test_every_listed_kernel_on_a_short_signal(part):
    done = set()
    for cell in cases.grid(part):
        n_batch = len(cell.shape) - cell.ndim
        shape = tuple(min(3, n) for n in cell.shape[:n_batch])
        shape += tuple(min(SHORT[part], n) for n in cell.shape[n_batch:])
        short = replace(cell, shape=shape)
        if short in done:
            continue
        done.add(short)
        problem = cases.make(short)
        y = sigconv.convolve(problem.x, problem.h, mode="same")
        assert error(y[problem.places], problem.exact()) <= BUDGET * np.finfo(cell.dtype).eps


def test_the_listed_sizes_are_the_issue_s():
    one = cases.grid("1d")
    assert {cell.shape for cell in one} == {(10**4,), (10**5,), (10**6,), (10**7,), (64, 10**5)}
    assert {cell.taps for cell in one} == {(k,) for k in (3, 10, 31, 101, 257, 501, 3301, 20_001)}
    hard = [cell for cell in one if cell.least == 3]
    assert len(hard) == 2 * 2 * 4  # types, lengths, kernels
    assert all(cell.taps[0] >= 257 and cell.shape[-1] >= 10**6 for cell in hard)
    two, three = cases.grid("2d"), cases.grid("3d")
    assert {cell.shape[0] for cell in two} == {512, 2048}
    assert {cell.taps[0] for cell in two} == {3, 5, 7, 15, 31, 63}
    assert {cell.shape[0] for cell in three} == {64, 128, 256}
    assert {cell.taps[0] for cell in three} == {3, 5, 9, 15}
    assert {cell.least for cell in two} == {1.2}
    for part, n in (("1d", 80), ("2d", 48), ("box", 24), ("3d", 48)):
        assert len(set(cases.grid(part))) == n


@given(st.integers(0, 2**32), st.sampled_from([cell for p in PARTS for cell in cases.grid(p)]))
def test_drawn_cells_lie_near_the_listed_ones(seed, cell):
    drawn = cases.near(cell, np.random.default_rng(seed))
    assert drawn.drawn
    assert (drawn.dtype, drawn.kind, drawn.least) == (cell.dtype, cell.kind, cell.least)
    for old, new, share in [
        *((old, new, 0.08) for old, new in zip(cell.shape, drawn.shape, strict=True)),
        *((old, new, 0.15) for old, new in zip(cell.taps, drawn.taps, strict=True)),
    ]:
        assert 0 < abs(new - old) <= max(3, share * old)
        assert bin(new).count("1") > 1


def test_drawn_cells_repeat_with_the_seed():
    cell = cases.grid("2d")[0]
    first, again, other = (cases.near(cell, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first == again != other
