"""MNE's overlap-add filter over this package's convolution."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..convolution import convolve
from ..filters import zero_phase

#: The parameters that are known; with others MNE keeps its own.
_KNOWN = ["x", "h", "n_fft", "phase", "picks", "n_jobs", "copy", "pad"]


def original() -> Callable[..., Any] | None:
    """Return MNE's function, if MNE is loaded and it is the one that we know."""
    module = sys.modules.get("mne.filter")
    function = getattr(module, "_overlap_add_filter", None)
    if function is None or list(inspect.signature(function).parameters) != _KNOWN:
        return None
    return function


def overlap_add(
    theirs: Callable[..., Any],
    x: NDArray[Any],
    h: NDArray[Any],
    n_fft: int | None = None,
    phase: str = "zero",
    picks: Any = None,
    n_jobs: Any = None,
    copy: bool = True,
    pad: str = "reflect_limited",
) -> NDArray[Any]:
    """Filter as MNE's function `theirs` does, its padding included; `n_fft` is ours to choose."""
    mne_filter = sys.modules["mne.filter"]
    if n_jobs == "cuda" or len(h) == 1:
        return theirs(x, h, n_fft, phase, picks, n_jobs, copy, pad)
    rows, shape, picks = mne_filter._prep_for_filtering(x, copy, picks)
    mne_filter._check_zero_phase_length(len(h), phase)
    n = rows.shape[1]
    edge = max(min(len(h), n) - 1, 0)
    if phase == "zero-double":
        h = np.convolve(h, h[::-1])
    after = (len(h) - 1) // 2 if phase.startswith("zero") else 0  # samples of the future
    reach = len(h) - 1 - after, after
    for start, stop in _runs(picks, max(1, zero_phase.FRAMED // n)):
        given = rows[start:stop]
        convolve(_framed(given, reach, edge, pad), h, axes=-1, mode="valid", out=given)
    return rows.reshape(shape)


def _runs(picks: NDArray[Any], most: int) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of up to `most` picks that follow each other."""
    for run in np.split(picks, np.flatnonzero(np.diff(picks) != 1) + 1):
        for start in range(0, len(run), most):
            part = run[start : start + most]
            yield int(part[0]), int(part[-1]) + 1


def _framed(rows: NDArray[Any], reach: tuple[int, int], edge: int, pad: str) -> NDArray[Any]:
    """Return rows with the samples on either side that their answers hang on: `edge` by `pad`."""
    # both are point reflection: there are always samples enough here
    if pad in ("reflect_limited", "reflect"):
        return zero_phase.frame(rows, reach, edge, "odd")
    widths = ((0, 0), (edge, edge))
    extended = np.pad(rows, widths, mode=pad)  # type: ignore[call-overload]
    missing = [max(each - edge, 0) for each in reach]
    silent = np.pad(extended, ((0, 0), (missing[0], missing[1])))
    first = edge + missing[0] - reach[0]
    return silent[:, first : first + reach[0] + rows.shape[1] + reach[1]]
