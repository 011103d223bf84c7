"""Arrays that lie in files: memory maps, and objects that read or write a slice at a time."""

from __future__ import annotations

import mmap
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
