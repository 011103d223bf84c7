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
}


def scores_of(task: str, y: NDArray[np.generic], said: NDArray[np.float64]) -> dict[str, float]:
    """Return the scores of what was said of some windows, those of its task."""
    return errors(y, said[:, 0]) if task == "regress" else scores(y, said)


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


def per_class(y: NDArray[np.int64], called: NDArray[np.int64], n: int) -> list[dict[str, float]]:
    """Return precision, recall, F1 and the number of windows of each class."""
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        y, called, labels=np.arange(n), zero_division=0
    )
    return [
        {
            "precision": float(precision[i]),
            "recall": float(recall[i]),
            "f1": float(f1[i]),
            "windows": int(support[i]),
        }
        for i in range(n)
    ]


def confusion(y: NDArray[np.int64], called: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return how many windows of each class (rows) were called what (columns)."""
    return metrics.confusion_matrix(y, called, labels=np.arange(n))


def _auc(
    y: NDArray[np.int64], probabilities: NDArray[np.float64], there: NDArray[np.int64]
) -> float:
    if len(there) < 2:
        return float("nan")
    if probabilities.shape[1] == 2:
        return float(metrics.roc_auc_score(y, probabilities[:, 1]))
    areas = [metrics.roc_auc_score(y == label, probabilities[:, label]) for label in there]
    return float(np.mean(areas))
