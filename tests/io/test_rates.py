"""Channels of several rates in one EDF or BDF file."""

from fractions import Fraction
from pathlib import Path

import edfio
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import sosfreqz

from sigconv import Pipeline, Step, lowpass, read, write
from sigconv.io import FileNotice, collected, open_recording
from sigconv.io.rates import between


def written(path: Path, rates: dict[str, int], seconds: int = 20, bits: int = 16) -> None:
    """Write a file by another package: noise, each channel at its own rate."""
    rng = np.random.default_rng(5)
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    make = (edfio.Edf, edfio.EdfSignal) if bits == 16 else (edfio.Bdf, edfio.BdfSignal)
    signals = []
    for name, fs in rates.items():
        x = rng.integers(low, high, fs * seconds, endpoint=True).astype(float)
        if name == "Status":
            x = np.repeat(rng.integers(0, 2**15, seconds), fs).astype(float)
        limits = {"physical_range": (low, high), "digital_range": (low, high)}
        signals.append(make[1](x, fs, label=name, physical_dimension="uV", **limits))
    make[0](signals).write(path)


def digital(path: Path) -> list[np.ndarray]:
    reader = edfio.read_edf if path.suffix == ".edf" else edfio.read_bdf
    return [signal.digital for signal in reader(path).signals]


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize(
    "rates",
    [
        {"C3": 256, "Resp": 32, "SpO2": 1, "C4": 256},
        {"Resp": 25, "C3": 200, "Flow": 128, "Temp": 3},  # rates that do not divide the fastest
        {"C3": 256, "Status": 16, "EMG": 64},
    ],
)
def test_every_channel_comes_back_at_its_own_rate_to_the_bit(
    tmp_path: Path, rates: dict[str, int], bits: int
) -> None:
    name = "a.edf" if bits == 16 else "a.bdf"
    written(tmp_path / name, rates, bits=bits)
    slow = sum(fs < max(rates.values()) for fs in rates.values())
    with pytest.warns(FileNotice, match=f"{slow} channels? at a lower rate interpolated to that"):
        recording = read(tmp_path / name)
    assert recording.fs == max(rates.values())
    with collected() as notices:
        write(tmp_path / f"again-{name}", recording)
        with open_recording(tmp_path / name) as reader:
            write(tmp_path / f"copy-{name}", reader)
    assert len(notices) == 1  # of the reading
    before = edfio.read_edf(tmp_path / name) if bits == 16 else edfio.read_bdf(tmp_path / name)
    for made in ("again", "copy"):
        after = (edfio.read_edf if bits == 16 else edfio.read_bdf)(tmp_path / f"{made}-{name}")
        for one, other in zip(before.signals, after.signals, strict=True):
            assert (one.label, one.sampling_frequency) == (other.label, other.sampling_frequency)
            np.testing.assert_array_equal(one.digital, other.digital)


