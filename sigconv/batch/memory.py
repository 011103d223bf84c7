"""How much memory a run may take, and how much a file does."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ..pipeline import Pipeline
from ..recording import Recording
from ..volume import Volume

#: The part of the machine's memory that a run takes if it is not told.
PART = 4

#: Where Linux keeps the limit of the container that a process runs in.
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")

#: What is assumed where the system does not tell: 8 GB.
_UNKNOWN = 8 << 30

#: How many times the samples, as float64, stand in memory at the worst moment when all are read at
#: once. Measured over recordings of 192 MB: 2.0 (FIF) to 3.8 (EEGLAB).
COPIES = 4

#: Bytes that work in pieces takes, whatever the length of the recording: 308 MB, the interpreter
#: and all, was the peak over 64 channels of EDF.
PIECES = 300_000_000


def machine() -> int:
    """Return the bytes of memory that this process may have at all."""
    try:
        found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        found = _UNKNOWN
    for path in _LIMITS:
        try:
            found = min(found, int(Path(path).read_text()))
        except (OSError, ValueError):  # there is none, or it is "max"
            continue
    return found


def share(allowed: int | None, at_once: int) -> int:
    """Return the bytes of each of several files at once; a quarter of the machine's if not told."""
    return (machine() // PART if allowed is None else allowed) // max(1, at_once)


def volume_at_once(frame: Volume) -> int:
    """Return the bytes that a volume takes when it is worked on as a whole."""
    return COPIES * 8 * frame.data.size


def at_once(frame: Recording, steps: Pipeline | Sequence[object]) -> int:
    """Return the bytes that a recording takes when it is worked on as a whole."""
    fs, most = frame.fs, 1.0
    for step in steps if isinstance(steps, Pipeline) else ():
        fs = step.rate_after(fs)
        most = max(most, fs / frame.fs)
    return round(COPIES * 8 * frame.n_channels * frame.n_times * most)
