"""Parts of the time of recordings: what is trained on and what is tested share no sample."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .dataset import EEGDataset
    from .kinds import Dataset

Indices = NDArray[np.intp]


def in_groups(
    data: EEGDataset, parts: int, split: str
) -> Iterator[tuple[str, Indices, Indices, NDArray[np.str_]]]:
    """Yield a name, training and test windows, and the stretch that each training window is of."""
    if not data.files.all():
        raise ValueError(f"split {split!r} needs windows of files; arrays say no times")
    starts, length, half = data.seconds()
    for group in np.unique(data.groups):
        rows = np.flatnonzero(data.groups == group)
        block = np.full(len(rows), -1)  # of windows that reach into the next block
        tested = np.zeros((parts, len(rows), 2))  # where each block of a window's file lies
        for name in np.unique(data.files[rows]):
            mine = np.flatnonzero(data.files[rows] == name)
            mine = mine[np.argsort(starts[rows[mine]], kind="stable")]
            hint = "fewer parts, or windows that overlap"
            require(split, f"windows of {str(name)!r}", len(mine), parts, hint)
            begins = starts[rows[mine]]
            chunks = np.array_split(np.arange(len(mine)), parts)
            edges = [*(begins[chunk[0]] for chunk in chunks), np.inf]
            for number, chunk in enumerate(chunks):
                inside = chunk[begins[chunk] + length < edges[number + 1] + half]
                block[mine[inside]] = number
                ends = begins[inside] + length
                tested[number, mine] = edges[number], ends.max(initial=edges[number])
        begins = starts[rows]
        for number in range(parts):
            first, last = tested[number].T
            # a window's length from the test: what filters and neighbours carry over is less
            away = (begins + 2 * length < first + half) | (begins > last + length - half)
            train = np.flatnonzero((block >= 0) & away)
            test = np.flatnonzero(block == number)
            stretches = np.char.add(
                np.char.add(data.files[rows[train]], "#"), block[train].astype(str)
            )
            yield f"{group}/block{number + 1}", rows[train], rows[test], stretches


def overlapping(data: Dataset, train: Indices, test: Indices) -> NDArray[np.bool_]:
    """Return which test windows share a sample with a training window."""
    starts, length, half = data.seconds()
    found = np.zeros(len(test), bool)
    for name in np.unique(data.files[test]):
        mine = data.files[test] == name
        known = np.sort(starts[train[data.files[train] == name]])
        begins = starts[test[mine]]
        before = np.searchsorted(known, begins - length + half, side="right")
        found[mine] = before < np.searchsorted(known, begins + length - half, side="left")
    return found


def require(split: str, what: str, there: int, needed: int, hint: str) -> None:
    """Raise ValueError where a split has fewer of something than it needs."""
    if there < needed:
        raise ValueError(
            f"split {split!r} needs at least {needed} {what}; the data has {there} ({hint})"
        )
