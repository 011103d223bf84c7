"""Smoothing in pieces: from files into files, with the bits of the answer in memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _memory
from ..filters import pieces
from ..filters.pieces import Place, Stretch
from ..filters.signals import Signals

#: Method -> how many samples to either side an output follows from, by its width in samples and
#: its parameters. Only these can be cut in time; of others, rows are taken whole.
REACH: dict[str, Callable[[float, Mapping[str, Any]], int]] = {
    "moving_average": lambda width, _: int(width),
    "triangular": lambda width, _: int(width),
    "hann": lambda width, _: int(width),
    "gaussian": lambda width, given: math.ceil(given["truncate"] * width) + 1,
    "savitzky_golay": lambda width, _: int(width),
    "median": lambda width, _: int(width),
    "quantile": lambda width, _: int(width),
}


#: Methods whose bits do not depend on how signals are cut: in memory they need not be.
ANY_CUT = ("moving_average", "median", "quantile")


def cuts_in_time(method: str) -> bool:
    """Return whether signals can be cut in time for a method, or only whole rows be taken."""
    return method in REACH


def needed(signals: Signals, reach: int | None, method: str, nan_policy: str) -> bool:
    """Return whether signals are smoothed in pieces: in files, or as files would be cut."""
    if signals.is_broken:
        return True
    if signals.in_files and not np.may_share_memory(signals.x, signals.out):
        return True  # else what is still to be read would be written over
    # weights that make up for gaps are sums of another kind
    if reach is None or (method in ANY_CUT and nan_policy != "omit"):
        return False
    most = pieces.rows_of(signals.n, 1)
    few = min(signals.n_rows, most)
    return signals.n_rows > most or signals.n > pieces.length(few, reach)


def smooth(
    signals: Signals,
    run: Callable[..., None],
    reach: int | None,
    boundary: str | None,
    nan_policy: str,
) -> Any:
    """Smooth piece by piece, each with the samples to either side that it hangs on."""
    if nan_policy == "raise":
        signals.refuse_gaps()
    out = signals.out
    if out is None or np.may_share_memory(signals.x, out):
        out = _memory.empty(signals.shape, signals.dtype)
    places = Place(signals.x, signals.axis), Place(out, signals.axis, written=True)
    bridges = nan_policy if nan_policy == "interpolate" else "propagate"
    most = 1 if reach is None else pieces.rows_of(signals.n, 1)
    for block in pieces.blocks(signals.batch, most):
        n_rows = math.prod(part.stop - part.start for part in block)
        step = signals.n if reach is None else pieces.length(n_rows, reach)
        types = signals.work, signals.dtype
        for ends in signals.left:
            span = Stretch(*places, block, ends, types, "propagate", step)
            for start, stop in pieces.parts(span.n, step):
                span.write(start, span.as_it_is(start, stop))
        for ends in signals.stretches:
            stretch = Stretch(*places, block, ends, types, bridges, step)
            for start, stop in pieces.parts(stretch.n, step):
                rows, before = _with_neighbours(stretch, start, stop, reach or 0, boundary)
                answer = np.empty_like(rows)
                omit = nan_policy == "omit"
                run(rows, boundary=boundary, omit=omit, workers=signals.workers, out=answer)
                stretch.write(start, answer[:, before : before + stop - start])
    if signals.out is not None and out is not signals.out:
        signals.out[...] = out
        return signals.out
    return out


def _with_neighbours(
    stretch: Stretch, start: int, stop: int, reach: int, boundary: str | None
) -> tuple[NDArray[Any], int]:
    """Return a piece with `reach` samples to either side, or fewer at the ends, and where it is.

    Beyond the ends lies the boundary, which the method itself extends by; but for "wrap" that
    is the other end of the signal.
    """
    first, last = max(start - reach, 0), min(stop + reach, stretch.n)
    rows = [stretch.read(first, last)]
    before = start - first
    if boundary == "wrap" and last - first < stretch.n:
        if missing := reach - before:
            rows.insert(0, stretch.read(stretch.n - missing, stretch.n))
            before = reach
        if missing := reach - (last - stop):
            rows.append(stretch.read(0, missing))
    return np.concatenate(rows, axis=1) if len(rows) > 1 else rows[0], before
