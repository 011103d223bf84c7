"""What all picture formats share: channels, how the picture is turned, how deep its samples are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from ..volume import Volume
from .notices import notice

#: Pillow's mode (and what comes close to it elsewhere) -> the names of the channels.
CHANNELS: dict[str, tuple[str, ...]] = {
    "L": (),
    "I;16": (),
    "LA": ("grey", "alpha"),
    "RGB": ("red", "green", "blue"),
    "RGBA": ("red", "green", "blue", "alpha"),
    "CMYK": ("cyan", "magenta", "yellow", "black"),
}

#: EXIF orientation -> what makes the picture as it is seen of the one that is stored:
#: swap its axes, then turn the rows around, then the columns.
_TURNS = {
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}


@dataclass(frozen=True)
class Origin:
    """What a picture's file said beyond its samples.

    `details` are the family's own: options, chunks or tags to be written again.
    """

    family: str
    stored: np.dtype[Any]
    orientation: int = 1
    details: Any = None


def as_seen(data: NDArray[Any], names: tuple[str, ...], origin: Origin) -> Volume:
    """Return a picture as it is meant to be seen; its x runs to the right."""
    swap, upside, sideways = _TURNS.get(origin.orientation, (False, False, False))
    data = data.swapaxes(0, 1) if swap else data
    data = data[:: -1 if upside else 1, :: -1 if sideways else 1]
    return Volume(data, axes=("y", "x"), channels=names, origin=origin)


def as_stored(volume: Volume, family: str, target: Path) -> tuple[NDArray[Any], Origin]:
    """Return a picture's samples as its file holds them, rounded and cut off where need be."""
    if len(volume.grid) != 2 or volume.data.ndim != 2 + bool(volume.channels):
        raise _checks.FileError(
            f"{target}: a picture has two axes, and one more of channels; "
            f"got the shape {volume.data.shape}"
        )
    origin = volume.origin if isinstance(volume.origin, Origin) else None
    if origin is None or origin.family != family:
        stored = volume.data.dtype if origin is None else origin.stored
        origin = Origin(family, stored)
    data = volume.data if volume.axes == ("y", "x") else volume.data.swapaxes(0, 1)
    data = _in_depth(data, origin.stored, target)
    swap, upside, sideways = _TURNS.get(origin.orientation, (False, False, False))
    data = data[:: -1 if upside else 1, :: -1 if sideways else 1]
    data = data.swapaxes(0, 1) if swap else data
    return np.ascontiguousarray(data), origin


def _in_depth(data: NDArray[Any], stored: np.dtype[Any], target: Path) -> NDArray[Any]:
    if data.dtype == stored:
        return data
    if data.dtype.kind == "c":
        raise _checks.FileError(f"{target}: a picture cannot hold complex numbers")
    if stored.kind == "f":
        return data.astype(stored)
    gaps = data.size - int(np.count_nonzero(np.isfinite(data)))
    if gaps:
        raise _checks.FileError(
            f"{target}: {stored} samples cannot be NaN or infinite; got {gaps} that are"
        )
    limits = np.iinfo(stored)
    whole = np.rint(data)
    beyond = int(np.count_nonzero((whole < limits.min) | (whole > limits.max)))
    said = []
    if data.dtype.kind == "f" and not np.array_equal(whole, data):
        said.append(f"samples were rounded to {stored}")
    if beyond:
        said.append(
            f"{beyond} of {data.size} samples beyond {limits.min} to {limits.max} "
            f"were cut off there ({100 * beyond / data.size:.2g} %)"
        )
    if said:
        notice(target, " and ".join(said))
    return whole.clip(limits.min, limits.max).astype(stored)


def refuse(data: NDArray[Any], volume: Volume, kind: str, target: Path) -> None:
    """Raise FileError about samples that a format cannot hold."""
    names = f" of the channels {', '.join(volume.channels)}" if volume.channels else ""
    raise _checks.FileError(f"{target}: {kind} cannot hold {data.dtype} samples{names}")


def names_of(n_channels: int, path: Path) -> tuple[str, ...]:
    """Return the names of 1 to 4 channels that a format does not name itself."""
    modes = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
    if n_channels not in modes:
        raise _checks.FileError(f"{path}: must have 1 to 4 channels; got {n_channels}")
    return CHANNELS[modes[n_channels]]
