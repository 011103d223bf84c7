"""What the training makes small, summed so that it does not matter who computes which samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .config import TrainingConfig


@dataclass(frozen=True)
class Loss:
    """Cross-entropy with weights and smoothing, or the squared error.

    Parameters
    ----------
    targets : tensor
        Of all trials: class indices (n,), or values (n, n_outputs).
    weights : tensor, optional
        One a class.
    smoothing : float
    """

    targets: Tensor
    weights: Tensor | None
    smoothing: float

    @classmethod
    def of(cls, y: NDArray[np.generic], config: TrainingConfig, model: nn.Module) -> Loss:
        """Return the loss of a training; `y` is checked already."""
        first = next(model.parameters())
        if config.task == "regress":
            return cls(torch.as_tensor(y, dtype=first.dtype, device=first.device), None, 0.0)
        weights = _class_weights(y, config)
        held = None if weights is None else torch.as_tensor(weights).to(first)
        return cls(torch.as_tensor(y).to(first.device), held, config.label_smoothing)

    def part(self, outputs: Tensor, trials: Tensor, batch: Tensor) -> Tensor:
        """Return what some samples add to the mean loss of their batch.

        Parameters
        ----------
        outputs : tensor, shape (n, n_outputs, ...)
            Axes behind the second are averaged over: dense predictions.
        trials : tensor of int, shape (n,)
            The trials that the samples are of.
        batch : tensor of int
            Those of the whole batch.
        """
        outputs = dense_mean(outputs)
        targets = self.targets[trials]
        if targets.is_floating_point():
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
        total = nn.functional.cross_entropy(
            outputs, targets, self.weights, reduction="sum", label_smoothing=self.smoothing
        )
        return total / (len(batch) if self.weights is None else self._weight(batch))

    def _weight(self, trials: Tensor) -> Tensor:
        assert self.weights is not None
        return self.weights[self.targets[trials]].sum()


def dense_mean(outputs: Tensor) -> Tensor:
    """Average dense predictions (n, n_outputs, ...) over all that lies behind the second axis."""
    return outputs.flatten(2).mean(-1) if outputs.ndim > 2 else outputs


def _class_weights(y: NDArray[np.generic], config: TrainingConfig) -> NDArray[np.float64] | None:
    counts = np.bincount(y)
    if config.class_weights is None:
        return None
    if config.class_weights == "balanced":
        # as scikit-learn: the mean weight of a trial is 1; a class that is nowhere counts nothing
        return len(y) / (np.count_nonzero(counts) * np.maximum(counts, 1)) * (counts > 0)
    weights = np.asarray(config.class_weights, dtype=np.float64)
    if len(weights) < len(counts):
        raise ValueError(
            f"class_weights must be one for each of {len(counts)} classes; got {len(weights)}"
        )
    return weights
