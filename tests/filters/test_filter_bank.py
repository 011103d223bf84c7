"""One filter per channel: each channel gets what its filter gives alone."""

import itertools

import numpy as np
import pytest

import sigconv
from sigconv import FilterBank
from sigconv.filters import recursive

RNG = np.random.default_rng(0)
NOTCHES = [sigconv.notch(freq, fs=250) for freq in np.linspace(20, 110, 19)]
MIXED = [
    sigconv.notch(50, fs=250),
    sigconv.bandpass((1, 40), fs=250),
    sigconv.fir((8, 40), fs=250, taps=31),
    sigconv.notch(60, fs=250),
    sigconv.bandpass((8, 13), fs=250),
    sigconv.bandpass((1, 40), fs=250),
    sigconv.lowpass(40, fs=250, order=3),
    sigconv.fir((8, 40), fs=250, taps=31),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128, np.int16])
@pytest.mark.parametrize("filters", [NOTCHES, MIXED, NOTCHES[:1]], ids=["notches", "mixed", "one"])
@pytest.mark.parametrize("batch", [(), (3,), (2, 2)])
@pytest.mark.parametrize("method", ["filter", "filtfilt"])
def test_each_channel_gets_its_own_filters_answer(method, batch, filters, dtype):
    x = (100 * RNG.normal(size=(*batch, len(filters), 700))).astype(dtype)
    if np.iscomplexobj(x):
        x = x + 1j * x[..., ::-1]
    got = getattr(FilterBank(filters), method)(x)
    alone = [getattr(tf, method)(x[..., channel, :]) for channel, tf in enumerate(filters)]
    expected = np.stack(alone, axis=-2)
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)


def test_many_rows_and_blocks(monkeypatch):
    monkeypatch.setattr("sigconv.filters.zero_phase.BLOCK", 2000)
    x = RNG.normal(size=(len(NOTCHES), 600))
    expected = [tf.filtfilt(row) for tf, row in zip(NOTCHES, x, strict=True)]
    np.testing.assert_array_equal(FilterBank(NOTCHES).filtfilt(x), expected)


def test_long_signals_run_in_segments():
    x = RNG.normal(size=(2, 140_000))
    bank = FilterBank([sigconv.notch(50, fs=250), sigconv.notch(3, fs=250)])
    got = bank.filter(x)
    for tf, row, answer in zip(bank.filters, x, got, strict=True):
        np.testing.assert_array_equal(tf.filter(row), answer)


def test_backward_with_a_set_for_each_row():
    x = RNG.normal(size=(9, 300))
    sets = np.stack([tf.sos for tf in NOTCHES[:9]])
    states = RNG.normal(size=(9, 1, 2))
    got, ends = recursive.filter_rows(sets, 1, x, states, backward=True)
    for i in range(9):
        one, end = recursive.filter_rows(sets[i], 1, x[i : i + 1], states[i : i + 1], backward=True)
        np.testing.assert_array_equal(got[i], one[0])
        np.testing.assert_array_equal(ends[i], end[0])


def test_recordings_and_their_other_channels():
    kinds = ["eeg", "stim", "eeg"]
    recording = sigconv.Recording(RNG.normal(size=(3, 500)), fs=250, kinds=kinds)
    bank = FilterBank(NOTCHES[:2])
    clean = bank.filter(recording)
    np.testing.assert_array_equal(clean.data[[0, 2]], bank.filter(recording.data[[0, 2]]))
    np.testing.assert_array_equal(clean.data[1], recording.data[1])
    with pytest.raises(ValueError, match="sampled at the filter's rate of 250 Hz; got 100 Hz"):
        bank.filter(sigconv.Recording(np.ones((2, 500)), fs=100))


@pytest.mark.parametrize("cuts", [[], [1], [40, 40, 200]])
def test_any_cut_of_a_stream_gives_the_whole(cuts):
    x = RNG.normal(size=(len(MIXED), 300))
    bank = FilterBank(MIXED)
    stream = bank.stream()
    edges = [0, *cuts, 250]
    pieces = [stream.push(x[:, a:b]) for a, b in itertools.pairwise(edges)]
    pieces.append(bank.stream(stream.states).push(x[:, 250:]))
    np.testing.assert_array_equal(np.concatenate(pieces, axis=1), bank.filter(x))


def test_equality():
    assert FilterBank(NOTCHES) == FilterBank(tuple(NOTCHES))
    assert FilterBank(NOTCHES) != FilterBank(NOTCHES[:3])
    assert hash(FilterBank(NOTCHES)) == hash(FilterBank(NOTCHES))


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: FilterBank([]), ValueError, r"filters must be at least one.*got rates \[\]"),
        (
            lambda: FilterBank([NOTCHES[0], sigconv.notch(5, fs=50)]),
            ValueError,
            r"all of the same fs; got rates \[50\.0, 250\.0\]",
        ),
        (lambda: FilterBank([7]), TypeError, "filters must hold TransferFunction objects; got 7"),
        (
            lambda: FilterBank(MIXED).filter(np.ones((3, 100))),
            ValueError,
            r"x must have shape \(\.\.\., 8, n\), a channel for each filter; got \(3, 100\)",
        ),
        (lambda: FilterBank(MIXED).filter(np.ones(8)), ValueError, "a channel for each filter"),
        (lambda: FilterBank(MIXED).stream([1]), ValueError, "states must be one for each of 8"),
        (
            lambda: FilterBank(MIXED).stream().push(np.ones((3, 5))),
            ValueError,
            r"chunk must have shape \(8, n\); got \(3, 5\)",
        ),
    ],
)
def test_sentences(call, error, sentence):
    with pytest.raises(error, match=sentence):
        call()


def test_a_transient_longer_than_the_data_warns():
    bank = FilterBank([sigconv.highpass(0.1, fs=250), sigconv.highpass(0.2, fs=250)])
    with pytest.warns(UserWarning, match=r"the filter's transient of 28\.7 s is longer"):
        bank.filter(np.zeros((2, 500)))
