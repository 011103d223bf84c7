"""The compiled recursion: lanes, tiles, both directions, segments of long single signals."""

import numpy as np
import pytest
from scipy import signal

import sigconv
from sigconv.filters import recursive, segments

RNG = np.random.default_rng(0)


def naive(sos, x):
    """Run the difference equations in extended precision."""
    y = x.astype(np.longdouble)
    for b0, b1, b2, _, a1, a2 in sos.astype(np.longdouble):
        x1 = x2 = y1 = y2 = np.longdouble(0)
        for i, now in enumerate(y.copy()):
            y[i] = b0 * now + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
            x1, x2, y1, y2 = now, x1, y[i], y1
    return y


@pytest.mark.parametrize("n_sections", [1, 2, 3, 4])
@pytest.mark.parametrize("n", [1, 7, 8, 9, 255, 256, 257, 520])
@pytest.mark.parametrize("n_rows", [1, 7, 8, 9, 17])
def test_every_number_of_rows_samples_and_sections(n_rows, n, n_sections):
    sos = signal.butter(2 * n_sections, 0.3, output="sos")
    x = RNG.normal(size=(n_rows, n))
    states = RNG.normal(size=(n_rows, n_sections, 2))
    tf = sigconv.TransferFunction.from_sos(sos, fs=2)
    expected = signal.sosfilt(sos, x)
    np.testing.assert_allclose(tf.filter(x), expected, atol=1e-13 * max(1, np.abs(expected).max()))
    forward, ends = recursive.filter_rows(tf.sos, 1, x, states)
    backward, back_ends = recursive.filter_rows(
        tf.sos, 1, np.ascontiguousarray(x[:, ::-1]), states, backward=True
    )
    np.testing.assert_array_equal(backward[:, ::-1], forward)
    np.testing.assert_array_equal(back_ends, ends)
    own = x.copy()
    recursive.filter_rows(tf.sos, 1, own, states, out=own)
    np.testing.assert_array_equal(own, forward)


def test_a_row_does_not_know_its_neighbours():
    tf = sigconv.bandpass((1, 40), fs=250)
    x = RNG.normal(size=(19, 1000))
    x[3], x[4] = np.nan, 1e300
    together = tf.filter(x)
    for i in (0, 2, 5, 18):
        np.testing.assert_array_equal(tf.filter(x[i]), together[i])


LONG = segments.WORTHWHILE + 13


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_rows", [1, 3])
def test_segments_agree_with_the_sequential_path(n_rows, dtype):
    tf = sigconv.bandpass((1, 40), fs=250)
    x = RNG.normal(size=(n_rows, LONG)).astype(dtype)
    zi = tf.initial_state(x[:, 0])
    abreast, ends = tf.filter_with_state(x, zi)
    padded = np.concatenate([x, np.zeros((8, LONG), dtype)])  # too many rows for segments
    expected, expected_ends = tf.filter_with_state(
        padded, np.concatenate([zi, np.zeros((8, 4, 2))])
    )
    np.testing.assert_allclose(
        abreast, expected[:n_rows], atol=1e-7 if dtype == np.float32 else 1e-13
    )
    np.testing.assert_allclose(ends, expected_ends[:n_rows], atol=1e-12)
    assert abreast.dtype == dtype


def test_segments_of_a_very_slow_filter():
    """0.01 Hz at 20 kHz: what a segment hands over lasts for all of the others."""
    tf = sigconv.highpass(0.01, fs=20000, order=2)
    x = RNG.normal(size=LONG) + 5
    expected = naive(tf.sos, x)
    error = np.abs(tf.filter(x) - expected).max()
    assert error < 1e-11 * np.abs(x).max()
    assert error < np.abs(signal.sosfilt(tf.sos, x) - expected).max()


def test_segments_backward_and_in_place():
    tf = sigconv.lowpass(40, fs=250)
    x = RNG.normal(size=LONG)
    expected = signal.sosfiltfilt(tf.sos, x)
    np.testing.assert_allclose(tf.filtfilt(x), expected, atol=1e-12)
    own = x.copy()
    assert tf.filter(own, out=own) is own
    np.testing.assert_array_equal(own, tf.filter(x))


def test_an_unstable_filter_runs_sequentially():
    with pytest.warns(UserWarning, match="unstable"):
        tf = sigconv.TransferFunction([1.0], [1.0, -1.0], fs=1)
    x = np.ones(LONG)
    np.testing.assert_array_equal(tf.filter(x), np.arange(1, LONG + 1))


def test_workers_do_not_change_a_bit():
    tf = sigconv.bandpass((1, 40), fs=250)
    for shape in ((1, LONG), (20, 3000)):
        x = RNG.normal(size=shape)
        np.testing.assert_array_equal(tf.filter(x, workers=1), tf.filter(x, workers=3))


