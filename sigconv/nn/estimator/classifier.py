"""A network as scikit-learn's classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d, validate_data

from ..data import Inputs
from ..training import Augmentation, predict_proba
from .base import Model, NetworkEstimator


class CNNClassifier(ClassifierMixin, NetworkEstimator):
    """A network that tells classes apart, for all that takes scikit-learn's classifiers.

    Parameters
    ----------
    model : str or callable
        One of `list_models`, or what is called with `in_channels`, `num_classes`, `n_times` and
        `options` and returns a network.
    options : mapping, optional
        Options of the network, as for `build_model`. 'plain_cnn' pools less, where it is not
        told how much, if trials are shorter than 64 samples.
    fs : float, optional
        Sampling rate in Hz: then crops and augmentations are in seconds and Hz.
    inputs : sigconv.nn.data.Inputs, optional
        What the network sees of each trial: a band, at a rate. If not given, networks that are
        for EEG alone ('eegnet', say) see what `sigconv.nn.training.inputs_for` says, where `fs`
        is given and `standardise` is true; with `Inputs()`, as all others do, the trials as
        they are.
    standardise : bool
        Give each channel of each trial mean 0 and deviation 1 first; without, the network sees
        amplitudes.
    epochs, batch_size, optimiser, learning_rate, weight_decay, momentum, schedule
        As in `TrainingConfig`; so are the next ones.
    patience, validation, class_weights, label_smoothing, mixup, clip, augment, crop
        Class weights in a sequence follow `classes_`.
    crop_stride, amp
    device : str, optional
        Where to train, in torch's words; what was pickled comes back on the CPU.
    random_state : int, RandomState or None
        A number gives the same network to the bit on the same machine's CPU with as many threads.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
    model_ : torch.nn.Module
    history_ : History
    n_features_in_ : int
        Channels; of X with two axes, its columns.
    trial_shape_ : (int, int)
        Channels and times.
    inputs_ : Inputs
        What the network sees of each trial.
    crop_ : (int, int) or None
        Length and stride in samples (of `inputs_`) of the crops that are averaged over.

    Notes
    -----
    Searches of parameters must not part what belongs together: give them a splitter that keeps
    groups whole (`GroupKFold`) and the groups, inside and outside. With scikit-learn's metadata
    routing, `cross_validate(search, X, y, cv=LeaveOneGroupOut(), params={"groups": groups})`
    hands them to both, and to `fit`, whose early stopping keeps them whole too.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import CNNClassifier
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat(["rest", "move"], 20)
    >>> X = rng.normal(size=(40, 2, 64))
    >>> X[20:] += 3 * np.sin(np.arange(64) / 2)
    >>> cnn = CNNClassifier(epochs=10, random_state=0).fit(X, y)
    >>> cnn.predict(X[-2:])
    array(['move', 'move'], dtype='<U4')
    >>> cnn.predict_proba(X).shape, cnn.score(X, y) > 0.9
    ((40, 2), True)
    """

    _task = "classify"

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
        class_weights: str | Sequence[float] | None = None,
        label_smoothing: float = 0.0,
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
        self.class_weights = class_weights
        self.label_smoothing = label_smoothing
        self.mixup = mixup
        self.clip = clip
        self.augment = augment
        self.crop = crop
        self.crop_stride = crop_stride
        self.amp = amp
        self.device = device
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> CNNClassifier:
        """Train a new network.

        Parameters
        ----------
        X : array, shape (n_trials, n_channels, n_times) or (n_trials, n_times)
            With two axes: one channel.
        y : array, shape (n_trials,)
            Classes, of any kind.
        groups : array, shape (n_trials,), optional
            What early stopping (`patience`) must not part; see `sigconv.nn.fit`.

        Raises
        ------
        ValueError, TypeError
            If an argument or a parameter is illegal.
        """
        # NaN in a trial is told by the training, which names the trial
        trials, labels = validate_data(self, X, y, allow_nd=True, ensure_all_finite=False)
        check_classification_targets(labels)
        classes, indices = np.unique(column_or_1d(labels), return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"y must hold at least two classes; got 1 class, {classes[0]!s}")
        self._fit(trials, indices, len(classes), groups)
        self.classes_ = classes
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the probability of each class for each trial, (n_trials, n_classes)."""
        return self._outputs(X, predict_proba)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the likeliest class of each trial, (n_trials,)."""
        likeliest = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[likeliest])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        # rows of two features, each made mean 0 and deviation 1, have nothing left to tell
        tags.classifier_tags.poor_score = bool(self.standardise)
        return tags
