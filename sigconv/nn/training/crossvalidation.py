"""A network judged on trials it never saw, beside chance and a baseline on the same folds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import nn

from ..data import EEGDataset, Fold, folds, standardise
from ..models import build_model
from .baseline import band_power_lda
from .config import TrainingConfig
from .fit import fit, seeded
from .history import Epoch
from .prediction import evaluate


@dataclass(frozen=True)
class FoldResult:
    """One fold: who was held out, and the accuracies on those trials."""

    fold: str
    n_train: int
    n_test: int
    accuracy: float
    baseline: float
    chance: float


def cross_validate(
    data: EEGDataset,
    *,
    model: str = "plain_cnn",
    options: Mapping[str, Any] | None = None,
    split: str = "leave-one-subject-out",
    config: TrainingConfig | None = None,
    on_epoch: Callable[[str, Epoch], None] | None = None,
) -> Iterator[tuple[FoldResult, nn.Module]]:
    """Train a new network for every fold and judge it once on the fold's held-out trials.

    Parameters
    ----------
    data : EEGDataset
    model : str
        A name for `build_model`.
    options : mapping, optional
        Options of the network.
    split : str
        As in `sigconv.nn.data.folds`.
    config : TrainingConfig, optional
    on_epoch : callable, optional
        Called with the name of the fold and each `Epoch`.

    Yields
    ------
    (FoldResult, torch.nn.Module)
        As each fold ends, so that nothing is lost when a later one fails.

    Notes
    -----
    The settings are given before the first fold and the test trials are used once, after the
    last epoch: there is no stopping early and no best epoch to pick. `chance` is the accuracy of
    naming the class that is commonest in the training trials.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import EEGDataset, TrainingConfig
    >>> from sigconv.nn.training import cross_validate
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(30, 2, 128)), np.tile([0, 1], 15)
    >>> data = EEGDataset.from_arrays(X, y, groups=np.repeat([1, 2, 3], 10), fs=128)
    >>> results = [r for r, _ in cross_validate(data, config=TrainingConfig(epochs=1))]
    >>> [(r.fold, r.n_train, r.n_test) for r in results]
    [('1', 20, 10), ('2', 20, 10), ('3', 20, 10)]
    """
    config = config or TrainingConfig()
    parts = list(folds(split, data.groups))
    for part in parts:
        _require_classes(data, part)
    standardised = standardise(data.X)
    for part in parts:
        network = seeded(
            config.seed,
            lambda: build_model(
                model,
                in_channels=data.X.shape[1],
                num_classes=len(data.classes),
                n_times=data.X.shape[2],
                **(options or {}),
            ),
        )
        y_train, y_test = data.y[part.train], data.y[part.test]

        def report(epoch: Epoch, name: str = part.name) -> None:
            if on_epoch is not None:
                on_epoch(name, epoch)

        fit(network, standardised[part.train], y_train, config, on_epoch=report)
        scores = evaluate(network, standardised[part.test], y_test)
        # the baseline gets the windows as they are: a classical pipeline knows amplitudes
        baseline = band_power_lda(data.fs).fit(data.X[part.train], y_train)
        commonest = np.bincount(y_train).argmax()
        result = FoldResult(
            fold=part.name,
            n_train=len(part.train),
            n_test=len(part.test),
            accuracy=scores.accuracy,
            baseline=float(baseline.score(data.X[part.test], y_test)),
            chance=float((y_test == commonest).mean()),
        )
        yield result, network


def _require_classes(data: EEGDataset, fold: Fold) -> None:
    missing = np.setdiff1d(np.arange(len(data.classes)), data.y[fold.train])
    if missing.size:
        raise ValueError(
            f"the training trials of fold {fold.name!r} must hold every class; "
            f"{data.classes[missing[0]]!r} stands only in its test trials"
        )
