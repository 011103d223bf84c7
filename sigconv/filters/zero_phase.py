"""Filtering without delay: extension of the ends, and the pass forward and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks, _memory

#: What is put beyond an end, from the end sample and the samples mirrored there:
#: name -> their factors. SciPy's `filtfilt` defines them so; "none" adds nothing.
PADDINGS = {"odd": (2, -1), "even": (0, 1), "constant": (1, 0), "none": (0, 0)}

#: Rows that go forward and back together hold about this many samples, to bound the memory.
BLOCK = 2**22
#: But no fewer rows than run abreast.
FEWEST = 8

#: Rows that are framed for a kernel at a time hold about this many samples: the copy stays in the
#: cache until it is filtered (64 x 100,000 under 825 taps: 24 ms; 20 rows at a time 27).
FRAMED = 2**19

#: (rows, states, backward=, out=) -> (rows, final states)
Run = Callable[..., tuple[NDArray[Any], NDArray[Any]]]


def pad_length(padding: str, given: int | None, default: int, n: int) -> int:
    """Return by how many samples each end is extended."""
    _checks.one_of("padding", padding, PADDINGS)
    if padding == "none":
        if given:
            raise ValueError(f"pad_length must not be given with padding 'none'; got {given}")
        return 0
    length = default if given is None else _checks.whole("pad_length", given, at_least=0)
    if n <= length:
        raise ValueError(
            f"x must be longer than the padding of {length} samples; got {n} samples along "
            f"its axis (give a smaller pad_length, or padding='none')"
        )
    return length


def ends(
    rows: NDArray[Any], length: int, padding: str, dtype: np.dtype[Any] | None = None
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return what goes before and after (n_rows, n), (n_rows, length < n) each."""
    of_end, of_mirrored = PADDINGS[padding]
    results = []
    for end, mirrored in ((0, slice(length, 0, -1)), (-1, slice(-2, -length - 2, -1))):
        result = np.zeros((len(rows), length), dtype or rows.dtype)
        if length:
            if of_mirrored:  # 0 times an infinity is not 0
                result += rows[:, mirrored]
                result *= of_mirrored
            with np.errstate(invalid="ignore"):  # two infinities: not a number, as it should be
                result += of_end * rows[:, end, np.newaxis].astype(result.dtype)
        results.append(result)
    return results[0], results[1]


def extend(
    rows: NDArray[Any], length: int, padding: str, dtype: np.dtype[Any] | None = None
) -> NDArray[Any]:
    """Return a copy of (n_rows, n) extended by `length` < n samples at both ends."""
    return frame(rows, (length, length), length, padding, dtype)


def frame(
    rows: NDArray[Any],
    widths: tuple[int, int],
    length: int,
    padding: str,
    dtype: np.dtype[Any] | None = None,
) -> NDArray[Any]:
    """Return a copy of (n_rows, n) with `widths` samples more before and after.

    The nearest `length` < n of them are those of the padding, beyond lies silence.
    """
    before, after = widths
    head, tail = ends(rows, min(length, max(widths)), padding, dtype)
    head, tail = head[:, max(head.shape[1] - before, 0) :], tail[:, :after]
    n = before + rows.shape[1]
    framed = np.empty((len(rows), n + after), dtype or rows.dtype)
    framed[:, : before - head.shape[1]] = 0
    framed[:, before - head.shape[1] : before] = head
    framed[:, before:n] = rows
    framed[:, n : n + tail.shape[1]] = tail
    framed[:, n + tail.shape[1] :] = 0
    return framed


def forward_backward(
    rows: NDArray[Any], run: Run, rest: NDArray[Any], length: int, padding: str
) -> NDArray[Any]:
    """Filter forward, then backward, each time from the state of rest at the first value.

    `rest` (1 or n_rows, ...) is the state at rest of every row, or of each.
    """
    out = _memory.empty(rows.shape, rows.dtype)
    wide = np.result_type(rows.dtype, np.float64)  # float32 must not be rounded between the passes
    per_block = max(FEWEST, BLOCK // rows.shape[1])
    for start in range(0, len(rows), per_block):
        own = rest if len(rest) == 1 else rest[start : start + per_block]
        block = extend(rows[start : start + per_block], length, padding, wide)
        for backward in (False, True):
            run(block, at_level(own, block[:, -1 if backward else 0]), backward=backward, out=block)
        out[start : start + per_block] = block[:, length : length + rows.shape[1]]
    return out


def at_level(rest: NDArray[Any], levels: NDArray[Any]) -> NDArray[Any]:
    """Return the states of rest (1 or n_rows, ...) under the constants (n_rows,)."""
    with np.errstate(invalid="ignore"):  # infinities
        return rest * levels.reshape(-1, *[1] * (rest.ndim - 1))
