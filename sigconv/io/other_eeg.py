"""EEG formats that are only read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..recording import Recording
from .mne_objects import from_raw, mne_for
from .notices import quiet


def read(path: Path) -> Recording:
    """Read a Neuroscan CNT or GDF file."""
    mne = mne_for("reading EEG")
    with quiet(path, ("Could not parse meas date",)):
        if path.suffix.lower() == ".gdf":
            raw = mne.io.read_raw_gdf(path, preload=True, verbose="warning")
        else:
            raw = _read_cnt(mne, path)
    return from_raw(raw, "other_eeg")


def _read_cnt(mne: Any, path: Path) -> Any:
    try:
        return mne.io.read_raw_cnt(path, preload=True, verbose="warning")
    except RuntimeError as error:
        # Some recorders leave the field empty that tells 16 from 32 bits; files of theirs that
        # are not explicit are of 16.
        if "data_format" not in str(error):
            raise
        return mne.io.read_raw_cnt(path, data_format="int16", preload=True, verbose="warning")
