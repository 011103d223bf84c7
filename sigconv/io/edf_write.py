"""EDF, EDF+ and BDF: writing.

Done here and not by a writer package, because it needs more control than they give:
calibration to the last digit, no padding of the last record, all bits of BDF's status
channel, and the fields that nobody reads but everybody wants kept.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from ..recording import UNTOUCHED_KINDS, Recording
from . import edf_layout
from .edf_annotations import annotation_signal
from .edf_header import EdfHeader, SignalHeader, biosemi_version
from .edf_layout import Calibrated, calibrate
from .mne_objects import as_utc
from .notices import channels, notice
from .origin import Origin, origin_of

_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_BLOCK_BYTES = 1 << 24


@dataclasses.dataclass(frozen=True)
class EdfDetails:
    """The source's header, and which of its signals each channel was."""

    header: EdfHeader
    signals: dict[str, SignalHeader]


def write(path: Path, recording: Recording, target: Path) -> None:
    """Write an EDF (16 bits) or BDF (24 bits) file, as the extension of `target` says."""
    is_bdf = target.suffix.lower() == ".bdf"
    details = origin_of(recording).details
    source = details.header if isinstance(details, EdfDetails) else None
    preferred = None
    if source is not None:
        own = [s.samples_per_record for s in source.signals if not s.holds_annotations]
        preferred = (max(own), source.record_duration)
    samples, duration = edf_layout.records(recording.n_times, recording.fs, preferred)
    stored = samples / float(duration)
    if abs(stored - recording.fs) > 1e-9 * recording.fs:
        notice(
            target,
            f"{recording.n_times} samples at {recording.fs:.9g} Hz cannot be cut into records "
            f"exactly; the header says {stored:.9g} Hz",
        )
    calibrated = _calibrated(recording, target, is_bdf=is_bdf, samples=samples)
    n_records = recording.n_times // samples
    header = _file_header(recording, source, is_bdf=is_bdf)
    marks = None
    fraction = as_utc(recording.start).microsecond / 1e6 if recording.start is not None else 0.0
    plus = "+" in header.reserved
    if recording.annotations or fraction or plus:
        marks = annotation_signal(
            recording.annotations,
            n_records=n_records,
            record_duration=float(duration),
            sample_bytes=header.sample_bytes,
            first_onset=fraction,
        )
    signals = [each.header for each in calibrated]
    if marks is not None:
        signals.append(_annotation_header(marks.shape[1] // header.sample_bytes, is_bdf=is_bdf))
    header = dataclasses.replace(
        header,
        reserved=header.reserved if marks is None else f"{'BDF' if is_bdf else 'EDF'}+C",
        n_records=n_records,
        record_duration=duration,
        signals=tuple(signals),
    )
    _write_records(path, header, [each.digital for each in calibrated], marks)


def _calibrated(
    recording: Recording, target: Path, *, is_bdf: bool, samples: int
) -> list[Calibrated]:
    origin = origin_of(recording)
    result = []
    for row, kind in enumerate(recording.kinds):
        each = _calibrated_channel(recording, row, target, is_bdf=is_bdf)
        text = each.header.prefiltering
        if kind not in UNTOUCHED_KINDS:
            text = _prefiltering(text, origin, recording.fs)
        header = dataclasses.replace(each.header, prefiltering=text, samples_per_record=samples)
        result.append(dataclasses.replace(each, header=header))
    coarser = sum(each.coarser for each in result)
    if coarser:
        notice(target, f"the physical range of {channels(coarser)} was widened to hold the values")
    return result


def _calibrated_channel(
    recording: Recording, row: int, target: Path, *, is_bdf: bool
) -> Calibrated:
    name, kind = recording.channels[row], recording.kinds[row]
    unit = recording.units[row]
    x = recording.data[row].astype(np.float64, copy=False)
    if not np.isfinite(x).all():
        raise _checks.FileError(
            f"{target}: EDF and BDF cannot hold NaN or infinities; the channel {name!r} has "
            f"{np.count_nonzero(~np.isfinite(x))}"
        )
    bits = 24 if is_bdf else 16
    details = origin_of(recording).details
    signal, is_source = None, False
    if isinstance(details, EdfDetails):
        signal = details.signals.get(name)
        is_source = signal is not None and details.header.is_bdf == is_bdf
    if signal is None or (kind != "stim" and edf_layout.unit_of(signal) != unit):
        signal, is_source = _new_header(name, kind, unit, target), False
    if kind == "stim":
        exact = _exact_codes(x, signal, bits=bits)
        if exact is not None:
            return exact
        if is_bdf:
            raise _checks.FileError(
                f"{target}: BDF holds codes as whole numbers of 24 bits; the channel {name!r} has "
                f"{x.min():g} to {x.max():g}"
            )
        return calibrate(x, signal, is_source=is_source, bits=bits)
    scale = edf_layout.VOLTS.get(signal.dimension, 1.0)
    return calibrate(x / scale, signal, is_source=is_source, bits=bits)


def _new_header(name: str, kind: str, unit: str, target: Path) -> SignalHeader:
    dimension = "" if kind == "stim" else "uV" if unit == "V" else unit.replace("µ", "u")
    for what, text, room in (("name", name, 16), ("unit", dimension, 8)):
        if len(text) > room or not (text.isascii() and text.isprintable()):
            raise _checks.FileError(
                f"{target}: EDF and BDF hold a channel's {what} in {room} ASCII characters; "
                f"got {text!r}"
            )
    return SignalHeader(name, "", dimension, "0", "0", 0, 0, "", 1)


def _exact_codes(x: NDArray[np.float64], signal: SignalHeader, *, bits: int) -> Calibrated | None:
    """Store codes one to one, untouched by any calibration; None if they are no such numbers."""
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    if x.min() < low or x.max() > high or np.any(x != np.rint(x)):
        return None
    header = dataclasses.replace(
        signal,
        physical_min=str(low),
        physical_max=str(high),
        digital_min=low,
        digital_max=high,
    )
    return Calibrated(header, x.astype(np.int32))


def _prefiltering(text: str, origin: Origin, fs: float) -> str:
    """Return a prefiltering field that tells of the filters since the file was read."""
    band = {"HP": origin.highpass, "LP": origin.lowpass}
    if not text and origin.info is not None:
        known = {"HP": origin.info["highpass"], "LP": origin.info["lowpass"]}
        text = f"HP:{known['HP']:g}Hz " if known["HP"] else ""
        text += f"LP:{known['LP']:g}Hz" if known["LP"] and known["LP"] < fs / 2 else ""
    for key, new in band.items():
        if new is None:
            continue
        match = re.search(rf"{key}:\s*([\d.]+|DC)\s*(Hz)?", text)
        old = float(match[1]) if match and match[1] != "DC" else 0.0
        value = max(old, new) if key == "HP" else min(old or new, new)
        field = f"{key}:{value:g}Hz"
        text = text.replace(match[0], field) if match else f"{text} {field}"
    return " ".join(text.split())[:80]


def _file_header(recording: Recording, source: EdfHeader | None, *, is_bdf: bool) -> EdfHeader:
    start = None if recording.start is None else as_utc(recording.start)
    if source is None:
        header = EdfHeader("", "X X X X", "Startdate X X X X", "", "", "", 0, "", ())
    else:
        header = source
    reserved = header.reserved if header.is_bdf == is_bdf else ""
    header = dataclasses.replace(header, reserved=reserved or ("24BIT" if is_bdf else ""))
    header = dataclasses.replace(header, version=biosemi_version(is_bdf=is_bdf))
    if start is None:
        date, time, day = "01.01.85", "00.00.00", "X"
    else:
        # two digits for the year are 1985 to 2084; readers take others from the recording field
        date = f"{start:%d.%m.%y}" if 1985 <= start.year <= 2084 else "01.01.85"
        time = f"{start:%H.%M.%S}"
        day = f"{start.day:02}-{_MONTHS[start.month - 1]}-{start.year:04}"
    if (header.date, header.time) == (date, time):
        return header
    fields = header.recording.split(" ")
    if fields[0] == "Startdate" and len(fields) > 1:
        header = dataclasses.replace(header, recording=" ".join([fields[0], day, *fields[2:]]))
    return dataclasses.replace(header, date=date, time=time)


def _annotation_header(samples: int, *, is_bdf: bool) -> SignalHeader:
    low, high = (-8388608, 8388607) if is_bdf else (-32768, 32767)
    label = "BDF Annotations" if is_bdf else "EDF Annotations"
    return SignalHeader(label, "", "", "-1", "1", low, high, "", samples)


def _write_records(
    path: Path,
    header: EdfHeader,
    digital: list[NDArray[np.int32]],
    marks: NDArray[np.uint8] | None,
) -> None:
    """Write header and records, a block of records at a time."""
    size = header.sample_bytes
    samples = header.signals[0].samples_per_record
    block = max(1, _BLOCK_BYTES // header.record_bytes)
    with path.open("wb") as file:
        file.write(header.to_bytes())
        for first in range(0, header.n_records, block):
            last = min(first + block, header.n_records)
            rows = np.stack([x[first * samples : last * samples] for x in digital])
            cut = rows.reshape(len(digital), last - first, samples).swapaxes(0, 1)
            # little-endian, of each number only the bytes that the format has
            raw = np.ascontiguousarray(cut, "<i4").view(np.uint8).reshape(last - first, -1, 4)
            parts = [raw[:, :, :size].reshape(last - first, -1)]
            if marks is not None:
                parts.append(marks[first:last])
            file.write(np.concatenate(parts, axis=1).tobytes())
