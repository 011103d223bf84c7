"""EDF, EDF+ and BDF: writing.

Done here and not by a writer package, because it needs more control than they give:
calibration to the last digit, no padding of the last record, all bits of BDF's status
channel, each channel at its own rate, and the fields that nobody reads but everybody wants kept.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from .. import _checks, _memory
from ..recording import UNTOUCHED_KINDS, Recording
from . import edf_layout
from .edf_annotations import annotation_signal
from .edf_fields import file_header, prefiltering
from .edf_header import EdfHeader, SignalHeader
from .edf_layout import Calibration, Extent, calibrate
from .edf_values import Extents, Values, extents
from .mne_objects import as_utc
from .notices import channels, notice
from .origin import origin_of
from .reader import BLOCK, Reader, details_of


@dataclasses.dataclass(frozen=True)
class EdfDetails:
    """What a source's file said.

    Attributes
    ----------
    header : EdfHeader
    signals : dict of str to SignalHeader
        Which of its signals each channel was.
    own : callable
        (channel, start, stop) -> the channel's samples at its own rate, of channels whose rate does
        not divide the fastest.
    size : (int, float)
        Number of samples and rate of the recording as it was read.
    """

    header: EdfHeader
    signals: dict[str, SignalHeader]
    own: Callable[[str, int, int], NDArray[np.float64]]
    size: tuple[int, float]


def write(path: Path, reader: Reader, target: Path) -> None:
    """Write an EDF (16 bits) or BDF (24 bits) file, as the extension of `target` says."""
    is_bdf = target.suffix.lower() == ".bdf"
    frame = reader.frame
    details = details_of(frame)
    source = details.header if isinstance(details, EdfDetails) else None
    cut, samples, duration = _cut(frame, source, target)
    values = Values(reader, cut, samples)
    n_records = frame.n_times // samples
    templates = _Templates(frame, target, is_bdf)
    groups = reader.groups() if set(cut) == {Fraction(1)} else None
    raw = None
    if groups is None:
        found = enumerate(extents(values))
        calibrations = [templates.calibration(row, extent) for row, extent in found]
    else:
        size = 3 if is_bdf else 2
        raw = _memory.empty((n_records, samples * frame.n_channels, size), np.uint8)
        calibrations = _by_groups(groups, templates, raw)
    _tell_of_wider(calibrations, target)
    header = file_header(frame, source, is_bdf=is_bdf)
    marks = None
    fraction = as_utc(frame.start).microsecond / 1e6 if frame.start is not None else 0.0
    plus = "+" in header.reserved
    if frame.annotations or fraction or plus:
        marks = annotation_signal(
            frame.annotations,
            n_records=n_records,
            record_duration=float(duration),
            sample_bytes=header.sample_bytes,
            first_onset=fraction,
        )
    signals = [
        dataclasses.replace(each.header, samples_per_record=int(samples * ratio))
        for each, ratio in zip(calibrations, cut, strict=True)
    ]
    if marks is not None:
        signals.append(_annotation_header(marks.shape[1] // header.sample_bytes, is_bdf=is_bdf))
    header = dataclasses.replace(
        header,
        reserved=header.reserved if marks is None else f"{'BDF' if is_bdf else 'EDF'}+C",
        n_records=n_records,
        record_duration=duration,
        signals=tuple(signals),
    )
    with path.open("wb") as file:
        file.write(header.to_bytes())
        if raw is not None:
            _write_made(file, raw.reshape(n_records, -1), marks)
        elif samples * frame.n_channels <= BLOCK:
            _write_records(file, header, values, calibrations, marks)
        else:
            _write_long_records(file, header, values, calibrations, marks)


def _cut(
    frame: Recording, source: EdfHeader | None, target: Path
) -> tuple[list[Fraction], int, str]:
    """Return the channels' rates as parts of the recording's, and its samples a record."""
    ratios = _ratios(frame)
    multiple = math.lcm(*(ratio.denominator for ratio in ratios))
    preferred = None
    if source is not None:
        own = [s.samples_per_record for s in source.signals if not s.holds_annotations]
        preferred = (max(own), source.record_duration)
    if frame.n_times % multiple:
        notice(
            target,
            f"{channels(sum(ratio < 1 for ratio in ratios))} of a lower rate written at "
            f"{frame.fs:g} Hz: {frame.n_times} samples cannot be cut into records that hold "
            "a whole number of theirs",
        )
        ratios, multiple = [Fraction(1)] * len(ratios), 1
    samples, duration = edf_layout.records(frame.n_times, frame.fs, preferred, multiple)
    stored = samples / float(duration)
    if abs(stored - frame.fs) > 1e-9 * frame.fs:
        notice(
            target,
            f"{frame.n_times} samples at {frame.fs:.9g} Hz cannot be cut into records "
            f"exactly; the header says {stored:.9g} Hz",
        )
    return ratios, samples, duration


def _ratios(frame: Recording) -> list[Fraction]:
    """Return the rates that channels had in their source, as parts of the recording's."""
    details = details_of(frame)
    whole = Fraction(1)
    if not isinstance(details, EdfDetails):
        return [whole] * frame.n_channels
    most = max(signal.samples_per_record for signal in details.signals.values())
    fs = edf_layout.rate_of(most, details.header.record_duration)
    found = []
    for name in frame.channels:
        signal = details.signals.get(name)
        ratio = whole if signal is None else Fraction(signal.samples_per_record, most)
        if frame.fs != fs:
            exact = ratio * Fraction(fs) / Fraction(frame.fs)
            ratio = exact.limit_denominator(100_000)
            if not math.isclose(ratio, exact, rel_tol=1e-12):
                ratio = whole
        found.append(min(ratio, whole))
    return found


