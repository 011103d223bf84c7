"""One network on one set of labelled windows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data import EEGDataset
from ..training import Truth
from . import metrics


def judge(data: EEGDataset, probabilities: NDArray[np.float64]) -> dict[str, Any]:
    """Return how right a network is about all windows and about those of each file.

    Parameters
    ----------
    data : EEGDataset
    probabilities : array
        Of `Checkpoint.predict_proba`.

    Returns
    -------
    dict
        Plain data for JSON; a score that does not exist is None.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import EEGDataset
    >>> from sigconv.nn.results import judge
    >>> data = EEGDataset.from_arrays(np.zeros((3, 1, 8)), ["a", "b", "b"], fs=8)
    >>> judge(data, np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]))["confusion"]
    [[1, 0], [1, 1]]
    """
    truth = Truth.of(data, np.arange(len(data)))
    if data.task == "sequence":
        probabilities = truth.mean(probabilities.transpose(0, 2, 1).reshape(-1, len(data.classes)))
    y = truth.y
    scores = metrics.scores_of(data.task, y, probabilities)
    files = data.files[truth.rows]
    common = {
        "task": data.task,
        "windows": len(y),
        "left_out": dict(data.left_out),
        "scores": {k: None if math.isnan(v) else v for k, v in scores.items()},
        "per_file": {
            str(name): _first(data.task, y[files == name], probabilities[files == name])
            for name in np.unique(files)
        },
    }
    if data.task == "regress":
        return {**common, "chance": float(np.abs(y - y.mean()).mean())}
    n = len(data.classes)
    called = probabilities.argmax(axis=1)
    return {
        **common,
        "classes": list(data.classes),
        "chance": float(np.bincount(y).max() / len(y)),
        "per_class": dict(zip(data.classes, metrics.per_class(y, called, n), strict=True)),
        "confusion": metrics.confusion(y, called, n).tolist(),
    }


def _first(task: str, y: NDArray[Any], said: NDArray[np.float64]) -> float:
    return metrics.scores_of(task, y, said)[metrics.SCORES[task][0]]


def confusion_table(classes: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """Return a confusion matrix as lines of text: rows what it was, columns what it was called.

    Examples
    --------
    >>> from sigconv.nn.results import confusion_table
    >>> print(confusion_table(["rest", "go"], [[5, 1], [0, 6]]))
          rest  go
    rest     5   1
    go       0   6
    """
    width = max(map(len, classes))
    columns = [
        max(len(name), *(len(str(row[i])) for row in counts)) for i, name in enumerate(classes)
    ]
    lines = [
        "  ".join([" " * width, *(f"{n:>{w}}" for n, w in zip(classes, columns, strict=True))])
    ]
    for name, row in zip(classes, counts, strict=True):
        cells = [f"{count:>{w}}" for count, w in zip(row, columns, strict=True)]
        lines.append("  ".join([f"{name:<{width}}", *cells]))
    return "\n".join(lines)
