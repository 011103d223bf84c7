"""Filters that change in time, against rotations in 60 digits and the difference equation."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

import sigconv
from sigconv import Annotation, Recording
from sigconv.filters import pieces, signals
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


@pytest.mark.parametrize("block", [1, 7, 100])
def test_stretches_begin_at_rest_with_the_sections_of_their_time(block):
    x = RNG.normal(size=(3, 300))
    sos = np.stack([wandering(-(-300 // block), RNG) for _ in range(2)], axis=1)
    y = sigconv.filter_time_varying(x, sos, block=block, breaks=[40, (90, 133)])
    every = np.repeat(sos, block, axis=0)
    for start, stop in ((0, 40), (40, 90), (133, 300)):
        alone = sigconv.filter_time_varying(x[:, start:stop], every[start:stop])
        np.testing.assert_array_equal(y[:, start:stop], alone)
    np.testing.assert_array_equal(y[:, 90:133], x[:, 90:133])


@pytest.mark.parametrize("block", [1, 7, 5000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.int16])
def test_files_get_the_bits_of_arrays(tmp_path, monkeypatch, dtype, block):
    x = (100 * RNG.normal(size=(1500, 5))).astype(dtype)
    sos = np.stack([wandering(-(-1500 // block), RNG) for _ in range(2)], axis=1)
    expected = sigconv.filter_time_varying(x, sos, block=block, axis=0)
    monkeypatch.setattr(signals, "LARGE", 0)
    monkeypatch.setattr(pieces, "MULTIPLE", 32)
    monkeypatch.setattr(pieces, "SIZE", 1000)
    file = np.memmap(tmp_path / "x", x.dtype, "w+", shape=x.shape)
    file[...] = x
    out = np.memmap(tmp_path / "y", expected.dtype, "w+", shape=x.shape)
    assert sigconv.filter_time_varying(file, sos, block=block, axis=0, out=out) is out
    np.testing.assert_array_equal(out, expected)
    if expected.dtype == x.dtype:
        sigconv.filter_time_varying(file, sos, block=block, axis=0, out=file)
        np.testing.assert_array_equal(file, expected)


def test_gaps_and_types():
    x = RNG.normal(size=(2, 400))
    frequency = np.linspace(40, 60, 400)
    gap = x.copy()
    gap[0, 100:120] = np.nan
    y = sigconv.track_notch(gap, frequency, fs=250)
    assert np.isnan(y[0, 100:]).all()
    whole = sigconv.track_notch(x, frequency, fs=250)
    np.testing.assert_array_equal(y[1], whole[1])
    bridged = gap.copy()
    bridged[0, 100:120] = np.interp(np.arange(100, 120), [99, 120], x[0, [99, 120]])
    y = sigconv.track_notch(gap, frequency, fs=250, nan_policy="interpolate")
    expected = sigconv.track_notch(bridged, frequency, fs=250)
    expected[0, 100:120] = np.nan
    np.testing.assert_array_equal(y, expected)
    with pytest.raises(ValueError, match="x must be finite with nan_policy 'raise'; got 20 values"):
        sigconv.track_notch(gap, frequency, fs=250, nan_policy="raise")
    counts = (100 * x).astype(np.int16)
    out = np.empty((2, 400), np.float32)
    single = sigconv.track_notch(counts, frequency, fs=250, dtype="float32")
    assert sigconv.track_notch(counts, frequency, fs=250, out=out) is out
    np.testing.assert_array_equal(out, single)


def test_annotations_of_recordings():
    marks = [Annotation(0.4, 0.2, "BAD_acq_skip"), Annotation(1.2, 0, "edge")]
    x = Recording(RNG.normal(size=(2, 500)), fs=250, annotations=marks)
    y = sigconv.track_notch(x, lambda t: 40 + t)
    expected = sigconv.track_notch(x.data, lambda t: 40 + t, fs=250, breaks=[(100, 150), 300])
    np.testing.assert_array_equal(y.data, expected)
    y = sigconv.track_notch(x, lambda t: 40 + t, skip_by_annotation=())
    np.testing.assert_array_equal(y.data, sigconv.track_notch(x.data, lambda t: 40 + t, fs=250))


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
            lambda: sigconv.filter_time_varying(np.ones(1), ONE, nan_policy="omit"),
            ValueError,
            "nan_policy must be one of .* for a recursive filter",
        ),
        (
            lambda: sigconv.filter_time_varying(np.ones(1), ONE, out=np.ones(2)),
            ValueError,
            r"out must have shape \(1,\); got \(2,\)",
        ),
        (
            lambda: sigconv.track_notch(Recording([[1.0, 2]], fs=9), [1.0, 1], fs=9),
            ValueError,
            "fs must not be given with a Recording",
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
