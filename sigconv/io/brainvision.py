"""BrainVision: a header (.vhdr), markers (.vmrk) and samples (.eeg)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .. import _checks
from ..recording import Annotation, Recording
from .mne_objects import RawReader, annotations_of, as_utc, mne_for
from .notices import notice, quiet
from .origin import origin_of
from .reader import Reader

_SAMPLE_BYTES = {"short": 2, "int": 4, "single": 4}

#: Unit in the file -> the unit that MNE scales it to, and by how much.
_UNITS = {
    "µV": ("V", 1e-6),
    "uV": ("V", 1e-6),
    "mV": ("V", 1e-3),
    "nV": ("V", 1e-9),
    "µS": ("S", 1e-6),
    "uS": ("S", 1e-6),
    "°C": ("C", 1.0),
    "n/a": ("", 1.0),
}

#: The marker type under which texts stand that are no "type/description" of their own.
_PLAIN = "Annotation"


def open_(path: Path) -> RawReader:
    """Open a BrainVision recording through its header file."""
    mne = mne_for("reading BrainVision")
    with quiet(path):
        try:
            raw = mne.io.read_raw_brainvision(path, preload=False, verbose="warning")
        except FileNotFoundError as error:
            missing = Path(str(error.filename)).name
            raise _checks.FileError(f"{path}: its file {missing} is missing") from error
    size = _SAMPLE_BYTES.get(raw.orig_format, 1) * len(raw.ch_names)
    if Path(raw.filenames[0]).stat().st_size % size:
        raise _checks.FileError(
            f"{path}: its file {Path(raw.filenames[0]).name} is truncated: it ends within a sample"
        )
    stored = _stored_units(raw)
    return RawReader(
        raw,
        path,
        "BrainVision",
        "brainvision",
        details=stored,
        units=[_base_unit(stored[name])[0] for name in raw.ch_names],
        annotations=_without_plain(annotations_of(raw)),
    )


def _without_plain(notes: Sequence[Annotation]) -> tuple[Annotation, ...]:
    return tuple(
        dataclasses.replace(note, text=note.text.removeprefix(f"{_PLAIN}/")) for note in notes
    )


def write(path: Path, reader: Reader, target: Path) -> None:
    """Write header, markers and samples (as 32-bit floats, volts in µV)."""
    pybv = _checks.require("pybv", extra="eeg", purpose="writing BrainVision")
    recording = reader.frame
    if len(set(recording.channels)) < recording.n_channels:
        raise _checks.FileError(f"{target}: BrainVision needs channel names that differ")
    if len(target.name.splitlines()) > 1:
        raise _checks.FileError(
            f"{target}: BrainVision, whose files name each other, cannot have line ends in its name"
        )
    units = [_file_unit(recording, row) for row in range(recording.n_channels)]
    scales = np.array([[_base_unit(name)[1]] for name in units])
    with quiet(target, ("unsupported voltage units", "unsupported non-voltage units")):
        pybv.write_brainvision(
            data=np.zeros((recording.n_channels, 1)),  # it has no way to write more later
            sfreq=recording.fs,
            ch_names=list(recording.channels),
            fname_base=path.stem,
            folder_out=path.parent,
            unit=units,
            resolution=1.0,
        )
    with path.with_suffix(".eeg").open("wb") as file:
        for start, stop in reader.blocks():
            samples = reader.read(start, stop) / scales
            if np.any(np.abs(samples) > np.finfo(np.float32).max):
                raise _checks.FileError(
                    f"{target}: BrainVision holds 32-bit floats; got infinities"
                )
            file.write(np.ascontiguousarray(samples.T, "<f4").data)
    # pybv knows three types of markers only, and would turn all others into comments
    path.with_suffix(".vmrk").write_text("\n".join(_markers(recording, path)), encoding="utf-8")
    if any(note.channels for note in recording.annotations):
        notice(target, "BrainVision readers take annotations of single channels as of all")


def _stored_units(raw: Any) -> dict[str, str]:
    """Return the unit of each channel in the file (MNE has no public way to them)."""
    units = dict(raw._orig_units)
    for channel in raw.info["chs"]:
        # "uS", which MNE scales to siemens but then does not know as a unit
        if units[channel["ch_name"]] == "n/a" and channel["range"] == 1e-6:
            units[channel["ch_name"]] = "µS"
    return units


def _base_unit(name: str) -> tuple[str, float]:
    return _UNITS.get(name, (name, 1.0))


def _file_unit(recording: Recording, row: int) -> str:
    """Return the unit to store a channel in: its source's, in which its values were short."""
    unit = recording.units[row]
    origin = origin_of(recording)
    if origin.family == "brainvision":
        stored = origin.details.get(recording.channels[row], "")
        if unit != "V" and _base_unit(stored)[0] == unit:
            return str(stored)
    return "µV" if unit == "V" else unit or "n/a"


def _markers(recording: Recording, path: Path) -> Iterator[str]:
    """Return the lines of the marker file."""
    yield "Brain Vision Data Exchange Marker File, Version 1.0"
    yield from ("", "[Common Infos]", "Codepage=UTF-8", f"DataFile={path.stem}.eeg")
    yield from ("", "[Marker Infos]")
    yield "; Mk<number>=<type>,<description>,<position>,<size>,<channel, 0 for all>,<date>"
    # Readers take the first marker of this type for the start of the recording, and skip it.
    date = "" if recording.start is None else f",{as_utc(recording.start):%Y%m%d%H%M%S%f}"
    yield f"Mk1=New Segment,,1,1,0{date}"
    for number, note in enumerate(recording.annotations, start=2):
        kind, slash, text = note.text.partition("/")
        if not (kind and slash) or kind == _PLAIN:
            kind, text = _PLAIN, note.text
        fields = [" ".join(part.splitlines()).replace(",", r"\1") for part in (kind, text)]
        position = round(note.onset * recording.fs) + 1
        size = round(note.duration * recording.fs)
        single = len(note.channels) == 1
        channel = recording.channels.index(note.channels[0]) + 1 if single else 0
        yield f"Mk{number}={fields[0]},{fields[1]},{position},{size},{channel}"
    yield ""
