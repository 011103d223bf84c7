"""Headings say what the reader of the whole file says."""

from pathlib import Path

import numpy as np
import pytest

from sigconv import Annotation, Recording, read, write
from sigconv.io import is_recording, read_heading

NAMES = ["a.edf", "a.bdf", "a_raw.fif", "a.vhdr", "a.set", "a.wav", "a.flac", "a.ogg"]


def made_up(name: str) -> Recording:
    x = np.random.default_rng(0).normal(size=(3, 2000))
    if name.endswith((".wav", ".flac", ".ogg")):
        return Recording(0.1 * x, 8000, kinds="audio", units="")
    notes = [Annotation(1.0, 0.5, "go")]
    kinds = ["eeg", "eeg", "stim"]
    x[2] = 3
    return Recording(x * [[2e-5], [2e-5], [1]], 250, kinds=kinds, annotations=notes)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_as_the_reader(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, made_up(name))
    heading, recording = read_heading(tmp_path / name), read(tmp_path / name)
    for fact in (
        *("fs", "n_times", "channels", "kinds", "units", "annotations"),
        *("start", "n_channels", "duration"),
    ):
        assert getattr(heading, fact) == getattr(recording, fact), fact
    assert heading.n_signals == len(recording.signal_channels)


def test_real_files(data: Path) -> None:
    found = sorted((data / "eeg").glob("formats/*")) + sorted((data / "eeg").glob("*/*.fif"))[:4]
    files = [path for path in found if is_recording(path)]
    assert {path.suffix for path in files} == {".bdf", ".cnt", ".edf", ".fif", ".set", ".vhdr"}
    for path in files:
        recording = read(path)
        heading = read_heading(path)
        assert (heading.fs, heading.n_times) == (recording.fs, recording.n_times)
        assert (heading.channels, heading.kinds) == (recording.channels, recording.kinds)
        assert heading.annotations == recording.annotations
        assert heading.start == recording.start


def test_errors_are_those_of_the_reader(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gone\.edf: no such file"):
        read_heading(tmp_path / "gone.edf")
    (tmp_path / "bad.edf").write_text("no recording")
    with pytest.raises(ValueError, match=r"bad\.edf: is no EDF or BDF file"):
        read_heading(tmp_path / "bad.edf")
    with pytest.raises(ValueError, match="is a folder, not a recording"):
        read_heading(tmp_path)
