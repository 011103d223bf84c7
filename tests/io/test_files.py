"""What read and write refuse, in one sentence each; nothing half written."""

import re
from pathlib import Path

import numpy as np
import pytest

from sigconv import Annotation, Recording
from sigconv._checks import FileError, MissingExtra
from sigconv.io import FORMATS, is_recording, read, readable, writable, write

EEG = Recording(np.random.default_rng(0).normal(size=(2, 500)) * 1e-5, 250)
TONE = Recording(np.sin(np.arange(4000) / 5), 8000, kinds="audio", units="")
WRITABLE = [
    *(".edf", ".bdf", ".fif", ".vhdr", ".set", ".npy"),
    *(".wav", ".rf64", ".flac", ".ogg", ".mp3", ".aiff"),
]


def some(extension: str) -> Recording:
    return TONE if FORMATS[extension].family == "audio" else EEG


def test_the_table_of_formats() -> None:
    assert set(WRITABLE) < set(writable()) < set(readable()) == set(FORMATS)
    for extension, entry in FORMATS.items():
        assert hasattr(entry.module(), "open_"), extension
        assert hasattr(entry.module(), "write") == entry.writable, extension
    assert is_recording(Path("A.EDF"))
    assert not is_recording(Path("a-eve.fif"))
    assert not is_recording(Path("a.eeg"))


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gone\.edf: no such file$"):
        read(tmp_path / "gone.edf")
    with pytest.raises(FileError, match="is a folder, not a recording"):
        read(tmp_path)
    with pytest.raises(
        FileError, match=r"a\.xyz: the extension '\.xyz' cannot be read; those that"
    ):
        read(tmp_path / "a.xyz")
    with pytest.raises(FileError, match=r"a\.eeg: is a part of a recording; name the file a\.vhdr"):
        read(tmp_path / "a.eeg")


@pytest.mark.parametrize("extension", sorted(FORMATS))
def test_empty_and_wrong_files(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"a{extension}"
    if extension == ".eeg":  # else it would be a part of BrainVision's
        path.with_suffix(".pnt").touch()
    path.write_bytes(b"")
    with pytest.raises(FileError, match=rf"^{re.escape(str(path))}: the file is empty$"):
        read(path)
    path.write_bytes(b"This is a letter to my aunt, no recording.\n" * 50)
    with pytest.raises(FileError, match=rf"^{re.escape(str(path))}: ") as caught:
        read(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("extension", [".edf", ".bdf", ".fif", ".wav", ".flac", ".ogg"])
@pytest.mark.parametrize("part", [0.3, 0.7, 0.98])
def test_truncated_files(tmp_path: Path, extension: str, part: float) -> None:
    path = tmp_path / f"a{extension}"
    write(path, some(extension))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(FileError, match=rf"^{re.escape(str(path))}: "):
        read(path)


def test_truncated_or_missing_parts(data: Path, tmp_path: Path) -> None:
    write(tmp_path / "a.vhdr", EEG)
    samples = (tmp_path / "a.eeg").read_bytes()
    (tmp_path / "a.eeg").write_bytes(samples[:-3])
    with pytest.raises(FileError, match=r"a\.vhdr: its file a\.eeg is truncated"):
        read(tmp_path / "a.vhdr")
    (tmp_path / "a.eeg").unlink()
    with pytest.raises(FileError, match=r"a\.vhdr: .*a\.eeg"):
        read(tmp_path / "a.vhdr")
    formats = data / "eeg" / "formats"
    target = tmp_path / "eeglab_data.set"
    target.write_bytes((formats / "eeglab_data.set").read_bytes())
    with pytest.raises(FileError, match=r"eeglab_data\.set: "):
        read(target)
    target.with_suffix(".fdt").write_bytes((formats / "eeglab_data.fdt").read_bytes()[:-1000])
    with pytest.raises(FileError, match=r"eeglab_data\.set: "):
        read(target)


@pytest.mark.parametrize("extension", WRITABLE)
def test_nothing_is_replaced_unasked(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"a{extension}"
    write(path, some(extension))
    before = path.read_bytes()
    with pytest.raises(FileExistsError, match=r"exists already; pass overwrite=True"):
        write(path, some(extension))
    assert path.read_bytes() == before
    write(path, some(extension), overwrite=True)


def test_any_part_of_a_recording_counts_as_there(tmp_path: Path) -> None:
    (tmp_path / "a.eeg").write_text("precious")
    with pytest.raises(FileExistsError, match=r"a\.eeg: exists already"):
        write(tmp_path / "a.vhdr", EEG)
    assert (tmp_path / "a.eeg").read_text() == "precious"


@pytest.mark.parametrize("extension", WRITABLE)
def test_a_failed_write_leaves_what_was_there(
    tmp_path: Path, extension: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"a{extension}"
    write(path, some(extension))
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    module = FORMATS[extension].module()
    real = module.write

    def fails_midway(partial: Path, recording: Recording, target: Path) -> None:
        real(partial, recording, target)
        partial.write_bytes(partial.read_bytes()[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write", fails_midway)
    with pytest.raises(FileError, match=r"cannot be written as .* \(No space left on device\)"):
        write(path, some(extension), overwrite=True)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_what_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"a\.edf: the folder .*nowhere does not exist"):
        write(tmp_path / "nowhere" / "a.edf", EEG)
    with pytest.raises(FileError, match=r"a\.cnt: the extension '\.cnt' cannot be written"):
        write(tmp_path / "a.cnt", EEG)
    with pytest.raises(FileError, match="a recording without samples cannot be written"):
        write(tmp_path / "a.edf", EEG.replace(data=np.zeros((2, 0))))
    with pytest.raises(FileError, match="EDF cannot hold complex numbers"):
        write(tmp_path / "a.edf", EEG.replace(data=EEG.data + 1j))
    with pytest.raises(TypeError, match="recording must be a Recording; got ndarray"):
        write(tmp_path / "a.edf", EEG.data)
    (tmp_path / "b.edf").mkdir()
    with pytest.raises(FileError, match=r"b\.edf: is a folder"):
        write(tmp_path / "b.edf", EEG)
    assert [file.name for file in tmp_path.iterdir()] == ["b.edf"]


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(MissingExtra, match=r"writing audio needs soundfile.*sigconv\[audio\]"):
        write(tmp_path / "a.wav", TONE)
    monkeypatch.setitem(sys.modules, "mne", None)
    write(tmp_path / "a.edf", EEG)
    assert read(tmp_path / "a.edf").n_times == 500  # which needs nobody's help
    (tmp_path / "a.fif").write_bytes(b"something")
    with pytest.raises(MissingExtra, match=r"reading FIF needs mne.*sigconv\[eeg\]"):
        read(tmp_path / "a.fif")


@pytest.mark.parametrize("name", ["with space.edf", "größe.edf", "semi;colon'quote.edf", "x" * 200])
def test_unusual_names(tmp_path: Path, name: str) -> None:
    path = tmp_path / (name if name.endswith(".edf") else f"{name}.vhdr")
    write(path, EEG.replace(annotations=[Annotation(0.5, 0.0, "x")]))
    assert read(path).n_times == 500
