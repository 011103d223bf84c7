"""EDF and BDF against other readers: edfio and MNE."""

import dataclasses
import re
import shutil
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import edfio
import mne
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigconv import Annotation, Recording
from sigconv._checks import FileError
from sigconv.io import FileNotice, collected, mark_filtered, open_recording, read, write
from sigconv.io.edf_header import read_header
from sigconv.io.edf_layout import Extent, calibrate, eight, rate_of, records
from sigconv.io.edf_write import _new_header


def noise(n_channels: int = 2, n_times: int = 1000, fs: float = 250) -> Recording:
    data = np.random.default_rng(3).normal(size=(n_channels, n_times)) * 30e-6
    return Recording(data, fs, start=datetime(2021, 5, 6, 7, 8, 9, tzinfo=UTC))


def test_headers_of_real_files_are_written_back_to_the_byte(data: Path) -> None:
    files = [*(data / "eeg").rglob("*.edf"), *(data / "eeg").rglob("*.bdf")]
    assert len(files) >= 10
    for path in files:
        header = read_header(path)
        assert header.to_bytes() == path.read_bytes()[: header.length]


def test_samples_and_fields_of_a_real_file_stay_to_the_bit(data: Path, tmp_path: Path) -> None:
    source = data / "eeg" / "eegmat" / "Subject00_2.edf"
    write(tmp_path / "a.edf", read(source))
    before, after = edfio.read_edf(source), edfio.read_edf(tmp_path / "a.edf")
    assert after.local_patient_identification == before.local_patient_identification
    assert after.local_recording_identification == before.local_recording_identification
    assert (after.startdate, after.starttime) == (before.startdate, before.starttime)
    assert after.data_record_duration == before.data_record_duration
    for one, other in zip(before.signals, after.signals, strict=True):
        np.testing.assert_array_equal(one.digital, other.digital)
        for name in ("label", "physical_range", "digital_range", "prefiltering", "transducer_type"):
            assert getattr(one, name) == getattr(other, name), name
    assert [n.text for n in after.annotations] == [n.text for n in before.annotations]


@pytest.mark.parametrize("extension", [".edf", ".bdf"])
def test_other_readers_agree(tmp_path: Path, extension: str) -> None:
    recording = noise().replace(
        channels=["C3", "C4"],
        start=datetime(2021, 5, 6, 7, 8, 9, 125000, UTC),
        annotations=[Annotation(0.1, 0.3, "blink"), Annotation(2.5, 0.0, "größer")],
    )
    path = tmp_path / f"a{extension}"
    write(path, recording)
    is_edf = extension == ".edf"
    theirs = (edfio.read_edf if is_edf else edfio.read_bdf)(path)
    assert theirs.labels == ("C3", "C4")
    assert theirs.starttime.microsecond == 125000
    for signal, x in zip(theirs.signals, recording.data * 1e6, strict=True):
        step = np.diff(signal.physical_range)[0] / np.diff(signal.digital_range)[0]
        assert np.abs(signal.data - x).max() <= step * 0.5001
    texts = [(note.onset, note.duration, note.text) for note in theirs.annotations]
    assert texts == [(0.1, 0.3, "blink"), (2.5, None, "größer")]
    raw = (mne.io.read_raw_edf if is_edf else mne.io.read_raw_bdf)(path, verbose="error")
    assert raw.info["sfreq"] == 250
    assert list(raw.annotations.description) == ["blink", "größer"]
    np.testing.assert_allclose(raw.annotations.onset, [0.1, 2.5], atol=1e-12)


