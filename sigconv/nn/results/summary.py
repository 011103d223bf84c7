"""What a cross-validation found, as plain data for results.json, the table and the report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ... import __version__
from ..data.kinds import Dataset
from ..training import FoldResult, TrainingConfig, Truth, task_of
from . import metrics

Plain = dict[str, Any]


def summarise(
    data: Dataset,
    results: Sequence[FoldResult],
    *,
    model: str,
    split: str,
    config: TrainingConfig,
) -> Plain:
    """Return the scores of the network and of what stands beside it, with their spread.

    Parameters
    ----------
    data : EEGDataset or VolumeDataset
    results : sequence of FoldResult
        All folds and seeds of one `cross_validate`.
    model, split : str
    config : TrainingConfig

    Returns
    -------
    dict
        Plain data for JSON; a score that does not exist is None. `scores` holds for each method
        and score the mean over subjects (over folds where there is one subject), its standard
        error, and the deviations over subjects, folds and seeds; `comparisons` the paired
        tests of the network against each other method.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import EEGDataset, TrainingConfig, cross_validate
    >>> from sigconv.nn.results import summarise
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(30, 2, 128)), np.tile([0, 1], 15)
    >>> data = EEGDataset.from_arrays(X, y, groups=np.repeat([1, 2, 3], 10), fs=128)
    >>> config = TrainingConfig(epochs=1)
    >>> results = [result for result, _ in cross_validate(data, config=config)]
    >>> found = summarise(
    ...     data, results, model="plain_cnn", split="leave-one-subject-out", config=config
    ... )
    >>> found["scores"]["chance"]["accuracy"]["mean"]
    0.5
    """
    methods = list(results[0].probabilities)
    subjects = sorted(
        {str(name) for name in data.groups[np.concatenate([r.test for r in results])]}
    )
    units, cells = _cells(data, results, methods)
    names = sorted(set(units))
    by_unit = {
        method: {
            unit: _weighted(
                [cell for cell, of in zip(cells[method], units, strict=True) if of == unit]
            )
            for unit in names
        }
        for method in methods
    }
    by_class = methods if data.task in metrics.COUNTED else []
    calls = {method: _calls(data, results, method) for method in by_class}
    n = len(data.classes)
    keys = metrics.SCORES[data.task]
    return _without_nan(
        {
            "sigconv": __version__,
            "model": model,
            "split": split,
            "task": data.task,
            "seeds": sorted({result.seed for result in results}),
            "configuration": config.to_dict(),
            **data.facts(),
            "described": data.described(),
            "unit": "subject" if len(subjects) > 1 else "fold",
            "scores": {
                method: {
                    score: _spread(by_unit[method], results, cells[method], score) for score in keys
                }
                for method in methods
            },
            "comparisons": [
                {"against": other, **_compared(by_unit[model], by_unit[other], keys[0])}
                for other in methods
                if other != model
            ],
            "per_subject": {
                unit: {method: by_unit[method][unit] for method in methods} for unit in names
            },
            "per_class": {
                method: dict(
                    zip(data.classes, metrics.per_class(data.task, *calls[method], n), strict=True)
                )
                for method in calls
            },
            "confusion": {
                method: metrics.confusion(data.task, *calls[method], n).tolist() for method in calls
            },
            "folds": [
                {
                    "fold": result.fold,
                    "seed": result.seed,
                    "n_train": len(result.train),
                    "n_test": len(result.test),
                    "best_epoch": result.history.best,
                    "losses": result.history.losses,
                    "validation_losses": result.history.validation_losses,
                    keys[0]: {m: headline(data, result, m) for m in methods},
                    **({"begun": str(result.begun)} if result.begun else {}),
                }
                for result in results
            ],
        }
    )


def headline(data: Dataset, result: FoldResult, method: str) -> float:
    """Return the first score of a method on the test windows of a fold."""
    truth = _truth(data, result)
    found = metrics.scores_of(data.task, truth.y, result.probabilities[method])
    return found[metrics.SCORES[data.task][0]]


def _cells(
    data: Dataset, results: Sequence[FoldResult], methods: Sequence[str]
) -> tuple[list[str], dict[str, list[Plain]]]:
    """Return the scores of each method on each subject's windows in each fold and seed."""
    truths = [_truth(data, result) for result in results]
    by_subject = len(np.unique(np.concatenate([truth.groups for truth in truths]))) > 1
    units: list[str] = []
    cells: dict[str, list[Plain]] = {method: [] for method in methods}
    for number, result in enumerate(results):
        truth = truths[number]
        groups = truth.groups if by_subject else np.full(len(truth.y), result.fold)
        for group in np.unique(groups):
            chosen = groups == group
            units.append(str(group))
            for method in methods:
                y = truth.y[chosen]
                found = metrics.scores_of(data.task, y, result.probabilities[method][chosen])
                cells[method].append({**found, "n": len(y), "result": number})
    return units, cells


