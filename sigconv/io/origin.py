"""What the reader of a file keeps for its writer, beyond what a Recording says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..recording import Recording


@dataclass(frozen=True)
class Origin:
    """Where a recording came from.

    Parameters
    ----------
    family : str
        The format family that read it ("edf", "fif", "audio", ...).
    info : mne.Info, optional
        Positions, bad channels, device, subject: what MNE knows of an EEG file.
    first_sample : int
        Number of the first sample in the file's own count (FIF; event files use it).
    details : object, optional
        What only the family's own writer understands: an EDF header, an audio subtype.
    highpass, lowpass : float, optional
        The band in Hz that filters left since the file was read.
    notches : tuple of float
        Frequencies in Hz that were removed since.
    later : callable, optional
        Asks MNE for an info that was not needed to read the file.
    """

    family: str
    info: Any = None
    first_sample: int = 0
    details: Any = None
    highpass: float | None = None
    lowpass: float | None = None
    notches: tuple[float, ...] = ()
    later: Callable[[], Any] | None = None

    @property
    def bads(self) -> tuple[str, ...]:
        """Names of the channels that MNE's info marks as bad."""
        return () if self.info is None else tuple(self.info["bads"])

    def full_info(self) -> Any:
        """Return what MNE knows, asked now if need be; None if it cannot be told any more."""
        if self.info is None and self.later is not None:
            try:
                return self.later()
            except (OSError, ValueError):  # the file is gone, or not what it was
                return None
        return self.info


def origin_of(recording: Recording) -> Origin:
    """Return the recording's origin, or an empty one."""
    return recording.origin if isinstance(recording.origin, Origin) else Origin("")


def first_sample(recording: Recording) -> int:
    """Return the number of the first sample in the file's own count, at the recording's rate."""
    origin = origin_of(recording)
    ratio = 1.0 if origin.info is None else recording.fs / origin.info["sfreq"]
    return round(origin.first_sample * ratio)


def mark_filtered(
    recording: Recording,
    *,
    highpass: float | None = None,
    lowpass: float | None = None,
    notches: Sequence[float] = (),
) -> Recording:
    """Note that a recording was filtered, for the header fields that tell of it.

    EDF's prefiltering and FIF's highpass and lowpass are written accordingly.

    Parameters
    ----------
    recording : Recording
    highpass, lowpass : float, optional
        Cutoffs in Hz; the narrower of an earlier and this one counts.
    notches : sequence of float
        Frequencies in Hz that were removed.

    Returns
    -------
    Recording
        The same data; only its origin differs.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv import Recording
    >>> from sigconv.io import mark_filtered
    >>> recording = mark_filtered(Recording(np.zeros(100), fs=100), highpass=1, lowpass=40)
    >>> recording.origin.highpass, recording.origin.lowpass
    (1, 40)
    """
    origin = origin_of(recording)
    highs = [value for value in (origin.highpass, highpass) if value is not None]
    lows = [value for value in (origin.lowpass, lowpass) if value is not None]
    return recording.replace(
        origin=dataclasses.replace(
            origin,
            highpass=max(highs, default=None),
            lowpass=min(lows, default=None),
            notches=tuple(dict.fromkeys((*origin.notches, *notches))),
        )
    )
