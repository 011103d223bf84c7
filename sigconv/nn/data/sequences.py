"""Windows with a label for each of their places: epochs of a night, or single samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from ...recording import Annotation
from .labels import is_bad

#: Labels one after the other, as (text, how many); "" where nothing is known.
Runs = tuple[tuple[str, int], ...]


def labels_of_samples(
    marks: Sequence[Annotation],
    classes: Mapping[str, str],
    fs: float,
    n_times: int,
    elsewhere: str | None,
) -> tuple[list[str], NDArray[np.int64]]:
    """Return names, and the index of each sample's among them; -1 where there is none.

    Later annotations cover earlier ones; what is marked as bad has no label.
    """
    names = [] if elsewhere is None else [elsewhere]
    found = np.full(n_times, len(names) - 1)
    for mark in sorted(marks, key=lambda mark: is_bad(mark.text)):
        stretch = slice(
            max(0, round(mark.onset * fs)), max(0, round((mark.onset + mark.duration) * fs))
        )
        if is_bad(mark.text):
            found[stretch] = -1
        elif not classes or mark.text in classes:
            name = classes.get(mark.text, mark.text)
            if name not in names:
                names.append(name)
            found[stretch] = names.index(name)
    return names, found


def labels_of_places(found: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return the label that half of the samples of each place have at least; -1 if none has.

    Parameters
    ----------
    found : array, shape (n_places * n,)
    n : int
        Samples of a place.
    """
    places = found.reshape(-1, n)
    labels = np.full(len(places), -1)
    for name in np.unique(found[found >= 0]):
        labels[2 * (places == name).sum(axis=1) >= n] = name
    return labels


def starts_of_windows(n_places: int, length: int, overlap: float) -> list[int]:
    """Return the first places of windows; the last one ends with the last place."""
    if n_places < length:
        return []
    step = max(1, round(length * (1 - overlap)))
    starts = list(range(0, n_places - length + 1, step))
    if starts[-1] != n_places - length:
        starts.append(n_places - length)
    return starts


def runs(names: Sequence[str], labels: NDArray[np.int64]) -> Runs:
    """Return labels as runs, which are far fewer."""
    return tuple(
        (names[index] if index >= 0 else "", len(list(same)))
        for index, same in groupby(labels.tolist())
    )


def indices(classes: Sequence[str], of_windows: Sequence[Runs]) -> NDArray[np.int64]:
    """Return class indices of the places of windows, shape (n_windows, n_places)."""
    places = {name: i for i, name in enumerate(classes)} | {"": -1}
    return np.array(
        [np.repeat([places[name] for name, _ in each], [n for _, n in each]) for each in of_windows]
    )


def texts(of_windows: Sequence[Runs]) -> Iterator[str]:
    """Yield the labels that stand in windows."""
    for each in of_windows:
        yield from (name for name, _ in each if name)
