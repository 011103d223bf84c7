"""Objects that carry signals and their rate: `Recording`, and MNE's Raw, Epochs and Evoked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .recording import UNTOUCHED_KINDS, Recording

#: The classes of MNE that everything with signals in it descends from.
_MNE_BASES = frozenset({"BaseRaw", "BaseEpochs", "Evoked"})

#: A function of signals that run along the last axis, which keeps their shape.
OnSignals = Callable[[NDArray[Any]], NDArray[Any]]


def is_carrier(x: Any) -> bool:
    """Return whether `x` is a `Recording` or one of MNE's objects."""
    return isinstance(x, Recording) or _is_mne(x)


def rate(x: Any) -> float:
    """Return the sampling rate of a carrier in Hz."""
    return x.fs if isinstance(x, Recording) else float(x.info["sfreq"])


def refuse(x: Any, **given: tuple[Any, Any]) -> None:
    """Refuse arguments that a carrier knows better: name=(value, the default that may stay)."""
    for name, (value, default) in given.items():
        if value is not default and not (isinstance(value, int) and value == default):
            raise ValueError(
                f"{name} must not be given with a {type(x).__name__}: it brings its own rate and "
                f"layout, and a new one comes back; got {value!r}"
            )


def apply(x: Any, function: OnSignals) -> Any:
    """Return a new carrier with `function` applied to its signal channels; the rest is kept."""
    if isinstance(x, Recording):
        return _apply_to_recording(x, function)
    picks = _picks(x.get_channel_types())
    with sys.modules["mne"].use_log_level("error"):
        copy = x.copy()
        if hasattr(copy, "load_data"):  # an Evoked always holds its data
            copy.load_data()
        return copy.apply_function(function, picks=picks, channel_wise=False)


def signals(x: Any) -> NDArray[Any]:
    """Return the signal channels of a carrier, shape (..., n_channels, n_times)."""
    if isinstance(x, Recording):
        return x.data[_picks(x.kinds)]
    return _everything(x)[..., _picks(x.get_channel_types()), :]


def spans(x: Any, beginnings: str | Sequence[str]) -> list[tuple[int, int]]:
    """Return (start, stop) in samples of the annotations whose text begins with one of some words.

    Capitals do not matter, nor for which channels they are. Only recordings and MNE's Raw have any.
    """
    words = [beginnings] if isinstance(beginnings, str) else list(beginnings)
    if not all(isinstance(word, str) for word in words):
        raise TypeError(f"skip_by_annotation must be words; got {beginnings!r}")
    if isinstance(x, Recording):
        n, first = x.n_times, 0.0
        marks = [(each.onset, each.duration, each.text) for each in x.annotations]
    elif hasattr(x, "first_samp"):
        n, first = len(x.times), x.first_time  # their onsets count from the acquisition's start
        notes = x.annotations
        marks = list(zip(notes.onset, notes.duration, notes.description, strict=True))
    else:
        return []
    found = []
    for onset, duration, text in marks:
        if any(text.upper().startswith(word.upper()) for word in words):
            ends = np.round(np.array([onset - first, onset - first + duration]) * rate(x))
            start, stop = (int(end) for end in ends.clip(0, n))
            found.append((start, stop))
    return found


def at_rate(x: Any, fs: float, on_signals: OnSignals, on_others: OnSignals) -> Any:
    """Return a new carrier of another rate, its signals and the rest each by their function.

    Both functions return the same number of new samples. What is marked in time stays where it
    was on the clock.
    """
    kinds = x.kinds if isinstance(x, Recording) else x.get_channel_types()
    rows = _picks(kinds)
    others = [i for i in range(len(kinds)) if i not in rows]
    old = x.data if isinstance(x, Recording) else _everything(x)
    new = on_signals(old[..., rows, :])
    data = np.empty((*old.shape[:-1], new.shape[-1]), np.result_type(new, old))
    data[..., rows, :] = new
    if others:
        data[..., others, :] = on_others(old[..., others, :])
    if isinstance(x, Recording):
        return x.replace(data=data, fs=fs)  # annotations are in seconds after the first sample
    return _mne_at_rate(x, fs, data)


def _everything(x: Any) -> NDArray[Any]:
    with sys.modules["mne"].use_log_level("error"):
        return x.data if hasattr(x, "nave") else x.get_data()  # an Evoked has them at hand


def _mne_at_rate(x: Any, fs: float, data: NDArray[Any]) -> Any:
    """Return an MNE object like `x` with other data at another rate."""
    mne = sys.modules["mne"]
    ratio = fs / x.info["sfreq"]
    info = x.info.copy()
    with info._unlock():
        info["sfreq"] = fs
        info["lowpass"] = min(info["lowpass"], fs / 2)
    if hasattr(x, "nave"):
        new = mne.EvokedArray(data, info, x.times[0], x.comment, x.nave, x.kind, verbose="error")
    elif hasattr(x, "event_id"):
        new = mne.EpochsArray(
            data,
            info,
            events=x.events,
            tmin=x.times[0],
            event_id=x.event_id,
            proj=False,  # applied already, if at all
            metadata=x.metadata,
            selection=x.selection,
            drop_log=x.drop_log,
            verbose="error",
        )
    else:
        new = mne.io.RawArray(data, info, round(x.first_samp * ratio), verbose="error")
        if len(x.annotations):
            notes = x.annotations
            onsets = notes.onset - x.first_time  # theirs count from the start of the acquisition
            new.set_annotations(
                mne.Annotations(onsets, notes.duration, notes.description, ch_names=notes.ch_names),
                verbose="error",
            )
        return new
    new.baseline = x.baseline  # given to a constructor, it would be subtracted once more
    # the constructors round the first time to the new grid
    return new.shift_time(x.times[0], relative=False)


def _picks(kinds: Sequence[str]) -> list[int]:
    """Return the indices of the channels that hold signals; there must be some."""
    picks = [i for i, kind in enumerate(kinds) if kind not in UNTOUCHED_KINDS]
    if not picks:
        raise ValueError(f"x must have channels that hold signals; got only {sorted(set(kinds))}")
    return picks


def _apply_to_recording(x: Recording, function: OnSignals) -> Recording:
    rows = _picks(x.kinds)
    result = function(x.data if len(rows) == x.n_channels else x.data[rows])
    if len(rows) == x.n_channels:
        return x.replace(data=result)
    data = x.data.astype(np.result_type(x.data, result))
    data[rows] = result
    return x.replace(data=data)


def _is_mne(x: Any) -> bool:
    # By name: asking MNE for its classes would load those of its modules that nobody uses yet.
    return "mne" in sys.modules and any(
        kind.__module__.startswith("mne.") and kind.__name__ in _MNE_BASES
        for kind in type(x).__mro__
    )