def test_the_callers_denormals_are_left_alone():
    smallest = np.array([5e-324])
    sigconv.lowpass(40, fs=250).filter(np.ones(1000), workers=1)
    assert (smallest + smallest)[0] == 1e-323


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_out_wherever_it_lies(axis, dtype):
    tf = sigconv.bandpass((1, 40), fs=250)
    x = RNG.normal(size=(20, 30)).astype(dtype)
    expected = tf.filter(x, axis=axis)
    whole = np.zeros((40, 60), dtype)
    for out in (np.empty_like(x), np.empty((30, 20), dtype).T, whole[::2, ::2], x.copy(order="F")):
        assert tf.filter(x, axis=axis, out=out) is out
        np.testing.assert_array_equal(out, expected)
    shared = np.concatenate([x.ravel(), np.zeros(5, dtype)])
    y = tf.filter(shared[:600].reshape(20, 30), axis=axis, out=shared[5:].reshape(20, 30))
    np.testing.assert_array_equal(y, expected)


@pytest.mark.parametrize("n_sections", [5, 9])
def test_more_sections_than_pass_at_a_time(n_sections):
    """Between the passes float32 is not rounded, and stretches do not show."""
    sos = signal.butter(2 * n_sections, 0.3, output="sos")
    n = recursive.STRETCH + 100
    x = RNG.normal(size=(9, n)).astype(np.float32)
    tf = sigconv.TransferFunction.from_sos(sos, fs=2)
    expected = signal.sosfilt(sos, x.astype(float))
    np.testing.assert_allclose(tf.filter(x.astype(float)), expected, atol=1e-12)
    np.testing.assert_array_equal(tf.filter(x), tf.filter(x.astype(float)).astype(np.float32))
    long, ends = tf.filter_with_state(x[:2])  # in segments
    np.testing.assert_allclose(long, expected[:2], atol=1e-6)
    np.testing.assert_allclose(ends, tf.filter_with_state(x)[1][:2], atol=1e-10)
    turned = np.ascontiguousarray(x[:, ::-1])
    states = RNG.normal(size=(9, n_sections, 2))
    forward, ends = recursive.filter_rows(sos, 1, x, states)
    backward, back_ends = recursive.filter_rows(sos, 1, turned, states, backward=True)
    np.testing.assert_array_equal(backward[:, ::-1], forward)
    np.testing.assert_array_equal(back_ends, ends)


@pytest.mark.parametrize("backward", [False, True])
def test_whole_segments_may_be_cut_off(backward):
    """Segments are counted from the first sample, whichever way time runs."""
    sos = sigconv.bandpass((1, 40), fs=250).sos
    x, states = RNG.normal(size=(2, LONG)), RNG.normal(size=(2, 4, 2))
    expected, ends = recursive.filter_rows(sos, 1, x, states, backward=backward)
    cut = 3 * segments.LENGTH
    pieces = [x[:, :cut], x[:, cut:]]
    out, state = [], states
    for piece in pieces[::-1] if backward else pieces:
        y, state = recursive.filter_rows(sos, 1, piece, state, backward=backward, in_segments=True)
        out.append(y)
    y = np.concatenate(out[::-1] if backward else out, axis=1)
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(state, ends)


def test_segments_after_a_nan_are_nan_and_those_before_are_not():
    tf = sigconv.bandpass((1, 40), fs=250)
    x = RNG.normal(size=LONG)
    clean = tf.filter(x)
    at = segments.LENGTH + 700
    x[at] = np.nan
    y = tf.filter(x)
    np.testing.assert_array_equal(y[:at], clean[:at])
    assert np.isnan(y[at:]).all()


def test_rows_of_a_wider_array_and_of_the_other_precision():
    sos = sigconv.bandpass((1, 40), fs=250).sos
    wide = RNG.normal(size=(11, 400)).astype(np.float32)
    states = np.zeros((11, 4, 2))
    rows, out = wide[:, 7:300], np.zeros((11, 500))
    expected = recursive.filter_rows(sos, 1, rows.astype(float), states)[0]
    recursive.filter_rows(sos, 1, rows, states, out=out[:, 100:393])
    np.testing.assert_array_equal(out[:, 100:393], expected)
    assert not out[:, :100].any()
    assert not out[:, 393:].any()
    with pytest.raises(AssertionError, match="side by side"):
        recursive.filter_rows(sos, 1, rows, states, out=np.zeros((293, 11), np.float32).T)
    with pytest.raises(AssertionError, match="shape of rows"):
        recursive.filter_rows(sos, 1, rows, states, out=out)


@pytest.mark.parametrize("poles", [[0.9, 0.8], [-0.9, -0.8], [0.1, -0.2], [0.0, 0.0]])
def test_sections_shifted_to_each_place_beside_each_other(poles):
    """A bank's rows run abreast with coefficients of their own, whatever their shifts are."""
    sets = np.stack(
        [
            signal.zpk2sos([-1, 0.5], poles, 0.3),
            signal.zpk2sos([-1, 0.5], [0.7, 0.95], 0.3),
            signal.zpk2sos([-1, 0.5], [-0.7, -0.95], 0.3),
        ]
    )
    x, states = RNG.normal(size=(3, 300)), np.zeros((3, 1, 2))
    y = recursive.filter_rows(sets, 1, x, states)[0]
    for got, sos, row in zip(y, sets, x, strict=True):
        np.testing.assert_allclose(got, naive(sos, row).astype(float), rtol=0, atol=1e-13)
        alone = recursive.filter_rows(sos, 1, row[np.newaxis], states[:1])[0]
        np.testing.assert_array_equal(got, alone[0])
