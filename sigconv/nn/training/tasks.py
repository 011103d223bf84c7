"""What is learned of windows: a class, a value, or a class of each of many places in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from ..data import EEGDataset, Fold, take
from ..data.lazy import Parts
from .baseline import band_power_lda, band_power_ridge, log_mel_lda, log_mel_ridge
from .prediction import predict, predict_proba
from .riemann import filter_bank_mdm, tangent_space

#: Name -> fs -> an untrained classifier (or regression) of scikit-learn's kind.
BASELINES: dict[str, Callable[[float], Any]] = {
    "band power + LDA": band_power_lda,
    "log-mel + LDA": log_mel_lda,
    "band power + ridge": band_power_ridge,
    "log-mel + ridge": log_mel_ridge,
    "tangent space": tangent_space,
    "filter bank + MDM": filter_bank_mdm,
}
#: Those that need the extra `riemann`.
_RIEMANNIAN = ("tangent space", "filter bank + MDM")
#: Shorter places (in seconds) have no band power.
_SHORTEST = 0.5


def baselines_for(data: EEGDataset, *, riemann: bool = False) -> list[str]:
    """Return the classical methods that a network stands beside: sounds have pitches, not rhythms.

    `riemann` adds those of the extra. Single samples have none.
    """
    features = "log-mel" if data.kind == "audio" else "band power"
    if data.task == "regress":
        return [f"{features} + ridge"]
    if data.task == "sequence" and data.place < _SHORTEST:
        return []
    return [f"{features} + LDA", *(_RIEMANNIAN if riemann else ())]


def guess_for(data: EEGDataset) -> str:
    """Return what the method is called that looks at no window."""
    return "mean" if data.task == "regress" else "chance"


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


def guess(data: EEGDataset, part: Fold, truth: Truth) -> NDArray[np.float64]:
    """Return what says the same of everything: the commonest class, or the mean."""
    y = data.y[part.train]
    if data.task == "regress":
        return np.full((len(truth.y), 1), y.mean())
    probabilities = np.zeros((len(truth.y), len(data.classes)))
    probabilities[:, np.bincount(y[y >= 0]).argmax()] = 1
    return probabilities


def classical(baseline: Any, data: EEGDataset, part: Fold, truth: Truth) -> NDArray[np.float64]:
    """Fit a baseline to a fold's training windows; return what it says of the test windows."""
    # baselines get the windows as they are: a classical pipeline knows amplitudes
    X_train, X_test, y = take(data.X, part.train), take(data.X, part.test), data.y[part.train]
    if data.task == "regress":
        return baseline.fit(X_train, y).predict(X_test).reshape(-1, 1)
    if data.task == "sequence":
        known = np.flatnonzero(y.ravel() >= 0)
        n = y.shape[1]
        X_train, X_test = take(Parts(X_train, n), known), Parts(X_test, n)
        y = y.ravel()[known]
    baseline.fit(X_train, y)
    said = np.zeros((len(X_test), len(data.classes)))
    said[:, baseline.classes_] = baseline.predict_proba(X_test)
    return truth.mean(said)


def scale_of(data: EEGDataset, part: Fold) -> tuple[float, float]:
    """Return mean and deviation of the values of a fold's training windows."""
    if data.task != "regress":
        return 0.0, 1.0
    y = data.y[part.train]
    return float(y.mean()), float(y.std()) or 1.0


def said_by(
    network: nn.Module,
    data: EEGDataset,
    rows: NDArray[np.intp],
    truth: Truth,
    *,
    crop: tuple[int, int] | None,
    scale: tuple[float, float],
) -> NDArray[np.float64]:
    """Return what a network says of some windows, a line for each of `truth`."""
    X = take(data.X, rows)
    if data.task == "regress":
        return predict(network, X, prepare=data.prepare, crop=crop) * scale[1] + scale[0]
    if data.task == "classify":
        return predict_proba(network, X, prepare=data.prepare, crop=crop)
    said = predict_proba(network, X, prepare=data.prepare, places=data.y.shape[1])
    return truth.mean(said.transpose(0, 2, 1).reshape(-1, said.shape[1]))
