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
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]+")


def record_onsets(path: Path, header: EdfHeader, n_records: int) -> NDArray[np.float64] | None:
    """Return the time stamps of the records in seconds, or None where there are none."""
    column = 0
    for signal in header.signals:
        if signal.holds_annotations:
            break
        column += signal.samples_per_record
    else:
        return None
    width = signal.samples_per_record * header.sample_bytes
    onsets = []
    with path.open("rb") as file:
        for record in range(n_records):
            file.seek(header.length + record * header.record_bytes + column * header.sample_bytes)
            match = _TIME_STAMP.match(file.read(width))
            if match is None:
                return None
            onsets.append(float(match[1]))
    return np.array(onsets)


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
