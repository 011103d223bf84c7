"""Axes to contiguous rows and back, what lies beyond the ends, and the one place with threads."""

from __future__ import annotations

import itertools
import math
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from . import _checks

#: Every accepted name of a boundary and numpy.pad's name for it.
BOUNDARIES = {
    "zero": "constant",
    "constant": "constant",
    "edge": "edge",
    "reflect": "reflect",
    "symmetric": "symmetric",
    "wrap": "wrap",
    "nearest": "edge",
    "mirror": "reflect",
    "periodic": "wrap",
}

T = TypeVar("T")

NAN_POLICIES = ("propagate", "omit", "interpolate", "raise")


def to_rows(x: NDArray[Any], axes: Sequence[int]) -> tuple[NDArray[Any], tuple[int, ...]]:
    """Bring `axes` to the end and join all others into one leading axis.

    Returns the C-contiguous array of shape (rows, *core) and the shape of the joined axes,
    which `from_rows` needs. The data is copied only where it does not lie that way already.
    """
    moved = x if are_last(axes, x.ndim) else np.moveaxis(x, axes, range(-len(axes), 0))
    batch = moved.shape[: moved.ndim - len(axes)]
    core = moved.shape[moved.ndim - len(axes) :]
    if moved.flags.c_contiguous:
        laid = np.ascontiguousarray(moved)  # of maps the plain array
    else:
        laid = np.empty(moved.shape, moved.dtype)
        copy(laid, moved)
    return laid.reshape(math.prod(batch), *core), batch


def from_rows(
    rows: NDArray[Any], batch: tuple[int, ...], axes: Sequence[int], out: NDArray[Any] | None = None
) -> NDArray[Any]:
    """Undo `to_rows`; the core axes may have changed their lengths."""
    shaped = rows.reshape(batch + rows.shape[1:])
    result = shaped
    if not are_last(axes, shaped.ndim):
        result = np.moveaxis(shaped, range(-len(axes), 0), axes)
    if out is None:
        return result
    copy(out, result)
    return out


#: Samples, and lines to either side, from which on a compiled loop turns them: of 64 x 32,768 in
#: half to a quarter of NumPy's time. Fewer lines would not fill vectors.
WORTH_TURNING, FEWEST_TURNED = 1 << 16, 16


def copy(target: NDArray[Any], source: NDArray[Any]) -> None:
    """Copy an array into another of its shape, in whatever order their axes lie in memory.

    Where time lies across in one of them, NumPy fetches a line of the cache for every sample.
    """
    if not _is_turned(target, source):
        target[...] = source
        return
    from ._turn_jit import turn

    for place in np.ndindex(target.shape[:-2]):
        to, given = target[place], source[place]
        if given.strides[-1] == given.itemsize:
            turn(*_lines(given), *_lines(to.T), *given.shape)
        else:
            turn(*_lines(given.T), *_lines(to), *given.T.shape)


def _is_turned(target: NDArray[Any], source: NDArray[Any]) -> bool:
    """Return whether the last two axes lie the other way round, as the compiled loop takes them."""
    if (
        target.shape != source.shape
        or target.ndim < 2
        or target.size < WORTH_TURNING
        or min(target.shape[-2:]) < FEWEST_TURNED
        or not target.dtype == source.dtype in (np.float32, np.float64)
        or np.may_share_memory(target, source)
    ):
        return False
    size = target.itemsize
    steps = [each.strides[-2:] for each in (target, source)]
    others = [max(pair) for pair in steps]
    return {pair.index(min(pair)) for pair in steps} == {0, 1} and all(
        min(pair) == size and other % size == 0 for pair, other in zip(steps, others, strict=True)
    )


def _lines(rows: NDArray[Any]) -> tuple[NDArray[Any], int]:
    """Return the samples of rows (n_rows, n), flat, and how far the rows lie apart."""
    step = rows.strides[0] // rows.itemsize
    span = (len(rows) - 1) * step + rows.shape[1]
    return np.lib.stride_tricks.as_strided(rows, (span,), (rows.itemsize,)), step


def are_last(axes: Sequence[int], ndim: int) -> bool:
    return tuple(axes) == tuple(range(ndim - len(axes), ndim))


def boundary_names(boundary: str | Sequence[str], n_axes: int) -> tuple[str, ...]:
    """Return numpy.pad's name of the boundary for each axis."""
    given = (boundary,) * n_axes if isinstance(boundary, str) else tuple(boundary)
    if len(given) != n_axes:
        raise ValueError(f"boundary must be one name or one per axis ({n_axes}); got {list(given)}")
    return tuple(BOUNDARIES[_checks.one_of("boundary", name, BOUNDARIES)] for name in given)


def extend(
    rows: NDArray[Any],
    widths: Sequence[tuple[int, int]],
    boundaries: Sequence[str],
    cval: float | complex = 0.0,
) -> NDArray[Any]:
    """Extend the core axes of (rows, *core) by `widths` = ((before, after), ...).

    `boundaries` are numpy.pad's names, one per core axis, applied in the order of the axes.
    """
    for axis, (width, boundary) in enumerate(zip(widths, boundaries, strict=True), start=1):
        if width == (0, 0):
            continue
        pads = [(0, 0)] * rows.ndim
        pads[axis] = width
        if boundary == "constant":
            rows = np.pad(rows, pads, mode="constant", constant_values=cval)
        else:
            rows = np.pad(rows, pads, mode=boundary)  # type: ignore[call-overload]
    return rows


def sources(index: NDArray[np.intp], n: int, boundary: str) -> NDArray[np.intp]:
    """Return which of n samples stands at each place of `index`, which may lie beyond the ends.

    `boundary` is numpy.pad's name of any but "constant".
    """
    if boundary == "edge":
        return index.clip(0, n - 1)
    if boundary == "wrap":
        return index % n
    folds = {"reflect": max(1, 2 * n - 2), "symmetric": 2 * n}[boundary]  # to and fro
    index = index % folds
    return np.where(index < n, index, folds - index - (boundary == "symmetric"))


_pool: ThreadPoolExecutor | None = None
_pool_lock = threading.Lock()
_inside_pool = threading.local()


def _forget_pool() -> None:
    # Threads do not survive a fork; a child that inherited the pool would wait for ever.
    global _pool
    _pool = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pool)


def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def thread_count(workers: int | None) -> int:
    """Return the number of threads that `workers` stands for (None: all cores)."""
    return available_cores() if workers is None else _checks.whole("workers", workers)


def split_over_threads(
    function: Callable[[int, int], T], n_items: int, workers: int | None
) -> list[T]:
    """Call `function(start, stop)` on parts that cover range(n_items), one part a thread.

    Returns what the parts returned, in order. The parts depend on the number of threads, so
    `function` must give each item the same answer whatever its neighbours. With one thread, or
    inside another split, the caller's own thread does all of it.
    """
    global _pool
    n_threads = 1 if workers == 1 else min(thread_count(workers), n_items)
    if n_threads <= 1 or getattr(_inside_pool, "active", False):
        return [function(0, n_items)]
    with _pool_lock:
        if _pool is None:
            _pool = ThreadPoolExecutor(
                max_workers=max(available_cores(), n_threads),
                thread_name_prefix="sigconv",
                initializer=lambda: setattr(_inside_pool, "active", True),
            )
    edges = [n_items * i // n_threads for i in range(n_threads + 1)]
    pending = [_pool.submit(function, a, b) for a, b in itertools.pairwise(edges[1:])]
    try:
        first = function(edges[0], edges[1])  # the caller works too
    finally:
        wait(pending)  # nobody may still be writing when an error leaves this function
    return [first, *[part.result() for part in pending]]
