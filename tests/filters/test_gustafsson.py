"""Gustafsson's initial states: both orders of the passes agree, and SciPy finds the same."""

import functools

import numpy as np
import pytest
from scipy import signal

import sigconv
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


@pytest.mark.parametrize("n", [150, 4000])
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("order", [1, 2, 4])
def test_filtfilt_with_scipys_gust(order, axis, n):
    x = 5 + np.random.default_rng(order).normal(size=(n, 3) if axis == 0 else (3, n))
    tf = sigconv.lowpass(30, fs=250, order=order)
    expected = signal.filtfilt(tf.b, tf.a, x, axis=axis, method="gust")
    y = tf.filtfilt(x, axis=axis, padding="gustafsson")
    np.testing.assert_allclose(y, expected, atol=1e-9)
    np.testing.assert_array_equal(tf.zero_phase(x, axis=axis, padding="gustafsson"), y)
    bank = sigconv.FilterBank([tf, sigconv.notch(50, fs=250), tf])
    if axis == 1:
        got = bank.filtfilt(x, padding="gustafsson")
        np.testing.assert_allclose(got[[0, 2]], expected[[0, 2]], atol=1e-9)


def test_filtfilt_of_kernels_complex_and_single():
    rng = np.random.default_rng(0)
    tf, x = sigconv.TransferFunction([0.5, 0.3, 0.2], fs=250), rng.normal(size=(2, 300))
    expected = signal.filtfilt(tf.b, 1, x, method="gust")
    y = tf.filtfilt(x, padding="gustafsson")
    np.testing.assert_allclose(y, expected, atol=1e-9)
    z = tf.filtfilt(x + 1j * x[::-1], padding="gustafsson")
    np.testing.assert_allclose(z, expected + 1j * expected[::-1], atol=1e-9)
    single = tf.filtfilt(x.astype(np.float32), padding="gustafsson")
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, expected, atol=1e-6)


def test_what_does_not_go_with_it():
    tf = sigconv.lowpass(30, fs=250)
    with pytest.raises(ValueError, match="pad_length must not be given with padding 'gustafsson'"):
        tf.filtfilt(np.ones(300), padding="gustafsson", pad_length=9)
    with pytest.raises(ValueError, match="padding must be one of 'odd', 'even', 'constant', 'non"):
        sigconv.fir((8, 40), fs=250, taps=31).zero_phase(np.ones(300), padding="gustafsson")
