"""The running median and other quantiles, and which way they are found."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks, _layout

#: Outputs of a piece of signal: enough for what two pieces read twice to be little.
PIECE = 128

#: The largest tile: beyond it the lists outgrow the caches.
LARGEST = 16384

#: Outputs of the blocks that are sorted at once where windows differ in length.
BLOCK = 1024


def median(width: int) -> functools.partial[None]:
    """Prepare the median of an odd number of samples."""
    return functools.partial(_run, "median", width, 0.5)


def quantile(width: int, *, quantile: float) -> functools.partial[None]:
    """Prepare a quantile, interpolated linearly between the two samples next to it."""
    share = _checks.number("quantile", quantile, at_least=0)
    if share > 1:
        raise ValueError(f"quantile must lie between 0 and 1; got {quantile!r}")
    return functools.partial(_run, "quantile", width, share)


def _run(
    method: str,
    width: int,
    share: float,
    rows: NDArray[Any],
    boundary: str,
    omit: bool,
    workers: int | None,
    out: NDArray[Any],
) -> None:
    if np.iscomplexobj(rows):
        raise TypeError(f"x must be real for the method {method!r}; got {rows.dtype}")
    n = rows.shape[1]
    tile = 8  # tiles_jit.SMALLEST, known here without compiling
    while 2 * tile < width + 1:
        tile *= 2
    tiles = max(1, PIECE // tile)
    pieces = -(-n // (tile * tiles))
    reach = (pieces - 1) * tile * tiles  # where the last piece begins
    signals, bad = _signals(rows, width, boundary, reach + tile * tiles + width + 64)
    extended = signals[:, 1 : n + width]
    if tile > LARGEST or n < tile:
        if bad is not None:
            extended[bad] = np.nan
        _through_ranks(extended, width, share, workers, out)
    else:
        if bad is not None:
            extended[bad] = 0
        _through_lists(signals, width, share, tile, tiles, pieces, workers, out)
    if bad is None:
        return
    before = np.cumsum(np.pad(bad, ((0, 0), (1, 0))), axis=1)
    touched = before[:, width:] > before[:, :-width]
    if omit:
        extended[bad] = np.nan
        _through_ranks(extended, width, share, workers, out, touched)
    else:
        out[touched] = np.nan


def _signals(
    rows: NDArray[Any], width: int, boundary: str, length: int
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Return the extended rows from column 1 on, zeros around them, and what is not finite."""
    n, half = rows.shape[1], width // 2
    signals = np.zeros((len(rows), max(length, n + width)), rows.dtype)
    signals[:, 1 + half : 1 + half + n] = rows
    if boundary != "constant":
        places = np.r_[-half:0, n : n + half]
        beyond = rows.take(_layout.sources(places, n, boundary), axis=1)
        signals[:, 1 : 1 + half] = beyond[:, :half]
        signals[:, 1 + half + n : n + width] = beyond[:, half:]
    bad = ~np.isfinite(signals[:, 1 : n + width])
    return signals, bad if bad.any() else None


def _through_lists(
    signals: NDArray[Any],
    width: int,
    share: float,
    tile: int,
    tiles: int,
    pieces: int,
    workers: int | None,
    out: NDArray[Any],
) -> None:
    """Find ranks in windows that are all full, many side by side."""
    from . import tiles_jit

    flat, stride = signals.reshape(-1), signals.shape[1]

    def find(rank: int, target: NDArray[Any]) -> None:
        if width < tile - 1:
            part = functools.partial(tiles_jit.short_rank, flat, stride, width, rank, target)
            _layout.split_over_threads(part, len(out), workers)
            return
        part = functools.partial(
            tiles_jit.running_rank, flat, stride, width, rank, tile, tiles, target
        )
        n_parts = -(-len(out) * pieces * out.itemsize // tiles_jit.VECTOR)
        _layout.split_over_threads(part, n_parts, workers)

    position = share * (width - 1)
    rank = math.floor(position)
    find(rank, out)
    if position > rank:
        above = np.empty_like(out)
        find(rank + 1, above)
        between = position - rank
        # equal neighbours must not be rounded
        np.copyto(
            out, out * (1 - between) + above * between, where=out != above, casting="same_kind"
        )


def _through_ranks(
    extended: NDArray[Any],
    width: int,
    share: float,
    workers: int | None,
    out: NDArray[Any],
    wanted: NDArray[np.bool_] | None = None,
) -> None:
    """Find quantiles of what is not NaN: any number of samples, any width, blocks with `wanted`."""
    from .ranks_jit import running_quantile

    n = out.shape[1]
    block = max(BLOCK, 2 * width)

    def part(begin: int, end: int) -> None:
        for row in range(begin, end):
            for start in range(0, n, block):
                here = slice(start, start + block)
                if wanted is None or wanted[row, here].any():
                    some = extended[row, start : start + block + width - 1]
                    running_quantile(some, np.argsort(some), width, share, out[row, here])

    _layout.split_over_threads(part, len(out), workers)
