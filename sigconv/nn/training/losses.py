"""What the training makes small, summed so that it does not matter who computes which samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .config import TrainingConfig

#: What stands among class indices where nothing is known.
UNKNOWN = -1
#: Added above and below, so that what is not there and not called is right.
_SMALL = 1e-5


@dataclass(frozen=True)
class Loss:
    """Cross-entropy with weights and smoothing (and Dice), or the squared error.

    Parameters
    ----------
    targets : tensor
        Of all trials: class indices (n,) or (n, *places), or values (n, n_outputs).
    weights : tensor, optional
        One a class.
    smoothing : float
    overlaps : bool
        Whether Dice counts besides.
    """

    targets: Tensor
    weights: Tensor | None
    smoothing: float
    overlaps: bool = False

    @classmethod
    def of(cls, y: NDArray[np.generic], config: TrainingConfig, model: nn.Module) -> Loss:
        """Return the loss of a training; `y` is checked already."""
        first = next(model.parameters())
        if config.task == "regress":
            return cls(torch.as_tensor(y, dtype=first.dtype, device=first.device), None, 0.0)
        weights = _class_weights(y, config)
        held = None if weights is None else torch.as_tensor(weights).to(first)
        targets = torch.as_tensor(y).to(first.device)
        return cls(targets, held, config.label_smoothing, config.task == "segment")

    def part(self, outputs: Tensor, trials: Tensor, batch: Tensor) -> Tensor:
        """Return what some samples add to the mean loss of their batch.

        Parameters
        ----------
        outputs : tensor, shape (n, n_outputs, ...)
            Axes behind the second are averaged over where a trial has one target.
        trials : tensor of int, shape (n,)
            The trials that the samples are of.
        batch : tensor of int
            Those of the whole batch.
        """
        targets = self.targets[trials]
        if targets.is_floating_point():
            outputs = dense_mean(outputs)
            if outputs.shape != targets.shape:
                outputs = outputs.reshape(len(targets), -1)
            if outputs.shape != targets.shape:
                raise ValueError(
                    f"model must give {targets.shape[1]} values for each trial; "
                    f"got {tuple(outputs.shape)}"
                )
            return nn.functional.mse_loss(outputs, targets, reduction="sum") / (
                len(batch) * targets.shape[1]
            )
        targets = targets.long()
        outputs = at_places(outputs, tuple(targets.shape[1:]))
        total = nn.functional.cross_entropy(
            outputs,
            targets,
            self.weights,
            ignore_index=UNKNOWN,
            reduction="sum",
            label_smoothing=self.smoothing,
        )
        loss = total / self._weight(batch)
        if self.overlaps:
            loss = loss + overlap_loss(outputs, targets).sum() / len(batch)
        return loss

    def _weight(self, trials: Tensor) -> Tensor | float:
        if self.weights is None and self.targets.ndim == 1:
            return len(trials)
        targets = self.targets[trials].long()
        known = targets != UNKNOWN
        if self.weights is None:
            return known.sum().clamp(min=1)
        return self.weights[targets[known]].sum().clamp(min=torch.finfo(self.weights.dtype).tiny)


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
