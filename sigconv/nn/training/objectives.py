"""What `fit` knows of a task: which targets it takes and what it makes small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from . import losses, trials
from .config import TASKS, TrainingConfig


@dataclass(frozen=True)
class Objective:
    """What is learned of trials.

    Parameters
    ----------
    targets : callable
        (y, number of trials) -> the targets, checked.
    loss : callable
        (targets, configuration, a parameter of the network) -> their loss.
    by_class : bool
        Whether a trial has one class, whose share a validation part keeps.
    crops : bool
        Whether the crops of a trial have its target.
    """

    targets: Callable[[Any, int], NDArray[Any]]
    loss: Callable[[NDArray[np.generic], TrainingConfig, Tensor], losses.Loss]
    by_class: bool = False
    crops: bool = True


_OF_TASKS = (
    Objective(trials.labels, losses.CrossEntropy.of, by_class=True),
    Objective(trials.values, losses.SquaredError.of),
    Objective(trials.labels_of_places, losses.CrossEntropy.of, crops=False),
    Objective(trials.labels_of_places, losses.CrossEntropyAndOverlap.of, crops=False),
)
OBJECTIVES = dict(zip(TASKS, _OF_TASKS, strict=True))
