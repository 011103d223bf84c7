"""Volumes that are read slab by slab, for those that do not fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .. import _checks, _maps
from ..volume import Volume
from .reader import cannot_be_read

#: Bytes that are read at a time.
SLAB = 1 << 24


@dataclass(frozen=True)
class VolumeReader:
    """A volume whose samples are in a file still; made by `open_volume`.

    Attributes
    ----------
    path : Path
    name : str
        Of the format.
    frame : Volume
        All but the samples: the zeros in their place take no room.
    order : str
        "C" or "F": how the samples lie in the file.
    parts : callable
        Returns an iterator over all samples in the order of the file, in flat pieces.
    """

    path: Path
    name: str
    frame: Volume
    order: Literal["C", "F"]
    parts: Callable[[], Iterator[NDArray[Any]]]

    def copy_into(self, out: NDArray[Any]) -> None:
        """Copy all samples into an array, or a map of a file, whose memory has the same order.

        Raises
        ------
        FileError
            If the file is damaged, or has become shorter.
        """
        flat = (out if self.order == "C" else out.T).reshape(-1)
        place = 0
        try:
            for part in self.parts():
                flat[place : place + len(part)] = part
                place += len(part)
                _maps.release(out)
        except (_checks.FileError, MemoryError):
            raise
        except Exception as error:  # damage is met in every way there is
            raise cannot_be_read(self.path, self.name, error) from error
        if place != out.size:
            raise _checks.FileError(
                f"{self.path}: is truncated: of {out.size} samples {place} are there"
            )


def from_array_file(path: Path, frame: Volume, dtype: np.dtype[Any], begin: int) -> VolumeReader:
    """Return the reader of samples that lie in a file from byte `begin` on."""

    def parts() -> Iterator[NDArray[Any]]:
        left = frame.data.size * dtype.itemsize
        with path.open("rb") as file:
            file.seek(begin)
            while left and (raw := file.read(min(left, SLAB))):
                left -= len(raw)
                yield np.frombuffer(raw, dtype, len(raw) // dtype.itemsize)

    order: Literal["C", "F"] = "C" if frame.origin.in_order else "F"
    return VolumeReader(path, "NumPy", frame, order, parts)


def from_proxy(path: Path, frame: Volume, proxy: Any) -> VolumeReader:
    """Return the reader of samples that nibabel gives by slices; the first axis runs fastest."""

    def parts() -> Iterator[NDArray[Any]]:
        axis = frame.data.ndim - 1
        n = frame.data.shape[axis]
        step = max(1, SLAB * n // (frame.data.size * frame.data.itemsize))
        for start in range(0, n, step):
            slab = proxy[(slice(None),) * axis + (slice(start, min(start + step, n)),)]
            yield np.asarray(slab).reshape(-1, order="F")

    return VolumeReader(path, "NIfTI", frame, "F", parts)