def test_status_keeps_its_upper_bits(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.bdf"
    codes = np.zeros(1000)
    codes[100:200] = 2**20 + 5
    codes[300:] = -(2**22)
    status = Recording(codes, 250, channels=["Status"], kinds="stim", units="")
    write(path, status)
    np.testing.assert_array_equal(read(path).data[0], codes)
    np.testing.assert_array_equal(edfio.read_bdf(path).signals[0].digital, codes)


def test_codes_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    codes = Recording([0.0, 2.0**24], 250, channels=["Status"], kinds="stim", units="")
    with pytest.raises(FileError, match=r"a\.bdf: BDF holds codes as whole numbers of 24 bits"):
        write(tmp_path / "a.bdf", codes)


def test_values_beyond_the_source_widen_its_range(data: Path, tmp_path: Path) -> None:
    recording = read(data / "eeg" / "eegmat" / "Subject00_2.edf")
    louder = recording.data.copy()
    louder[2] *= 3
    with pytest.warns(FileNotice, match=r"a\.edf: the physical range of 1 channel was widened"):
        write(tmp_path / "a.edf", recording.replace(data=louder))
    again = read(tmp_path / "a.edf")
    others = [i for i in range(recording.n_channels) if i != 2]
    np.testing.assert_array_equal(again.data[others], recording.data[others])
    assert np.abs(again.data[2] - louder[2]).max() < np.ptp(louder[2]) / 65535


def test_values_beyond_a_narrow_header_keep_the_step(data: Path, tmp_path: Path) -> None:
    # BCI2000's header says ±8092 in steps of 1 µV, of a format that holds ±32768
    recording = read(data / "eeg" / "eegmmidb" / "S001R01.edf")
    shifted = recording.data + 9000e-6
    with collected() as notices:
        write(tmp_path / "a.edf", recording.replace(data=shifted))
    assert not notices
    assert np.abs(read(tmp_path / "a.edf").data - shifted).max() < 1e-12


def test_prefiltering_tells_of_filters(data: Path, tmp_path: Path) -> None:
    recording = read(data / "eeg" / "eegmat" / "Subject00_2.edf")
    write(tmp_path / "a.edf", mark_filtered(recording, highpass=1, lowpass=40))
    assert edfio.read_edf(tmp_path / "a.edf").signals[0].prefiltering == "HP:1Hz LP:40Hz RF:50Hz"
    raw = mne.io.read_raw_edf(tmp_path / "a.edf", verbose="error")
    assert (raw.info["highpass"], raw.info["lowpass"]) == (1, 40)
    write(tmp_path / "b.edf", mark_filtered(noise(), highpass=0.5))
    assert edfio.read_edf(tmp_path / "b.edf").signals[0].prefiltering == "HP:0.5Hz"
    write(tmp_path / "c.edf", mark_filtered(recording, highpass=0.1, lowpass=100))
    assert "HP:0.5Hz LP:45Hz" in edfio.read_edf(tmp_path / "c.edf").signals[0].prefiltering


def test_anonymous_and_unusual_dates(tmp_path: Path) -> None:
    write(tmp_path / "a.edf", noise().replace(start=None))
    assert read(tmp_path / "a.edf").start is None
    old = datetime(1970, 1, 2, 3, 4, 5, tzinfo=UTC)
    write(tmp_path / "b.edf", noise().replace(start=old))
    assert read(tmp_path / "b.edf").start == old


def test_truncated(data: Path, tmp_path: Path) -> None:
    whole = (data / "eeg" / "eegmat" / "Subject00_2.edf").read_bytes()
    path = tmp_path / "cut.edf"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileError, match=r"cut\.edf: is truncated: the header tells of 62 records"):
        read(path)
    path.write_bytes(whole[:1000])
    with pytest.raises(FileError, match=r"cut\.edf: is no EDF or BDF file \(its header is incom"):
        read(path)
    path.write_bytes(b"not a recording at all" * 100)
    with pytest.raises(FileError, match=r"cut\.edf: is no EDF or BDF file \(it starts with"):
        read(path)


def test_a_closed_file_holds_no_memory(tmp_path: Path) -> None:
    """Readers that are done with may wait for the search for garbage: two megabytes a file."""
    path, n_channels = tmp_path / "a.edf", 64
    write(path, Recording(np.random.default_rng(0).normal(size=(n_channels, 25600)) * 2e-5, 256))
    tracemalloc.start()
    try:
        reader = open_recording(path)
        reader.read(0, 25600, range(8))
        before = tracemalloc.get_traced_memory()[0]
        reader.close()
        freed = before - tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert freed > 0.99 * 8 * 25600 * 2


def test_recording_that_was_not_stopped(data: Path, tmp_path: Path) -> None:
    whole = (data / "eeg" / "formats" / "eeglab_test.bdf").read_bytes()
    assert whole[236:244] == b"-1      "
    (tmp_path / "a.bdf").write_bytes(whole[: len(whole) - 5000])
    assert read(tmp_path / "a.bdf").n_times == 59 * 256


