"""EDF, EDF+ and BDF: writing.

Done here and not by a writer package, because it needs more control than they give:
calibration to the last digit, no padding of the last record, all bits of BDF's status
channel, each channel at its own rate, and the fields that nobody reads but everybody wants kept.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from ..recording import UNTOUCHED_KINDS, Recording
from . import edf_layout, rates
from .edf_annotations import annotation_signal
from .edf_fields import file_header, prefiltering
from .edf_header import EdfHeader, SignalHeader
from .edf_layout import Calibration, Extent, calibrate
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
    values = _Values(reader, cut, samples)
    calibrations = _calibrations(values, target, is_bdf=is_bdf)
    n_records = frame.n_times // samples
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
        if samples * frame.n_channels <= BLOCK:
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


class _Values:
    """The values of a recording in the units of their headers, each channel at its own rate."""

    def __init__(self, reader: Reader, ratios: list[Fraction], samples: int) -> None:
        self.reader, self.ratios, self.samples = reader, ratios, samples

    def blocks(self) -> Iterator[tuple[int, int, NDArray[np.float64]]]:
        """Yield (start, stop, samples of all channels at the recording's rate)."""
        for start, stop in self.reader.blocks(self.samples):
            yield start, stop, self.reader.read(start, stop).astype(np.float64, copy=False)

    def of(
        self, row: int, start: int, stop: int, block: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Return a channel from `start` to `stop` at its own rate."""
        ratio = self.ratios[row]

        def read(first: int, last: int) -> NDArray[np.float64]:
            if block is not None and start <= first and last <= stop:
                return block[row, first - start : last - start]
            x: NDArray[np.float64] = self.reader.read(first, last, [row])[0]
            return x.astype(np.float64, copy=False)

        if ratio == 1:
            return read(start, stop)
        frame = self.reader.frame
        ends, codes = (int(start * ratio), int(stop * ratio)), frame.kinds[row] == "stim"
        made = rates.between(read, frame.n_times, ratio, *ends, codes=codes)
        if ratio.numerator > 1 and self._is_in_step():
            own = functools.partial(details_of(frame).own, frame.channels[row])
            same = rates.unchanged(read, own, frame.n_times, ratio, *ends, codes=codes)
            made[same] = own(*ends)[same]
        return made

    def _is_in_step(self) -> bool:
        """Return whether the source's samples of a channel lie where they did."""
        frame, details = self.reader.frame, details_of(self.reader.frame)
        n, fs = details.size
        return bool((frame.n_times, frame.fs) == (n, fs))


def _calibrations(values: _Values, target: Path, *, is_bdf: bool) -> list[Calibration]:
    frame = values.reader.frame
    templates = [_template(frame, row, target, is_bdf=is_bdf) for row in range(frame.n_channels)]
    extents = _extents(values)
    result = []
    for row, (kind, extent) in enumerate(zip(frame.kinds, extents, strict=True)):
        if extent.n_bad:
            raise _checks.FileError(
                f"{target}: EDF and BDF cannot hold NaN or infinities; the channel "
                f"{frame.channels[row]!r} has {extent.n_bad}"
            )
        signal, is_source = templates[row]
        each = _calibration(extent, signal, kind, target, is_source=is_source, is_bdf=is_bdf)
        if kind not in UNTOUCHED_KINDS:
            text = prefiltering(each.header.prefiltering, origin_of(frame), frame.fs)
            each = dataclasses.replace(
                each, header=dataclasses.replace(each.header, prefiltering=text)
            )
        result.append(each)
    coarser = sum(each.coarser for each in result)
    if coarser:
        notice(target, f"the physical range of {channels(coarser)} was widened to hold the values")
    return result


def _extents(values: _Values) -> list[Extent]:
    """Go through all values once."""
    n = values.reader.frame.n_channels
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    whole, bad = np.ones(n, bool), np.zeros(n, int)
    is_stim = [kind == "stim" for kind in values.reader.frame.kinds]
    for start, stop, block in values.blocks():
        for row in range(n):
            x = values.of(row, start, stop, block)
            least, most = x.min(), x.max()
            if not (np.isfinite(least) and np.isfinite(most)):
                bad[row] += np.count_nonzero(~np.isfinite(x))
                continue
            low[row], high[row] = min(low[row], least), max(high[row], most)
            if is_stim[row] and whole[row]:
                whole[row] = bool(np.all(x == np.rint(x)))
    return [
        Extent(float(low[row]), float(high[row]), bool(whole[row]), int(bad[row]))
        for row in range(n)
    ]


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
    values: _Values,
    calibrations: list[Calibration],
    marks: NDArray[np.uint8] | None,
) -> None:
    """Write records, a block of them at a time."""
    size = header.sample_bytes
    for start, stop, block in values.blocks():
        first, last = start // values.samples, stop // values.samples
        raw = np.empty((last - first, header.record_bytes), np.uint8)
        place = 0
        for row, each in enumerate(calibrations):
            digital = each.digital(values.of(row, start, stop, block)).reshape(last - first, -1)
            raw[:, place : place + size * digital.shape[1]] = _bytes(digital, size)
            place += size * digital.shape[1]
        if marks is not None:
            raw[:, place:] = marks[first:last]
        file.write(raw.data)


def _write_long_records(
    file: BinaryIO,
    header: EdfHeader,
    values: _Values,
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
