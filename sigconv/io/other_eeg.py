"""EEG formats that are only read, all of them by MNE."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .mne_objects import RawReader, mne_for
from .notices import quiet


def open_(path: Path) -> RawReader:
    """Open a recording of a format that MNE reads, known by its extension."""
    mne = mne_for("reading EEG")
    with quiet(path, ("Could not parse meas date",)):
        if path.suffix.lower() == ".cnt":
            raw = _open_cnt(mne, path)
        elif path.suffix.lower() == ".eeg":
            raw = mne.io.read_raw_nihon(path, preload=False, verbose="warning")
        elif path.suffix.lower() == ".data":
            raw = mne.io.read_raw_nicolet(path, ch_type="eeg", preload=False, verbose="warning")
        else:
            raw = mne.io.read_raw(path, preload=False, verbose="warning")
    return RawReader(raw, path, "EEG", "other_eeg")


def _open_cnt(mne: Any, path: Path) -> Any:
    with path.open("rb") as file:
        if file.read(4) == b"RIFF":  # ANT Neuro's, which has the extension in common
            return mne.io.read_raw_ant(path, preload=False, verbose="warning")
    try:
        return mne.io.read_raw_cnt(path, preload=False, verbose="warning")
    except RuntimeError as error:
        # Some recorders leave the field empty that tells 16 from 32 bits; files of theirs that
        # are not explicit are of 16.
        if "data_format" not in str(error):
            raise
        return mne.io.read_raw_cnt(path, data_format="int16", preload=False, verbose="warning")
