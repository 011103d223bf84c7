"""Recordings of one data set: the same channels in the same order and unit, at one rate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ... import _checks
from ...conditioning import resample
from ...pipeline import Pipeline
from ...recording import Recording

#: What one of a unit is in volts.
_VOLTS = {"V": 1.0, "mV": 1e-3, "uV": 1e-6, "µV": 1e-6, "μV": 1e-6, "nV": 1e-9}


def signals_only(path: Path, recording: Recording) -> Recording:
    """Leave out triggers and settings."""
    picks = recording.signal_channels
    if not picks:
        raise _checks.FileError(f"{path}: holds no signal channel")
    return _pick(recording, picks)


def like(
    path: Path,
    recording: Recording,
    *,
    channels: Sequence[str],
    units: Sequence[str] | None = None,
    fs: float | None = None,
    pipeline: Pipeline | None = None,
) -> Recording:
    """Bring channels into an order and into units, or say what does not fit.

    Parameters
    ----------
    path : Path
        Whose recording it is, for errors.
    recording : Recording
    channels : sequence of str
        Names are compared without regard to capitals and to dots at their ends.
    units : sequence of str, optional
        Without them they stay as they are.
    fs : float, optional
        The rate in Hz that `pipeline` has to lead to.
    pipeline : Pipeline, optional
    """
    came = (pipeline or Pipeline()).rate_after(recording.fs)
    if fs is not None and came != fs:
        raise _checks.FileError(
            f"{path}: has {came:g} Hz where {fs:g} Hz are needed; the step resample brings all "
            "recordings to one rate"
        )
    exactly = {name: i for i, name in reversed(list(enumerate(recording.channels)))}
    loosely = {_key(name): i for name, i in exactly.items()}
    found = [exactly.get(name, loosely.get(_key(name))) for name in channels]
    missing = [name for name, i in zip(channels, found, strict=True) if i is None]
    if missing:
        there = [name for name, i in zip(channels, found, strict=True) if i is not None]
        hint = f"; of those needed it has {', '.join(there)}" if there else ""
        raise _checks.FileError(f"{path}: lacks the channels {', '.join(missing)}{hint}")
    picked = _pick(recording, [i for i in found if i is not None])
    units = picked.units if units is None else units
    factors = [
        _factor(path, name, unit, wanted)
        for name, unit, wanted in zip(channels, picked.units, units, strict=True)
    ]
    data = picked.data
    if any(factor != 1 for factor in factors):
        data = data * [[factor] for factor in factors]
    return picked.replace(data=data, channels=channels, units=units)


def for_checkpoint(path: Path, recording: Recording, checkpoint: Any) -> Recording:
    """Bring a recording into the order, the units and the rate of a network's, not filtered yet.

    A rate that the network's pipeline does not lead to its own is changed by resampling.
    """
    units = checkpoint.units or None
    matched = like(path, signals_only(path, recording), channels=checkpoint.channels, units=units)
    if checkpoint.pipeline.rate_after(matched.fs) != checkpoint.fs:
        matched = resample(matched, checkpoint.fs)
    if checkpoint.pipeline.rate_after(matched.fs) != checkpoint.fs:
        raise _checks.FileError(f"{path}: cannot be brought to {checkpoint.fs:g} Hz")
    return matched


def _factor(path: Path, channel: str, unit: str, wanted: str) -> float:
    if unit == wanted:
        return 1.0
    if unit in _VOLTS and wanted in _VOLTS:
        return _VOLTS[unit] / _VOLTS[wanted]
    raise _checks.FileError(
        f"{path}: channel {channel} must be in {wanted or 'no unit'!r}; it is in "
        f"{unit or 'no unit'!r}"
    )


def _key(name: str) -> str:
    return name.strip(". ").casefold()


def _pick(recording: Recording, picks: Sequence[int]) -> Recording:
    return recording.replace(
        data=recording.data[list(picks)],
        channels=[recording.channels[i] for i in picks],
        kinds=[recording.kinds[i] for i in picks],
        units=[recording.units[i] for i in picks],
    )