def test_bdf_under_the_name_of_edf(data: Path, tmp_path: Path) -> None:
    shutil.copy(data / "eeg" / "formats" / "eeglab_test.bdf", tmp_path / "a.edf")
    with pytest.raises(FileError, match=r"a\.edf: holds BDF; rename it so"):
        read(tmp_path / "a.edf")


def test_gaps_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.edf"
    write(path, noise().replace(annotations=[Annotation(1.0, 0.0, "x")]))
    header = read_header(path)
    raw = bytearray(path.read_bytes())
    raw[192:197] = b"EDF+D"
    path.write_bytes(raw)
    assert read(path).n_times == 1000
    where = raw.index(b"+2\x14\x14", header.length)
    raw[where : where + 2] = b"+7"
    path.write_bytes(raw)
    with pytest.raises(FileError, match=r"a\.edf: is a discontinuous recording \(EDF\+D\)"):
        read(path)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"data": [[np.nan, 1.0]]}, "cannot hold NaN or infinities; the channel 'ch1' has 1"),
        ({"channels": ["seventeen letters"]}, "hold a channel's name in 16 ASCII characters"),
        ({"channels": ["µ"]}, "hold a channel's name in 16 ASCII characters; got 'µ'"),
        ({"units": "parsec per hour"}, "hold a channel's unit in 8 ASCII characters"),
        ({"data": [[1e-13, 2e-13]], "units": "T"}, "are too small for the 8 digits"),
    ],
)
def test_what_the_format_cannot_hold(tmp_path: Path, changes: dict, sentence: str) -> None:
    recording = Recording([[0.0, 1.0]], 250).replace(**changes)
    with pytest.raises(FileError, match=rf"a\.edf: .*{re.escape(sentence)}"):
        write(tmp_path / "a.edf", recording)
    assert not list(tmp_path.iterdir())


def test_rates_that_the_header_cannot_hold_are_said(tmp_path: Path) -> None:
    with pytest.warns(FileNotice, match=r"997 samples at 256 Hz cannot be cut into records"):
        write(tmp_path / "a.edf", noise(n_times=997, fs=256))
    assert read(tmp_path / "a.edf").fs == 256
    assert mne.io.read_raw_edf(tmp_path / "a.edf", verbose="error").n_times == 997


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 200_000), st.integers(1, 50_000))
def test_records_cover_the_recording_at_its_rate(n_times: int, fs: int) -> None:
    samples, duration = records(n_times, fs)
    assert n_times % samples == 0
    assert len(duration) <= 8
    rounding = 1e-6 + 1e-6 * fs / n_times  # of a duration with 8 characters, 6 decimals at most
    assert samples / float(duration) == pytest.approx(fs, rel=rounding)
    assert rate_of(samples, duration) == pytest.approx(fs, rel=rounding)
    if samples / float(duration) == pytest.approx(fs, rel=1e-5):
        assert rate_of(samples, duration) == fs


@settings(deadline=None, max_examples=200)
@given(st.floats(-9_999_999, 9_999_999))
def test_eight_characters(value: float) -> None:
    text = eight(value)
    assert len(text) <= 8
    assert "e" not in text
    assert abs(float(text) - value) <= 0.5 * 10 ** -max(0, 8 - len(f"{int(value):d}.-"))


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.floats(-1e5, 1e5), min_size=2, max_size=20),
    st.sampled_from([16, 24]),
    st.booleans(),
)
def test_calibration_is_within_half_a_step(values: list[float], bits: int, is_source: bool) -> None:
    x = np.round(values, 3)
    template = _new_header("x", "eeg", "V", Path())
    if is_source:
        template = dataclasses.replace(
            template, physical_min="-200", physical_max="100", digital_min=-3000, digital_max=3000
        )
    extent = Extent(x.min(), x.max())
    result = calibrate(extent, template, is_source=is_source, bits=bits)
    header, digital = result.header, result.digital(x)
    assert digital.min() >= header.digital_min >= -(2 ** (bits - 1))
    assert digital.max() <= header.digital_max < 2 ** (bits - 1)
    gain = (float(header.physical_max) - float(header.physical_min)) / (
        header.digital_max - header.digital_min
    )
    physical = float(header.physical_min) + (digital - header.digital_min) * gain
    assert np.abs(physical - x).max() <= 0.5001 * gain