@dataclasses.dataclass(frozen=True)
class _Templates:
    """What the headers of a recording's signals are made from."""

    frame: Recording
    target: Path
    is_bdf: bool

    def calibration(self, row: int, extent: Extent) -> Calibration:
        """Return a signal's header and calibration, or raise FileError if it cannot be held."""
        frame, target, is_bdf = self.frame, self.target, self.is_bdf
        if extent.n_bad:
            raise _checks.FileError(
                f"{target}: EDF and BDF cannot hold NaN or infinities; the channel "
                f"{frame.channels[row]!r} has {extent.n_bad}"
            )
        signal, is_source = _template(frame, row, target, is_bdf=is_bdf)
        kind = frame.kinds[row]
        each = _calibration(extent, signal, kind, target, is_source=is_source, is_bdf=is_bdf)
        if kind in UNTOUCHED_KINDS:
            return each
        text = prefiltering(each.header.prefiltering, origin_of(frame), frame.fs)
        header = dataclasses.replace(each.header, prefiltering=text)
        return dataclasses.replace(each, header=header)


def _tell_of_wider(calibrations: list[Calibration], target: Path) -> None:
    coarser = sum(each.coarser for each in calibrations)
    if coarser:
        notice(target, f"the physical range of {channels(coarser)} was widened to hold the values")


def _by_groups(
    groups: Iterator[tuple[list[int], NDArray[np.float64]]],
    templates: _Templates,
    raw: NDArray[np.uint8],
) -> list[Calibration]:
    """Put whole channels into records (n_records, samples of all, bytes): no second look at any."""
    calibrations: dict[int, Calibration] = {}
    width = raw.shape[1] // templates.frame.n_channels
    for rows, some in groups:
        for row, x in zip(rows, some, strict=True):
            extent = Extents(1)
            extent.add(0, x, is_stim=templates.frame.kinds[row] == "stim")
            calibrations[row] = templates.calibration(row, extent.of(0))
            _put(raw, row * width, width, calibrations[row], x)
        del x, some  # which would lie beside the next ones
    return [calibrations[row] for row in range(templates.frame.n_channels)]


def _template(
    frame: Recording, row: int, target: Path, *, is_bdf: bool
) -> tuple[SignalHeader, bool]:
    """Return the header that a channel's is made from, and whether its calibration holds."""
    name, kind, unit = frame.channels[row], frame.kinds[row], frame.units[row]
    details = details_of(frame)
    if isinstance(details, EdfDetails):
        signal = details.signals.get(name)
        if signal is not None and (kind == "stim" or edf_layout.unit_of(signal) == unit):
            return signal, details.header.is_bdf == is_bdf
    return _new_header(name, kind, unit, target), False


