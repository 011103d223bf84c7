"""Audio files that end before they should, which libsndfile reads without a word."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from .. import _checks

#: What a header says that was written to a pipe, and never brought up to date.
_UNKNOWN = 0xFFFFF000


def refuse_truncated(path: Path) -> None:
    """Raise FileError if the file ends before its last sample."""
    missing = {".wav": _missing, ".rf64": _missing, ".ogg": _missing_in_ogg}
    missing |= {".aiff": _missing, ".aif": _missing}
    check = missing.get(path.suffix.lower())
    if check is not None and check(path):
        raise _checks.FileError(f"{path}: is truncated: the file ends before its last sample")


def _missing(path: Path) -> bool:
    """Look for the chunk of the samples: RIFF and RF64 count from the right, AIFF from the left."""
    size = path.stat().st_size
    with path.open("rb") as file:
        magic = file.read(4)
        if magic not in (b"RIFF", b"RF64", b"FORM"):
            return False
        form, samples = ("<4sI", b"data") if magic != b"FORM" else (">4sI", b"SSND")
        file.seek(12)
        long = 0
        while len(head := file.read(8)) == 8:
            name, length = struct.unpack(form, head)
            if name == b"ds64":
                long = _length_in_ds64(file)
            if name == samples:
                if length >= _UNKNOWN:
                    length = long  # 0: nobody knows
                return file.tell() + length > size
            file.seek(length + length % 2, 1)
    return True


def _length_in_ds64(file: BinaryIO) -> int:
    """Return RF64's count of the bytes of samples; the file stays where it is."""
    place = file.tell()
    raw = file.read(16)
    file.seek(place)
    return struct.unpack("<QQ", raw)[1] if len(raw) == 16 else 0


def _missing_in_ogg(path: Path) -> bool:
    """Look at the last page: it must be complete and carry the mark of the last."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - (1 << 17)))  # a page has less than 64 KiB
        tail = file.read()
    start = tail.rfind(b"OggS")
    page = tail[start:]
    if start < 0 or len(page) < 27:
        return True
    lengths = page[27 : 27 + page[26]]
    return not page[5] & 4 or len(page) < 27 + page[26] + sum(lengths)
