"""What differs by task: what a training is given, and what is said and judged of it."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import nn

from .... import _checks
from ...data import Fold
from ..config import TrainingConfig
from ..trials import Prepare
from .truth import Truth

#: Length and stride of crops in samples, None for whole trials.
Crop = tuple[int, int] | None


@dataclass(frozen=True)
class Examples:
    """What `fit` is given of a fold.

    Parameters
    ----------
    X : array or reader, shape (n, n_channels, ...)
    y : array, shape (n, ...)
        In what the network learns: `scale` is taken out.
    kept : array, shape (n,)
        What early stopping must not part.
    prepare : callable, optional
    """

    X: Any
    y: NDArray[Any]
    kept: NDArray[Any]
    prepare: Prepare | None = None


class Task(ABC):
    """A data set and what is learned of it; one class for each task.

    Parameters
    ----------
    data : Dataset
    """

    #: What the method is called that looks at nothing.
    guess_name: ClassVar[str] = "chance"
    #: The network that is trained if none is named.
    model: ClassVar[str] = "plain_cnn"
    #: How, if nobody says.
    config: ClassVar[TrainingConfig] = TrainingConfig()
    #: Name -> sampling rate -> an untrained classical method.
    methods: ClassVar[Mapping[str, Callable[[float], Any]]] = {}

    data: Any

    def __init__(self, data: Any) -> None:
        self.data = data

    @property
    def rate(self) -> float:
        """Samples a second of what a network sees."""
        return 1.0

    @abstractmethod
    def baselines(self, *, riemann: bool) -> list[str]:
        """Return the names of the classical methods that a network stands beside."""

    @abstractmethod
    def shape(self, crop: Crop) -> tuple[int, ...]:
        """Return the shape of what a network sees at once: (channels, ...)."""

    @abstractmethod
    def truth(self, rows: NDArray[np.intp]) -> Truth:
        """Return what is known of some rows of the data set."""

    @abstractmethod
    def guess(self, part: Fold, truth: Truth) -> NDArray[np.float64]:
        """Return what says the same of everything."""

    @abstractmethod
    def classical(self, method: Any, part: Fold, truth: Truth) -> NDArray[np.float64]:
        """Fit a classical method to a fold's training rows; return what it says of the others."""

    @abstractmethod
    def examples(self, part: Fold, seed: int) -> Examples:
        """Return what a network is trained on in a fold."""

    @abstractmethod
    def said_by(
        self,
        network: nn.Module,
        rows: NDArray[np.intp],
        truth: Truth,
        *,
        crop: Crop,
        scale: tuple[float, float],
    ) -> NDArray[np.float64]:
        """Return what a network says of some rows, a line for each of `truth`."""

    def options(self, model: str, given: Mapping[str, Any], crop: Crop) -> dict[str, Any]:
        """Return a network's options, with what the data decides."""
        return dict(given)

    def scale(self, part: Fold) -> tuple[float, float]:
        """Return mean and deviation of the values of a fold's training rows."""
        return 0.0, 1.0

    def require_all(self, part: Fold) -> None:
        """Raise ValueError if the training rows do not hold every class."""
        missing = np.setdiff1d(np.arange(len(self.data.classes)), self.classes_in(part.train))
        if missing.size:
            raise ValueError(
                f"the training trials of fold {part.name!r} must hold every class; "
                f"{self.data.classes[missing[0]]!r} stands only in its test trials"
            )

    @abstractmethod
    def classes_in(self, rows: NDArray[np.intp]) -> NDArray[np.integer[Any]]:
        """Return the classes that stand in some rows."""

    def kept_whole(self, part: Fold) -> NDArray[Any]:
        """Return what early stopping must not part, as coarse as leaves it two."""
        if part.stretches is not None:
            return part.stretches
        for name in part.keeps:
            values: NDArray[np.str_] = getattr(self.data, name)[part.train]
            if len(np.unique(values)) > 1:
                return values
        found: NDArray[np.str_] = self.data.trials[part.train]
        return found

    def fitted(self, method: Any, part: Fold, truth: Truth) -> NDArray[np.float64]:
        """Return what a classical method says, without scikit-learn's warnings of few trials."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # the table says how many there were
            return self.classical(method, part, truth)

    def made(self, names: Iterable[str]) -> dict[str, Any]:
        """Return untrained classical methods by name; what is not installed says so now."""
        for name in names:
            _checks.one_of("baselines", name, self.methods)
        return {name: self.methods[name](getattr(self.data, "fs", 1.0)) for name in names}
