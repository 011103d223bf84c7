"""Reading back what was written: every real EEG file, a few of audio, and made-up ones."""

from datetime import UTC, datetime
from pathlib import Path

import mne
import numpy as np
import pytest

from sigconv import Annotation, Recording
from sigconv.io import FileNotice, collected, is_recording, read, write

START = datetime(2020, 2, 29, 13, 14, 15, 250000, UTC)


def eeg_files(data: Path) -> list[Path]:
    return [path for path in sorted((data / "eeg").rglob("*")) if is_recording(path)]


def assert_same(one: Recording, other: Recording, *, tolerance: float = 0.0) -> None:
    """Compare everything a recording says; `tolerance` is relative to each channel's peak."""
    peak = np.abs(one.data).max(axis=1, keepdims=True)
    assert one.data.shape == other.data.shape
    assert np.all(np.abs(one.data - other.data) <= tolerance * peak)
    assert one.fs == other.fs
    assert one.channels == other.channels
    assert one.kinds == other.kinds
    assert one.units == other.units
    assert one.start == other.start
    assert [note.text for note in one.annotations] == [note.text for note in other.annotations]
    assert [note.channels for note in one.annotations] == [
        note.channels for note in other.annotations
    ]
    for note, same in zip(one.annotations, other.annotations, strict=True):
        assert abs(note.onset - same.onset) < 1e-5
        assert abs(note.duration - same.duration) < 1e-5


def test_every_eeg_file_comes_back_in_its_own_format(data: Path, tmp_path: Path) -> None:
    files = eeg_files(data)
    assert len(files) >= 25
    for path in files:
        if path.suffix == ".cnt":
            continue
        recording = read(path)
        with collected() as notices:
            write(tmp_path / path.name, recording)
            again = read(tmp_path / path.name)
        assert not notices, notices
        # integer formats come back to the last bit; so does FIF, read from single precision
        exact = path.suffix in (".edf", ".bdf", ".fif")
        assert_same(recording, again, tolerance=0.0 if exact else 1e-15)


@pytest.mark.parametrize(
    ("extension", "tolerance"),
    [(".edf", 2e-5), (".bdf", 2e-7), (".fif", 1e-7), (".vhdr", 1e-7), (".set", 1e-7)],
)
@pytest.mark.parametrize("name", ["eegmmidb/S001R04.edf", "formats/eeglab_test.bdf"])
def test_conversion_keeps_all_that_the_format_can_hold(
    data: Path, tmp_path: Path, name: str, extension: str, tolerance: float
) -> None:
    recording = read(data / "eeg" / name)
    target = tmp_path / f"converted{extension}"
    with collected() as notices:
        write(target, recording)
    again = read(target)
    if extension == ".set":
        assert [note.split(": ")[1] for note in notices] == [
            "EEGLAB has no place for the start time; it was left out"
        ]
        again = again.replace(start=recording.start, units=recording.units)
    if extension == ".vhdr":  # knows no kinds
        again = again.replace(kinds=recording.kinds)
    assert_same(recording, again, tolerance=tolerance)


@pytest.mark.parametrize("name", ["0_george_0.wav", "5_theo_3.wav", "9_yweweler_7.wav"])
@pytest.mark.parametrize("extension", [".wav", ".flac"])
def test_audio_comes_back_to_the_last_bit(
    data: Path, tmp_path: Path, name: str, extension: str
) -> None:
    recording = read(data / "audio" / "fsdd" / "recordings" / name)
    write(tmp_path / f"a{extension}", recording)
    again = read(tmp_path / f"a{extension}")
    assert_same(recording, again)
    assert again.origin.details.subtype == "PCM_16"


def made_up(fs: float, n_times: int) -> Recording:
    rng = np.random.default_rng(7)
    return Recording(
        rng.normal(size=(3, n_times)) * 20e-6 + [[0.0], [1e-3], [-5e-6]],
        fs,
        channels=["Fp1", "C, 3", "O2"],
        annotations=[
            Annotation(0.0, 0.0, "start"),
            Annotation(round(n_times / 3) / fs, round(n_times / 5) / fs, "Reiz, größer"),
            Annotation((n_times - 1) / fs, 0.0, "a/b/c"),
        ],
        start=START,
    )


