"""What is known of the things that a network is judged on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...data import EEGDataset


@dataclass(frozen=True, eq=False)
class Truth:
    """What is known of some windows, one line for each thing that is judged.

    Parameters
    ----------
    y, groups : array, shape (n,)
    found : array of int, shape (n_places,)
        To which line each place of the windows belongs; -1 where nothing is known. Places of
        windows that overlap are judged once.
    rows : array of int, shape (n,)
        A window of the data set that each line is of.
    """

    y: NDArray[Any]
    groups: NDArray[np.str_]
    found: NDArray[np.intp]
    rows: NDArray[np.intp]

    @classmethod
    def of(cls, data: EEGDataset, rows: NDArray[np.intp]) -> Truth:
        """Look up the truth about some windows."""
        if data.task != "sequence":
            return cls(data.y[rows], data.groups[rows], np.arange(len(rows)), rows)
        moments = np.round(data.starts[rows, None] * data.fs) + np.round(
            np.arange(data.y.shape[1]) * data.place * data.fs
        )
        _, files = np.unique(data.files[rows], return_inverse=True)
        if not data.files[rows].all():  # arrays: each window is from somewhere else
            files = np.arange(len(rows))
        known = (data.y[rows] >= 0).ravel()
        where = np.stack([np.repeat(files, data.y.shape[1]), moments.ravel()])
        _, first, line = np.unique(where[:, known], axis=1, return_index=True, return_inverse=True)
        found = np.full(known.size, -1)
        found[known] = line.ravel()
        chosen = np.flatnonzero(known)[first]
        whose = np.repeat(rows, data.y.shape[1])[chosen]
        return cls(data.y[rows].ravel()[chosen], data.groups[whose], found, whose)

    def mean(self, said: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what was said of each line, from what was said of all places (n_places, ...)."""
        known = self.found >= 0
        total = np.zeros((len(self.y), *said.shape[1:]))
        np.add.at(total, self.found[known], said[known])
        counts = np.bincount(self.found[known], minlength=len(self.y))
        return total / counts[:, None]
