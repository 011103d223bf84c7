"""Objects that carry signals and their rate: `Recording`, and MNE's Raw, Epochs and Evoked."""

from __future__ import annotations

import sys
from collections.abc import Callable
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
    kinds = x.get_channel_types()
    picks = [i for i, kind in enumerate(kinds) if kind not in UNTOUCHED_KINDS]
    if not picks:
        raise ValueError(f"x must have channels that hold signals; got only {sorted(set(kinds))}")
    with sys.modules["mne"].use_log_level("error"):
        copy = x.copy()
        if hasattr(copy, "load_data"):  # an Evoked always holds its data
            copy.load_data()
        return copy.apply_function(function, picks=picks, channel_wise=False)


def _apply_to_recording(x: Recording, function: OnSignals) -> Recording:
    rows = x.signal_channels
    if not rows:
        raise ValueError(f"x must have channels that hold signals; got only {sorted(set(x.kinds))}")
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
