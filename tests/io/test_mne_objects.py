"""FIF, events and what travels between MNE's objects and Recordings."""

from datetime import UTC, datetime
from pathlib import Path

import mne
import numpy as np
import pytest

from sigconv import Recording, resample
from sigconv._checks import FileError
from sigconv.io import mark_filtered, read, read_events, write
from sigconv.io.mne_objects import from_raw, to_raw


def raw_with_everything(*, first_samp: int = 500, date: bool = True) -> mne.io.RawArray:
    info = mne.create_info(["Fz", "Cz", "EOG", "STI 014"], 250.0, ["eeg", "eeg", "eog", "stim"])
    data = np.random.default_rng(0).normal(size=(4, 2000)) * 1e-5
    data[3] = 0
    data[3, 700] = 3
    raw = mne.io.RawArray(data, info, first_samp=first_samp, verbose="error")
    raw.set_montage("standard_1020", on_missing="ignore", verbose="error")
    raw.info["bads"] = ["Cz"]
    if date:
        raw.set_meas_date(datetime(2020, 1, 2, 3, 4, 5, 678000, UTC))
    raw.set_annotations(mne.Annotations([1.0, 2.5], [0.5, 0.0], ["BAD_x", "go"]))
    return raw


@pytest.mark.parametrize("date", [True, False])
@pytest.mark.parametrize("first_samp", [0, 500])
def test_onsets_count_from_the_first_sample(tmp_path: Path, first_samp: int, date: bool) -> None:
    raw = raw_with_everything(first_samp=first_samp, date=date)
    raw.save(tmp_path / "a_raw.fif", verbose="error")
    recording = read(tmp_path / "a_raw.fif")
    assert [note.onset for note in recording.annotations] == pytest.approx([1.0, 2.5])
    assert recording.kinds == ("eeg", "eeg", "eog", "stim")
    assert recording.units == ("V", "V", "V", "")
    write(tmp_path / "b_raw.fif", recording)
    again = mne.io.read_raw_fif(tmp_path / "b_raw.fif", preload=True, verbose="error")
    assert again.first_samp == raw.first_samp
    assert again.info["meas_date"] == raw.info["meas_date"]
    assert again.info["bads"] == ["Cz"]
    np.testing.assert_allclose(again.annotations.onset, raw.annotations.onset)
    np.testing.assert_allclose(again.get_data(), raw.get_data(), rtol=1e-7)
    for one, other in zip(raw.info["chs"], again.info["chs"], strict=True):
        np.testing.assert_allclose(one["loc"], other["loc"], rtol=1e-6)
        assert one["kind"] == other["kind"]


def test_double_precision_stays(tmp_path: Path) -> None:
    raw = raw_with_everything()
    raw.save(tmp_path / "a_raw.fif", fmt="double", verbose="error")
    write(tmp_path / "b_raw.fif", read(tmp_path / "a_raw.fif"))
    np.testing.assert_array_equal(read(tmp_path / "b_raw.fif").data, raw.get_data())


def test_band_is_written_into_fif(tmp_path: Path) -> None:
    raw = raw_with_everything()
    recording = mark_filtered(from_raw(raw, "fif"), highpass=1, lowpass=40)
    write(tmp_path / "a.fif", mark_filtered(recording, lowpass=60))
    info = mne.io.read_raw_fif(tmp_path / "a.fif", verbose="error", on_split_missing="ignore").info
    assert (info["highpass"], info["lowpass"]) == (1, 40)


def test_channels_that_were_dropped_or_renamed(tmp_path: Path) -> None:
    recording = from_raw(raw_with_everything(), "fif")
    some = recording.replace(
        data=recording.data[[2, 0]], channels=["HEOG", "Fz"], kinds=["eog", "eeg"], units="V"
    )
    raw = to_raw(some)
    assert raw.ch_names == ["HEOG", "Fz"]
    assert raw.info["bads"] == []
    np.testing.assert_array_equal(raw.info["chs"][1]["loc"], recording.origin.info["chs"][0]["loc"])
    assert np.isnan(raw.info["chs"][0]["loc"][:3]).all() or not raw.info["chs"][0]["loc"][:3].any()


def test_events_of_every_real_recording(data: Path) -> None:
    files = sorted((data / "eeg" / "ssvep_exo").glob("*_raw.fif"))
    assert len(files) == 14
    for path in files:
        recording = read(path)
        event_file = path.with_name(path.name.replace("_raw.fif", "-eve.fif"))
        events = read_events(event_file, recording)
        expected = mne.read_events(event_file)
        assert [note.text for note in events] == [str(code) for code in expected[:, 2]]
        samples = np.rint([note.onset * recording.fs for note in events])
        np.testing.assert_array_equal(samples + recording.origin.first_sample, expected[:, 0])


def test_events_know_the_first_sample(tmp_path: Path) -> None:
    raw = raw_with_everything(first_samp=500)
    raw.save(tmp_path / "a_raw.fif", verbose="error")
    mne.write_events(tmp_path / "a-eve.fif", np.array([[750, 0, 7]]), verbose="error")
    (event,) = read_events(tmp_path / "a-eve.fif", read(tmp_path / "a_raw.fif"))
    assert (event.onset, event.text) == (1.0, "7")
    write(tmp_path / "b_raw.fif", read(tmp_path / "a_raw.fif"))
    (event,) = read_events(tmp_path / "a-eve.fif", read(tmp_path / "b_raw.fif"))
    assert event.onset == 1.0


def test_event_files_that_cannot_be_used(tmp_path: Path) -> None:
    recording = Recording(np.zeros(1000), fs=250)
    with pytest.raises(FileNotFoundError, match=r"gone-eve\.fif: no such file"):
        read_events(tmp_path / "gone-eve.fif", recording)
    mne.write_events(tmp_path / "a-eve.fif", np.array([[5000, 0, 1]]), verbose="error")
    with pytest.raises(FileError, match=r"a-eve\.fif: the event at sample 5000 lies outside"):
        read_events(tmp_path / "a-eve.fif", recording)
    (tmp_path / "b-eve.fif").write_bytes(b"no events here")
    with pytest.raises(FileError, match=r"b-eve\.fif: cannot be read as an event file"):
        read_events(tmp_path / "b-eve.fif", recording)


def test_epochs_are_no_recording(tmp_path: Path) -> None:
    raw = raw_with_everything()
    epochs = mne.make_fixed_length_epochs(raw, 1.0, preload=True, verbose="error")
    epochs.save(tmp_path / "a-epo.fif", verbose="error")
    with pytest.raises(FileError, match=r"a-epo\.fif: holds no continuous recording"):
        read(tmp_path / "a-epo.fif")


def test_another_rate_keeps_the_times_of_a_recording_cut_from_a_longer_one(tmp_path):
    info = mne.create_info(2, 250.0, "eeg")
    raw = mne.io.RawArray(np.zeros((2, 1000)), info, first_samp=2500, verbose="error")
    raw.set_meas_date(1_000_000_000)
    raw.save(tmp_path / "a_raw.fif", verbose="error")
    write(tmp_path / "b_raw.fif", resample(read(tmp_path / "a_raw.fif"), 100))
    after = mne.io.read_raw_fif(tmp_path / "b_raw.fif", verbose="error")
    assert (after.first_samp, after.first_time) == (1000, raw.first_time)
    assert after.info["meas_date"] == raw.info["meas_date"]
