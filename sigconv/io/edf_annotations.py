"""Annotations of EDF+ and BDF+: time-stamped lists in a signal of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..recording import Annotation
from .edf_header import EdfHeader

_TIME_STAMP = re.compile(rb"^([+-]\d+(?:\.\d*)?)\x14\x14")
_LIST = re.compile(rb"([+-]\d+\.?\d*)(?:\x15(\d+\.?\d*))?\x14(.*?)\x14\x00", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]+")


class Marks:
    """What the annotation signals of a file hold.

    Attributes
    ----------
    onsets : array, shape (n_records,), or None
        When records begin, in seconds after the time in the header; None where they do not say.
    notes : list of Annotation
        In order; onsets count from the first record.
    """

    def __init__(
        self, path: Path, header: EdfHeader, n_records: int, channels: Sequence[str]
    ) -> None:
        lists = _signals(path, header, n_records)
        self.onsets = _onsets(lists[0]) if lists else None
        self.notes = _notes(b"".join(raw.tobytes() for raw in lists), channels)


def _signals(path: Path, header: EdfHeader, n_records: int) -> list[NDArray[np.uint8]]:
    """Return the bytes of the annotation signals, (n_records, bytes) each."""
    found: list[NDArray[np.uint8]] = []
    column = 0
    for signal in header.signals:
        if signal.holds_annotations and n_records:
            if not found:
                shape = n_records, header.record_bytes
                records = np.memmap(path, np.uint8, "r", header.length, shape)
            width = signal.samples_per_record * header.sample_bytes
            found.append(np.array(records[:, column : column + width]))
        column += signal.samples_per_record * header.sample_bytes
    return found


def _onsets(lists: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    stamps = [_TIME_STAMP.match(record.tobytes()) for record in lists]
    if not all(stamps):
        return None
    return np.array([float(stamp[1]) for stamp in stamps if stamp])


def _notes(raw: bytes, channels: Sequence[str]) -> list[Annotation]:
    notes: dict[tuple[float, float, str, int], list[str]] = {}
    start = 0.0
    for number, match in enumerate(_LIST.finditer(raw)):
        onset, duration = float(match[1]), float(match[2] or 0)
        for text in _text(match[3]).split("\x14"):
            if not text:
                # the first list stamps the first record, from which all others count
                start = onset if number == 0 else start
                continue
            stem, _, channel = text.partition("@@")
            if channel not in channels:
                stem, channel = text, ""
            # annotations of single channels are one each; those of all are never joined
            key = (onset - start, duration, stem, -1 if channel else number)
            notes.setdefault(key, []).extend([channel] if channel else [])
    found = [
        Annotation(onset, duration, text, tuple(names))
        for (onset, duration, text, _), names in notes.items()
    ]
    return sorted(found, key=lambda note: (note.onset, note.duration, note.text))


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:  # against the format, but found
        return raw.decode("latin-1")


def annotation_signal(
    annotations: Sequence[Annotation],
    *,
    n_records: int,
    record_duration: float,
    sample_bytes: int,
    first_onset: float = 0.0,
) -> NDArray[np.uint8]:
    """Return the bytes of an annotation signal, shape (n_records, bytes).

    `first_onset` is the fraction of a second that the first record starts after the time in
    the header, by which every time in the file is later.

    The annotations are spread evenly over the records: the format reserves the same room in
    each, so a crowd of them in one would widen all.
    """
    ordered = sorted(annotations, key=lambda note: note.onset)
    texts = [list[bytes]() for _ in range(n_records)]
    for number, note in enumerate(ordered):
        texts[number * n_records // len(ordered)] += _encode(note, first_onset)
    records = [
        _stamp(first_onset + number * record_duration) + b"\x14\x14\x00" + b"".join(parts)
        for number, parts in enumerate(texts)
    ]
    width = -(-max(map(len, records)) // sample_bytes) * sample_bytes
    rows = np.frombuffer(b"".join(record.ljust(width, b"\0") for record in records), np.uint8)
    return rows.reshape(n_records, width)


def _encode(note: Annotation, first_onset: float) -> Iterator[bytes]:
    # MNE's convention for annotations of single channels: one each, "text@@channel"
    text = _CONTROL.sub(" ", note.text)
    for ending in [f"@@{channel}" for channel in note.channels] or [""]:
        duration = b"\x15" + _decimal(note.duration) if note.duration > 0 else b""
        content = (text + ending).encode("utf-8")
        yield _stamp(first_onset + note.onset) + duration + b"\x14" + content + b"\x14\x00"


def _stamp(seconds: float) -> bytes:
    return (b"-" if seconds < 0 else b"+") + _decimal(abs(seconds))


def _decimal(value: float) -> bytes:
    # The format knows no exponents. 12 decimals are finer than any clock and hide the last
    # digits of sums such as 0.1 + 0.2.
    return np.format_float_positional(round(value, 12), trim="-").encode()
