"""The header of EDF, EDF+ and BDF files, as data.

The text of every field is kept as it stands in the file, so that writing a header back gives
the same bytes. The format: https://www.edfplus.info/specs/edfplus.html and, for BDF,
https://www.biosemi.com/faq/file_format.htm.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .. import _checks

_FILE_FIELDS = (8, 80, 80, 8, 8, 8, 44, 8, 8, 4)
_SIGNAL_FIELDS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
_BIOSEMI = "\xffBIOSEMI"


@dataclass(frozen=True)
class SignalHeader:
    """One signal of an EDF file; physical limits as written, at most 8 characters."""

    label: str
    transducer: str
    dimension: str
    physical_min: str
    physical_max: str
    digital_min: int
    digital_max: int
    prefiltering: str
    samples_per_record: int
    reserved: str = ""

    @property
    def holds_annotations(self) -> bool:
        """Whether the signal is not a signal but EDF+'s annotations."""
        return self.label in ("EDF Annotations", "BDF Annotations")

    @property
    def gain(self) -> float:
        """Physical units a digital step; 1 where the header defines none."""
        return self._span(self.physical_min, self.physical_max) / self._span(
            self.digital_min, self.digital_max
        )

    @property
    def offset(self) -> float:
        """Physical value of the digital 0."""
        return _number(self.physical_min) - self.digital_min * self.gain

    @staticmethod
    def _span(low: str | int, high: str | int) -> float:
        return (_number(high) - _number(low)) or 1.0


@dataclass(frozen=True)
class EdfHeader:
    """The header of an EDF or BDF file."""

    version: str
    patient: str
    recording: str
    date: str
    time: str
    reserved: str
    n_records: int
    record_duration: str
    signals: tuple[SignalHeader, ...]

    @property
    def is_bdf(self) -> bool:
        """Whether samples have 24 bits."""
        return self.version.startswith("\xff")

    @property
    def sample_bytes(self) -> int:
        """Bytes a sample."""
        return 3 if self.is_bdf else 2

    @property
    def length(self) -> int:
        """Bytes in the header."""
        return 256 * (1 + len(self.signals))

    @property
    def record_bytes(self) -> int:
        """Bytes in a data record."""
        return self.sample_bytes * sum(signal.samples_per_record for signal in self.signals)

    def to_bytes(self) -> bytes:
        """Return the header as it stands in a file."""
        fields: list[str | int] = [
            *(self.version, self.patient, self.recording, self.date, self.time, self.length),
            *(self.reserved, self.n_records, self.record_duration, len(self.signals)),
        ]
        columns: list[list[str | int]] = [
            [signal.label for signal in self.signals],
            [signal.transducer for signal in self.signals],
            [signal.dimension for signal in self.signals],
            [signal.physical_min for signal in self.signals],
            [signal.physical_max for signal in self.signals],
            [signal.digital_min for signal in self.signals],
            [signal.digital_max for signal in self.signals],
            [signal.prefiltering for signal in self.signals],
            [signal.samples_per_record for signal in self.signals],
            [signal.reserved for signal in self.signals],
        ]
        parts = [_field(value, width) for value, width in zip(fields, _FILE_FIELDS, strict=True)]
        for column, width in zip(columns, _SIGNAL_FIELDS, strict=True):
            parts += [_field(value, width) for value in column]
        return b"".join(parts)


def biosemi_version(*, is_bdf: bool) -> str:
    """Return the version field that tells BDF from EDF."""
    return _BIOSEMI if is_bdf else "0"


def read_header(path: Path) -> EdfHeader:
    """Read the header of an EDF or BDF file."""
    with path.open("rb") as file:
        try:
            return _parse(file)
        except ValueError as error:
            raise _checks.FileError(f"{path}: is no EDF or BDF file ({error})") from error


def _parse(file: BinaryIO) -> EdfHeader:
    def take(width: int) -> str:
        raw = file.read(width)
        if len(raw) < width:
            raise ValueError("its header is incomplete")
        return raw.decode("latin-1").split("\x00")[0].rstrip()

    version, patient, recording, date, time, length, reserved, n_records, duration, n_signals = (
        take(width) for width in _FILE_FIELDS
    )
    if version not in ("0", _BIOSEMI):
        raise ValueError(f"it starts with {version!r}")
    n = _whole("number of signals", n_signals)
    if n < 1 or _whole("header length", length) != 256 * (n + 1):
        raise ValueError(f"a header of {length} bytes does not belong to {n} signals")
    columns = [[take(width) for _ in range(n)] for width in _SIGNAL_FIELDS]
    signals = []
    for row in zip(*columns, strict=True):
        label, transducer, dimension, low, high, first, last, prefiltering, samples, rest = row
        _number(low), _number(high)
        signal = SignalHeader(
            *(label.strip(), transducer, dimension.strip(), low.strip(), high.strip()),
            *(_whole("digital minimum", first), _whole("digital maximum", last), prefiltering),
            *(_whole("samples a record", samples), rest),
        )
        if signal.samples_per_record < 1:
            raise ValueError(f"the signal {signal.label!r} has no samples")
        signals.append(signal)
    _number(duration)
    records = _whole("number of records", n_records)
    return EdfHeader(
        *(version, patient, recording, date, time, reserved, records, duration), tuple(signals)
    )


def _field(value: str | int, width: int) -> bytes:
    raw = str(value).encode("latin-1")
    if len(raw) > width:
        raise ValueError(f"{value!r} is longer than the {width} characters of its header field")
    return raw.ljust(width)


def _number(text: str | int) -> float:
    return float(str(text).replace(",", "."))  # decimal commas exist in the wild


def _whole(name: str, text: str) -> int:
    number = float(text)
    if number != int(number):
        raise ValueError(f"its {name} is {text!r}")
    return int(number)
