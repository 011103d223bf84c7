"""Files at once share the cores: never more threads than cores, none idle while files wait."""

import contextlib
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigconv import Recording, _layout, read, write
from sigconv.batch import plan, run
from sigconv.batch.cores import Cores


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 20), st.randoms())
def test_shares_add_up(n_cores: int, at_once: int, n_files: int, chance) -> None:
    cores = Cores(at_once, n_files, n_cores)
    assert cores.places == min(at_once, n_files, n_cores)
    running: list[tuple[contextlib.ExitStack, int]] = []
    left = n_files
    while left or running:
        if left and len(running) < cores.places and (chance.random() < 0.7 or not running):
            stack = contextlib.ExitStack()
            running.append((stack, stack.enter_context(cores.share())))
            left -= 1
        else:
            running.pop(chance.randrange(len(running)))[0].close()
        in_use = sum(share for _, share in running)
        assert in_use <= n_cores
        assert all(share >= 1 for _, share in running)


@pytest.mark.parametrize(
    ("n_cores", "at_once", "n_files", "shares"),
    [(8, 3, 9, [2, 3, 3]), (8, 1, 5, [8]), (2, 16, 40, [1, 1]), (8, 4, 2, [4, 4]), (1, 1, 1, [1])],
)
def test_all_cores_are_used(n_cores: int, at_once: int, n_files: int, shares: list[int]) -> None:
    cores = Cores(at_once, n_files, n_cores)
    with contextlib.ExitStack() as stack:
        assert [stack.enter_context(cores.share()) for _ in shares] == shares


def test_the_last_file_gets_what_is_left() -> None:
    cores = Cores(4, 5, 8)
    first = [contextlib.ExitStack() for _ in range(4)]
    assert [each.enter_context(cores.share()) for each in first] == [2, 2, 2, 2]
    for each in first:
        each.close()
    with cores.share() as last:
        assert last == 8


@pytest.mark.parametrize("at_once", [1, 2, 3, 50])
def test_a_run_never_has_more_threads_than_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(_layout, "available_cores", lambda: 6)
    (tmp_path / "in").mkdir()
    for number in range(12):
        write(
            tmp_path / "in" / f"{number}.wav", Recording(np.ones(50), 50, kinds="audio", units="")
        )
    lock, in_use, seen = threading.Lock(), [0, 0], []

    def work(path: Path, workers: int | None) -> Recording:
        assert workers is not None
        with lock:
            in_use[0] += workers
            in_use[1] += 1
            seen.append(tuple(in_use))
        time.sleep(0.02)
        with lock:
            in_use[0] -= workers
            in_use[1] -= 1
        return read(path)

    outcomes = list(run(plan([tmp_path / "in"], tmp_path / "out"), work, at_once=at_once))
    assert [each.status for each in outcomes] == ["done"] * 12, outcomes
    assert max(threads for threads, _ in seen) == 6
    assert max(files for _, files in seen) == min(at_once, 6)
