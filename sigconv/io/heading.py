"""What a file says of its recording before its samples are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..recording import UNTOUCHED_KINDS, Annotation


@dataclass(frozen=True)
class Heading:
    """A recording without its samples: the same words as in `Recording`.

    Parameters
    ----------
    fs : float
        Sampling rate in Hz.
    n_times : int
        Number of samples a channel.
    channels, kinds, units : sequence of str
        One each.
    annotations : sequence of Annotation
    start : datetime, optional
    """

    fs: float
    n_times: int
    channels: Sequence[str]
    kinds: Sequence[str]
    units: Sequence[str]
    annotations: Sequence[Annotation] = ()
    start: datetime | None = None

    @property
    def n_channels(self) -> int:
        """Number of channels."""
        return len(self.channels)

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.n_times / self.fs

    @property
    def n_signals(self) -> int:
        """Number of the channels that hold signals (not triggers or settings)."""
        return sum(kind not in UNTOUCHED_KINDS for kind in self.kinds)
