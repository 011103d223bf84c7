"""Between MNE's Raw objects and Recordings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from ..recording import Annotation, Recording
from .origin import Origin, first_sample, origin_of
from .reader import Reader, Rows, empty_frame

#: MNE's FIFF unit constant -> the unit's name in a Recording. Others are nameless.
_UNITS = {"V": "V", "T": "T", "T_M": "T/m", "CEL": "C", "S": "S", "MOL": "M", "HZ": "Hz"}


def mne_for(purpose: str) -> Any:
    """Import MNE, or say which extra brings it."""
    return _checks.require("mne", extra="eeg", purpose=purpose)


class RawReader(Reader):
    """Reads through an MNE Raw, loaded or not.

    Parameters
    ----------
    raw : mne.io.Raw
    path : Path
    name : str
        Of the format.
    family : str
    **changes
        What the family knows better than MNE: fields of the frame; `details` of its origin.
    """

    def __init__(
        self, raw: Any, path: Path, name: str, family: str, *, details: Any = None, **changes: Any
    ) -> None:
        origin = Origin(family, raw.info, raw.first_samp, details)
        super().__init__(frame_of_raw(raw).replace(origin=origin, **changes), path, name)
        self._raw = raw
        self._files = {Path(part): 0 for part in raw.filenames if part and Path(part).is_file()}
        self._files = {part: part.stat().st_size for part in self._files}

    def _read(self, start: int, stop: int, rows: Rows) -> NDArray[np.float64]:
        picks = np.arange(self.frame.n_channels)[rows]
        with np.errstate(invalid="ignore", over="ignore"):  # damage may spell NaN, or what is huge
            x: NDArray[np.float64] = self._raw.get_data(picks, start, stop, verbose="error")
        for part, size in self._files.items():  # MNE takes what is missing for zeros
            if part.stat().st_size < size:
                raise _checks.FileError(f"{part}: became shorter while it was read")
        return x

    def close(self) -> None:
        """Let the file go."""
        self._raw.close()


def from_raw(raw: Any, family: str) -> Recording:
    """Make a Recording of an MNE Raw."""
    return RawReader(raw, Path(), "MNE's Raw", family).load()


def frame_of_raw(raw: Any) -> Recording:
    """Return what an MNE Raw, loaded or not, knows of its samples."""
    names = _unit_names()
    kinds = raw.get_channel_types()
    units = [
        "" if kind == "stim" else names.get(int(channel["unit"]), "")  # codes have no unit
        for kind, channel in zip(kinds, raw.info["chs"], strict=True)
    ]
    return empty_frame(
        int(raw.n_times),
        tidy_rate(raw.info["sfreq"]),
        raw.ch_names,
        kinds,
        units,
        annotations=annotations_of(raw),
        start=_start(raw),
    )


def lazy_raw(reader: Reader) -> Any:
    """Make an MNE Raw that reads from a reader what it is asked for."""
    mne = mne_for("making an MNE object")

    frame = reader.frame
    first = first_sample(frame)

    class Lazy(mne.io.BaseRaw):  # type: ignore[name-defined]
        def _read_segment_file(
            self, data: Any, idx: Any, fi: int, start: int, stop: int, cals: Any, mult: Any
        ) -> None:
            data[:] = reader.read(start - first, stop - first)[idx]  # it counts as the file does

    raw = Lazy(
        _info(frame),
        preload=False,
        first_samps=[first],
        last_samps=[first + frame.n_times - 1],
        verbose="error",
    )
    _annotate(raw, frame)
    return raw


def to_raw(recording: Recording) -> Any:
    """Make an MNE Raw of a Recording, with what its origin knows of positions and the rest."""
    mne = mne_for("making an MNE object")
    raw = mne.io.RawArray(
        recording.data.astype(np.float64, copy=False),
        _info(recording),
        first_samp=first_sample(recording),
        copy="auto",
        verbose="error",
    )
    _annotate(raw, recording)
    return raw


def _annotate(raw: Any, recording: Recording) -> None:
    if recording.annotations:
        raw.set_annotations(
            mne_for("annotations").Annotations(
                onset=[note.onset for note in recording.annotations],
                duration=[note.duration for note in recording.annotations],
                description=[note.text for note in recording.annotations],
                ch_names=[note.channels for note in recording.annotations],
            )
        )


def annotations_of(raw: Any) -> tuple[Annotation, ...]:
    """Return a Raw's annotations with onsets after its first sample."""
    notes = raw.annotations
    # MNE's onsets count from the start of the acquisition, with or without a date
    return tuple(
        Annotation(float(onset - raw.first_time), float(duration), str(text), tuple(channels))
        for onset, duration, text, channels in zip(
            notes.onset, notes.duration, notes.description, notes.ch_names, strict=True
        )
    )