@pytest.mark.parametrize("extension", [".edf", ".bdf", ".fif", ".vhdr"])
@pytest.mark.parametrize(
    ("fs", "n_times"), [(250, 1000), (256, 1001), (512, 997), (1000 / 3, 1000), (99.5, 1990)]
)
def test_odd_rates_and_lengths_are_neither_padded_nor_shifted(
    tmp_path: Path, extension: str, fs: float, n_times: int
) -> None:
    recording = made_up(fs, n_times)
    with collected():
        write(tmp_path / f"a{extension}", recording)
        again = read(tmp_path / f"a{extension}")
    assert again.n_times == n_times
    # FIF holds the rate in single precision
    assert again.fs == pytest.approx(fs, rel=1e-7 if extension == ".fif" else 1e-12)
    assert_same(recording, again.replace(fs=recording.fs), tolerance=2e-4)


@pytest.mark.parametrize("extension", [".edf", ".bdf", ".fif"])
def test_annotations_of_channels(tmp_path: Path, extension: str) -> None:
    recording = made_up(250, 1000).replace(
        annotations=[
            Annotation(1.0, 0.5, "BAD_blink", ("Fp1", "O2")),
            Annotation(2.0, 0.0, "all"),
            Annotation(3.0, 0.25, "BAD_muscle", ("O2",)),
        ]
    )
    write(tmp_path / f"a{extension}", recording)
    assert_same(recording, read(tmp_path / f"a{extension}"), tolerance=1e-4)


def test_hundreds_of_annotations_in_order(tmp_path: Path) -> None:
    notes = [Annotation(i / 100, 0.0, f"event {i}") for i in range(390)]
    recording = Recording(np.random.default_rng(0).normal(size=(1, 1000)), 250, annotations=notes)
    write(tmp_path / "a.edf", recording)
    assert read(tmp_path / "a.edf").annotations == tuple(notes)


def test_what_a_format_cannot_hold_is_said(tmp_path: Path) -> None:
    recording = made_up(250, 1000).replace(
        annotations=[Annotation(1.0, 0.5, "BAD_blink", ("Fp1",))]
    )
    with pytest.warns(FileNotice, match=r"a\.vhdr: BrainVision readers take annotations of single"):
        write(tmp_path / "a.vhdr", recording)
    with collected() as notices:
        write(tmp_path / "a.set", recording)
    assert len(notices) == 2
    tone = Recording(
        np.zeros(100), 8000, kinds="audio", units="", annotations=[Annotation(0.0, 0.0, "x")]
    )
    with pytest.warns(FileNotice, match=r"a\.wav: WAV cannot hold annotations; 1 left out"):
        write(tmp_path / "a.wav", tone)


@pytest.mark.parametrize("extension", [".edf", ".bdf", ".fif", ".vhdr", ".set"])
@pytest.mark.parametrize("n_notes", [0, 1])
def test_one_channel_one_annotation(tmp_path: Path, extension: str, n_notes: int) -> None:
    recording = Recording(
        np.random.default_rng(1).normal(size=500) * 1e-5,
        250,
        channels=["Cz"],
        annotations=[Annotation(1.0, 0.5, "only")] * n_notes,
    )
    write(tmp_path / f"a{extension}", recording)
    assert_same(recording, read(tmp_path / f"a{extension}"), tolerance=2e-4)


@pytest.mark.parametrize("extension", [".edf", ".bdf", ".fif", ".vhdr"])
def test_float32_and_reversed_memory(tmp_path: Path, extension: str) -> None:
    recording = made_up(250, 1000)
    odd = recording.replace(data=recording.data.astype(np.float32)[:, ::-1][:, ::-1])
    write(tmp_path / f"a{extension}", odd)
    assert_same(recording, read(tmp_path / f"a{extension}"), tolerance=1e-4)


@pytest.mark.parametrize("level", ["WARNING", "ERROR"])
@pytest.mark.parametrize("extension", [".edf", ".fif"])
def test_annotations_outside_the_recording_are_not_lost_in_silence(
    tmp_path: Path, extension: str, level: str, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = made_up(250, 1000).replace(
        annotations=[Annotation(1.0, 0.0, "in"), Annotation(99.0, 0.0, "out")]
    )
    with collected() as notices, mne.use_log_level(level):
        write(tmp_path / f"a{extension}", recording)
        again = read(tmp_path / f"a{extension}")
    assert [note.text for note in again.annotations] == ["in"]
    assert "Omitted 1 annotation(s) that were outside data range." in " ".join(notices)
    assert capsys.readouterr() == ("", "")  # MNE would print it besides
