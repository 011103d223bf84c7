"""Arrays that lie in files: memory maps, and objects that read or write a slice at a time."""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def is_reader(x: Any) -> bool:
    """Return whether `x` is no array but read slice by slice, as datasets of h5py or zarr are.

    Tables (`iloc`) are not: a slice of theirs goes by labels.
    """
    return (
        not isinstance(x, np.ndarray | np.generic)
        and isinstance(getattr(x, "dtype", None), np.dtype)
        and isinstance(getattr(x, "shape", None), tuple)
        and hasattr(x, "__getitem__")
        and not hasattr(x, "iloc")
    )


def is_writer(out: Any) -> bool:
    """Return whether `out` is no array but written slice by slice."""
    return is_reader(out) and hasattr(out, "__setitem__")


def map_below(array: Any) -> np.memmap[Any, Any] | None:
    """Return the mapped file that an array is a view of, if it is one."""
    base: Any = array
    while isinstance(base, np.ndarray):
        if isinstance(base, np.memmap) and isinstance(base.base, mmap.mmap):
            return base
        base = base.base
    return None


def release(array: Any) -> None:
    """Let the system take back the memory in which it holds a mapped file's pages.

    They stay in its cache, and what was written to them is written to the file. A private map
    (mode "c") is left alone: its changes are nowhere else.
    """
    below = map_below(array)
    if below is not None and below.mode != "c" and hasattr(mmap, "MADV_DONTNEED"):
        pages: Any = below.base
        pages.madvise(mmap.MADV_DONTNEED)


#: Bytes that follow each other from which on they are worth a call of the system.
RUN = 1 << 14


def open_below(array: Any) -> int | None:
    """Return a descriptor of the file that an array is mapped from, to write by; None if unsure.

    The system must tell that the name still is that file's, and that changes are meant for it.
    """
    below = map_below(array)
    if below is None or below.mode not in ("r+", "w+") or below.filename is None:
        return None
    try:
        descriptor = os.open(below.filename, os.O_RDWR)
    except OSError:
        return None
    found = os.fstat(descriptor)
    if (found.st_dev, found.st_ino) == _mapped_file(below):
        return descriptor
    os.close(descriptor)
    return None


def _mapped_file(below: np.memmap[Any, Any]) -> tuple[int, int] | None:
    """Return device and inode of a mapped file, where the system lists them."""
    address, _ = below.__array_interface__["data"]
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        span, _, _, device, inode = line.split(maxsplit=5)[:5]
        low, high = (int(end, 16) for end in span.split("-"))
        if low <= address < high:
            major, minor = (int(part, 16) for part in device.split(":"))
            return os.makedev(major, minor), int(inode)
    return None


def write_below(array: NDArray[Any], values: NDArray[Any], descriptor: int) -> bool:
    """Write values of an array's type to where it is mapped from; False if in too small runs.

    The map shows them at once. Through the map itself a new file of half a gigabyte took four times
    as long: there the system reserves room for each page by itself. And a full disk is an error
    here, where it would end the program there.
    """
    below = map_below(array)
    assert below is not None
    axes, run = array.ndim, array.itemsize
    while axes and array.strides[axes - 1] == run:
        axes -= 1
        run *= array.shape[axes]
    if run < RUN:
        return False
    begin = array.ctypes.data - below.ctypes.data + below.offset
    values = np.ascontiguousarray(values)
    for place in np.ndindex(array.shape[:axes]):
        at = begin + sum(i * step for i, step in zip(place, array.strides, strict=False))
        left = values[place].reshape(-1).view(np.uint8).data
        while left:
            written = os.pwrite(descriptor, left, at)
            left, at = left[written:], at + written
    return True


def overlap(x: NDArray[Any], out: NDArray[Any]) -> bool:
    """Return whether two arrays may share bytes, of memory or of one file mapped twice."""
    if np.may_share_memory(x, out):
        return True
    x_map, out_map = map_below(x), map_below(out)
    if x_map is None or out_map is None or x_map is out_map:
        return False
    if x_map.filename is None or out_map.filename is None:
        return True  # nobody can tell
    try:
        if not Path(x_map.filename).samefile(out_map.filename):
            return False
    except OSError:  # a file that was removed or renamed since
        return True
    (low, high), (other_low, other_high) = _bytes_in_file(x, x_map), _bytes_in_file(out, out_map)
    return low < other_high and other_low < high


def _bytes_in_file(array: NDArray[Any], whole: np.memmap[Any, Any]) -> tuple[int, int]:
    low, high = np.lib.array_utils.byte_bounds(array)
    shift = whole.offset - np.lib.array_utils.byte_bounds(whole)[0]
    return low + shift, high + shift
