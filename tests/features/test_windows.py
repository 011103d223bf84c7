"""Windows against slices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sigconv
from sigconv import Recording


@given(
    n=st.integers(1, 60),
    length=st.integers(1, 20),
    step=st.one_of(st.none(), st.integers(1, 30)),
    last=st.sampled_from(["drop", "pad", "raise"]),
    axis=st.sampled_from([0, 1, -1]),
)
def test_are_slices(n, length, step, last, axis):
    x = np.moveaxis(np.arange(2.0 * n * 3).reshape(2, 3, n) + 1, -1, axis)
    along = np.moveaxis(x, axis, -1)
    hop = length if step is None else step
    starts = range(0, n - length + 1, hop)
    covered = starts[-1] + length if len(starts) else 0
    if (last == "raise" and covered < n and (n - length) % hop) or (n < length and last != "pad"):
        with pytest.raises(ValueError, match="x must be"):
            sigconv.sliding_windows(x, length, step, axis=axis, last=last)
        return
    if last == "pad":
        starts = range(0, max(n - length, 0) + hop, hop)
        starts = [s for s in starts if s == 0 or s - hop + length < n]
        along = np.concatenate([along, np.zeros((*along.shape[:-1], length + hop))], axis=-1)
    expected = np.stack([along[..., s : s + length] for s in starts], axis=-2)
    got = sigconv.sliding_windows(x, length, step, axis=axis, last=last)
    where = axis % 3
    np.testing.assert_array_equal(np.moveaxis(got, where, -2), expected)
    assert not got.flags.writeable


def test_a_view():
    x = np.arange(100.0)
    windows = sigconv.sliding_windows(x, 10, 3)
    assert np.shares_memory(windows, x)
    with pytest.raises(ValueError, match="read-only"):
        windows[0, 0] = 1


def test_seconds_and_objects():
    x = np.arange(1000.0).reshape(2, 500)
    windows = sigconv.sliding_windows(x, 0.5, 0.25, fs=100)
    assert windows.shape == (2, 19, 50)
    recording = Recording(np.vstack([x, x[:1]]), 100, kinds=["eeg", "eeg", "stim"])
    np.testing.assert_array_equal(sigconv.sliding_windows(recording, 0.5, 0.25), windows)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "sentence"),
    [
        ((0,), {}, ValueError, "length must be a whole number of at least 1; got 0"),
        ((0.5,), {}, TypeError, "length must be a whole number; got 0.5"),
        ((3, 0), {}, ValueError, "step must be a whole number of at least 1; got 0"),
        ((0.01,), {"fs": 10}, ValueError, "length must be half a sample at least"),
        ((10,), {}, ValueError, "x must be at least a window of 10 samples long; got 9"),
        ((4,), {"last": "raise"}, ValueError, "x must be cut into whole windows .* lack 3"),
        ((4,), {"last": "keep"}, ValueError, "last must be one of 'drop', 'pad', 'raise'"),
        ((4,), {"axis": 1}, ValueError, "axis must be an axis of an array with 1 dimensions"),
    ],
)
def test_sentences(arguments, options, error, sentence):
    with pytest.raises(error, match=sentence):
        sigconv.sliding_windows(np.ones(9), *arguments, **options)
