"""A training that starts from a network that was trained before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ... import _checks
from ..checkpoint import Checkpoint, load_checkpoint
from ..data import EEGDataset, Fold, Inputs, Seen
from ..data.kinds import Dataset
from ..models import build_model
from ..pretrained import Carried, freeze_up_to, load_pretrained
from .probing import linear_probe

#: What `build_model` is told of the data, not of the network.
_OF_THE_DATA = ("name", "in_channels", "num_classes", "n_times", "ndim", "input_shape")


@dataclass(frozen=True)
class Begun:
    """What a network got before its training; as a text, one line.

    Parameters
    ----------
    name : str
        Of the checkpoint.
    carried : Carried
        Which weights matched, and which did not.
    notes : tuple of str
        What else is to be known: a new head, what is frozen, what differs between the sets.
    seen : Seen
        What the checkpoint was trained on.
    """

    name: str
    carried: Carried
    notes: tuple[str, ...] = ()
    seen: Seen = field(default_factory=lambda: Seen({}))

    def __str__(self) -> str:
        return "; ".join([f"starts from {self.name}: {self.carried}", *self.notes])


@dataclass(frozen=True)
class Start:
    """Networks from which trainings start, and what becomes of them.

    Parameters
    ----------
    checkpoints : mapping of str to Checkpoint
        By name. Each fold starts from the first one that has not seen its test windows, nor
        anything else of whom or what the split keeps whole.
    freeze : str, optional
        The layer up to which, itself included, nothing is trained (`freeze_up_to`).
    probe : str, optional
        The layer whose features, before any training here, a logistic regression is fitted to:
        a further row of the results.
    tell : callable, optional
        Given the line of a network that begins, when it is another one than the last.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import Checkpoint, EEGDataset, TrainingConfig, build_model, cross_validate
    >>> from sigconv.nn.transfer import Start
    >>> model = build_model("plain_cnn", in_channels=2, num_classes=5)
    >>> before = Checkpoint(model, list("abcde"), ["C3", "C4"], 128.0, (0, 1))
    >>> X = np.random.default_rng(0).normal(size=(30, 2, 128))
    >>> data = EEGDataset.from_arrays(
    ...     X, [0, 1] * 15, groups=np.repeat([1, 2, 3], 10), fs=128, channels=["C3", "C4"]
    ... )
    >>> start = Start({"before": before}, freeze="features.9")
    >>> result, network = next(cross_validate(data, start=start, config=TrainingConfig(epochs=1)))
    >>> print(result.begun)  # doctest: +ELLIPSIS
    starts from before: 18 of 20 tensors; not found: classifier.weight, classifier.bias; new head...
    """

    checkpoints: Mapping[str, Checkpoint]
    freeze: str | None = None
    probe: str | None = None
    tell: Callable[[str], None] | None = None

    def __post_init__(self) -> None:
        if not self.checkpoints:
            raise ValueError("checkpoints must hold at least one network; got none")

    @classmethod
    def read(
        cls,
        path: str | Path,
        *,
        freeze: str | None = None,
        probe: str | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> Start:
        """Read a checkpoint, or all that lie in a folder of `sigconv train`.

        Raises
        ------
        FileNotFoundError, FileError
            If nothing is there, or no checkpoint.
        """
        path = Path(path)
        files = sorted(path.glob("*.safetensors")) if path.is_dir() else [path]
        if not files:
            raise _checks.FileError(f"{path}: must hold checkpoints (.safetensors); found none")
        return cls({str(file): load_checkpoint(file) for file in files}, freeze, probe, tell)

    @property
    def model(self) -> tuple[str, dict[str, Any]]:
        """The name of the networks and their options, to build such a one for other data."""
        config: Any = next(iter(self.checkpoints.values())).model.config
        options = {key: value for key, value in config.items() if key not in _OF_THE_DATA}
        return config["name"], options

    @property
    def inputs(self) -> Inputs:
        """What the networks saw of windows."""
        return next(iter(self.checkpoints.values())).inputs

    def chosen(self, fold: Fold, data: Dataset) -> str:
        """Return the name of the checkpoint that a fold starts from.

        Raises
        ------
        ValueError
            If each of them has seen what the fold tests, or its channels come in another order.
        """
        refusals = []
        for name, checkpoint in self.checkpoints.items():
            here, there = ([c.lower() for c in each.channels] for each in (data, checkpoint))
            if here != there and sorted(here) == sorted(there):
                raise ValueError(
                    f"channels must be in the order of {name} ({','.join(checkpoint.channels)}); "
                    f"got {','.join(data.channels)}"
                )
            refusal = _seen(checkpoint).refusal(fold, data)
            if not refusal:
                return name
            refusals.append(f"{name} was trained on {refusal}")
        raise ValueError(
            f"start must hold a network to which the test windows of fold {fold.name!r} are new; "
            f"{refusals[0]}" + (f", and so on for all {len(refusals)}" if refusals[1:] else "")
        )

    def classifier(self, model: nn.Module, data: EEGDataset, crop: tuple[int, int] | None) -> Any:
        """Return an untrained logistic regression on the features of the layer to probe."""
        return linear_probe(model, str(self.probe), prepare=data.prepare, crop=crop)

    def begin(self, model: nn.Module, fold: Fold, data: Dataset, shape: Sequence[int]) -> Begun:
        """Give a new network its weights, in place, and freeze what is to stay.

        Parameters
        ----------
        model : torch.nn.Module
            Made by `build_model`.
        fold : Fold
        data : EEGDataset or VolumeDataset
        shape : sequence of int
            Of what the network sees at once: (channels, ...).
        """
        name = self.chosen(fold, data)
        checkpoint = self.checkpoints[name]
        notes = []
        weights = dict(checkpoint.model.state_dict())
        if tuple(checkpoint.classes) != tuple(data.classes):
            head = _head(model)
            weights = {key: value for key, value in weights.items() if key not in head}
            notes.append(
                f"new head for {', '.join(data.classes)} (there: {', '.join(checkpoint.classes)})"
            )
        carried = load_pretrained(model, weights)
        own = model.state_dict()
        if not any(own[key].ndim > 1 for key in carried.matched):  # a norm alone is nothing
            raise ValueError(
                f"start must hold networks with a layer that fits; {name} is "
                f"{_name(checkpoint.model)!r}, and none of its kernels fits {_name(model)!r}"
            )
        if self.freeze is not None:
            weight = next(model.parameters())
            x = torch.zeros(2, *shape, dtype=weight.dtype, device=weight.device)
            freeze_up_to(model, self.freeze, x)
            held = [p.numel() for p in model.parameters() if not p.requires_grad]
            total = sum(p.numel() for p in model.parameters())
            notes.append(f"frozen up to {self.freeze}: {sum(held)} of {total} parameters")
        begun = Begun(name, carried, (*notes, *_differences(checkpoint, data)), _seen(checkpoint))
        if self.tell is not None:
            self.tell(str(begun))
        return begun


def _name(model: nn.Module) -> str:
    config: Any = model.config
    return str(config["name"])


def _head(model: nn.Module) -> set[str]:
    """Return the tensors of a network whose shapes hang on the number of its classes."""
    config: Any = model.config
    with torch.device("meta"):
        other = build_model(**{**config, "num_classes": config["num_classes"] + 1})
    shapes = {name: value.shape for name, value in other.state_dict().items()}
    return {name for name, value in model.state_dict().items() if value.shape != shapes[name]}


def _seen(checkpoint: Checkpoint) -> Seen:
    return Seen.from_dict(checkpoint.training.get("seen", {}))


def _differences(checkpoint: Checkpoint, data: Dataset) -> list[str]:
    """Return what a network did not see as it will see it now."""
    found = []
    if "seen" not in checkpoint.training:
        found.append("what it was trained on is not known")
    mine = data.carried()
    if checkpoint.fs != mine["fs"]:
        found.append(f"{checkpoint.fs:g} Hz there, {mine['fs']:g} Hz here")
    apart = [checkpoint.spacing, mine.get("spacing", ())]
    if tuple(apart[0]) != tuple(apart[1]):
        there, here = (" x ".join(f"{step:g}" for step in each) or "none" for each in apart)
        found.append(f"spacing {there} there, {here} here")
    names = [[c.lower() for c in each.channels] for each in (data, checkpoint)]
    if names[0] != names[1]:
        found.append(f"other channels there: {', '.join(checkpoint.channels)}")
    inputs = mine.get("inputs", checkpoint.inputs)
    if checkpoint.inputs != inputs:
        found.append(f"it saw {checkpoint.inputs} there, it sees {inputs} here")
    if str(checkpoint.pipeline) != str(mine.get("pipeline", checkpoint.pipeline)):
        found.append(f"other filter there: {checkpoint.pipeline}")
    return found
