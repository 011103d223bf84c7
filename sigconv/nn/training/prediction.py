"""What a network says of trials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import nn

from . import trials
from .run import forward


@dataclass(frozen=True)
class Scores:
    """What a network reached on trials it may or may not have seen.

    `accuracy` is the share of trials called right, `loss` the mean cross-entropy, `chance` the
    accuracy of always naming the commonest class of these trials.
    """

    accuracy: float
    loss: float
    chance: float
    n_trials: int


def predict(
    model: nn.Module,
    X: Any,
    *,
    prepare: trials.Prepare | None = None,
    crop: tuple[int, int] | None = None,
    places: int | None = None,
) -> NDArray[np.float64]:
    """Return a network's outputs, logits or values, for each trial.

    Parameters
    ----------
    model : torch.nn.Module
    X : array or reader, shape (n_trials, n_channels, ...)
    prepare : callable, optional
        As in `fit`.
    crop : (int, int), optional
        Length and stride in samples of crops over which outputs are averaged.
    places : int, optional
        Of how many equal parts of a trial outputs are returned one by one.

    Returns
    -------
    array of float64, shape (n_trials, n_outputs) or (n_trials, n_outputs, places)

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import build_model
    >>> from sigconv.nn.training import predict
    >>> model = build_model("plain_cnn", in_channels=2, num_classes=1)
    >>> predict(model, np.zeros((5, 2, 100)), crop=(64, 32)).shape
    (5, 1)
    """
    source = trials.Trials(X, model, prepare=prepare, crop=crop)
    asked = None if places is None else (places,)
    return forward(model, source, places=asked).double().cpu().numpy()


def predict_proba(
    model: nn.Module,
    X: Any,
    *,
    prepare: trials.Prepare | None = None,
    crop: tuple[int, int] | None = None,
    places: int | None = None,
) -> NDArray[np.float64]:
    """Return the probability of each class for each trial; arguments as for `predict`.

    Returns
    -------
    array of float64, shape (n_trials, n_classes) or (n_trials, n_classes, places)
        Of crops the mean of the logits counts.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import build_model, predict_proba
    >>> model = build_model("plain_cnn", in_channels=2, num_classes=3)
    >>> predict_proba(model, np.zeros((5, 2, 64))).shape
    (5, 3)
    """
    logits = predict(model, X, prepare=prepare, crop=crop, places=places)
    likelihood = np.exp(logits - logits.max(axis=1, keepdims=True))
    return likelihood / likelihood.sum(axis=1, keepdims=True)


def evaluate(
    model: nn.Module,
    X: Any,
    y: ArrayLike,
    *,
    prepare: trials.Prepare | None = None,
    crop: tuple[int, int] | None = None,
) -> Scores:
    """Return accuracy, loss and chance of a network on labelled trials.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import build_model, evaluate
    >>> model = build_model("plain_cnn", in_channels=2, num_classes=2)
    >>> evaluate(model, np.zeros((4, 2, 64)), np.array([0, 0, 0, 1])).chance
    0.75
    """
    probabilities = predict_proba(model, X, prepare=prepare, crop=crop)
    y = np.asarray(y)
    right = probabilities[np.arange(len(y)), y]
    return Scores(
        accuracy=float((probabilities.argmax(axis=1) == y).mean()),
        loss=float(-np.log(np.maximum(right, 1e-300)).mean()),
        chance=float(np.bincount(y).max() / len(y)),
        n_trials=len(y),
    )
