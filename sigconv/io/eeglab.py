"""EEGLAB: a MATLAB file (.set), sometimes with the samples beside it (.fdt)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from . import matlab
from .mne_objects import RawReader, mne_for, to_raw
from .notices import notice, quiet
from .reader import Reader


def open_(path: Path) -> RawReader:
    """Open a continuous EEGLAB recording."""
    mne = mne_for("reading EEGLAB")
    matlab.check(path)
    with quiet(path, ("Unknown types found", "Estimated head radius")):
        try:
            raw = mne.io.read_raw_eeglab(path, preload=False, verbose="warning")
        except FileNotFoundError as error:
            raise _checks.FileError(f"{path}: its .fdt file is missing") from error
        except TypeError as error:
            if "trials" in str(error):
                raise _checks.FileError(
                    f"{path}: holds epochs, not a continuous recording"
                ) from error
            raise
    samples = Path(raw.filenames[0])
    if samples.suffix == ".fdt":
        size = 4 * len(raw.ch_names) * raw.n_times
        if samples.stat().st_size < size:
            raise _checks.FileError(
                f"{path}: its file {samples.name} is truncated: {samples.stat().st_size} of "
                f"{size} bytes are there"
            )
    return RawReader(raw, path, "EEGLAB", "eeglab")


def write(path: Path, reader: Reader, target: Path) -> None:
    """Write one .set file with the samples inside, in single precision: all at once."""
    recording = reader.load()
    eeglabio = _checks.require("eeglabio.raw", extra="eeg", purpose="writing EEGLAB")
    notes = recording.annotations
    if recording.start is not None:
        notice(target, "EEGLAB has no place for the start time; it was left out")
    others = sorted(set(recording.units) - {"V", ""})
    if others:
        notice(target, f"EEGLAB has no place for the units {', '.join(others)}; they were left out")
    if any(note.channels for note in notes):
        notice(target, "EEGLAB has no annotations of single channels; they now concern all")
    eeglabio.export_set(
        path,
        data=recording.data,
        sfreq=recording.fs,
        ch_names=list(recording.channels),
        ch_locs=_positions(to_raw(recording.replace(annotations=())).info),
        annotations=[
            [note.text for note in notes],
            np.array([note.onset for note in notes]),
            np.array([note.duration for note in notes]),
        ]
        if notes
        else None,
        ch_types=[kind.upper() for kind in recording.kinds],
    )


def _positions(info: Any) -> NDArray[np.float64] | None:
    """Return positions in EEGLAB's axes (x to the nose, y to the left ear), if there are any."""
    head = np.array([channel["loc"][:3] for channel in info["chs"]])  # x right, y to the nose
    if not np.isfinite(head).all() or not head.any():
        return None
    return np.column_stack([head[:, 1], -head[:, 0], head[:, 2]])
