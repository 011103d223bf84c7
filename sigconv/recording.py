"""What lies between files and arrays: signals in time with their rate, names, units and marks."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _checks

#: Kinds of channels that hold codes or settings, not signals: no filter or smoother touches them.
UNTOUCHED_KINDS = frozenset({"stim", "syst", "exci", "ias", "chpi", "misc", "dipole", "gof"})


@dataclass(frozen=True)
class Annotation:
    """A stretch of a recording with a text.

    Parameters
    ----------
    onset : float
        Seconds after the first sample.
    duration : float
        Seconds; 0 for an instant.
    text : str
        What it says.
    channels : tuple of str
        The channels it concerns; empty for all.

    Examples
    --------
    >>> from sigconv import Annotation
    >>> Annotation(1.5, 0.0, "T1")
    Annotation(onset=1.5, duration=0.0, text='T1', channels=())
    """

    onset: float
    duration: float
    text: str
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Recording:
    """Signals in time, all at one rate, and what is known about them.

    Parameters
    ----------
    data : array of float, shape (n_channels, n_times)
        In the units of `units`: volts for EEG, [-1, 1] for audio. A 1D array is one channel.
    fs : float
        Sampling rate in Hz.
    channels : sequence of str, optional
        Names; "ch1", "ch2", ... if not given.
    kinds : str or sequence of str, optional
        What each channel is, in MNE's words ("eeg", "eog", "stim", ...) or "audio";
        one word stands for all channels.
    units : str or sequence of str, optional
        "V" for volts, "" for none; one for all channels or one each.
    annotations : sequence of Annotation, optional
    start : datetime, optional
        When the first sample was taken.
    origin : object, optional
        What the reader of a file keeps for the writer (device, positions, bit depth).
        Only `sigconv.io` looks inside; `bads` asks it for the channels marked as bad.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv import Recording
    >>> recording = Recording(np.zeros((2, 500)), fs=250.0, channels=["C3", "C4"])
    >>> recording
    <Recording: 2 channels (eeg), 500 samples at 250 Hz, 2 s, 0 annotations>
    """

    data: NDArray[Any]
    fs: float
    channels: Sequence[str] = ()
    kinds: str | Sequence[str] = "eeg"
    units: str | Sequence[str] = "V"
    annotations: Sequence[Annotation] = ()
    start: datetime | None = None
    origin: Any = dataclasses.field(default=None, repr=False)

    def __post_init__(self) -> None:
        data = np.asanyarray(self.data)
        if data.ndim == 1:
            data = data[np.newaxis]
        if data.ndim != 2:
            raise ValueError(f"data must have shape (n_channels, n_times); got {data.shape}")
        n = len(data)
        names = tuple(self.channels) or tuple(f"ch{i}" for i in range(1, n + 1))
        if len(names) != n:
            raise ValueError(f"channels must name the {n} rows of data; got {len(names)} names")
        fields = {
            "data": data,
            "fs": _checks.sampling_rate(self.fs),
            "channels": names,
            "kinds": _one_each("kinds", self.kinds, n),
            "units": _one_each("units", self.units, n),
            "annotations": tuple(self.annotations),
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    @property
    def n_channels(self) -> int:
        """Number of channels."""
        return int(self.data.shape[0])

    @property
    def n_times(self) -> int:
        """Number of samples a channel."""
        return int(self.data.shape[1])

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.n_times / self.fs

    @property
    def signal_channels(self) -> list[int]:
        """Indices of the channels that hold signals (not triggers or settings)."""
        return [i for i, kind in enumerate(self.kinds) if kind not in UNTOUCHED_KINDS]

    @property
    def bads(self) -> tuple[str, ...]:
        """Names of the channels that the file marks as bad."""
        return tuple(name for name in getattr(self.origin, "bads", ()) if name in self.channels)

    def replace(self, **changes: Any) -> Recording:
        """Return a copy with some fields changed.

        Examples
        --------
        >>> import numpy as np
        >>> from sigconv import Recording
        >>> Recording(np.ones(100), fs=100).replace(fs=50.0)
        <Recording: 1 channel (eeg), 100 samples at 50 Hz, 2 s, 0 annotations>
        """
        return dataclasses.replace(self, **changes)

    def __repr__(self) -> str:
        kinds = ", ".join(dict.fromkeys(self.kinds))
        plural = "" if self.n_channels == 1 else "s"
        return (
            f"<Recording: {self.n_channels} channel{plural} ({kinds}), {self.n_times} samples at "
            f"{self.fs:g} Hz, {self.duration:g} s, {len(self.annotations)} annotations>"
        )


def _one_each(name: str, given: str | Sequence[str], n: int) -> tuple[str, ...]:
    values = (given,) * n if isinstance(given, str) else tuple(given)
    if len(values) != n:
        raise ValueError(f"{name} must be one word or one for each of {n} channels; got {given!r}")
    return values
