"""Numbers that say how good calls are, of scikit-learn's."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics

#: The scores of a method by task, in the order of tables; the first is what tests compare.
SCORES = {
    "classify": ("accuracy", "balanced_accuracy", "kappa", "f1", "auc"),
    "sequence": ("accuracy", "balanced_accuracy", "kappa", "f1", "auc"),
    "regress": ("mae", "rmse", "r2", "correlation"),
    "segment": ("dice", "iou", "accuracy", "kappa"),
}
#: What a confusion matrix counts.
COUNTED = {"classify": "windows", "sequence": "windows", "segment": "voxels"}


def scores_of(task: str, y: NDArray[np.generic], said: NDArray[np.float64]) -> dict[str, float]:
    """Return the scores of what was said of some windows (or volumes), those of its task."""
    if task == "regress":
        return errors(y, said[:, 0])
    return overlaps(said) if task == "segment" else scores(y, said)


def overlaps(counts: NDArray[np.float64]) -> dict[str, float]:
    """Return how well volumes are segmented, each counting as much.

    Parameters
    ----------
    counts : array, shape (n_volumes, n_classes, n_classes)
        How many voxels of each class were called what.

    Returns
    -------
    dict of str to float
        Dice and intersection over union, means over the classes but the first, the background;
        the share of voxels called right, and Cohen's kappa of them. NaN where a volume has
        nothing but background and nothing else was called.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn.results.metrics import overlaps
    >>> round(overlaps(np.array([[[90.0, 2.0], [2.0, 6.0]]]))["dice"], 3)
    0.75
    """
    shares = counts / counts.sum(axis=(1, 2), keepdims=True)
    right = np.trace(shares, axis1=1, axis2=2)
    by_luck = (shares.sum(axis=1) * shares.sum(axis=2)).sum(axis=1)
    varied = by_luck < 1
    dices = dice_by_class(counts)[:, 1:]
    return {
        "dice": _mean(dices),
        "iou": _mean(dices / (2 - dices)),
        "accuracy": float(right.mean()),
        "kappa": _mean((right[varied] - by_luck[varied]) / (1 - by_luck[varied])),
    }


def dice_by_class(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return twice the overlap over both sizes, shape (n_volumes, n_classes); NaN for 0 / 0."""
    hits = np.diagonal(counts, axis1=1, axis2=2)
    sizes = counts.sum(axis=1) + counts.sum(axis=2)
    return np.divide(2 * hits, sizes, out=np.full(hits.shape, np.nan), where=sizes > 0)


def errors(y: NDArray[Any], values: NDArray[np.float64]) -> dict[str, float]:
    """Return how far values are off: mean absolute and root mean square error, R2, correlation.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn.results.metrics import errors
    >>> found = errors(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]))
    >>> round(found["mae"], 3), found["r2"]
    (0.333, 0.5)
    """
    varies = len(y) > 1 and np.ptp(y) > 0
    return {
        "mae": float(metrics.mean_absolute_error(y, values)),
        "rmse": float(metrics.mean_squared_error(y, values)) ** 0.5,
        "r2": float(metrics.r2_score(y, values)) if varies else np.nan,
        "correlation": (
            float(np.corrcoef(y, values)[0, 1]) if varies and np.ptp(values) > 0 else np.nan
        ),
    }


def scores(y: NDArray[Any], probabilities: NDArray[np.float64]) -> dict[str, float]:
    """Return the scores of calls on some windows.

    Parameters
    ----------
    y : array of int, shape (n,)
    probabilities : array, shape (n, n_classes)

    Returns
    -------
    dict of str to float
        Accuracy; balanced accuracy; Cohen's kappa; F1, the mean over the classes; the area under
        the ROC curve, of more than two classes the mean of each against the rest. NaN is what
        windows of one class do not tell.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn.results import scores
    >>> scores(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]))["accuracy"]
    0.6666666666666666
    """
    called = probabilities.argmax(axis=1)
    there = np.unique(y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of classes that are called but not there, and the like
        kappa = metrics.cohen_kappa_score(y, called) if len(there) > 1 else np.nan
        f1 = metrics.f1_score(y, called, labels=there, average="macro")
        balanced = metrics.balanced_accuracy_score(y, called)
    return {
        "accuracy": float((called == y).mean()),
        "balanced_accuracy": float(balanced),
        "kappa": float(kappa),
        "f1": float(f1),
        "auc": _auc(y, probabilities, there),
    }


def confusion(
    task: str, y: NDArray[np.int64], said: NDArray[np.float64], n: int
) -> NDArray[np.int64]:
    """Return how many windows (voxels) of each of `n` classes (rows) were called what (columns)."""
    if task == "segment":
        return said.sum(axis=0).astype(np.int64)
    return metrics.confusion_matrix(y, said.argmax(axis=1), labels=np.arange(n))


def per_class(
    task: str, y: NDArray[np.int64], said: NDArray[np.float64], n: int
) -> list[dict[str, float]]:
    """Return precision, recall, F1 and the number of windows (voxels) of each class.

    Of volumes also Dice, the mean over them; F1 is that of all their voxels together.
    """
    counts = confusion(task, y, said, n)
    hits, there, called = np.diagonal(counts), counts.sum(axis=1), counts.sum(axis=0)
    found = [
        {
            "precision": float(hits[i] / max(1, called[i])),
            "recall": float(hits[i] / max(1, there[i])),
            "f1": float(2 * hits[i] / max(1, there[i] + called[i])),
            COUNTED[task]: int(there[i]),
        }
        for i in range(n)
    ]
    if task == "segment":
        for each, dices in zip(found, dice_by_class(said).T, strict=True):
            each["dice"] = _mean(dices)
    return found


def _mean(values: NDArray[np.float64]) -> float:
    """Return the mean of what is not NaN: over the classes of each volume, then over volumes."""
    if values.ndim == 2:
        values = np.array([_mean(of_one) for of_one in values])
    there = values[~np.isnan(values)]
    return float(there.mean()) if len(there) else float("nan")


def _auc(
    y: NDArray[np.int64], probabilities: NDArray[np.float64], there: NDArray[np.int64]
) -> float:
    if len(there) < 2:
        return float("nan")
    if probabilities.shape[1] == 2:
        return float(metrics.roc_auc_score(y, probabilities[:, 1]))
    areas = [metrics.roc_auc_score(y == label, probabilities[:, label]) for label in there]
    return float(np.mean(areas))
