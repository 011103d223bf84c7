"""The part of the training trials on which early stopping looks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import GroupShuffleSplit, StratifiedGroupKFold

from .config import TrainingConfig
from .objectives import OBJECTIVES

Indices = NDArray[np.intp]


def hold_back(
    y: NDArray[Any], groups: ArrayLike | None, config: TrainingConfig
) -> tuple[Indices, Indices]:
    """Return the trials to train on and those to validate on (none without `patience`).

    Groups stay whole; classes keep their shares as far as groups let them.
    """
    n = len(y)
    if config.patience is None:
        return np.arange(n), np.arange(0)
    by_class = OBJECTIVES[config.task].by_class
    units = np.arange(n) if groups is None else np.asarray(groups)
    if units.shape != (n,):
        raise ValueError(f"groups must hold one for each of {n} trials; got {units.shape}")
    n_units = len(np.unique(units))
    if n_units < 2:
        raise ValueError(
            "groups must be two at least, to stop early on one that is not trained on; got one"
        )
    if by_class:
        # one of k parts: the share rounded to 1/k, with as many parts as the data lets us have
        _, counts = np.unique(y, return_counts=True)
        parts = max(2, min(round(1 / config.validation), n_units, counts.min()))
        if counts.min() < 2:
            raise ValueError(
                "y must hold each class twice at least, to stop early on trials that are not "
                "trained on; got a class with one trial"
            )
        splitter = StratifiedGroupKFold(parts, shuffle=True, random_state=config.seed)
    else:
        splitter = GroupShuffleSplit(1, test_size=config.validation, random_state=config.seed)
    training, validation = next(splitter.split(np.zeros(n), y, units))
    if by_class:
        missing = np.setdiff1d(y, y[training])
        if missing.size:
            raise ValueError(
                f"groups must leave every class to the training part; class {missing[0]} stands "
                "only in groups that were held back for early stopping"
            )
    return training, validation
