"""The question to a network: which score of which trials; checked before anything is computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ... import _checks
from ..modes import evaluating
from .attribution import AXES


class ClassScores(nn.Module):
    """A network whose outputs are one number a class: maps of classes are averaged."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, ...) -> (batch, classes)."""
        y = self.model(x)
        return y if y.ndim == 2 else y.flatten(2).mean(-1)


@dataclass(frozen=True)
class Question:
    """A network, trials and the class whose score is to be explained in each of them."""

    scores: ClassScores
    x: Tensor
    target: Tensor
    score: Tensor
    n_classes: int

    @property
    def axes(self) -> tuple[str, ...]:
        """The names of the axes of `x`."""
        return AXES[self.x.ndim - 2]

    def of(self, trials: Tensor) -> Question:
        """Return the same question to some of the trials."""
        return Question(
            self.scores, self.x[trials], self.target[trials], self.score[trials], self.n_classes
        )


def ask(
    model: nn.Module, x: ArrayLike, target: int | Sequence[int] | None, batch_size: int
) -> Question:
    """Check the network and the trials; the target is the predicted class where it is None."""
    inputs = checked_inputs(model, x)
    norms = [module for module in model.modules() if isinstance(module, _BatchNorm)]
    if norms and all(_is_new(norm) for norm in norms):
        raise ValueError("model must be trained; got one whose batch norms have seen no batch")
    scores = ClassScores(model)
    with torch.no_grad(), at_rest(model):
        try:
            answers = torch.cat([scores(part) for part in inputs.split(batch_size)])
        except RuntimeError as error:
            # torch's own words for maps that have shrunk to nothing, or for wrong channels
            reason = str(error).splitlines()[0]
            raise ValueError(
                f"x must be as long as the network's receptive field needs, with its channels; "
                f"got shape {tuple(inputs.shape)} ({reason})"
            ) from error
    targets = _targets(target, answers)
    return Question(
        scores, inputs, targets, answers.gather(1, targets[:, None])[:, 0], answers.shape[1]
    )


def checked_inputs(model: nn.Module, x: ArrayLike) -> Tensor:
    """Return trials (trials, channels, ...) as the network takes them."""
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch module; got {type(model).__name__}")
    array = _checks.numeric("x", x)
    if array.ndim - 2 not in AXES:
        raise ValueError(f"x must have shape (trials, channels, ...); got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError("x must hold finite numbers; NaN or infinity stands in it")
    parameter = next(model.parameters(), None)
    if parameter is None:
        raise ValueError(f"model must have weights; got {type(model).__name__} with none")
    return torch.as_tensor(array, dtype=parameter.dtype, device=parameter.device)


def _is_new(norm: _BatchNorm) -> bool:
    mean, variance = norm.running_mean, norm.running_var
    return (
        mean is not None
        and variance is not None
        and bool((mean == 0).all() & (variance == 1).all())
    )


def _targets(target: int | Sequence[int] | None, answers: Tensor) -> Tensor:
    n_trials, n_classes = answers.shape
    if target is None:
        return answers.argmax(1)
    chosen = np.broadcast_to(np.asarray(target), np.shape(target) or (n_trials,))
    if chosen.shape != (n_trials,) or chosen.dtype.kind not in "iu":
        raise ValueError(
            f"target must be a class, or one for each of {n_trials} trials; got {target!r}"
        )
    if chosen.min() < 0 or chosen.max() >= n_classes:
        raise ValueError(f"target must be a class from 0 to {n_classes - 1}; got {target!r}")
    return torch.as_tensor(chosen.copy(), dtype=torch.int64, device=answers.device)


@contextmanager
def at_rest(model: nn.Module) -> Iterator[None]:
    """Put a network into evaluation mode, with no rectifier that overwrites its input; undo it.

    Hooks on a rectifier that works in place would see its output where its input was.
    """
    in_place = [module for module in model.modules() if getattr(module, "inplace", False)]
    for module in in_place:
        module.inplace = False  # type: ignore[assignment]
    try:
        with evaluating(model):
            yield
    finally:
        for module in in_place:
            module.inplace = True  # type: ignore[assignment]


def layer_named(model: nn.Module, name: str) -> nn.Module:
    """Return a layer by its dotted name."""
    layers = dict(model.named_modules())
    layers.pop("", None)
    return layers[_checks.one_of("layer", name, layers)]
