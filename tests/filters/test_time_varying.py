"""Filters that change in time, against rotations in 60 digits and the difference equation."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

import sigconv
from sigconv.filters.time_varying import notch_sections
from tests.filter_oracles import (
    changing_difference_equation,
    changing_transposed_form,
    relative_error,
    rotations,
)

RNG = np.random.default_rng(0)
DESIGNS = {
    "band": sigconv.bandpass((1, 40), fs=250),
    "notch": sigconv.notch(50, fs=250),
    "peak": sigconv.peak(10, fs=250),
    "odd": sigconv.lowpass(40, fs=250, order=3),
    "first order": sigconv.TransferFunction([0.1], [1, -0.9], fs=250),
    "fir": sigconv.TransferFunction.from_sos([[1, 2, 3, 1, 1e-30, 0]], fs=250),
    "narrow": sigconv.bandpass((40, 40.1), fs=250),
    "close to fs/2": sigconv.lowpass(124.9, fs=250),
    "drift": sigconv.highpass(0.1, fs=1000),
    "very low": sigconv.lowpass(0.01, fs=20000, order=2),
    "very low, high pass": sigconv.highpass(0.01, fs=20000, order=2),
    "elliptic": sigconv.bandpass((1, 40), fs=1000, order=6, family="elliptic"),
}


@pytest.mark.parametrize("block", [1, 7, 1000, 5000])
@pytest.mark.parametrize("name", DESIGNS)
def test_what_does_not_change_is_the_filter(name, block):
    tf = DESIGNS[name]
    x = RNG.normal(size=(2, 5000))
    sos = np.broadcast_to(tf.sos, (-(-5000 // block), *tf.sos.shape))
    got = sigconv.filter_time_varying(x, sos, block=block)
    assert relative_error(got, tf.filter(x)) < 1e-13


def wandering(n, rng):
    """Return one stable section a sample, each with nothing to do with the one before."""
    radius, angle = rng.uniform(0.1, 0.999, n), rng.uniform(0.01, 3.1, n)
    b = rng.normal(size=(n, 3))
    return np.column_stack([b, np.ones(n), -2 * radius * np.cos(angle), radius**2])


def test_changes_at_every_sample():
    x, sos = RNG.normal(size=400), wandering(400, RNG)
    got = sigconv.filter_time_varying(x, sos[:, np.newaxis])
    assert relative_error(got, rotations(sos, x)) < 1e-13


@pytest.mark.parametrize("fs", [250, 20000])
def test_a_glide_in_sixty_digits(fs):
    sos = notch_sections(np.linspace(0.5, 60, 3000), fs=fs, q=2)
    x = RNG.normal(size=3000)
    got = sigconv.filter_time_varying(x, sos)
    assert relative_error(got, rotations(sos[:, 0], x)) < 1e-10


def test_a_slow_change_is_the_difference_equation():
    n = 20000
    frequency = 50 + np.sin(2 * np.pi * 0.02 * np.arange(n) / 250)
    sos = notch_sections(frequency, fs=250, q=10)
    x = RNG.normal(size=n)
    got = sigconv.filter_time_varying(x, sos)
    assert relative_error(got, changing_difference_equation(sos[:, 0], x)) < 5e-3


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_no_change_of_a_notch_adds_energy(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=500)
    sos = notch_sections(rng.uniform(1, 120, 500), fs=250, q=rng.uniform(1, 100))
    y = sigconv.filter_time_varying(x, sos)
    assert (y**2).sum() <= (x**2).sum() * (1 + 1e-12)


def test_direct_forms_grow_where_the_lattice_does_not():
    """The reason for it: every set is stable, and only their alternation is not."""
    one, other = notch_sections([5.0, 100.0], fs=250, q=30)[:, 0]
    sos = np.tile([one, other], (100, 1))
    x = np.zeros(200)
    x[0] = 1
    assert np.abs(changing_transposed_form(sos, x)[-10:]).max() > 1e3
    assert np.abs(sigconv.filter_time_varying(x, sos[:, np.newaxis])).max() < 1.01


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128, np.int16])
@given(cuts=st.lists(st.integers(0, 60), max_size=5))
@settings(deadline=None, max_examples=10)
def test_any_cut_gives_the_whole_to_the_last_bit(dtype, cuts):
    x = (100 * np.random.default_rng(1).normal(size=(3, 60))).astype(dtype)
    sos = np.stack([wandering(60, np.random.default_rng(i)) for i in range(2)], axis=1)
    expected = sigconv.filter_time_varying(x, sos)
    stream = sigconv.TimeVaryingStream(3, 2)
    pieces = []
    for start, stop in itertools.pairwise([0, *sorted(cuts), 60]):
        if start < stop:
            pieces.append(stream.push(x[:, start:stop], sos[start:stop]))
            stream = sigconv.TimeVaryingStream(3, 2, stream.state)
    got = np.concatenate(pieces, axis=1)
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)


def test_axes_workers_and_precisions():
    x = RNG.normal(size=(300, 4))
    sos = notch_sections(np.linspace(40, 60, 300), fs=250)
    expected = sigconv.filter_time_varying(x.T, sos, workers=1).T
    np.testing.assert_array_equal(sigconv.filter_time_varying(x, sos, axis=0, workers=3), expected)
    single = sigconv.filter_time_varying(x.astype(np.float32), sos, axis=0)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, expected, atol=1e-6)
    both = sigconv.filter_time_varying(x + 2j * x, sos, axis=0)
    np.testing.assert_allclose(both, expected + 2j * expected, atol=1e-13)


@pytest.mark.parametrize("q", [2, 30])
@pytest.mark.parametrize("freq", [0.7, 50, 110])
def test_sections_of_a_notch_are_scipys(freq, q):
    b, a = signal.iirnotch(freq, q, fs=250)
    np.testing.assert_allclose(notch_sections([freq], fs=250, q=q), [[[*b, *a]]], rtol=1e-14)


def test_a_drifting_hum_is_removed():
    fs, t = 250, np.arange(15000) / 250
    frequency = 50 + 0.5 * np.sin(2 * np.pi * t / 20)
    hum = np.sin(2 * np.pi * np.cumsum(frequency) / fs)
    alpha = np.sin(2 * np.pi * 10 * t)
    clean = sigconv.track_notch(hum + alpha, frequency, fs=fs, q=50)
    left = clean - sigconv.track_notch(alpha, frequency, fs=fs, q=50)
    still = sigconv.notch(50, fs=fs, q=50).filter(hum)
    settled = slice(1000, None)
    assert left[settled].std() < 0.15 * still[settled].std()
    assert (clean - alpha)[settled].std() < 0.06
    recording = sigconv.Recording((hum + alpha)[np.newaxis], fs=fs)
    again = sigconv.track_notch(recording, lambda s: 50 + 0.5 * np.sin(2 * np.pi * s / 20), q=50)
    np.testing.assert_allclose(again.data[0], clean, atol=1e-9)


ONE = np.array([[[1.0, 0, 0, 1, 0, 0]]])


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (
            lambda: sigconv.filter_time_varying(np.ones(9), ONE),
            ValueError,
            "sos must hold 9 blocks for 9 samples in blocks of 1; got 1",
        ),
        (
            lambda: sigconv.filter_time_varying(np.ones(1), ONE[0]),
            ValueError,
            "sos must have shape",
        ),
        (lambda: sigconv.filter_time_varying(np.ones(1), ONE * np.nan), ValueError, "finite numb"),
        (
            lambda: sigconv.filter_time_varying(np.ones(2), [[[1, 0, 0, 1, 0, a]] for a in (0, 1)]),
            ValueError,
            r"sos must hold stable sections; got a = \[1 0 1\] in block 1",
        ),
        (
            lambda: sigconv.filter_time_varying(np.ones(1), ONE, block=0),
            ValueError,
            "block must be a whole number of at least 1",
        ),
        (
            lambda: sigconv.track_notch(np.ones(5), [50.0] * 4, fs=250),
            ValueError,
            r"frequency must be one for each of 5 samples; got \(4,\)",
        ),
        (
            lambda: sigconv.track_notch(np.ones(2), [50.0, 130], fs=250),
            ValueError,
            "frequency must lie between 0 and 125 Hz, half the sampling rate of 250 Hz; got 130",
        ),
        (lambda: sigconv.track_notch(np.ones(2), [50, 50]), ValueError, "fs must be given with an"),
        (
            lambda: sigconv.track_notch(np.ones(2), [100.0, 90], fs=250, q=0.5),
            ValueError,
            "q must be above 0.8, or the notch is wider than half the sampling rate of 250 Hz",
        ),
        (lambda: notch_sections([["a"]], fs=1), ValueError, "frequency must be a 1D array of num"),
        (
            lambda: sigconv.TimeVaryingStream(2, 1).push(np.ones((3, 1)), ONE),
            ValueError,
            r"chunk must have shape \(2, n\); got \(3, 1\)",
        ),
        (
            lambda: sigconv.TimeVaryingStream(2, 2).push(np.ones((2, 1)), ONE),
            ValueError,
            r"sos must hold 2 section\(s\) a block; got 1",
        ),
        (
            lambda: sigconv.TimeVaryingStream(2, 1, np.ones(3)),
            ValueError,
            r"state must have shape \(2, 1, 2\); got \(3,\)",
        ),
    ],
)
def test_sentences(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()
