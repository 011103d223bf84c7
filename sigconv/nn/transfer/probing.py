"""What a linear classifier can tell from the features of a network that is left as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import nn

from ... import _checks
from ..modes import evaluating
from ..pretrained import features
from ..training.trials import Prepare, Trials

POOLS = ("mean", "none")


class FrozenFeatures(TransformerMixin, BaseEstimator):
    """Trials -> what a layer makes of them: a transformer of scikit-learn's kind.

    Parameters
    ----------
    model : torch.nn.Module
        It is left as it is, norms and all.
    layer : str
        As for `sigconv.nn.pretrained.features`.
    pool : {"mean", "none"}
        The mean of each map over its places, or all places in a row.
    prepare : callable, optional
        As in `fit`: `sigconv.nn.data.standardise`, say.
    crop : (int, int), optional
        Length and stride in samples of crops whose features are averaged.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import build_model
    >>> from sigconv.nn.transfer import FrozenFeatures
    >>> model = build_model("plain_cnn", in_channels=2, num_classes=2)
    >>> FrozenFeatures(model, "features.9").fit_transform(np.zeros((5, 2, 128))).shape
    (5, 32)
    """

    def __init__(
        self,
        model: nn.Module,
        layer: str,
        *,
        pool: str = "mean",
        prepare: Prepare | None = None,
        crop: tuple[int, int] | None = None,
    ) -> None:
        self.model = model
        self.layer = layer
        self.pool = pool
        self.prepare = prepare
        self.crop = crop

    def fit(self, X: Any, y: Any = None) -> FrozenFeatures:
        """Learn nothing."""
        _checks.one_of("pool", self.pool, POOLS)
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Return the features of trials (n_trials, n_channels, ...), shape (n_trials, n)."""
        source = Trials(X, self.model, prepare=self.prepare, crop=self.crop)
        with evaluating(self.model), torch.no_grad():
            found = torch.cat([self._pooled(x) for x in source.passes()])
        by_trial = found.reshape(source.n_trials, source.n_crops, -1).mean(1)
        return by_trial.double().cpu().numpy()

    def _pooled(self, x: torch.Tensor) -> torch.Tensor:
        maps = features(self.model, x, self.layer)
        return maps.flatten(2).mean(2) if self.pool == "mean" and maps.ndim > 2 else maps.flatten(1)


def linear_probe(
    model: nn.Module,
    layer: str,
    *,
    pool: str = "mean",
    prepare: Prepare | None = None,
    crop: tuple[int, int] | None = None,
    C: float = 1.0,
) -> Pipeline:
    """Return frozen features with a logistic regression on top, of scikit-learn's kind.

    Razavian et al. 2014, CNN features off-the-shelf.

    Parameters
    ----------
    model, layer, pool, prepare, crop
        As for `FrozenFeatures`.
    C : float
        How little the regression is held back, as in scikit-learn.

    Returns
    -------
    sklearn Pipeline
        Features, their standardisation (fitted to the training trials) and the regression.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.model_selection import LeaveOneGroupOut, cross_val_score
    >>> from sigconv.nn import build_model
    >>> from sigconv.nn.transfer import linear_probe
    >>> rng = np.random.default_rng(0)
    >>> X, y, who = rng.normal(size=(40, 2, 64)), np.tile([0, 1], 20), np.repeat([0, 1], 20)
    >>> X[y == 1, 0] *= 2
    >>> model = build_model("plain_cnn", in_channels=2, num_classes=2)
    >>> probe = linear_probe(model, "features.4")
    >>> scores = cross_val_score(probe, X, y, groups=who, cv=LeaveOneGroupOut())
    >>> bool(scores.mean() > 0.8)
    True
    """
    return make_pipeline(
        FrozenFeatures(model, layer, pool=pool, prepare=prepare, crop=crop),
        StandardScaler(),
        LogisticRegression(C=_checks.number("C", C, above=0), max_iter=1000),
    )