def test_samples_of_the_file_are_where_they_were(tmp_path: Path) -> None:
    written(tmp_path / "a.edf", {"C3": 256, "Resp": 32, "Status": 16})
    fast, resp, status = digital(tmp_path / "a.edf")
    with collected():
        x = read(tmp_path / "a.edf").data
    np.testing.assert_allclose(x[0] * 1e6, fast, rtol=0, atol=1e-6)
    np.testing.assert_allclose(x[1, ::8] * 1e6, resp, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(x[2], np.repeat(status, 16))


def test_a_filter_sees_a_slow_channel_as_it_is(tmp_path: Path) -> None:
    """A sine far below all rates is filtered as at its own rate."""
    fs, own, seconds = 200, 50, 40
    t = np.arange(own * seconds) / own
    slow = 1000 * (np.sin(2 * np.pi * 2 * t) + np.sin(2 * np.pi * 20 * t))
    signals = [
        edfio.EdfSignal(np.zeros(fs * seconds), fs, label="fast", physical_range=(-3000, 3000)),
        edfio.EdfSignal(slow, own, label="slow", physical_range=(-3000, 3000)),
    ]
    edfio.Edf(signals).write(tmp_path / "a.edf")
    with collected():
        filtered = Pipeline([Step("lowpass", cutoff=8)]).apply(read(tmp_path / "a.edf"))
        write(tmp_path / "b.edf", filtered)
    got = edfio.read_edf(tmp_path / "b.edf").signals[1]
    gain = np.abs(sosfreqz(lowpass(8, fs=fs).sos, [2, 20], fs=fs)[1]) ** 2
    expected = 1000 * sum(g * np.sin(2 * np.pi * f * t) for g, f in zip(gain, (2, 20), strict=True))
    assert got.sampling_frequency == own
    assert np.abs(got.data - expected)[5 * own : -5 * own].max() < 1


def test_another_rate_keeps_those_that_fit(tmp_path: Path) -> None:
    written(tmp_path / "a.edf", {"C3": 256, "Resp": 32, "SpO2": 1})
    with collected() as notices:
        write(
            tmp_path / "b.edf",
            Pipeline([Step("resample", new_fs=128)]).apply(read(tmp_path / "a.edf")),
        )
    assert [s.sampling_frequency for s in edfio.read_edf(tmp_path / "b.edf").signals] == [
        128,
        32,
        1,
    ]
    with collected() as notices:
        recording = read(tmp_path / "a.edf")
        write(tmp_path / "c.edf", recording.replace(data=recording.data[:, :5000]))
    assert "2 channels of a lower rate written at 256 Hz: 5000 samples cannot" in " ".join(notices)
    assert {s.sampling_frequency for s in edfio.read_edf(tmp_path / "c.edf").signals} == {256}


def test_no_cut_changes_a_sample(tmp_path: Path) -> None:
    written(tmp_path / "a.edf", {"Resp": 25, "C3": 200, "Flow": 128, "Status": 16})
    with collected(), open_recording(tmp_path / "a.edf") as reader:
        whole = reader.load().data
        for start, stop in [(0, 1), (0, 4000), (1, 333), (333, 2000), (3999, 4000), (777, 777)]:
            np.testing.assert_array_equal(reader.read(start, stop), whole[:, start:stop])
        np.testing.assert_array_equal(reader.read(10, 900, [2, 0]), whole[[2, 0], 10:900])
        np.testing.assert_array_equal(reader[1:3, 5:70], whole[1:3, 5:70])


@settings(deadline=None, max_examples=60)
@given(
    st.fractions(Fraction(1), Fraction(40), max_denominator=50),
    st.integers(2, 300),
    st.floats(0.01, 0.85),
)
def test_between_samples_lies_the_sine(ratio: Fraction, n: int, part: float) -> None:
    """A sine of a part of half the rate, away from the ends; and the samples themselves."""
    x = np.cos(np.pi * part * np.arange(n))
    stop = int((n - 1) * ratio) + 1
    made = between(lambda a, b: x[a:b], n, ratio, 0, stop, codes=False)
    place = np.arange(stop) / float(ratio)
    inside = (place > 33) & (place < n - 34)
    assert np.all(np.abs(made - np.cos(np.pi * part * place))[inside] < 1e-5)
    own = [i for i in range(stop) if (i / ratio).denominator == 1]
    np.testing.assert_array_equal(made[own], x[[int(i / ratio) for i in own]])


def test_codes_are_held(tmp_path: Path) -> None:
    x = np.array([5.0, 0.0, 7.0])
    up = between(lambda a, b: x[a:b], 3, Fraction(5, 2), 0, 7, codes=True)
    np.testing.assert_array_equal(up, [5, 5, 5, 0, 0, 7, 7])
    down = between(lambda a, b: up[a:b], 7, Fraction(2, 5), 0, 3, codes=True)
    np.testing.assert_array_equal(down, x)
