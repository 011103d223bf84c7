"""Memory that is used again: never while anybody can still see it."""

import gc
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sigconv
from sigconv import _memory


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Blocks of some kilobytes, and none kept from before."""
    monkeypatch.setattr(_memory, "LEAST", 1 << 10)
    monkeypatch.setattr(_memory, "MOST_KEPT", 1 << 16)
    monkeypatch.setattr(_memory, "_kept", {})


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("shape", [(0,), (3,), (7, 500), (2, 3, 400)])
def test_as_numpys(shape, dtype):
    x = _memory.empty(shape, dtype)
    expected = np.empty(shape, dtype)
    assert (x.shape, x.dtype, x.strides) == (expected.shape, expected.dtype, expected.strides)
    assert x.flags.writeable
    assert x.flags.c_contiguous
    if x.nbytes >= _memory.LEAST:
        assert x.ctypes.data % _memory.ALIGNMENT == 0


def test_memory_that_is_gone_is_used_again():
    x = _memory.empty((1000,), np.float64)
    place = x.ctypes.data
    del x
    y = _memory.empty((990,), np.float64)  # a little less will do
    assert y.ctypes.data == place
    z = _memory.empty((1000,), np.float64)
    assert not np.may_share_memory(y, z)


@pytest.mark.parametrize(
    "seen", [lambda x: x[3:7, ::2], lambda x: x.T, lambda x: x.view(np.int64), memoryview]
)
def test_not_while_a_view_lives(seen):
    x = _memory.empty((10, 100), np.float64)
    x[...] = 1
    view = seen(x)
    before = np.array(view)
    del x
    gc.collect()
    other = _memory.empty((10, 100), np.float64)
    other[...] = 2
    np.testing.assert_array_equal(np.array(view), before)


@given(sizes=st.lists(st.integers(1, 40_000), max_size=30), kept=st.integers(0, 3))
@settings(deadline=None, max_examples=30)
def test_no_two_arrays_share_and_little_is_kept(sizes, kept):
    alive = []
    for number, size in enumerate(sizes):
        array = _memory.empty((size,), np.uint8)
        array[...] = number % 251
        alive.append((number % 251, array))
        del array
        for value, each in alive:
            assert (each == value).all()
        del alive[: len(alive) - kept], each
        assert sum(each.nbytes for each in _memory._kept.values()) <= _memory.MOST_KEPT


def test_what_is_too_large_is_given_back():
    del_me = _memory.empty((_memory.MOST_KEPT,), np.uint8)
    del del_me
    assert not _memory._kept


def test_threads_get_memory_of_their_own():
    failures = []

    def work(number):
        for _ in range(300):
            x = _memory.empty((1000,), np.float64)
            x[...] = number
            x += 1
            if not (x == number + 1).all():
                failures.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


@pytest.mark.parametrize("name", ["filter", "filtfilt", "zero_phase"])
@pytest.mark.parametrize("tf", [sigconv.lowpass(40, fs=250), sigconv.fir((8, 40), fs=250, taps=31)])
def test_results_stay_as_they_are(tf, name):
    x = np.random.default_rng(0).normal(size=(3, 2000))
    first = getattr(tf, name)(x)
    kept = first.copy()
    second = getattr(tf, name)(2 * x)
    np.testing.assert_array_equal(first, kept)
    assert not np.may_share_memory(first, second)
