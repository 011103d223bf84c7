"""A network as scikit-learn's regressor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin
from sklearn.utils.validation import validate_data

from ..data import Inputs
from ..training import Augmentation, predict
from .base import Model, NetworkEstimator


class CNNRegressor(RegressorMixin, NetworkEstimator):
    """A network that learns values, for all that takes scikit-learn's regressors.

    The values are given mean 0 and deviation 1 for the training, by what the training trials
    say, and are put back at prediction.

    Parameters
    ----------
    model, options, fs, inputs, standardise, device, random_state
        As for `CNNClassifier`.
    epochs, batch_size, optimiser, learning_rate, weight_decay, momentum, schedule, patience
        As in `TrainingConfig`; so are the next ones.
    validation, mixup, clip, augment, crop, crop_stride, amp

    Attributes
    ----------
    model_, history_, n_features_in_, trial_shape_, inputs_, crop_
        As for `CNNClassifier`.
    mean_, scale_ : array, shape (n_outputs,)
        Of the values of the training trials.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import CNNRegressor
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 2, 64))
    >>> y = rng.uniform(size=60)
    >>> X[:, 0] += 5 * y[:, None] * np.sin(np.arange(64) / 2)
    >>> CNNRegressor(epochs=20, random_state=0).fit(X, y).score(X, y) > 0.5
    True
    """

    _task = "regress"

    def __init__(
        self,
        model: Model = "plain_cnn",
        options: Mapping[str, Any] | None = None,
        fs: float | None = None,
        *,
        inputs: Inputs | None = None,
        standardise: bool = True,
        epochs: int = 80,
        batch_size: int = 32,
        optimiser: str = "adamw",
        learning_rate: float = 2e-3,
        weight_decay: float = 1e-2,
        momentum: float = 0.9,
        schedule: str = "one-cycle",
        patience: int | None = None,
        validation: float = 0.2,
        mixup: float = 0.0,
        clip: float | None = None,
        augment: Sequence[Augmentation] = (),
        crop: float | None = None,
        crop_stride: float | None = None,
        amp: str | None = None,
        device: str | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.model = model
        self.options = options
        self.fs = fs
        self.inputs = inputs
        self.standardise = standardise
        self.epochs = epochs
        self.batch_size = batch_size
        self.optimiser = optimiser
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.momentum = momentum
        self.schedule = schedule
        self.patience = patience
        self.validation = validation
        self.mixup = mixup
        self.clip = clip
        self.augment = augment
        self.crop = crop
        self.crop_stride = crop_stride
        self.amp = amp
        self.device = device
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> CNNRegressor:
        """Train a new network; arguments as for `CNNClassifier.fit`.

        `y` holds values, (n_trials,) or (n_trials, n_outputs).
        """
        trials, values = validate_data(
            self, X, y, allow_nd=True, ensure_all_finite=False, multi_output=True, y_numeric=True
        )
        columns = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
        mean, deviation = columns.mean(axis=0), columns.std(axis=0)
        scale = np.where(deviation > 0, deviation, 1.0)
        self._fit(trials, (columns - mean) / scale, columns.shape[1], groups)
        self.mean_, self.scale_, self._flat = mean, scale, values.ndim == 1
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the values of each trial, in the shape that `fit` was given them."""
        values = self._outputs(X, predict) * self.scale_ + self.mean_
        return values[:, 0] if self._flat else values

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = True
        tags.regressor_tags.poor_score = bool(self.standardise)  # amplitudes are taken away
        return tags
