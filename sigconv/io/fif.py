"""FIF, MNE's own format."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

from .. import _checks
from .companions import companions
from .mne_objects import RawReader, lazy_raw, mne_for
from .notices import quiet
from .origin import origin_of
from .reader import Reader

#: MNE asks for certain file names; any recording may have any name here.
_IGNORED = ("does not conform to MNE naming conventions",)
_TAG = struct.Struct(">iiii")


def open_(path: Path) -> RawReader:
    """Open a raw FIF file (with its continuations, if it was split)."""
    mne = mne_for("reading FIF")
    for part in companions(path):
        _refuse_circles(part)
    packed = path.suffix.lower() == ".gz"  # MNE would unpack it again for every stretch
    with quiet(path, _IGNORED):
        try:
            raw = mne.io.read_raw_fif(path, preload=packed, verbose="warning")
        except ValueError as error:
            if "No raw data" in str(error):
                raise _checks.FileError(f"{path}: holds no continuous recording") from error
            raise
    return RawReader(raw, path, "FIF", "fif", details=raw.orig_format)


def write(path: Path, reader: Reader, target: Path) -> None:
    """Write a raw FIF file: single precision unless it was read with double."""
    origin = origin_of(reader.frame)
    precision = "double" if (origin.family, origin.details) == ("fif", "double") else "single"
    with quiet(target, _IGNORED):
        lazy_raw(reader).save(path, fmt=precision, verbose="warning")


def _refuse_circles(path: Path) -> None:
    """Refuse damaged files whose parts lead back to earlier ones: MNE would never come to an end.

    A file is a chain of tags, each with 16 bytes of header: kind, type, size, and where the next
    one is (0: right behind, -1: nowhere).
    """
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
        place, seen = 0, set[int]()
        while place not in seen:
            seen.add(place)
            file.seek(place)
            header = file.read(_TAG.size)
            if len(header) < _TAG.size:
                return
            _, _, size, following = _TAG.unpack(header)
            if following < 0:
                return
            place = following or place + _TAG.size + size
            if size < 0 or place < 0:
                break
    raise _checks.FileError(f"{path}: is damaged: its parts lead in a circle")
