"""Where signals lie between two steps that memory does not hold: maps of files in a folder."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Room:
    """Maps of files in a folder, which takes them away."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._count = folder, 0

    def array(
        self,
        shape: tuple[int, ...],
        dtype: DTypeLike = np.float64,
        order: Literal["C", "F"] = "C",
    ) -> NDArray[Any]:
        """Return an array in a new file."""
        self._count += 1
        path = self._folder / f"{self._count}.samples"
        size = math.prod(shape) * np.dtype(dtype).itemsize
        with path.open("wb+") as file:
            # a disk that is full must say so here: with a map it would end the process
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                file.truncate(size)
        return np.memmap(path, dtype, "r+", shape=shape, order=order)

    def drop(self, array: Any) -> None:
        """Give the space of an array back once nobody holds it."""
        name = getattr(array, "filename", None)
        if name is not None:
            Path(name).unlink(missing_ok=True)
