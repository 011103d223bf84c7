"""Audio files through libsndfile: WAV and RF64, FLAC, OGG, MP3, AIFF."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks, _memory
from ..recording import Recording
from .audio_damage import refuse_truncated
from .notices import notice
from .origin import Origin
from .reader import Reader, Rows, details_of, empty_frame

#: Integer subtype -> (bits, type in which soundfile takes them, left-justified).
_INTEGERS = {
    "PCM_S8": (8, np.int16),
    "PCM_U8": (8, np.int16),
    "PCM_16": (16, np.int16),
    "PCM_24": (24, np.int32),
    "PCM_32": (32, np.int32),
}

#: Extension -> libsndfile's word, where it is another.
_WORDS = {"AIF": "AIFF"}

#: Of these a decoder that is set back does not give the same bits: they are read in order.
_IN_ORDER = ("OGG", "MP3")

#: Moments that are read or written at a time: what they are turned into stays in the cache, and in
#: memory that the C library keeps. With 16 MB of them FLAC took a third longer.
_MOMENTS = 1 << 15

#: A WAV or AIFF header counts bytes in 32 bits; some are the header's own.
_WAV_BYTES = (1 << 32) - (1 << 16)


@dataclass(frozen=True)
class Details:
    """How the source stored its samples, and its tags."""

    kind: str
    subtype: str
    endian: str
    tags: dict[str, str] = field(default_factory=dict)


class AudioReader(Reader):
    """Reads samples in [-1, 1] from an open file."""

    def __init__(self, path: Path, name: str) -> None:
        _checks.require("soundfile", extra="audio", purpose="reading audio")
        refuse_truncated(path)
        self._raw, self._place = path.open("rb"), 0
        try:
            self._open()
            self._begin(path, name)
        except BaseException:
            self._raw.close()
            raise

    def _begin(self, path: Path, name: str) -> None:
        file = self._file
        self._details = Details(file.format, file.subtype, file.endian, file.copy_metadata())
        n = file.channels
        names = [f"ch{i}" for i in range(1, n + 1)]
        origin = Origin("audio", details=self._details)
        frame = empty_frame(file.frames, file.samplerate, names, "audio", "", origin=origin)
        super().__init__(frame, path, name)
        self._numbers = _INTEGERS[file.subtype][1] if file.subtype in _INTEGERS else None

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self._raw.close()

    def load(self) -> Recording:
        """Read everything."""
        data = _memory.empty(self.shape, self.dtype)
        for start in range(0, self.frame.n_times, _MOMENTS):
            stop = min(start + _MOMENTS, self.frame.n_times)
            data[:, start:stop] = self.read(start, stop)
        return self.frame.replace(data=data)

    def _read(self, start: int, stop: int, rows: Rows) -> NDArray[np.float64]:
        if self._details.kind in _IN_ORDER:
            self._go_to(start)
        elif start != self._place:
            self._file.seek(start)
        dtype = "float64" if self._numbers is None else np.dtype(self._numbers).name
        x: NDArray[Any] = self._file.read(stop - start, dtype=dtype, always_2d=True)
        self._place = start + len(x)
        if len(x) < stop - start:
            raise _checks.FileError(
                f"{self.path}: is truncated: {start + len(x)} of {self.frame.n_times} samples are "
                "there"
            )
        if self._numbers is None:
            return np.ascontiguousarray(x.T[rows])
        from . import audio_jit  # not for what only asks what is in a file

        signals = np.empty((x.shape[1], x.shape[0]))
        audio_jit.to_signals(x, 2.0 ** (1 - 8 * x.itemsize), signals)
        return signals[rows]

    def _go_to(self, start: int) -> None:
        """Decode up to a sample, from the beginning if it lies behind."""
        if start < self._place:
            self._file.close()
            os.lseek(self._raw.fileno(), 0, os.SEEK_SET)  # which `seek` may keep to itself
            self._open()
        while self._place < start:
            n = len(self._file.read(min(start - self._place, 1 << 16), dtype="float64"))
            if not n:
                return
            self._place += n

    def _open(self) -> None:
        import soundfile

        # by its number: soundfile takes no names that are not of UTF-8
        self._file = soundfile.SoundFile(self._raw.fileno(), closefd=False)
        self._place = 0
        if self._file.format in _IN_ORDER:
            # soundfile would seek to where it is after every piece, which loses MP3's place
            self._file.seekable = bool


def open_(path: Path) -> AudioReader:
    """Open an audio file."""
    return AudioReader(path, _kind_of(path))


def write(path: Path, reader: Reader, target: Path) -> None:
    """Write an audio file with the bit depth of its source, or the format's usual one."""
    soundfile = _checks.require("soundfile", extra="audio", purpose="writing audio")
    kind, recording = _kind_of(target), reader.frame
    _refuse(recording, kind, target)
    details = details_of(recording)
    source = details if isinstance(details, Details) else Details("", "", "FILE")
    if kind == "WAV" and source.kind in ("RF64", "WAVEX"):
        kind = source.kind
    known = soundfile.check_format(kind, source.subtype, source.endian) if source.subtype else False
    subtype = source.subtype if known else soundfile.default_subtype(kind)
    size = recording.n_times * recording.n_channels * _bytes_of(subtype)
    if size > _WAV_BYTES and kind in ("WAV", "WAVEX"):
        kind = "RF64"
        notice(target, "holds more than 4 GB: written as RF64, which is WAV with longer counts")
    chunks = _Chunks(subtype, _kind_of(target), target)
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
        for begin, end in reader.blocks():
            for start in range(begin, end, _MOMENTS):
                file.write(chunks.stored(reader.read(start, min(start + _MOMENTS, end))))
                raw.refuse_errors()
    chunks.tell()


