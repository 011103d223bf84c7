"""The programs whose first calls are timed run."""

import math

import pytest

pytest.importorskip("cv2")  # the suite gives everybody, peers too, as many threads

from benchmarks.convolution import first_calls


def test_a_quick_run_times_one_call():
    head, _, row = first_calls.run(quick=True).splitlines()
    name, seconds, goal = (cell.strip() for cell in row.strip("|").split("|"))
    assert head == "| what | seconds | goal |"
    assert name == f"first call: {next(iter(first_calls.CALLS))}"
    assert 0 < float(seconds) < math.inf
    assert goal.startswith("≤ 0.2 ")


def test_every_call_is_python():
    for name in first_calls.CALLS:
        compile(first_calls.program_of(name), "program", "exec")
