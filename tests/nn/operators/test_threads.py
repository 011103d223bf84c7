"""Loops on torch's threads: every item once, errors come through, with and without OpenMP."""

import threading

import pytest
import torch

from sigconv.nn.operators import threads


@pytest.fixture(params=["OpenMP", "own pool"])
def kind(request, monkeypatch):
    if request.param == "own pool":
        monkeypatch.setattr(threads, "_openmp", lambda: None)
    elif threads._openmp() is None:
        pytest.skip("torch has no OpenMP that could be found")
    return request.param


@pytest.fixture(params=[1, 2, 3])
def n_threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.mark.parametrize("n_items", [0, 1, 2, 7])
def test_every_item_once(kind, n_threads, n_items):
    seen = []
    threads.split_over_threads(lambda a, b: seen.extend(range(a, b)), n_items)
    assert sorted(seen) == list(range(n_items))


def test_as_many_threads_as_torch_has(kind, n_threads):
    together = threading.Barrier(n_threads)  # breaks unless all wait at once
    threads.split_over_threads(lambda a, b: together.wait(timeout=20) and None, 6)


def test_errors_come_through(kind, n_threads):
    def fail(begin, end):
        raise ValueError(f"of {begin}")

    with pytest.raises(ValueError, match=r"of \d"):
        threads.split_over_threads(fail, 5)
    seen = []
    threads.split_over_threads(lambda a, b: seen.append(b - a), 5)
    assert sum(seen) == 5
