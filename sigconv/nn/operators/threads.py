"""Compiled loops on torch's own threads.

OpenMP's threads go on looking for work for milliseconds after each of torch's parallel loops. A
second pool beside them gets half of their cores meanwhile; so what runs between torch's own
operations asks torch's OpenMP for its threads, as many as `torch.set_num_threads` allows.
"""

from __future__ import annotations

import ctypes
import functools
import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from ... import _layout

_PART = ctypes.CFUNCTYPE(None, ctypes.c_void_p)

#: The library that holds torch's loops, by platform; what it was linked with is found through it.
_LIBRARIES = {"linux": "libtorch_cpu.so", "darwin": "libtorch_cpu.dylib"}


@functools.cache
def _openmp() -> Callable[..., Any] | None:
    """Return OpenMP's call that runs a function once in each thread; None where there is none."""
    if not torch.backends.openmp.is_available() or sys.platform not in _LIBRARIES:
        return None
    try:
        path = Path(torch.__file__).parent / "lib" / _LIBRARIES[sys.platform]
        parallel = ctypes.CDLL(str(path)).GOMP_parallel
    except (OSError, AttributeError):
        return None
    parallel.argtypes = _PART, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint
    parallel.restype = None
    return parallel


def split_over_threads(function: Callable[[int, int], None], n_items: int) -> None:
    """Call `function(start, stop)` on parts that cover range(n_items), one part a thread.

    `function` must give each item the same answer whatever its neighbours. Where torch has no
    OpenMP to be found, the package's own pool does the work.
    """
    n_parts = min(torch.get_num_threads(), n_items)
    if n_parts <= 1:
        function(0, n_items)
        return
    parallel = _openmp()
    if parallel is None:
        _layout.split_over_threads(function, n_items, n_parts)
        return
    edges = [n_items * i // n_parts for i in range(n_parts + 1)]
    numbers = itertools.count()
    errors: list[BaseException] = []

    def part(_: Any) -> None:
        # fewer threads may come than were asked for, so each takes parts until none are left
        while (i := next(numbers)) < n_parts:
            try:
                function(edges[i], edges[i + 1])
            except BaseException as error:  # must not leave through C
                errors.append(error)

    parallel(_PART(part), None, n_parts, 0)
    if errors:
        raise errors[0]