def _weighted(cells: Sequence[Plain]) -> dict[str, float]:
    """Average scores over folds and seeds by their numbers of windows, where they exist."""
    weights = np.array([cell["n"] for cell in cells], dtype=np.float64)
    means = {}
    for score in [key for key in cells[0] if key not in ("n", "result")]:
        values = np.array([cell[score] for cell in cells])
        there = ~np.isnan(values)
        means[score] = (
            float(np.average(values[there], weights=weights[there])) if there.any() else math.nan
        )
    return means


def _spread(
    by_unit: dict[str, dict[str, float]],
    results: Sequence[FoldResult],
    cells: Sequence[Plain],
    score: str,
) -> dict[str, float]:
    values = _there([found[score] for found in by_unit.values()])
    over_folds = [
        _weighted([cell for cell in cells if results[cell["result"]].fold == fold])[score]
        for fold in dict.fromkeys(result.fold for result in results)
    ]
    over_seeds = [
        _weighted([cell for cell in cells if results[cell["result"]].seed == seed])[score]
        for seed in dict.fromkeys(result.seed for result in results)
    ]
    return {
        "mean": float(values.mean()) if len(values) else math.nan,
        "standard_error": _deviation(values) / max(1, len(values)) ** 0.5,
        "deviation": _deviation(values),
        "deviation_over_folds": _deviation(_there(over_folds)),
        "deviation_over_seeds": _deviation(_there(over_seeds)),
    }


def _compared(
    ours: dict[str, dict[str, float]], theirs: dict[str, dict[str, float]], score: str
) -> Plain:
    """Return the paired test of a score of two methods over the subjects (or folds)."""
    differences = np.array([ours[u][score] - theirs[u][score] for u in ours])
    known: Plain = {
        "score": score,
        "mean_difference": float(differences.mean()),
        "n": len(differences),
        "test": "Wilcoxon signed-rank, two-sided",
        "p": math.nan,
    }
    if len(differences) > 1 and differences.any():
        known["p"] = float(stats.wilcoxon(differences).pvalue)
    return known


def _calls(
    data: Dataset, results: Sequence[FoldResult], method: str
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the classes of all test windows and what was said of them."""
    y = np.concatenate([_truth(data, r).y for r in results])
    return y, np.concatenate([r.probabilities[method] for r in results])


def _truth(data: Dataset, result: FoldResult) -> Truth:
    return result.truth or task_of(data).truth(result.test)


def _there(values: Sequence[float]) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=np.float64)
    return array[~np.isnan(array)]


def _deviation(values: NDArray[np.float64]) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else 0.0


def _without_nan(plain: Any) -> Any:
    """Return plain data with None for NaN, which JSON does not know."""
    if isinstance(plain, dict):
        return {key: _without_nan(value) for key, value in plain.items()}
    if isinstance(plain, list):
        return [_without_nan(value) for value in plain]
    return None if isinstance(plain, float) and math.isnan(plain) else plain
