"""Arrays (.npy) as recordings: channels by samples, and in JSON beside them what is known."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from ..recording import Annotation
from .formats import npy_sidecar
from .notices import channels, notice
from .origin import Origin, origin_of
from .reader import Reader, Rows, details_of, empty_frame

#: What a sidecar may say -> what it must be. `fs` it must say, unless the caller does.
_FACTS: dict[str, type | tuple[type, ...]] = {
    "fs": (int, float),
    "channels": list,
    "kinds": (str, list),
    "units": (str, list),
    "annotations": list,
    "start": (str, type(None)),
    "highpass": (int, float, type(None)),
    "lowpass": (int, float, type(None)),
    "notches": list,
}


@dataclass(frozen=True)
class _Stored:
    """How the array lies in its file."""

    dtype: np.dtype[Any]
    shape: tuple[int, int]
    by_time: bool  # all channels of a moment side by side, as Fortran would have it
    begin: int


class NpyReader(Reader):
    """Reads stretches of an array; no map, for a file that shrinks would end the process."""

    def __init__(self, path: Path, stored: _Stored, facts: Mapping[str, Any]) -> None:
        self._stored = stored
        super().__init__(_frame(stored, facts), path, "NumPy")
        self._file = path.open("rb")

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _read(self, start: int, stop: int, rows: Rows) -> NDArray[np.float64]:
        n_channels, n_times = self._stored.shape
        chosen, n = np.arange(n_channels)[rows], stop - start
        if self._stored.by_time:
            x = self._samples(start * n_channels, n * n_channels).reshape(n, n_channels)
            return np.ascontiguousarray(x.T[chosen], np.float64)
        out = np.empty((len(chosen), n))
        for x, row in zip(out, chosen, strict=True):
            x[:] = self._samples(int(row) * n_times + start, n)
        return out

    def _samples(self, first: int, n: int) -> NDArray[Any]:
        stored = self._stored
        size = stored.dtype.itemsize
        self._file.seek(stored.begin + first * size)
        raw = self._file.read(n * size)
        if len(raw) < n * size:
            raise _checks.FileError(f"{self.path}: became shorter while it was read")
        return np.frombuffer(raw, stored.dtype)


def open_(path: Path, fs: float | None = None) -> NpyReader:
    """Open an array as a recording; `fs` is for one whose sidecar does not say it."""
    stored, facts = _stored(path), _facts(path)
    if fs is None and "fs" not in facts:
        raise _checks.FileError(
            f"{path}: holds no sampling rate; give it as fs (--fs), or as fs in {_sidecar(path)}"
        )
    if fs is not None:
        told = facts.setdefault("fs", _checks.sampling_rate(fs))
        if told != fs:
            raise _checks.FileError(f"{path}: its {_sidecar(path)} says {told:g} Hz; got fs {fs:g}")
    if stored.shape[0] > stored.shape[1] > 0:
        notice(
            path, f"its first axis are the channels: {stored.shape[0]} of {stored.shape[1]} samples"
        )
    return NpyReader(path, stored, facts)


def write(path: Path, reader: Reader, target: Path) -> None:
    """Write an array in its source's precision, and a sidecar."""
    frame = reader.frame
    details = details_of(frame)
    source = details.dtype if isinstance(details, _Stored) else reader.dtype
    dtype = source.newbyteorder("=")
    if dtype.kind != "f" or dtype.itemsize > 8:  # what was filtered has fractions
        is_wide = dtype.itemsize > 2
        dtype = np.dtype(np.float64 if is_wide else np.float32)
        notice(target, f"{source} samples became {dtype}")
    origin = origin_of(frame)
    facts = {
        "fs": frame.fs,
        "channels": frame.channels,
        "kinds": frame.kinds,
        "units": frame.units,
        "annotations": [
            {"onset": a.onset, "duration": a.duration, "text": a.text, "channels": a.channels}
            for a in frame.annotations
        ],
        "start": None if frame.start is None else frame.start.isoformat(),
        "highpass": origin.highpass,
        "lowpass": origin.lowpass,
        "notches": [float(freq) for freq in origin.notches],
    }
    npy_sidecar(path).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    with path.open("wb") as file:
        header = {"descr": dtype.str, "fortran_order": False, "shape": reader.shape}
        np.lib.format.write_array_header_1_0(file, header)
        begin, n_times = file.tell(), frame.n_times
        for start, stop in reader.blocks():
            block = reader.read(start, stop)
            for row, x in enumerate(_in(dtype, block, target)):
                file.seek(begin + (row * n_times + start) * dtype.itemsize)
                file.write(x.data)


