"""Memory of large results: aligned for vectors, and used again once nobody holds it.

The C library lays large blocks 16 bytes behind where a vector can lie, so that every vector
stored lies in two cache lines. Blocks of more than 32 MB it gives back to the system as soon as
they are free, and for the next one the system clears as many pages: of 64 signals of 100,000
samples (51 MB) that takes 4 ms, where four sections are through in 6. So a little of what was given
back is kept here.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

#: Bytes from which on memory comes from here: an array of it costs 5 us more than one of NumPy's.
LEAST = 3 << 20

#: Bytes that are kept at most while nobody uses them: convolving ten million doubles (80 MB) with
#: three taps takes 11 ms in fresh pages and 4 in others.
MOST_KEPT = 1 << 27

#: Results begin where a vector can lie.
ALIGNMENT = 64

#: What is kept, by address, the latest last. Its single operations need no lock, which a collection
#: of garbage in their midst would wait for for ever.
_kept: dict[int, NDArray[np.uint8]] = {}


def empty(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Return a new array of undefined values, as `numpy.empty`."""
    kind = np.dtype(dtype)
    size = math.prod(shape) * kind.itemsize
    if size < LEAST:
        return np.empty(shape, kind)
    return np.asarray(_Block(_taken(size + ALIGNMENT), shape, kind))


class _Block:
    """What NumPy asks an object for that lends its memory to an array."""

    def __init__(
        self, memory: NDArray[np.uint8], shape: tuple[int, ...], dtype: np.dtype[Any]
    ) -> None:
        self._memory, self._address = memory, memory.ctypes.data
        address = -(-self._address // ALIGNMENT) * ALIGNMENT
        self.__array_interface__ = {
            "version": 3,
            "data": (address, False),
            "shape": shape,
            "typestr": dtype.str,
        }

    def __del__(self) -> None:
        """Keep the memory: the array and all of its views are gone."""
        memory = self._memory
        if memory.nbytes <= MOST_KEPT:
            _kept[self._address] = memory  # NumPy cannot tell it any more when Python ends
            _drop(MOST_KEPT)


def _taken(size: int) -> NDArray[np.uint8]:
    """Return so many bytes or a little more, of those kept if there are any that fit."""
    for address, memory in reversed(_kept.copy().items()):
        if size <= memory.nbytes <= size + size // 4:
            found = _kept.pop(address, None)
            if found is not None:  # else another thread was quicker
                return found
    return np.empty(size, np.uint8)


def _drop(most: int) -> None:
    """Give the oldest back to the system until no more than `most` bytes are kept."""
    for address in _kept.copy():
        if sum(each.nbytes for each in _kept.copy().values()) <= most:
            return
        _kept.pop(address, None)