def tidy_rate(fs: float) -> float:
    """Return the whole number that a rate misses only by the rounding of its file's header."""
    fs = float(fs)
    return float(round(fs)) if abs(fs - round(fs)) < 1e-9 * fs else fs


def as_utc(start: datetime) -> datetime:
    """Return a time as UTC; one without a zone is taken to be UTC, as in MNE."""
    return start.replace(tzinfo=UTC) if start.tzinfo is None else start.astimezone(UTC)


def _start(raw: Any) -> datetime | None:
    date = raw.info["meas_date"]
    return None if date is None else date + timedelta(seconds=raw.first_time)


def _info(recording: Recording) -> Any:
    """Return an mne.Info for the recording: its origin's where the channels are still those."""
    mne = mne_for("making an MNE object")
    origin = origin_of(recording)
    known = set(mne.io.get_channel_type_constants())
    kinds = [kind if kind in known else "misc" for kind in recording.kinds]
    info = mne.create_info(list(recording.channels), recording.fs, kinds)
    known_before = origin.full_info()
    if known_before is not None:
        info = _inherited(info, known_before)
    codes = {name: code for code, name in _unit_names().items()}
    for channel, unit in zip(info["chs"], recording.units, strict=True):
        channel["unit"] = codes.get(unit, -1)
        channel["cal"] = channel["range"] = 1.0  # the data is in units already
    with info._unlock():
        info["lowpass"] = min(
            value for value in (info["lowpass"], origin.lowpass, recording.fs / 2) if value
        )
        info["highpass"] = min(
            max(value for value in (info["highpass"], origin.highpass, 0.0) if value is not None),
            info["lowpass"],
        )
    if recording.start is not None:
        before = timedelta(seconds=first_sample(recording) / recording.fs)
        info.set_meas_date(as_utc(recording.start) - before)
    else:
        info.set_meas_date(None)
    return info


def _inherited(fresh: Any, old: Any) -> Any:
    """Return `old` with the channels of `fresh`; a channel that `old` knows keeps its position."""
    same = fresh["ch_names"] == old["ch_names"]
    by_name = {channel["ch_name"]: channel for channel in old["chs"]}
    for channel in fresh["chs"]:
        before = by_name.get(channel["ch_name"])
        if before is not None:
            kept = {"kind", "coil_type", "loc", "coord_frame", "unit_mul"}
            if before["kind"] != channel["kind"]:
                kept = {"loc", "coord_frame"}
            channel.update({key: before[key] for key in kept})
    info = old.copy()
    with info._unlock():
        info["chs"] = fresh["chs"]
        info["sfreq"] = fresh["sfreq"]
        info["bads"] = [name for name in old["bads"] if name in fresh["ch_names"]]
        if not same:  # matrices over channels that are no longer these
            info["projs"], info["comps"] = [], []
        info._update_redundant()
    info._check_consistency()
    return info


def _unit_names() -> dict[int, str]:
    from mne.io.constants import FIFF

    return {int(FIFF[f"FIFF_UNIT_{key}"]): name for key, name in _UNITS.items()}