def _kind_of(path: Path) -> str:
    """Return libsndfile's word for a path's extension."""
    word = path.suffix.removeprefix(".").upper()
    return _WORDS.get(word, word)


def _bytes_of(subtype: str) -> int:
    return {"DOUBLE": 8, "FLOAT": 4}.get(subtype, _INTEGERS.get(subtype, (32, None))[0] // 8)


def _refuse(recording: Recording, kind: str, target: Path) -> None:
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


class _Watched:
    """A file to write for libsndfile, which takes a full disk for no error of its encoders.

    What the system refuses is remembered and raised.
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
        self.refuse_errors()

    def refuse_errors(self) -> None:
        """Raise what the system refused so far."""
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


class _Chunks:
    """Samples in the type that the file is to hold, and what had to be cut off."""

    def __init__(self, subtype: str, kind: str, target: Path) -> None:
        self._subtype, self._kind, self._target = subtype, kind, target
        self._beyond = 0

    def stored(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return samples (n_channels, n) as they are to be stored, (n, n_channels)."""
        subtype = self._subtype
        if subtype in ("FLOAT", "DOUBLE"):
            return x.T.astype(np.float64 if subtype == "DOUBLE" else np.float32, copy=False)
        x = x.astype(np.float64, copy=False)
        if subtype not in _INTEGERS:
            bad, beyond = np.count_nonzero(~np.isfinite(x)), np.count_nonzero(np.abs(x) > 1)
            stored = x.T.clip(-1, 1)
        else:
            # soundfile would scale by 2**n - 1 what it reads by 2**n, and no sample above one half
            # would come back the same
            bits, dtype = _INTEGERS[subtype]
            from . import audio_jit

            stored = np.empty(x.shape[::-1], dtype)
            shift = 8 * stored.itemsize - bits
            bad, beyond = audio_jit.to_numbers(x, 2.0 ** (bits - 1), shift, stored)
        if bad:
            raise _checks.FileError(
                f"{self._target}: {self._kind} ({subtype}) cannot hold NaN or infinities; got {bad}"
            )
        self._beyond += int(beyond)
        return stored

    def tell(self) -> None:
        """Say what was cut off."""
        if self._beyond:
            notice(self._target, f"{self._beyond} samples beyond [-1, 1] were cut off there")
