"""What is learned of windows: a class, a value, or a class of each of many places in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import nn

from ...data import EEGDataset, Fold, take
from ...data.lazy import Parts
from ...models import takes
from ..baseline import band_power_lda, band_power_ridge, log_mel_lda, log_mel_ridge
from ..prediction import predict, predict_proba
from ..riemann import filter_bank_mdm, tangent_space
from .base import Crop, Examples, Task
from .truth import Truth

#: Those that need the extra `riemann`.
_RIEMANNIAN = {"tangent space": tangent_space, "filter bank + MDM": filter_bank_mdm}
#: Shorter places (in seconds) have no band power.
_SHORTEST = 0.5


class Classify(Task):
    """A class for each window."""

    data: EEGDataset
    methods: ClassVar[Mapping[str, Callable[[float], Any]]] = {
        "band power + LDA": band_power_lda,
        "log-mel + LDA": log_mel_lda,
        **_RIEMANNIAN,
    }

    @property
    def rate(self) -> float:
        """Values a second of what a network sees."""
        return self.data.inputs.rate(self.data.fs)

    def baselines(self, *, riemann: bool) -> list[str]:
        """Return the names of the classical methods: sounds have pitches, not rhythms."""
        features = "log-mel" if self.data.kind == "audio" else "band power"
        return [f"{features} + LDA", *(_RIEMANNIAN if riemann else ())]

    def shape(self, crop: Crop) -> tuple[int, ...]:
        """Return the shape of what a network sees at once: (channels, ...)."""
        shape = self.data.prepare(np.asarray(self.data.X[[0]])).shape[1:]
        return shape if crop is None else (*shape[:-1], crop[0])

    def classes_in(self, rows: NDArray[np.intp]) -> NDArray[np.integer[Any]]:
        """Return the classes that stand in some windows."""
        found: NDArray[np.integer[Any]] = np.unique(self.data.y[rows])
        return found

    def truth(self, rows: NDArray[np.intp]) -> Truth:
        """Return what is known of some windows."""
        return Truth.of(self.data, rows)

    def guess(self, part: Fold, truth: Truth) -> NDArray[np.float64]:
        """Name the commonest class of the training windows."""
        y = self.data.y[part.train]
        probabilities = np.zeros((len(truth.y), len(self.data.classes)))
        probabilities[:, np.bincount(y[y >= 0]).argmax()] = 1
        return probabilities

    def classical(self, method: Any, part: Fold, truth: Truth) -> NDArray[np.float64]:
        """Fit a classical method to the windows as they are: it knows amplitudes."""
        X_train, X_test = take(self.data.X, part.train), take(self.data.X, part.test)
        return self._probabilities(method, X_train, self.data.y[part.train], X_test)

    def examples(self, part: Fold, seed: int) -> Examples:
        """Return the training windows, and their labels as a network learns them."""
        data, rows = self.data, part.train
        return Examples(
            take(data.X, rows), self._learned(part), self.kept_whole(part), data.prepare
        )

    def said_by(
        self,
        network: nn.Module,
        rows: NDArray[np.intp],
        truth: Truth,
        *,
        crop: Crop,
        scale: tuple[float, float],
    ) -> NDArray[np.float64]:
        """Return the probability of each class for each window."""
        X = take(self.data.X, rows)
        return predict_proba(network, X, prepare=self.data.prepare, crop=crop)

    def _learned(self, part: Fold) -> NDArray[Any]:
        return self.data.y[part.train]

    def _probabilities(
        self, method: Any, X_train: Any, y: NDArray[Any], X_test: Any
    ) -> NDArray[np.float64]:
        method.fit(X_train, y)
        said = np.zeros((len(X_test), len(self.data.classes)))
        said[:, method.classes_] = method.predict_proba(X_test)
        return said


class Regress(Classify):
    """A value for each window."""

    guess_name = "mean"
    methods: ClassVar[Mapping[str, Callable[[float], Any]]] = {
        "band power + ridge": band_power_ridge,
        "log-mel + ridge": log_mel_ridge,
    }

    def baselines(self, *, riemann: bool) -> list[str]:
        """Return the names of the classical methods; the Riemannian ones know classes alone."""
        return ["log-mel + ridge" if self.data.kind == "audio" else "band power + ridge"]

    def require_all(self, part: Fold) -> None:
        """Ask for nothing: there are no classes."""

    def scale(self, part: Fold) -> tuple[float, float]:
        """Return mean and deviation of the values of a fold's training windows."""
        y = self.data.y[part.train]
        return float(y.mean()), float(y.std()) or 1.0

    def guess(self, part: Fold, truth: Truth) -> NDArray[np.float64]:
        """Name the mean of the training windows."""
        return np.full((len(truth.y), 1), self.data.y[part.train].mean())

    def classical(self, method: Any, part: Fold, truth: Truth) -> NDArray[np.float64]:
        """Fit a classical method to the windows as they are."""
        X_train, X_test = take(self.data.X, part.train), take(self.data.X, part.test)
        said: NDArray[np.float64] = method.fit(X_train, self.data.y[part.train]).predict(X_test)
        return said.reshape(-1, 1)

    def said_by(
        self,
        network: nn.Module,
        rows: NDArray[np.intp],
        truth: Truth,
        *,
        crop: Crop,
        scale: tuple[float, float],
    ) -> NDArray[np.float64]:
        """Return the value of each window, in its unit."""
        X = take(self.data.X, rows)
        said = predict(network, X, prepare=self.data.prepare, crop=crop)
        return said * scale[1] + scale[0]

    def _learned(self, part: Fold) -> NDArray[Any]:
        mean, deviation = self.scale(part)
        return (self.data.y[part.train] - mean) / deviation


class Sequence(Classify):
    """A class for each place of a window."""

    def baselines(self, *, riemann: bool) -> list[str]:
        """Return the names of the classical methods, which see each place alone."""
        return [] if self.data.place < _SHORTEST else super().baselines(riemann=riemann)

    def options(self, model: str, given: Mapping[str, Any], crop: Crop) -> dict[str, Any]:
        """Return a network's options; some want to know how long a place is."""
        found = dict(given)
        if takes(model, "epoch"):
            found.setdefault("epoch", self.shape(crop)[-1] // self.data.y.shape[1])
        return found

    def classical(self, method: Any, part: Fold, truth: Truth) -> NDArray[np.float64]:
        """Fit a classical method to the places, each by itself."""
        y, n = self.data.y[part.train], self.data.y.shape[1]
        known = np.flatnonzero(y.ravel() >= 0)
        train = take(Parts(take(self.data.X, part.train), n), known)
        test = Parts(take(self.data.X, part.test), n)
        return truth.mean(self._probabilities(method, train, y.ravel()[known], test))

    def said_by(
        self,
        network: nn.Module,
        rows: NDArray[np.intp],
        truth: Truth,
        *,
        crop: Crop,
        scale: tuple[float, float],
    ) -> NDArray[np.float64]:
        """Return the probability of each class at each place, the mean over the windows there."""
        n = self.data.y.shape[1]
        X = take(self.data.X, rows)
        said = predict_proba(network, X, prepare=self.data.prepare, places=n)
        return truth.mean(said.transpose(0, 2, 1).reshape(-1, said.shape[1]))