def _in(dtype: np.dtype[Any], block: NDArray[Any], target: Path) -> Iterator[NDArray[Any]]:
    """Yield the rows of a block in another type."""
    with np.errstate(over="ignore"):
        stored = np.ascontiguousarray(block, dtype)
    if dtype.itemsize < block.dtype.itemsize:
        beyond = np.isinf(stored).sum(dtype=int) - np.isinf(block).sum(dtype=int)
        if beyond:
            raise _checks.FileError(f"{target}: {dtype} cannot hold {beyond} of the values")
    yield from stored


def _stored(path: Path) -> _Stored:
    with path.open("rb") as file:
        version = np.lib.format.read_magic(file)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if read is None:
            raise _checks.FileError(f"{path}: must hold an array of real numbers")
        shape, by_time, dtype = read(file)
        begin = file.tell()
    if dtype.kind not in "iuf":
        raise _checks.FileError(f"{path}: must hold real numbers; got an array of {dtype}")
    if len(shape) == 1:
        shape = (1, *shape)
    if len(shape) != 2 or min(shape) < 0:
        raise _checks.FileError(
            f"{path}: must hold channels by samples to be a recording; got the shape {shape}"
        )
    there = (path.stat().st_size - begin) // dtype.itemsize
    if there < math.prod(shape):
        raise _checks.FileError(
            f"{path}: is truncated: of {math.prod(shape)} samples {there} are there"
        )
    return _Stored(dtype, (shape[0], shape[1]), bool(by_time) and shape[0] > 1, begin)


def _facts(path: Path) -> dict[str, Any]:
    """Return what the sidecar says; nothing if there is none."""
    sidecar = npy_sidecar(path)
    if not sidecar.is_file():
        return {}
    try:
        facts = json.loads(sidecar.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _checks.FileError(f"{path}: its {sidecar.name} is no JSON ({error})") from error
    if not isinstance(facts, dict):
        raise _checks.FileError(f"{path}: its {sidecar.name} must hold one JSON object")
    for name, kind in _FACTS.items():
        if name in facts and (not isinstance(facts[name], kind) or facts[name] is True):
            raise _checks.FileError(
                f"{path}: its {sidecar.name} has a strange {name!r}: {facts[name]!r:.80}"
            )
    return facts


def _frame(stored: _Stored, facts: Mapping[str, Any]) -> Any:
    n_channels, n_times = stored.shape
    names = facts.get("channels") or [f"ch{i}" for i in range(1, n_channels + 1)]
    units = facts.get("units", "")
    start = facts.get("start")
    return empty_frame(
        n_times,
        facts["fs"],
        _texts("channels", names, n_channels),
        _texts("kinds", facts.get("kinds", "eeg"), n_channels),
        _texts("units", units, n_channels),
        annotations=[
            Annotation(
                float(a["onset"]),
                float(a["duration"]),
                str(a["text"]),
                tuple(map(str, a.get("channels", ()))),
            )
            for a in facts.get("annotations", ())
        ],
        start=None if start is None else datetime.fromisoformat(start),
        origin=Origin(
            "npy",
            details=stored,
            highpass=facts.get("highpass"),
            lowpass=facts.get("lowpass"),
            notches=tuple(map(float, facts.get("notches", ()))),
        ),
    )


def _texts(name: str, given: str | Sequence[Any], n: int) -> list[str]:
    values = [given] * n if isinstance(given, str) else list(given)
    if len(values) != n or not all(isinstance(value, str) for value in values):
        raise ValueError(f"the sidecar's {name} must be texts, one for each of {channels(n)}")
    return values


def _sidecar(path: Path) -> str:
    return npy_sidecar(path).name
