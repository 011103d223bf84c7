"""One network on one set of labelled windows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..data.kinds import Dataset
from ..training import task_of
from . import metrics


def said_of(checkpoint: Any, data: Dataset) -> NDArray[np.float64]:
    """Return what a network says of a labelled set, a line for each thing that is judged.

    Parameters
    ----------
    checkpoint : Checkpoint
    data : EEGDataset or VolumeDataset
        Of `for_checkpoint`.

    Returns
    -------
    array
        For `judge`: probabilities of classes, values, or how many voxels were called what.
    """
    task, rows = task_of(data), np.arange(len(data))
    return task.said_by(
        checkpoint.model, rows, task.truth(rows), crop=checkpoint.crop, scale=checkpoint.scale
    )


def judge(data: Dataset, said: NDArray[np.float64]) -> dict[str, Any]:
    """Return how right a network is about a whole set and about each file of it.

    Parameters
    ----------
    data : EEGDataset or VolumeDataset
    said : array
        Of `said_of`.

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
    truth = task_of(data).truth(np.arange(len(data)))
    y = truth.y
    scores = metrics.scores_of(data.task, y, said)
    files = data.files[truth.rows]
    common = {
        "task": data.task,
        "windows": len(y),
        "left_out": data.facts().get("left_out", {}),
        "scores": {k: None if math.isnan(v) else v for k, v in scores.items()},
        "per_file": {
            str(name): _first(data.task, y[files == name], said[files == name])
            for name in np.unique(files)
        },
    }
    if data.task not in metrics.COUNTED:
        return {**common, "chance": float(np.abs(y - y.mean()).mean())}
    n = len(data.classes)
    counts = metrics.confusion(data.task, y, said, n)
    return {
        **common,
        "classes": list(data.classes),
        "chance": float(counts.sum(axis=1).max() / counts.sum()),
        "per_class": dict(zip(data.classes, metrics.per_class(data.task, y, said, n), strict=True)),
        "confusion": counts.tolist(),
    }


def _first(task: str, y: NDArray[Any], said: NDArray[np.float64]) -> float | None:
    found = metrics.scores_of(task, y, said)[metrics.SCORES[task][0]]
    return None if math.isnan(found) else found


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