def _calibration(
    extent: Extent,
    signal: SignalHeader,
    kind: str,
    target: Path,
    *,
    is_source: bool,
    is_bdf: bool,
) -> Calibration:
    bits = 24 if is_bdf else 16
    if kind == "stim":
        low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
        if extent.whole and low <= extent.low and extent.high <= high:
            header = dataclasses.replace(
                signal,
                physical_min=str(low),
                physical_max=str(high),
                digital_min=low,
                digital_max=high,
            )
            return Calibration(header, 1.0, 0.0, (low, high))  # codes one to one
        if is_bdf:
            raise _checks.FileError(
                f"{target}: BDF holds codes as whole numbers of 24 bits; the channel "
                f"{signal.label!r} has {extent.low:g} to {extent.high:g}"
            )
        return calibrate(extent, signal, is_source=is_source, bits=bits)
    scale = edf_layout.VOLTS.get(signal.dimension, 1.0)
    scaled = dataclasses.replace(extent, low=extent.low / scale, high=extent.high / scale)
    return dataclasses.replace(
        calibrate(scaled, signal, is_source=is_source, bits=bits), scale=scale
    )


def _new_header(name: str, kind: str, unit: str, target: Path) -> SignalHeader:
    dimension = "" if kind == "stim" else "uV" if unit == "V" else unit.replace("µ", "u")
    for what, text, room in (("name", name, 16), ("unit", dimension, 8)):
        if len(text) > room or not (text.isascii() and text.isprintable()):
            raise _checks.FileError(
                f"{target}: EDF and BDF hold a channel's {what} in {room} ASCII characters; "
                f"got {text!r}"
            )
    return SignalHeader(name, "", dimension, "0", "0", 0, 0, "", 1)


def _annotation_header(samples: int, *, is_bdf: bool) -> SignalHeader:
    low, high = (-8388608, 8388607) if is_bdf else (-32768, 32767)
    label = "BDF Annotations" if is_bdf else "EDF Annotations"
    return SignalHeader(label, "", "", "-1", "1", low, high, "", samples)


def _write_records(
    file: BinaryIO,
    header: EdfHeader,
    values: Values,
    calibrations: list[Calibration],
    marks: NDArray[np.uint8] | None,
) -> None:
    """Write records, a block of them at a time."""
    size = header.sample_bytes
    for start, stop, block in values.blocks():
        first, last = start // values.samples, stop // values.samples
        raw = np.empty((last - first, header.record_bytes // size, size), np.uint8)
        place = 0
        for row, each in enumerate(calibrations):
            x = values.of(row, start, stop, block)
            width = len(x) // (last - first)
            _put(raw, place, width, each, x)
            place += width
        if marks is not None:
            raw.reshape(last - first, -1)[:, place * size :] = marks[first:last]
        file.write(raw.data)


def _write_made(file: BinaryIO, raw: NDArray[np.uint8], marks: NDArray[np.uint8] | None) -> None:
    """Write records of signals that are made, and their annotations."""
    step = max(1, BLOCK // raw.shape[1])
    for start in range(0, len(raw), step):
        part = raw[start : start + step]
        if marks is not None:
            part = np.concatenate([part, marks[start : start + step]], axis=1)
        file.write(part.data)


def _put(
    raw: NDArray[np.uint8], begin: int, width: int, calibration: Calibration, x: NDArray[np.float64]
) -> None:
    """Put a signal into its place in records (n_records, samples of all signals, bytes)."""
    n_records, _, size = raw.shape
    if size == 2:
        calibration.put(x, raw.view("<i2")[..., 0], begin, width)
    else:
        numbers = _bytes(calibration.digital(x).reshape(n_records, width), size)
        raw[:, begin : begin + width] = numbers.reshape(n_records, width, size)


def _write_long_records(
    file: BinaryIO,
    header: EdfHeader,
    values: Values,
    calibrations: list[Calibration],
    marks: NDArray[np.uint8] | None,
) -> None:
    """Write records too long to be held: a part of one channel at a time."""
    for record in range(header.n_records):
        begin = record * values.samples
        for row, each in enumerate(calibrations):
            unit = values.ratios[row].denominator
            step = max(1, BLOCK // unit) * unit
            for start in range(begin, begin + values.samples, step):
                stop = min(start + step, begin + values.samples)
                digital = each.digital(values.of(row, start, stop))
                file.write(_bytes(digital, header.sample_bytes).tobytes())
        if marks is not None:
            file.write(marks[record].tobytes())


def _bytes(digital: NDArray[np.int32], size: int) -> NDArray[np.uint8]:
    """Return whole numbers as the bytes of a file, along the last axis: little-endian."""
    if size == 2:
        return digital.astype("<i2").view(np.uint8)
    raw = np.ascontiguousarray(digital, "<i4").view(np.uint8)
    return raw.reshape(*digital.shape, 4)[..., :3].reshape(*digital.shape[:-1], -1)
