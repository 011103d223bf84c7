"""What classifiers and regressors share: a network between arrays."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import nn

from ... import _checks
from ..data import Inputs
from ..models import build_model, list_models, made_for
from ..models.plain_cnn import POOLS
from ..training import TrainingConfig, fit, inputs_for, seeded
from ..training.fit import crops

#: A network's name, or what builds one from `in_channels`, `num_classes` and `n_times`.
Model = str | Callable[..., nn.Module]


class NetworkEstimator(BaseEstimator):
    """What classifiers and regressors share: a network between arrays."""

    _task: str
    # groups, where scikit-learn's metadata routing is on, come without being asked for, as its
    # group splitters get them
    __metadata_request__fit = {"groups": True}  # noqa: RUF012

    def _config(self) -> TrainingConfig:
        """Return the training that the parameters say, checked."""
        given = self.get_params(deep=False)
        names = {field.name for field in dataclasses.fields(TrainingConfig)}
        told = {name: value for name, value in given.items() if name in names}
        return TrainingConfig(task=self._task, seed=self._seed(), **told)

    def _seed(self) -> int:
        """Return `random_state` itself where it is a number, else one drawn from it."""
        state = self.random_state
        if isinstance(state, (int, np.integer)):
            return _checks.whole("random_state", state, at_least=0)
        try:
            return int(check_random_state(state).randint(2**31 - 1))
        except ValueError:
            raise TypeError(
                f"random_state must be a whole number, a RandomState or None; got {state!r}"
            ) from None

    def _fit(
        self, X: NDArray[Any], y: NDArray[Any], n_outputs: int, groups: ArrayLike | None
    ) -> None:
        """Train a new network on checked trials."""
        config = self._config()
        if self.fs is not None:
            _checks.sampling_rate(self.fs)
        X = _with_channels(X)
        self.inputs_ = self._inputs(X)
        rate = None if self.fs is None else self.inputs_.rate(self.fs)
        self.crop_ = crops(config, rate)
        n_times = X.shape[2] if self.crop_ is None else self.crop_[0]
        if self.crop_ is None and rate != self.fs:
            n_times = self.inputs_.signals(np.zeros(n_times), self.fs).shape[-1]
        recipe = self._recipe(X.shape[1], n_outputs, n_times)
        model = seeded(config.seed, recipe)
        if self.device is not None:
            model.to(self.device)
        self.history_ = fit(model, X, y, config, groups=groups, prepare=self._prepare, fs=rate)
        self.model_, self._built_by = model, recipe
        self.trial_shape_ = X.shape[1:]

    def _recipe(self, in_channels: int, n_outputs: int, n_times: int) -> partial[nn.Module]:
        """Return what builds the network that the parameters name."""
        sizes = {"in_channels": in_channels, "num_classes": n_outputs, "n_times": n_times}
        options = dict(self.options or {})
        if not isinstance(self.model, str):
            if not callable(self.model) or isinstance(self.model, nn.Module):
                raise TypeError(
                    "model must be a network's name or a callable that builds one; "
                    f"got {self.model!r}"
                )
            return partial(self.model, **sizes, **options)
        if self.model == "plain_cnn" and not {"pool", "channels"} & options.keys():
            # three blocks pool three times: of short trials something must be left
            options["pool"] = max(
                (pool for pool in range(1, POOLS[1] + 1) if pool**3 <= n_times), default=1
            )
        return partial(build_model, self.model, **sizes, **options)

    def _inputs(self, X: NDArray[Any]) -> Inputs:
        """Return what the network sees of trials: that is chosen if the parameters do not say."""
        if self.inputs is not None:
            if not isinstance(self.inputs, Inputs) or self.inputs.ndim > 1:
                raise TypeError(
                    f"inputs must be Inputs of the name 'waveform', or None; got {self.inputs!r}"
                )
            if self.inputs.parameters and self.fs is None:
                raise ValueError(f"fs must be given with inputs in Hz; got {self.inputs}")
            return self.inputs
        model = self.model
        if self.fs is None or not isinstance(model, str) or model not in list_models():
            return Inputs()
        if not self.standardise or not made_for(model)[0]:
            return Inputs()
        return inputs_for(model, kind="eeg", fs=self.fs, length=X.shape[2] / self.fs)

    def _prepare(self, X: NDArray[Any]) -> NDArray[np.float32]:
        fs = 1.0 if self.fs is None else self.fs
        if self.standardise:
            return self.inputs_(X, fs)
        # a copy: what comes may be read-only, which torch warns of
        return np.array(self.inputs_.signals(X, fs), dtype=np.float32)

    def _outputs(
        self, X: ArrayLike, ask: Callable[..., NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        """Return what the network says of trials of the shape that it was trained on."""
        check_is_fitted(self)
        checked = validate_data(self, X, reset=False, allow_nd=True, ensure_all_finite=False)
        trials = _with_channels(checked)
        shape = trials.shape[1:]
        if shape != self.trial_shape_:
            raise ValueError(
                f"X must hold trials of shape {self.trial_shape_}, as in `fit`; got {shape}"
            )
        return ask(self.model_, trials, prepare=self._prepare, crop=self.crop_)

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        if "model_" in state:
            # torch pickles no network whose weights are bounded (max-norm): its numbers it does
            numbers = self.model_.state_dict()
            state["model_"] = {name: value.cpu() for name, value in numbers.items()}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "model_" in state:
            self.model_ = seeded(0, self._built_by)
            self.model_.load_state_dict(state["model_"])
            self.model_.eval()

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.non_deterministic = self.random_state is None
        return tags


def _with_channels(X: NDArray[Any]) -> NDArray[Any]:
    """Return trials (n, channels, times); two axes are one channel."""
    if X.ndim not in (2, 3):
        raise ValueError(
            "X must have shape (n_trials, n_channels, n_times) or (n_trials, n_times); "
            f"got {X.shape}"
        )
    return X[:, None] if X.ndim == 2 else X
