"""Exponential smoothing: the first-order recursion y[n] = (1 - decay) x[n] + decay y[n - 1]."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _layout
from ..filters import TransferFunction

#: Time constants after which the past weighs less than the rounding of a double.
MEMORY = 37


def exponential(width: float, *, zero_phase: bool) -> functools.partial[None]:
    """Prepare the recursion with the time constant `width`, in samples."""
    if not isinstance(zero_phase, (bool, np.bool_)):
        raise TypeError(f"zero_phase must be True or False; got {zero_phase!r}")
    run = _both_ways if zero_phase else _causal
    return functools.partial(run, recursion(width), math.ceil(MEMORY * width))


def recursion(width: float) -> TransferFunction:
    """Return the filter with the time constant `width`, in samples."""
    decay = math.exp(-1 / width)
    if decay == 1:
        raise ValueError(f"width must be below 1e15 samples; got {width:g}")
    return TransferFunction.from_sos([[1 - decay, 0, 0, 1, -decay, 0]], fs=1.0)


def _causal(
    recursion: TransferFunction,
    memory: int,
    rows: NDArray[Any],
    boundary: str,
    omit: bool,
    workers: int | None,
    out: NDArray[Any],
) -> None:
    if boundary == "wrap":
        past = _layout.extend(rows, [(memory, 0)], [boundary])
        out[...] = recursion.filter(past, workers=workers)[:, memory:]
        return
    # A mirror would put the future before the first sample: start at rest there instead.
    before = np.zeros_like(rows[:, 0]) if boundary == "constant" else rows[:, 0]
    recursion.filter(rows, zi=recursion.initial_state(before), workers=workers, out=out)


def _both_ways(
    recursion: TransferFunction,
    memory: int,
    rows: NDArray[Any],
    boundary: str,
    omit: bool,
    workers: int | None,
    out: NDArray[Any],
) -> None:
    extended = _layout.extend(rows, [(memory, memory)], [boundary])
    smoothed = recursion.filtfilt(extended, padding="none", workers=workers)
    out[...] = smoothed[:, memory : memory + rows.shape[1]]
