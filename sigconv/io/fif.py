"""FIF, MNE's own format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .. import _checks
from ..recording import Recording
from .heading import Heading
from .mne_objects import from_raw, heading_of, mne_for, to_raw
from .notices import quiet
from .origin import origin_of

#: MNE asks for certain file names; any recording may have any name here.
_IGNORED = ("does not conform to MNE naming conventions",)


def read(path: Path) -> Recording:
    """Read a raw FIF file (with its continuations, if it was split)."""
    raw = _open(path, preload=True)
    return from_raw(raw, "fif", details=raw.orig_format)


def heading(path: Path) -> Heading:
    """Read all but the samples."""
    return heading_of(_open(path, preload=False))


def _open(path: Path, *, preload: bool) -> Any:
    mne = mne_for("reading FIF")
    with quiet(path, _IGNORED):
        try:
            return mne.io.read_raw_fif(path, preload=preload, verbose="warning")
        except ValueError as error:
            if "No raw data" in str(error):
                raise _checks.FileError(f"{path}: holds no continuous recording") from error
            raise


def write(path: Path, recording: Recording, target: Path) -> None:
    """Write a raw FIF file: single precision unless it was read with double."""
    origin = origin_of(recording)
    precision = "double" if (origin.family, origin.details) == ("fif", "double") else "single"
    with quiet(target, _IGNORED):
        raw = to_raw(recording)
        raw.save(path, fmt=precision, verbose="warning")
