"""Audio files through libsndfile: WAV, FLAC, OGG."""

from __future__ import annotations

import contextlib
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from ..recording import Recording
from .heading import Heading
from .notices import notice
from .origin import Origin, origin_of

#: Integer subtype -> (bits, type in which soundfile takes them, left-justified).
_INTEGERS = {
    "PCM_S8": (8, np.int16),
    "PCM_U8": (8, np.int16),
    "PCM_16": (16, np.int16),
    "PCM_24": (24, np.int32),
    "PCM_32": (32, np.int32),
}


@dataclass(frozen=True)
class _Details:
    """How the source stored its samples, and its tags."""

    subtype: str
    endian: str
    tags: dict[str, str] = field(default_factory=dict)


def read(path: Path) -> Recording:
    """Read an audio file; the samples come in [-1, 1]."""
    soundfile = _checks.require("soundfile", extra="audio", purpose="reading audio")
    _refuse_truncated(path)
    # by its number: soundfile takes no names that are not of UTF-8
    with path.open("rb") as raw, soundfile.SoundFile(raw.fileno(), closefd=False) as file:
        details = _Details(file.subtype, file.endian, file.copy_metadata())
        data = file.read(dtype="float64", always_2d=True)
        if len(data) < file.frames:
            raise _checks.FileError(
                f"{path}: is truncated: {len(data)} of {file.frames} samples are there"
            )
        fs = file.samplerate
    origin = Origin("audio", details=details)
    return Recording(np.ascontiguousarray(data.T), fs, kinds="audio", units="", origin=origin)


def heading(path: Path) -> Heading:
    """Read all but the samples."""
    soundfile = _checks.require("soundfile", extra="audio", purpose="reading audio")
    _refuse_truncated(path)
    with path.open("rb") as raw, soundfile.SoundFile(raw.fileno(), closefd=False) as file:
        n = file.channels
        names = tuple(f"ch{i}" for i in range(1, n + 1))
        return Heading(file.samplerate, file.frames, names, ("audio",) * n, ("",) * n)


def write(path: Path, recording: Recording, target: Path) -> None:
    """Write an audio file with the bit depth of its source, or the format's usual one."""
    soundfile = _checks.require("soundfile", extra="audio", purpose="writing audio")
    kind = target.suffix.lower().removeprefix(".").upper()
    if set(recording.kinds) != {"audio"}:
        raise _checks.FileError(
            f"{target}: {kind} holds audio in [-1, 1]; got channels of kind "
            f"{', '.join(sorted(set(recording.kinds) - {'audio'}))}"
        )
    if recording.fs != int(recording.fs):
        raise _checks.FileError(
            f"{target}: {kind} needs a whole sampling rate; got {recording.fs:g} Hz"
        )
    if recording.annotations:
        notice(target, f"{kind} cannot hold annotations; {len(recording.annotations)} left out")
    details = origin_of(recording).details
    source = details if isinstance(details, _Details) else _Details("", "FILE")
    known = soundfile.check_format(kind, source.subtype, source.endian) if source.subtype else False
    subtype = source.subtype if known else soundfile.default_subtype(kind)
    samples = _samples(recording.data.T, subtype, kind, target)
    with (
        _Watched(path) as raw,
        soundfile.SoundFile(
            raw,
            "w",
            samplerate=int(recording.fs),
            channels=recording.n_channels,
            format=kind,
            subtype=subtype,
            endian=source.endian if known else "FILE",
        ) as file,
    ):
        for key, value in source.tags.items():
            # libsndfile adds its own name to "software", again at every writing
            if key != "software":
                with contextlib.suppress(soundfile.LibsndfileError):
                    setattr(file, key, value)
        file.write(samples)


class _Watched:
    """A file to write for libsndfile, which takes a full disk for no error of its encoders.

    What the system refuses is remembered and raised at the end.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb+")
        self._error: OSError | None = None

    def __enter__(self) -> _Watched:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        try:
            self._file.close()
        except OSError as refused:
            self._error = self._error or refused
        if self._error is not None:
            raise self._error from None

    def _try(self, method: str, *arguments: Any) -> int:
        try:
            return int(getattr(self._file, method)(*arguments))
        except OSError as error:
            self._error = self._error or error
            return 0

    def write(self, data: Any) -> int:
        """Write bytes; 0 of them if that is refused."""
        return self._try("write", data)

    def readinto(self, buffer: Any) -> int:
        """Read bytes that were written."""
        return self._try("readinto", buffer)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to another place."""
        return self._try("seek", offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._try("tell")


def _samples(x: NDArray[Any], subtype: str, kind: str, target: Path) -> NDArray[Any]:
    """Return the samples in the type that the file is to hold."""
    if subtype in ("FLOAT", "DOUBLE"):
        return x.astype(np.float64 if subtype == "DOUBLE" else np.float32, copy=False)
    x = x.astype(np.float64, copy=False)
    if not np.isfinite(x).all():
        raise _checks.FileError(
            f"{target}: {kind} ({subtype}) cannot hold NaN or infinities; got "
            f"{np.count_nonzero(~np.isfinite(x))}"
        )
    beyond = np.count_nonzero(np.abs(x) > 1)
    if beyond:
        notice(target, f"{beyond} samples beyond [-1, 1] were cut off there")
        x = x.clip(-1, 1)
    if subtype not in _INTEGERS:
        return x
    # soundfile would scale by 2**n - 1 what it reads by 2**n, and no sample above one half
    # would come back the same
    bits, dtype = _INTEGERS[subtype]
    full = 2.0 ** (bits - 1)
    whole = np.rint(x * full).clip(-full, full - 1)
    return (whole * 2.0 ** (8 * np.dtype(dtype).itemsize - bits)).astype(dtype)


def _refuse_truncated(path: Path) -> None:
    """Refuse files that end before they should, which libsndfile reads without a word."""
    extension = path.suffix.lower()
    missing = {".wav": _missing_in_wav, ".ogg": _missing_in_ogg}.get(extension)
    if missing is not None and missing(path):
        raise _checks.FileError(f"{path}: is truncated: the file ends before its last sample")


def _missing_in_wav(path: Path) -> bool:
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(4) != b"RIFF":
            return False
        file.seek(12)
        while len(head := file.read(8)) == 8:
            name, length = struct.unpack("<4sI", head)
            if name == b"data":
                # programs that write to a pipe leave the length at 0 or at the greatest number
                return 0 < length < 0xFFFFF000 and file.tell() + length > size
            file.seek(length + length % 2, 1)
    return True


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
