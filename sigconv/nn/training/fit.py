"""Fitting a network to windows, and what it says of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from ... import _checks

#: Trials a forward pass without gradients takes at once.
_EVALUATION_BATCH = 256


@dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained: AdamW under a one-cycle schedule.

    Parameters
    ----------
    epochs : int
    batch_size : int
        A training set smaller than one batch is one batch.
    learning_rate : float
        The peak of the cycle.
    weight_decay : float
    seed : int
        Decides the order of the trials and the dropout; `seeded` gives a network its weights.

    Examples
    --------
    >>> from sigconv.nn import TrainingConfig
    >>> TrainingConfig(epochs=10)
    TrainingConfig(epochs=10, batch_size=32, learning_rate=0.002, weight_decay=0.01, seed=0)
    """

    epochs: int = 80
    batch_size: int = 32
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    seed: int = 0

    def __post_init__(self) -> None:
        _checks.whole("epochs", self.epochs)
        _checks.whole("batch_size", self.batch_size)
        _checks.number("learning_rate", self.learning_rate, above=0)
        _checks.number("weight_decay", self.weight_decay, at_least=0)
        _checks.whole("seed", self.seed, at_least=0)


@dataclass(frozen=True)
class Scores:
    """What a network reached on trials it may or may not have seen.

    `accuracy` is the share of trials called right, `loss` the mean cross-entropy, `chance` the
    accuracy of always naming the commonest class of these trials.
    """

    accuracy: float
    loss: float
    chance: float
    n_trials: int


def seeded(seed: int, build: Callable[[], nn.Module]) -> nn.Module:
    """Build a network whose first weights depend on the seed alone.

    Examples
    --------
    >>> from torch import nn
    >>> from sigconv.nn.training import seeded
    >>> a, b = (seeded(7, lambda: nn.Linear(3, 2)) for _ in range(2))
    >>> bool((a.weight == b.weight).all())
    True
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return build()


def fit(
    model: nn.Module,
    X: NDArray[np.floating],
    y: NDArray[np.integer],
    config: TrainingConfig | None = None,
    *,
    on_epoch: Callable[[int, float], None] | None = None,
) -> list[float]:
    """Train a network in place.

    Parameters
    ----------
    model : torch.nn.Module
        Takes (batch, channels, times) to logits (batch, classes).
    X : array, shape (n_trials, n_channels, n_times)
    y : array of int, shape (n_trials,)
    config : TrainingConfig, optional
    on_epoch : callable, optional
        Called with (epoch from 1, mean loss) after every epoch.

    Returns
    -------
    list of float
        The mean training loss of each epoch.

    Notes
    -----
    After the last step the statistics of the batch norms are taken anew over the whole
    training set. Networks with a slow moving average (EEGNet: momentum 0.01) would otherwise
    be judged, after the few hundred steps that EEG sets allow, with statistics of weights
    that they no longer have.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import TrainingConfig, build_model, evaluate, fit
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat([0, 1], 20)
    >>> X = rng.normal(size=(40, 2, 64)) + y[:, None, None]
    >>> model = build_model("plain_cnn", in_channels=2, num_classes=2)
    >>> losses = fit(model, X, y, TrainingConfig(epochs=20))
    >>> evaluate(model, X, y).accuracy > 0.9
    True
    """
    config = config or TrainingConfig()
    inputs, targets = _tensors(model, X, y)
    n = len(inputs)
    batches = -(-n // config.batch_size)
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, config.learning_rate, total_steps=config.epochs * batches
    )
    losses = []
    with torch.random.fork_rng():
        torch.manual_seed(config.seed)
        for epoch in range(1, config.epochs + 1):
            model.train()
            total = 0.0
            # parts of nearly equal size: a last batch of one trial would break the batch norm
            for batch in torch.tensor_split(torch.randperm(n), batches):
                loss = nn.functional.cross_entropy(model(inputs[batch]), targets[batch])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
                total += loss.item() * len(batch)
            losses.append(total / n)
            if on_epoch is not None:
                on_epoch(epoch, losses[-1])
    _settle_batch_norms(model, inputs)
    return losses


def predict_proba(model: nn.Module, X: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the probability of each class for each trial.

    Parameters
    ----------
    model : torch.nn.Module
    X : array, shape (n_trials, n_channels, n_times)

    Returns
    -------
    array of float64, shape (n_trials, n_classes)

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import build_model, predict_proba
    >>> model = build_model("plain_cnn", in_channels=2, num_classes=3)
    >>> predict_proba(model, np.zeros((5, 2, 64))).shape
    (5, 3)
    """
    inputs, _ = _tensors(model, X, None)
    was_training = model.training
    model.eval()
    with torch.no_grad():
        parts = [model(part).double().softmax(-1) for part in inputs.split(_EVALUATION_BATCH)]
    model.train(was_training)
    return torch.cat(parts).cpu().numpy()


def evaluate(model: nn.Module, X: NDArray[np.floating], y: NDArray[np.integer]) -> Scores:
    """Return accuracy, loss and chance of a network on labelled trials.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import build_model, evaluate
    >>> model = build_model("plain_cnn", in_channels=2, num_classes=2)
    >>> evaluate(model, np.zeros((4, 2, 64)), np.array([0, 0, 0, 1])).chance
    0.75
    """
    probabilities = predict_proba(model, X)
    y = np.asarray(y)
    right = probabilities[np.arange(len(y)), y]
    return Scores(
        accuracy=float((probabilities.argmax(axis=1) == y).mean()),
        loss=float(-np.log(np.maximum(right, 1e-300)).mean()),
        chance=float(np.bincount(y).max() / len(y)),
        n_trials=len(y),
    )


def _tensors(
    model: nn.Module, X: NDArray[np.floating], y: NDArray[np.integer] | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Check the trials and bring them to where the network is."""
    X = _checks.numeric("X", X)
    if not np.isfinite(X).all():
        raise ValueError("X must hold finite numbers; NaN or infinity stands in it")
    first = next(model.parameters())
    inputs = torch.as_tensor(X, dtype=first.dtype, device=first.device)
    if y is None:
        return inputs, torch.empty(0)
    y = np.asarray(y)
    if y.shape != (len(X),) or y.dtype.kind not in "iu":
        raise ValueError(f"y must be one whole number for each of {len(X)} trials; got {y.shape}")
    if len(np.unique(y)) < 2:
        raise ValueError("y must hold at least two classes; got one")
    return inputs, torch.as_tensor(y, dtype=torch.int64, device=first.device)


def _settle_batch_norms(model: nn.Module, inputs: torch.Tensor) -> None:
    """Replace the running statistics by those of the final weights over the training set."""
    norms = [module for module in model.modules() if isinstance(module, _BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    model.eval()  # dropout off
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a plain average over the batches
        norm.train()
    with torch.no_grad():
        for part in torch.tensor_split(inputs, -(-len(inputs) // _EVALUATION_BATCH)):
            model(part)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    model.eval()
