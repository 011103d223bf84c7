"""EEG formats that are only read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..recording import Recording
from .heading import Heading
from .mne_objects import from_raw, heading_of, mne_for
from .notices import quiet


def read(path: Path) -> Recording:
    """Read a Neuroscan CNT or GDF file."""
    return from_raw(_open(path, preload=True), "other_eeg")


def heading(path: Path) -> Heading:
    """Read all but the samples."""
    return heading_of(_open(path, preload=False))


def _open(path: Path, *, preload: bool) -> Any:
    mne = mne_for("reading EEG")
    with quiet(path, ("Could not parse meas date",)):
        if path.suffix.lower() == ".gdf":
            return mne.io.read_raw_gdf(path, preload=preload, verbose="warning")
        return _open_cnt(mne, path, preload)


def _open_cnt(mne: Any, path: Path, preload: bool) -> Any:
    try:
        return mne.io.read_raw_cnt(path, preload=preload, verbose="warning")
    except RuntimeError as error:
        # Some recorders leave the field empty that tells 16 from 32 bits; files of theirs that
        # are not explicit are of 16.
        if "data_format" not in str(error):
            raise
        return mne.io.read_raw_cnt(path, data_format="int16", preload=preload, verbose="warning")
