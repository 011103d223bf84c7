"""What the training makes small, summed so that it does not matter who computes which samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

if TYPE_CHECKING:
    from .config import TrainingConfig


#: What stands among class indices where nothing is known.
UNKNOWN = -1
#: Added above and below, so that what is not there and not called is right.
_SMALL = 1e-5


class Loss(Protocol):
    """What a training makes small."""

    def places(self, targets: Tensor) -> tuple[int, ...] | None:
        """Return the places of a trial at which outputs are asked for; None: their mean."""

    def part(self, outputs: Tensor, targets: Tensor, batch: Tensor) -> Tensor:
        """Return what some samples add to the mean loss of their batch.

        Parameters
        ----------
        outputs : tensor, shape (n, n_outputs, ...)
            Axes behind the second are averaged over where a trial has one target.
        targets : tensor, shape (n, ...)
            Of the samples.
        batch : tensor
            Those of the whole batch.
        """


@dataclass(frozen=True)
class SquaredError:
    """The mean squared error of values (n, n_outputs)."""

    @classmethod
    def of(cls, y: NDArray[np.generic], config: TrainingConfig, like: Tensor) -> SquaredError:
        """Return the loss of a training; classes have no weights here."""
        return cls()

    def places(self, targets: Tensor) -> None:
        """Return None: a trial has one row of values."""

    def part(self, outputs: Tensor, targets: Tensor, batch: Tensor) -> Tensor:
        """Return what some samples add; see `Loss`."""
        outputs = dense_mean(outputs)
        if outputs.shape != targets.shape:
            outputs = outputs.reshape(len(targets), -1)
        if outputs.shape != targets.shape:
            raise ValueError(
                f"model must give {targets.shape[1]} values for each trial; "
                f"got {tuple(outputs.shape)}"
            )
        return nn.functional.mse_loss(outputs, targets, reduction="sum") / batch.numel()


@dataclass(frozen=True)
class CrossEntropy:
    """The cross-entropy of class indices (n,) or (n, *places), with weights and smoothing.

    Parameters
    ----------
    weights : tensor, optional
        One a class.
    smoothing : float
    """

    weights: Tensor | None
    smoothing: float

    @classmethod
    def of(cls, y: NDArray[np.generic], config: TrainingConfig, like: Tensor) -> Self:
        """Return the loss of a training; `y` is checked already."""
        weights = _class_weights(y, config)
        held = None if weights is None else torch.as_tensor(weights).to(like)
        return cls(held, config.label_smoothing)

    def places(self, targets: Tensor) -> tuple[int, ...]:
        """Return the places of a trial; none at all if it has one class."""
        return tuple(targets.shape[1:])

    def part(self, outputs: Tensor, targets: Tensor, batch: Tensor) -> Tensor:
        """Return what some samples add; see `Loss`."""
        total = nn.functional.cross_entropy(
            at_places(outputs, self.places(targets)),
            targets.long(),
            self.weights,
            ignore_index=UNKNOWN,
            reduction="sum",
            label_smoothing=self.smoothing,
        )
        return total / self._weight(batch)

    def _weight(self, targets: Tensor) -> Tensor | float:
        if self.weights is None and targets.ndim == 1:
            return len(targets)
        known = targets != UNKNOWN
        if self.weights is None:
            return known.sum().clamp(min=1)
        found = self.weights[targets[known].long()].sum()
        return found.clamp(min=torch.finfo(self.weights.dtype).tiny)


@dataclass(frozen=True)
class CrossEntropyAndOverlap(CrossEntropy):
    """Cross-entropy and Dice over pictures and volumes, class indices (n, *grid)."""

    def part(self, outputs: Tensor, targets: Tensor, batch: Tensor) -> Tensor:
        """Return what some samples add; see `Loss`."""
        entropy = super().part(outputs, targets, batch)
        return entropy + overlap_loss(outputs, targets.long()).sum() / len(batch)


def at_places(outputs: Tensor, places: tuple[int, ...] | None) -> Tensor:
    """Return a network's outputs (n, n_outputs, ...) at the places that are asked for.

    None at all (an empty tuple, or None): their mean. In one dimension the mean over the stretch of
    each; in more there must be as many.
    """
    if not places:
        return dense_mean(outputs)
    if tuple(outputs.shape[2:]) == places:
        return outputs
    if len(places) == 1 and outputs.ndim == 3 and outputs.shape[2] % places[0] == 0:
        return outputs.unflatten(2, (places[0], -1)).mean(-1)
    raise ValueError(
        f"model must give an answer for each of {' x '.join(map(str, places))} places (or for "
        f"equal parts of them); got shape {tuple(outputs.shape)}"
    )


def overlap_loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return one less the Dice overlap of each sample, the mean over the classes but the first.

    Parameters
    ----------
    outputs : tensor, shape (n, n_classes, ...)
        Logits; the first class is what is none of the others.
    targets : tensor of int, shape (n, ...)

    Returns
    -------
    tensor, shape (n,)
    """
    known = (targets != UNKNOWN).unsqueeze(1)
    there = nn.functional.one_hot(targets.clamp(min=0), outputs.shape[1]).movedim(-1, 1)
    there = (there * known).to(outputs.dtype).flatten(2)[:, 1:]
    said = (outputs.softmax(1) * known).flatten(2)[:, 1:]
    both, sizes = (said * there).sum(-1), said.sum(-1) + there.sum(-1)
    return (1 - (2 * both + _SMALL) / (sizes + _SMALL)).mean(1)


def dense_mean(outputs: Tensor) -> Tensor:
    """Average dense predictions (n, n_outputs, ...) over all that lies behind the second axis."""
    return outputs.flatten(2).mean(-1) if outputs.ndim > 2 else outputs


def _class_weights(y: NDArray[np.generic], config: TrainingConfig) -> NDArray[np.float64] | None:
    y = y[y != UNKNOWN]
    counts = np.bincount(y.ravel())
    if config.class_weights is None:
        return None
    if config.class_weights == "balanced":
        # as scikit-learn: the mean weight of a trial is 1; a class that is nowhere counts nothing
        return y.size / (np.count_nonzero(counts) * np.maximum(counts, 1)) * (counts > 0)
    weights = np.asarray(config.class_weights, dtype=np.float64)
    if len(weights) < len(counts):
        raise ValueError(
            f"class_weights must be one for each of {len(counts)} classes; got {len(weights)}"
        )
    return weights
