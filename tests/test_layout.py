"""Axes, boundaries and threads."""

import itertools
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from sigconv import _layout

rng = np.random.default_rng(0)


@pytest.mark.parametrize("axes", [(0,), (1,), (-1,), (2, 0), (0, 1, 2), (1, 2)])
def test_rows_and_back(axes):
    x = np.arange(24).reshape(2, 3, 4)
    rows, batch = _layout.to_rows(x, axes)
    assert rows.flags.c_contiguous
    assert rows.shape[1:] == tuple(x.shape[axis] for axis in axes)
    assert rows.shape[0] * np.prod(rows.shape[1:]) == x.size
    np.testing.assert_array_equal(_layout.from_rows(rows, batch, axes), x)
    out = np.empty_like(x)
    assert _layout.from_rows(rows, batch, axes, out) is out
    np.testing.assert_array_equal(out, x)


def test_rows_of_one_axis_hold_that_axis():
    x = np.random.default_rng(0).normal(size=(3, 5, 2))
    rows, batch = _layout.to_rows(x, (1,))
    assert batch == (3, 2)
    for row, (i, j) in zip(rows, itertools.product(range(3), range(2)), strict=True):
        np.testing.assert_array_equal(row, x[i, :, j])


def test_rows_are_a_view_where_the_data_lies_that_way():
    x = np.zeros((4, 5))
    assert np.shares_memory(_layout.to_rows(x, (1,))[0], x)


def test_core_axes_may_change_their_lengths():
    rows, batch = _layout.to_rows(np.zeros((2, 3, 4)), (0, 2))
    assert _layout.from_rows(rows[:, :1, :3], batch, (0, 2)).shape == (1, 3, 3)


def test_every_boundary_has_numpys_name():
    assert _layout.boundary_names("zero", 2) == ("constant", "constant")
    assert _layout.boundary_names(["nearest", "mirror", "periodic"], 3) == (
        "edge",
        "reflect",
        "wrap",
    )
    for name in _layout.BOUNDARIES.values():
        np.pad(np.zeros(3), 1, mode=name)
    with pytest.raises(ValueError, match=r"^boundary must be one of 'zero', .*got 'zeros'"):
        _layout.boundary_names("zeros", 1)
    with pytest.raises(ValueError, match=r"^boundary must be one name or one per axis \(2\)"):
        _layout.boundary_names(["edge"], 2)


@pytest.mark.parametrize("boundary", ["edge", "reflect", "symmetric", "wrap", "constant"])
def test_extension_repeats(boundary):
    x = np.array([[1.0, 2.0, 3.0]])
    extended = _layout.extend(x, [(7, 8)], [boundary], 9.0)[0]
    period = {
        "edge": [1.0] * 7 + [1, 2, 3] + [3.0] * 8,
        "reflect": [2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3],
        "symmetric": [1, 1, 2, 3, 3, 2, 1, 1, 2, 3, 3, 2, 1, 1, 2, 3, 3, 2],
        "wrap": [3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2],
        "constant": [9.0] * 7 + [1, 2, 3] + [9.0] * 8,
    }
    assert extended.tolist() == np.array(period[boundary], float).tolist()


def test_extension_takes_each_axis_its_own_boundary():
    x = np.arange(6.0).reshape(1, 2, 3)
    y = _layout.extend(x, [(1, 0), (0, 2)], ["edge", "wrap"])
    assert y[0].tolist() == [[0, 1, 2, 0, 1], [0, 1, 2, 0, 1], [3, 4, 5, 3, 4]]
    assert _layout.extend(x, [(0, 0), (0, 0)], ["edge", "wrap"]) is x


@pytest.mark.parametrize("workers", [1, 2, 3, 8, None])
@pytest.mark.parametrize("n_items", [0, 1, 2, 7, 100])
def test_parts_cover_every_item_once(n_items, workers):
    counts = np.zeros(n_items, int)

    def work(start, stop):
        counts[start:stop] += 1

    _layout.split_over_threads(work, n_items, workers)
    assert (counts == 1).all()


def test_as_many_threads_as_asked():
    barrier = threading.Barrier(3, timeout=20)
    _layout.split_over_threads(lambda start, stop: barrier.wait(), 3, 3)


def test_an_error_in_any_part_comes_out():
    def work(start, stop):
        if stop == 10:
            raise RuntimeError("the last part")

    with pytest.raises(RuntimeError, match="the last part"):
        _layout.split_over_threads(work, 10, 2)


def test_a_split_inside_a_split_starts_no_threads():
    seen = set()

    def inner(start, stop):
        seen.add((start, stop))

    def outer(start, stop):
        if start:  # a thread of the pool
            _layout.split_over_threads(inner, 10, 4)

    _layout.split_over_threads(outer, 2, 2)
    assert seen == {(0, 10)}


def test_workers_are_whole_numbers_of_at_least_one():
    assert _layout.thread_count(None) == _layout.available_cores() >= 1
    assert _layout.thread_count(5) == 5
    with pytest.raises(ValueError, match=r"^workers must be a whole number of at least 1; got 0$"):
        _layout.thread_count(0)
    with pytest.raises(TypeError, match=r"^workers must be a whole number; got 1.5$"):
        _layout.thread_count(1.5)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_child_starts_its_own_threads():
    code = """
import os
from sigconv import _layout
done = []
_layout.split_over_threads(lambda a, b: done.append(b), 4, 2)
child = os.fork()
if child == 0:
    _layout.split_over_threads(lambda a, b: done.append(b), 4, 2)
    os._exit(len(done))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "4", done.stderr


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16, np.complex64, ">f8"])
@pytest.mark.parametrize(
    "shape",
    [(64, 1100), (1100, 64), (17, 4001), (4001, 33), (3, 40, 700), (70_000, 2), (3, 70_000)],
)
def test_copy_turns(shape, dtype):
    x = rng.integers(-99, 99, shape).astype(dtype)
    x.flags.writeable = False
    turned = np.swapaxes(x, -1, -2)
    dense, across = np.zeros(turned.shape, dtype), np.swapaxes(np.zeros(x.shape, dtype), -1, -2)
    for target, source in ((dense, turned), (across, dense), (across, turned), (dense, across)):
        target[...] = 0
        _layout.copy(target, source)
        np.testing.assert_array_equal(target, turned)
    _layout.copy(dense, np.broadcast_to(np.arange(shape[-2]), turned.shape))
    np.testing.assert_array_equal(dense[..., 0, :], dense[..., -1, :])


def test_copy_turns_parts_of_arrays_and_nothing_beside_them():
    x, out = rng.standard_normal((2000, 70)), np.zeros((70, 2100))
    _layout.copy(out[3:60, 7:1950], x[20:1963, 5:62].T)
    np.testing.assert_array_equal(out[3:60, 7:1950], x[20:1963, 5:62].T)
    out[3:60, 7:1950] = 0
    assert not out.any()
    backward = x[::-1, :64].T
    _layout.copy(out[:64, :2000], backward)
    np.testing.assert_array_equal(out[:64, :2000], backward)
    wide = np.zeros((2000, 70), np.float32)
    _layout.copy(wide.T, np.ascontiguousarray(x.T))
    np.testing.assert_array_equal(wide, x.astype(np.float32))
    square = rng.standard_normal((300, 300))
    expected = square.T.copy()
    _layout.copy(square, square.T)  # of the same memory
    np.testing.assert_array_equal(square, expected)
