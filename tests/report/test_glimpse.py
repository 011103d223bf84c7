"""What is seen of a recording: facts as they are, whatever the pieces it comes in."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from sigconv import Annotation, Recording
from sigconv.report.glimpse import Glimpse, Looker, extremes, glimpse

FS = 250.0


def made(n: int = 5000) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(6, n)) * 2e-5


def in_pieces(recording: Recording, cuts: list[int]) -> Glimpse:
    looker = Looker(recording)
    edges = [0, *sorted(cuts), recording.n_times]
    for start, stop in itertools.pairwise(edges):
        if stop > start:
            looker.push(recording.data[:, start:stop])
    return looker.glimpse()


def test_clipped_and_flat_channels_are_named() -> None:
    x = made()
    x[0] = np.clip(x[0], -3e-5, 3e-5)  # now and then; hardly ever three times on end
    x[1] = np.clip(x[1] + 2e-5 * np.sin(np.arange(5000) / 20), -9, 1.5e-5)
    x[2] = 7e-6
    x[3, 1000:1500] = x[3].max() * 2  # off scale once
    x[4] = np.rint(x[4] / 2e-5) * 2e-5  # noise of a few steps rests on its extremes, too
    x[5] = np.clip(np.sin(np.arange(5000) / 20), -0.5, 0.9)
    seen = glimpse(Recording(x, FS))
    assert seen.clipped == ("ch2", "ch6")
    assert seen.flat == ("ch3",)
    assert seen.not_finite == 0


def test_only_signals_are_looked_at() -> None:
    x = np.repeat(np.arange(10.0), 100)[np.newaxis].repeat(2, axis=0)
    seen = glimpse(Recording(np.zeros_like(x), FS, kinds=["stim", "eeg"]))
    assert (seen.n_channels, seen.n_signals, seen.flat, seen.shown) == (2, 1, ("ch2",), ("ch2",))


def test_what_is_not_finite_is_counted() -> None:
    x = made()
    x[0, 10:20], x[1, 5], x[2] = np.nan, np.inf, np.nan
    seen = glimpse(Recording(x, FS))
    assert seen.not_finite == 11 + 5000
    assert seen.flat == ()
    assert np.isfinite(seen.power).all()


@settings(max_examples=30)
@given(st.lists(st.integers(0, 5000), max_size=6), st.integers(0, 3))
def test_pieces_make_no_difference(cuts: list[int], kind: int) -> None:
    x = made()
    x[1] = np.clip(x[1] + 4e-5 * np.sin(np.arange(5000) / 20), -3e-5, 3e-5)
    x[2] = 1.0
    x[3, 200:300] = np.nan
    x[4, [0, 1, 2, 100, 101, 102, 4997, 4998, 4999]] = 1e-3
    recording = Recording(x, FS)
    whole, parts = glimpse(recording), in_pieces(recording, cuts)
    for name in ("clipped", "flat", "not_finite", "fs", "duration", "shown"):
        assert getattr(parts, name) == getattr(whole, name), name
    assert whole.clipped == ("ch2", "ch5")
    np.testing.assert_array_equal(parts.times, whole.times)
    np.testing.assert_array_equal(parts.traces, whole.traces)


def test_traces_and_spectra_are_those_of_the_signals() -> None:
    x = made(30_000)
    seen = glimpse(Recording(x, FS), span=(10, 12))
    np.testing.assert_allclose(seen.times, 10 + np.arange(500) / FS)
    np.testing.assert_array_equal(seen.traces, x[:4, 2500:3000])
    hertz, power = signal.welch(x[:4], FS, nperseg=500)
    np.testing.assert_allclose(seen.frequencies, hertz)
    np.testing.assert_allclose(seen.power, power)
    parts = in_pieces(Recording(x, FS), [10_000, 10_010, 20_000])
    np.testing.assert_allclose(parts.power[:, 1:], power[:, 1:], rtol=0.6)
    untold = Looker(Recording(x, FS), draws=False)
    untold.push(x)
    assert untold.glimpse().traces.size == 0


def test_the_stretch_lies_in_the_middle_of_short_ones_too() -> None:
    assert glimpse(Recording(made(100_000), FS)).times[[0, -1]].tolist() == [195, 204.996]
    assert glimpse(Recording(made(7), FS)).traces.shape == (4, 7)
    assert glimpse(Recording(made(1), FS)).traces.shape == (4, 1)


def test_annotations_are_counted() -> None:
    notes = [Annotation(n, 0, text) for n, text in enumerate(["b", "a", "b", "c" * 300])]
    seen = glimpse(Recording(made(), FS, annotations=notes))
    assert seen.annotations == (("b", 2), ("a", 1), ("c" * 300, 1))


def test_long_traces_keep_their_extremes() -> None:
    y = np.random.default_rng(0).normal(size=1_000_000)
    y[123_456] = 50
    places, values = extremes(y)
    assert len(values) <= 4000 + 4
    assert values.max() == 50
    assert abs(places[values.argmax()] - 123_456) < 500


@pytest.mark.parametrize("n", [0, 1, 10])
def test_no_signals_at_all(n: int) -> None:
    seen = glimpse(Recording(np.zeros((n, 50)), FS, kinds="stim")) if n else None
    assert seen is None or (seen.n_signals, seen.traces.shape[0]) == (0, 0)
