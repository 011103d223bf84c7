"""EDF, EDF+ and BDF: reading. MNE reads the samples; the header is kept for the writer."""

from __future__ import annotations

import dataclasses
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from ..recording import Recording
from . import edf_layout
from .edf_annotations import record_onsets
from .edf_header import EdfHeader, SignalHeader, read_header
from .edf_write import EdfDetails, write
from .heading import Heading
from .mne_objects import from_raw, heading_of, mne_for
from .notices import channels, notice, quiet

__all__ = ["heading", "read", "write"]

_STIM_NAME = re.compile(r"status|trigger|sti ?\d+", re.IGNORECASE)
_IGNORED = (
    "Invalid measurement date",
    "Channels contain different",
    "Highpass cutoff frequency",
    "Physical range is not defined",
    "Scaling factor will not be defined",
    "Number of records from the header",
    "Invalid patient information",
)


def read(path: Path) -> Recording:
    """Read an EDF or BDF file. Trigger and status channels keep all their bits."""
    raw, header, signals, known = _open(path, preload=True)
    details = EdfDetails(header, dict(zip(raw.ch_names, signals, strict=True)))
    recording = from_raw(raw, "edf", details=details)
    samples = max(signal.samples_per_record for signal in signals)
    for row, signal in enumerate(signals):
        if known.kinds[row] == "stim" and signal.samples_per_record == samples:
            _restore_codes(recording.data[row], signal, is_bdf=header.is_bdf)
    return recording.replace(fs=known.fs, kinds=known.kinds, units=known.units, start=known.start)


def heading(path: Path) -> Heading:
    """Read all but the samples."""
    return _open(path, preload=False)[3]


def _open(path: Path, *, preload: bool) -> tuple[Any, EdfHeader, list[SignalHeader], Heading]:
    """Return MNE's Raw, the header, its signals without annotations, and what it all means."""
    mne = mne_for("reading EDF and BDF")
    header = read_header(path)
    if header.is_bdf != (path.suffix.lower() == ".bdf"):
        raise _checks.FileError(f"{path}: holds {'BDF' if header.is_bdf else 'EDF'}; rename it so")
    n_records = _records_there(path, header)
    onsets = record_onsets(path, header, n_records if "+D" in header.reserved else 1)
    _refuse_gaps(path, header, onsets)
    signals = [signal for signal in header.signals if not signal.holds_annotations]
    if not signals:
        raise _checks.FileError(f"{path}: holds annotations only, no signals")
    samples = max(signal.samples_per_record for signal in signals)
    slow = [signal for signal in signals if signal.samples_per_record < samples]
    stim = [bool(_STIM_NAME.fullmatch(signal.label)) for signal in signals]
    # Only trigger channels that must be resampled are MNE's to treat: of the others it would
    # drop the upper bits.
    slow_stim = [each.label for each in slow if _STIM_NAME.fullmatch(each.label)]
    if slow:
        notice(path, f"{channels(len(slow))} at a lower rate resampled to that of the fastest")
    reader = mne.io.read_raw_bdf if header.is_bdf else mne.io.read_raw_edf
    with quiet(path, _IGNORED):
        raw = reader(path, preload=preload, stim_channel=slow_stim or None, verbose="warning")
    known = heading_of(raw)
    known = dataclasses.replace(
        known,
        fs=edf_layout.rate_of(samples, header.record_duration),
        kinds=tuple("stim" if is_stim else "eeg" for is_stim in stim),
        units=tuple(
            "" if is_stim else edf_layout.unit_of(signal)
            for is_stim, signal in zip(stim, signals, strict=True)
        ),
        start=_start(known.start, header, 0.0 if onsets is None else float(onsets[0])),
    )
    return raw, header, signals, known


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


def _refuse_gaps(path: Path, header: EdfHeader, onsets: NDArray[np.float64] | None) -> None:
    if "+D" not in header.reserved:
        return
    duration = float(header.record_duration)
    if onsets is None or np.any(np.abs(np.diff(onsets) - duration) > 1e-3 * duration):
        raise _checks.FileError(
            f"{path}: is a discontinuous recording ({header.reserved[:5]}) with gaps between its "
            "records, which cannot be read as one stretch of time"
        )


def _restore_codes(x: NDArray[np.float64], signal: SignalHeader, *, is_bdf: bool) -> None:
    """Undo the calibration that MNE gave to codes: BDF's are the digital values, EDF's physical."""
    x /= edf_layout.VOLTS.get(signal.dimension, 1.0)
    if is_bdf:
        x -= signal.offset
        x /= signal.gain
    nearest = np.rint(x)
    if is_bdf or np.allclose(x, nearest, rtol=0, atol=1e-6):
        x[:] = nearest


def _start(date: datetime | None, header: EdfHeader, fraction: float) -> datetime | None:
    anonymous = header.date == "01.01.85" and header.time == "00.00.00"
    if date is None or (anonymous and header.recording.startswith("Startdate X")):
        return None
    return date + timedelta(seconds=fraction)
