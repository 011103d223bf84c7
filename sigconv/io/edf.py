"""EDF, EDF+ and BDF: what their headers mean. Samples are read in `edf_samples`."""

from __future__ import annotations

import contextlib
import functools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from .. import _checks
from ..recording import Annotation
from . import edf_layout
from .edf_annotations import Marks
from .edf_header import EdfHeader, read_header
from .edf_samples import EdfReader
from .edf_write import EdfDetails, write
from .notices import channels, notice
from .origin import Origin
from .reader import empty_frame

__all__ = ["open_", "write"]

_STIM_NAME = re.compile(r"status|trigger|sti ?\d+", re.IGNORECASE)


def open_(path: Path) -> EdfReader:
    """Open an EDF or BDF file. Trigger and status channels keep all their bits."""
    header = read_header(path)
    if header.is_bdf != (path.suffix.lower() == ".bdf"):
        raise _checks.FileError(f"{path}: holds {'BDF' if header.is_bdf else 'EDF'}; rename it so")
    n_records = _records_there(path, header)
    signals = [signal for signal in header.signals if not signal.holds_annotations]
    if not signals:
        raise _checks.FileError(f"{path}: holds annotations only, no signals")
    names = list(_unique(path, [signal.label for signal in signals]))
    marks = Marks(path, header, n_records, names)
    _refuse_gaps(path, header, marks)
    samples = max(signal.samples_per_record for signal in signals)
    slow = sum(signal.samples_per_record < samples for signal in signals)
    if slow:
        notice(
            path,
            f"{channels(slow)} at a lower rate interpolated to that of the fastest; written "
            "as EDF or BDF they keep their own",
        )
    kinds = ["stim" if _STIM_NAME.fullmatch(signal.label) else "eeg" for signal in signals]
    fs = edf_layout.rate_of(samples, header.record_duration)
    n_times = n_records * samples
    reader = EdfReader(path, header, n_records)
    reader.frame = empty_frame(
        n_times,
        fs,
        names,
        kinds,
        units=[
            "" if kind == "stim" else edf_layout.unit_of(signal)
            for kind, signal in zip(kinds, signals, strict=True)
        ],
        annotations=_within(path, marks.notes, n_times / fs),
        start=_start(header, marks),
        origin=Origin(
            "edf",
            details=EdfDetails(
                header, dict(zip(names, signals, strict=True)), reader.own, (n_times, fs)
            ),
            later=functools.partial(_info, path, header.is_bdf),
        ),
    )
    return reader


def read_marks(path: Path) -> tuple[list[Annotation], datetime | None]:
    """Return a file's annotations, whether or not it holds signals, and when they count from.

    Onsets are in seconds after that moment; None where the file does not say.
    """
    header = read_header(path)
    names = [signal.label for signal in header.signals if not signal.holds_annotations]
    marks = Marks(path, header, _records_there(path, header), names)
    return marks.notes, _start(header, marks)


def _records_there(path: Path, header: EdfHeader) -> int:
    there = (path.stat().st_size - header.length) // header.record_bytes
    if there < header.n_records:
        raise _checks.FileError(
            f"{path}: is truncated: the header tells of {header.n_records} records, "
            f"{max(there, 0)} are there"
        )
    if header.n_records >= 0 and there > header.n_records:
        notice(path, f"the header tells of {header.n_records} records, {there} are there and read")
    return int(there)


def _unique(path: Path, labels: Sequence[str]) -> Iterator[str]:
    """Yield names that differ: of several that are the same each gets its number, as in MNE."""
    counts = Counter(labels)
    twice = [label for label, count in counts.items() if count > 1]
    if twice:
        notice(path, f"several channels have the name {', '.join(map(repr, twice))}; now numbered")
    numbers: Counter[str] = Counter()
    taken = set(labels)
    for label in labels:
        if counts[label] == 1:
            yield label
            continue
        while (name := f"{label}-{numbers[label]}") in taken:
            numbers[label] += 1
        numbers[label] += 1
        taken.add(name)
        yield name


def _within(path: Path, notes: Sequence[Annotation], seconds: float) -> list[Annotation]:
    """Return the annotations that lie within the recording, as MNE does."""
    kept = [note for note in notes if note.onset + note.duration >= 0 and note.onset <= seconds]
    if len(kept) < len(notes):
        left = len(notes) - len(kept)
        notice(path, f"Omitted {left} annotation(s) that were outside data range.")
    result, limited = [], 0
    for note in kept:
        onset, end = max(note.onset, 0.0), min(note.onset + note.duration, seconds)
        if (onset, end) != (note.onset, note.onset + note.duration):
            limited += 1
            note = Annotation(onset, max(end - onset, 0.0), note.text, note.channels)
        result.append(note)
    if limited:
        notice(path, f"Limited {limited} annotation(s) that were expanding outside the data range.")
    return result


def _refuse_gaps(path: Path, header: EdfHeader, marks: Marks) -> None:
    if "+D" not in header.reserved:
        return
    duration = float(header.record_duration)
    onsets = marks.onsets
    if onsets is None or np.any(np.abs(np.diff(onsets) - duration) > 1e-3 * duration):
        raise _checks.FileError(
            f"{path}: is a discontinuous recording ({header.reserved[:5]}) with gaps between its "
            "records, which cannot be read as one stretch of time"
        )


def _start(header: EdfHeader, marks: Marks) -> datetime | None:
    anonymous = header.date == "01.01.85" and header.time == "00.00.00"
    if anonymous and header.recording.startswith("Startdate X"):
        return None
    day = None
    fields = header.recording.split(" ")
    if fields[0] == "Startdate" and len(fields) > 1:  # four digits for the year
        with contextlib.suppress(ValueError):
            day = datetime.strptime(fields[1], "%d-%b-%Y")
    with contextlib.suppress(ValueError):
        if day is None:
            date, month, year = (int(each) for each in header.date.split("."))
            day = datetime(year + (1900 if year >= 85 else 2000), month, date)
        hour, minute, second = (int(each) for each in header.time.split("."))
        begin = day.replace(hour=hour, minute=minute, second=second, tzinfo=UTC)
        fraction = 0.0 if marks.onsets is None else float(marks.onsets[0])
        return begin + timedelta(seconds=fraction)
    return None


def _info(path: Path, is_bdf: bool) -> Any:
    """Return what MNE knows of the file beside its samples: the subject, filters."""
    mne = _checks.require("mne", extra="eeg", purpose="writing FIF")
    reader = mne.io.read_raw_bdf if is_bdf else mne.io.read_raw_edf
    return reader(path, preload=False, stim_channel=None, verbose="error").info
