"""Gustafsson's initial states: both orders of the passes agree, and SciPy finds the same."""

import functools

import numpy as np
import pytest
from scipy import signal

from sigconv.filters import gustafsson, recursive, sections


def run_of(sos):
    return functools.partial(recursive.filter_rows, sos, 1)


@pytest.mark.parametrize("order", [1, 2, 3, 6])
def test_sections_give_what_scipy_gives_for_the_equation(order):
    x = np.random.default_rng(order).normal(size=(3, 400))
    sos = signal.butter(order, 0.3, output="sos")
    y = gustafsson.forward_backward(x, run_of(sos), (len(sos), 2))
    expected = signal.filtfilt(*signal.butter(order, 0.3), x, method="gust")
    np.testing.assert_allclose(y, expected, atol=1e-9)


def test_no_other_states_bring_the_two_orders_nearer():
    rng = np.random.default_rng(0)
    sos, x = signal.cheby1(2, 1, 0.2, output="sos"), rng.normal(size=(1, 120))
    run = run_of(sos)
    y = gustafsson.forward_backward(x, run, (1, 2))
    # y is a forward-backward answer: undo the way back by brute force over both states
    units = np.eye(2).reshape(2, 1, 2)
    after = run(np.zeros((2, 120)), units)[0]
    rest = np.zeros((1, 1, 2))
    forward = run(run(x, rest)[0], rest, backward=True)[0]
    back = run(after, np.zeros_like(units), backward=True)[0]
    basis = np.concatenate([back, after[:, ::-1]])
    states, *_ = np.linalg.lstsq(basis.T, (y - forward)[0], rcond=None)

    def difference(states):
        first, last = states[:2].reshape(1, 1, 2), states[2:].reshape(1, 1, 2)
        one = run(run(x, first)[0], last, backward=True)[0]
        other = run(run(x, last, backward=True)[0], first)[0]
        return float(((one - other) ** 2).sum())

    best = difference(states)
    for _ in range(20):
        assert difference(states + 0.01 * rng.normal(size=4)) > best


def test_a_settled_response_gives_the_same_answer_from_fewer_equations():
    x = np.random.default_rng(1).normal(size=(2, 5000))
    sos = signal.butter(4, 0.2, output="sos")
    run = run_of(sos)
    whole = gustafsson.forward_backward(x, run, (len(sos), 2))
    ends = gustafsson.forward_backward(x, run, (len(sos), 2), settled=300)
    np.testing.assert_allclose(ends, whole, atol=1e-9)


def test_a_filter_without_memory():
    x = np.random.default_rng(2).normal(size=(1, 10))

    def twice(rows, states, *, backward=False):
        return 2 * rows, states

    np.testing.assert_array_equal(gustafsson.forward_backward(x, twice, (0,)), 4 * x)
    assert sections.order(np.array([[2.0, 0, 0, 1, 0, 0]])) == 0
