"""How a network is trained, as plain data."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ... import _checks
from .augment import Augmentation

TASKS = ("classify", "regress", "sequence", "segment")
OPTIMISERS = ("adamw", "sgd")
SCHEDULES = ("one-cycle", "cosine", "constant")
#: Types that the forward pass may be computed in instead of the network's own.
AMP = ("bfloat16", "float16")


@dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained.

    Parameters
    ----------
    task : {'classify', 'regress', 'sequence', 'segment'}
        Cross-entropy of logits (n, classes), or the mean squared error of values; the
        cross-entropy at each of the places of a trial (n, classes, places), and that and Dice
        over pictures and volumes (n, classes, ...). Targets of -1 are not known and count nothing.
    epochs : int
    batch_size : int
        A training set smaller than one batch is one batch; with several processes, of all
        of them together.
    optimiser : {'adamw', 'sgd'}
        SGD has Nesterov's momentum.
    learning_rate : float
        The peak of the schedule.
    weight_decay : float
    momentum : float
        Of SGD.
    schedule : {'one-cycle', 'cosine', 'constant'}
    patience : int, optional
        Stop when the validation loss has not fallen for so many epochs, and return to the
        weights of the best one. Without it every epoch is trained and every trial is used.
    validation : float
        Share of the training trials on which `patience` looks.
    class_weights : 'balanced' or sequence of float, optional
        What an error on a trial of each class counts; 'balanced' makes the classes equal.
    label_smoothing : float
        Share of each label that is given to all classes alike.
    mixup : float
        Each batch is mixed with itself in another order, by a share drawn from
        Beta(mixup, mixup); 0 is off.
    clip : float, optional
        Largest norm of the gradient.
    augment : sequence of Augmentation
        Changes of the training trials, in this order.
    crop, crop_stride : float, optional
        Train on stretches of the trials, `crop_stride` apart (default: a half overlap), and
        average what the network says of them: seconds where `fs` is given to `fit`, else samples.
    amp : {'bfloat16', 'float16'}, optional
        Compute the forward pass in this type. float16 needs a GPU.
    seed : int
        Decides the order of the trials, dropout and augmentation; `seeded` gives a network its
        first weights.

    Examples
    --------
    >>> from sigconv.nn import TrainingConfig
    >>> TrainingConfig(epochs=10, label_smoothing=0.1)
    TrainingConfig(epochs=10, label_smoothing=0.1)
    """

    task: str = "classify"
    epochs: int = 80
    batch_size: int = 32
    optimiser: str = "adamw"
    learning_rate: float = 2e-3
    weight_decay: float = 1e-2
    momentum: float = 0.9
    schedule: str = "one-cycle"
    patience: int | None = None
    validation: float = 0.2
    class_weights: str | Sequence[float] | None = None
    label_smoothing: float = 0.0
    mixup: float = 0.0
    clip: float | None = None
    augment: Sequence[Augmentation] = ()
    crop: float | None = None
    crop_stride: float | None = None
    amp: str | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        _checks.one_of("task", self.task, TASKS)
        _checks.whole("epochs", self.epochs)
        _checks.whole("batch_size", self.batch_size)
        _checks.one_of("optimiser", self.optimiser, OPTIMISERS)
        _checks.number("learning_rate", self.learning_rate, above=0)
        _checks.number("weight_decay", self.weight_decay, at_least=0)
        _checks.number("momentum", self.momentum, at_least=0, below=1)
        _checks.one_of("schedule", self.schedule, SCHEDULES)
        if self.patience is not None:
            _checks.whole("patience", self.patience)
        _checks.number("validation", self.validation, above=0, below=1)
        _checks.number("label_smoothing", self.label_smoothing, at_least=0, below=1)
        _checks.number("mixup", self.mixup, at_least=0)
        for name in ("clip", "crop", "crop_stride"):
            if getattr(self, name) is not None:
                _checks.number(name, getattr(self, name), above=0)
        if self.crop_stride is not None and self.crop is None:
            raise ValueError("crop_stride must not be given without crop")
        if isinstance(self.class_weights, str):
            _checks.one_of("class_weights", self.class_weights, ["balanced"])
        elif self.class_weights is not None:
            weights = tuple(
                _checks.number("class_weights", weight, at_least=0) for weight in self.class_weights
            )
            object.__setattr__(self, "class_weights", weights)
        for each in self.augment:
            if not isinstance(each, Augmentation):
                raise TypeError(f"augment must hold Augmentation objects; got {each!r}")
        object.__setattr__(self, "augment", tuple(self.augment))
        if self.amp is not None:
            _checks.one_of("amp", self.amp, AMP)
        _checks.whole("seed", self.seed, at_least=0)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for JSON; `from_dict` is the way back."""
        plain = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        plain["augment"] = [each.to_dict() for each in self.augment]
        if isinstance(self.class_weights, tuple):
            plain["class_weights"] = list(self.class_weights)
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> TrainingConfig:
        """Build a configuration from what `to_dict` returned.

        Examples
        --------
        >>> from sigconv.nn import TrainingConfig
        >>> config = TrainingConfig(epochs=3, clip=1.0)
        >>> TrainingConfig.from_dict(config.to_dict()) == config
        True
        """
        _checks.parameters(
            "TrainingConfig", plain, [field.name for field in dataclasses.fields(cls)]
        )
        augment = [Augmentation.from_dict(each) for each in plain.get("augment", ())]
        return cls(**{**plain, "augment": augment})

    def __repr__(self) -> str:
        given = [
            f"{field.name}={getattr(self, field.name)!r}"
            for field in dataclasses.fields(self)
            if getattr(self, field.name) != field.default
        ]
        return f"TrainingConfig({', '.join(given)})"
