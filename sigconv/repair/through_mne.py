"""A Recording to MNE and back, for what MNE does to its signals."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from .. import _carriers, _checks
from ..io.mne_objects import to_raw
from ..io.origin import origin_of
from ..recording import Recording


def apply(x: Any, owner: str, change: Callable[[Any], Any]) -> Any:
    """Return a new object: `change` takes a loaded copy as an MNE object and returns it.

    Of a Recording only the signals and the bad channels are taken from what comes back.
    """
    mne = _checks.require("mne", extra="eeg", purpose=owner)
    if not _carriers.is_carrier(x):
        raise TypeError(
            f"x must be a Recording or an MNE object for {owner}, which asks for the channels' "
            f"names and places; got {type(x).__name__}"
        )
    with mne.use_log_level("error"):
        if not isinstance(x, Recording):
            copy = x.copy()
            if hasattr(copy, "load_data"):
                copy.load_data()
            return change(copy)
        changed = change(to_raw(x).copy())  # the Raw shares its data with x
        origin = origin_of(x)
        info = changed.info if origin.info is None else origin.info.copy()
        info["bads"] = [name for name in changed.info["bads"] if name in info["ch_names"]]
        data = x.data.copy()
        rows = x.signal_channels
        data[rows] = changed.get_data()[rows]
        return x.replace(data=data, origin=dataclasses.replace(origin, info=info))


def names(name: str, given: str | Sequence[str]) -> list[str]:
    """Return channel names, one or several."""
    found = [given] if isinstance(given, str) else list(given)
    if not all(isinstance(each, str) and each for each in found):
        raise TypeError(f"{name} must name channels; got {given!r}")
    return found


def need_channels(name: str, wanted: Sequence[str], there: Sequence[str]) -> None:
    """Raise ValueError unless all channels are there."""
    for each in wanted:
        _checks.one_of(name, each, there)
