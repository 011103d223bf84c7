"""Streams: any cut of the signal, saved and restored state."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sigconv

FILTERS = {
    "iir": sigconv.bandpass((1, 40), fs=250),
    "notch": sigconv.notch(50, fs=250) * sigconv.highpass(1, fs=250),
    "fir": sigconv.fir((8, 40), fs=250, taps=21),
}


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128, np.int16])
@given(cuts=st.lists(st.integers(0, 60), max_size=6))
@settings(deadline=None, max_examples=15)
def test_any_cut_gives_the_whole_to_the_last_bit(name, dtype, cuts):
    tf = FILTERS[name]
    rng = np.random.default_rng(0)
    x = (100 * rng.normal(size=(3, 60))).astype(dtype)
    if np.iscomplexobj(x):
        x = x + 1j * x[::-1]
    edges = [0, *sorted(cuts), 60]
    stream = tf.stream(3)
    y = np.concatenate([stream.push(x[:, a:b]) for a, b in itertools.pairwise(edges)], axis=1)
    expected = tf.filter(x)
    assert y.dtype == expected.dtype
    np.testing.assert_array_equal(y, expected)


def test_a_saved_state_goes_on(tmp_path):
    tf, x = FILTERS["iir"], np.random.default_rng(0).normal(size=(2, 100))
    first = tf.stream(2)
    head = first.push(x[:, :40])
    np.save(tmp_path / "state.npy", first.state)
    tail = tf.stream(2, np.load(tmp_path / "state.npy")).push(x[:, 40:])
    np.testing.assert_array_equal(np.concatenate([head, tail], axis=1), tf.filter(x))


def test_the_state_that_is_given_out_is_a_copy():
    tf, x = FILTERS["iir"], np.ones((1, 10))
    stream = tf.stream(1)
    stream.push(x)
    stream.state[...] = 99
    np.testing.assert_array_equal(stream.push(x)[0], tf.filter(np.ones(20))[10:])


def test_a_refused_chunk_changes_nothing():
    stream = FILTERS["iir"].stream(2)
    stream.push(np.ones((2, 5)))
    before = stream.state
    with pytest.raises(ValueError, match=r"chunk must have shape \(2, n\); got \(3, 5\)"):
        stream.push(np.ones((3, 5)))
    np.testing.assert_array_equal(stream.state, before)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), "n_channels must be a whole number of at least 1; got 0"),
        ((2, np.zeros((2, 1))), r"state must have shape \(2, 4, 2\); got \(2, 1\)"),
        ((2, np.full((2, 4, 2), np.nan)), "state must hold finite numbers"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        FILTERS["iir"].stream(*arguments)


LONG = {
    "iir": sigconv.bandpass((0.1, 40), fs=250),
    "mnes default": sigconv.fir((1, 40), fs=250),
    "longer than every chunk": sigconv.TransferFunction(
        np.random.default_rng(1).normal(size=2500), fs=250
    ),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
@pytest.mark.parametrize("name", LONG)
@given(data=st.data(), n=st.integers(0, 3000), channels=st.integers(1, 11))
@settings(deadline=None, max_examples=8)
def test_no_cut_changes_a_bit_of_long_filters(name, dtype, data, n, channels):
    """One push of all is the answer, whatever the cut; a state saved between two goes on."""
    rng = np.random.default_rng(n)
    x = rng.normal(size=(channels, n)) + (1j * rng.normal(size=(channels, n)))
    x = (x if np.dtype(dtype).kind == "c" else x.real).astype(dtype)
    tf = LONG[name]
    whole = tf.stream(channels).push(x)
    cuts = sorted(data.draw(st.lists(st.integers(0, n), max_size=5)))
    stream, pieces = tf.stream(channels), []
    for a, b in itertools.pairwise([0, *cuts, n]):
        pieces.append(stream.push(x[:, a:b]))
        stream = tf.stream(channels, stream.state)
    np.testing.assert_array_equal(np.concatenate(pieces, axis=1), whole)
    assert whole.dtype == dtype
    if n:
        offline = tf.filter_with_state(x)[0]
        scale = np.abs(x).max() * np.abs(tf.impulse_response(3000)).sum()
        tolerance = 1e-6 if np.dtype(dtype).itemsize in (4, 8) and dtype != np.float64 else 1e-14
        np.testing.assert_allclose(whole, offline, rtol=0, atol=tolerance * scale)
        if name == "iir":
            np.testing.assert_array_equal(whole, offline)


def test_long_pushes_run_as_short_ones():
    """A few long signals run in segments offline; a stream must not, or cuts would tell."""
    x = np.random.default_rng(0).normal(size=(1, 150_000))
    tf = FILTERS["iir"]
    stream = tf.stream(1)
    cut = np.concatenate([stream.push(x[:, :140_000]), stream.push(x[:, 140_000:])], axis=1)
    np.testing.assert_array_equal(tf.stream(1).push(x), cut)
    np.testing.assert_allclose(cut, tf.filter(x), rtol=0, atol=1e-13 * np.abs(x).max())
