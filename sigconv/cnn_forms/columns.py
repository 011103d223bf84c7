"""Windows of a signal as the columns of a matrix, in blocks that fit into the cache."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from .geometry import Geometry

#: Samples of a block of columns. Times on one thread hardly differ from 2**16 to 2**22; smaller
#: blocks are more calls of BLAS, whose threads wait for one another: on a busy machine 2**16
#: took up to five times as long as 2**20.
BLOCK = 2**20

Slices = tuple[slice, ...]


def pad(x: NDArray[Any], geometry: Geometry, groups: int) -> NDArray[Any]:
    """Return (N, groups, C / groups, *size) with zeros around the spatial axes."""
    split = x.reshape(len(x), groups, x.shape[1] // groups, *geometry.size)
    if not any(map(any, geometry.pads)):
        return np.ascontiguousarray(split)
    return np.pad(split, [(0, 0)] * 3 + list(geometry.pads))


def windows(padded: NDArray[Any], geometry: Geometry) -> NDArray[Any]:
    """Return a view (N, groups, C / groups, *taps, *output) of the padded signal."""
    pitches = padded.strides[3:]
    taps = [pitch * d for pitch, d in zip(pitches, geometry.dilation, strict=True)]
    steps = [pitch * s for pitch, s in zip(pitches, geometry.stride, strict=True)]
    return as_strided(
        padded,
        padded.shape[:3] + geometry.taps + geometry.output,
        (*padded.strides[:3], *taps, *steps),
        writeable=False,
    )


def blocks(n: int, column: int, output: tuple[int, ...]) -> Iterator[tuple[slice, Slices]]:
    """Yield slices of the batch and of the outputs; columns are `column` samples long."""
    room = max(1, BLOCK // column)
    parts = []
    for length in reversed((n, *output)):
        part = min(length, room)
        room //= part
        parts.append([slice(i, min(i + part, length)) for i in range(0, length, part)])
    for chosen in itertools.product(*reversed(parts)):
        yield chosen[0], chosen[1:]


def taken(view: NDArray[Any], batch: slice, where: Slices) -> NDArray[Any]:
    """Return a block of `windows` as matrices (N, groups, C / groups * taps, outputs)."""
    n_axes = len(where)
    block = view[(batch, *(slice(None),) * (2 + n_axes), *where)]
    rows = math.prod(block.shape[2 : 3 + n_axes])
    return block.reshape(*block.shape[:2], rows, -1)


def add(
    padded: NDArray[Any], columns: NDArray[Any], geometry: Geometry, batch: slice, where: Slices
) -> None:
    """Add such matrices to the places of the padded signal that `taken` reads them from."""
    lengths = [part.stop - part.start for part in where]
    shaped = columns.reshape(*columns.shape[:2], -1, *geometry.taps, *lengths)
    for tap in np.ndindex(geometry.taps):
        places = []
        for t, d, s, part in zip(tap, geometry.dilation, geometry.stride, where, strict=True):
            first = t * d + part.start * s
            places.append(slice(first, first + (part.stop - part.start - 1) * s + 1, s))
        padded[(batch, slice(None), slice(None), *places)] += shaped[(slice(None),) * 3 + tap]
