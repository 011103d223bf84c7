"""How a training went, epoch by epoch."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Epoch:
    """One pass over the training trials.

    Parameters
    ----------
    number : int
        From 1 on.
    loss : float
        The mean over the batches, each before its step.
    learning_rate : float
        Of the last step.
    validation_loss : float, optional
        After the epoch, where there is a validation part.
    seconds : float
    """

    number: int
    loss: float
    learning_rate: float
    validation_loss: float | None = None
    seconds: float = dataclasses.field(default=0.0, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; `Epoch(**plain)` is the way back."""
        return dataclasses.asdict(self)


@dataclass(frozen=True)
class History:
    """All epochs of a training.

    Parameters
    ----------
    epochs : sequence of Epoch
    best : int
        The number of the epoch whose weights the network has.

    Examples
    --------
    >>> from sigconv.nn.training import Epoch, History
    >>> History([Epoch(1, 0.7, 1e-3), Epoch(2, 0.6, 1e-3)], best=2).losses
    [0.7, 0.6]
    """

    epochs: Sequence[Epoch]
    best: int

    @property
    def losses(self) -> list[float]:
        """The training loss of each epoch."""
        return [epoch.loss for epoch in self.epochs]

    @property
    def validation_losses(self) -> list[float]:
        """The validation loss of each epoch; empty without a validation part."""
        return [e.validation_loss for e in self.epochs if e.validation_loss is not None]
