"""A training under way in one file, from which it goes on as if it had never stopped."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from ... import _checks, _files

#: Raised by one when a file of the version before cannot be gone on from.
_FORMAT = 1


@dataclass
class State:
    """What a training holds after an epoch; all else follows from its arguments.

    Chance has no state of its own: what is drawn depends on the seed, the epoch and the batch.
    """

    about: dict[str, Any]  # what training this is
    epochs: list[dict[str, Any]] = field(default_factory=list)
    best: int = 0
    plain: dict[str, Any] = field(default_factory=dict)  # of optimiser, schedule and scaler
    tensors: dict[str, Tensor] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        header = {
            "format": _FORMAT,
            "about": self.about,
            "epochs": self.epochs,
            "best": self.best,
            "plain": self.plain,
        }
        # each for itself: parameters that share memory are no tensors to safetensors
        tensors = {key: value.detach().clone().contiguous() for key, value in self.tensors.items()}
        content = save(tensors, metadata={"training": json.dumps(header)})
        try:
            with _files.whole(path) as target:
                target.write_bytes(content)
        except OSError as error:
            kept = "the one before is whole" if path.exists() else "there is none before it"
            raise _checks.FileError(
                f"{path}: the state after epoch {len(self.epochs)} cannot be written "
                f"({error.strerror or error}); {kept}"
            ) from error

    @classmethod
    def load(cls, path: Path, about: dict[str, Any]) -> State:
        """Read a file that a training like this one left."""
        try:
            with safe_open(path, framework="pt") as file:
                header = json.loads((file.metadata() or {})["training"])
                tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            if header["format"] != _FORMAT:
                raise ValueError(f"format {header['format']}, not {_FORMAT}")
        except (SafetensorError, KeyError, ValueError, OSError) as error:
            raise _checks.FileError(
                f"{path}: is not the state of a training ({error}); remove it to begin anew"
            ) from error
        for key, value in about.items():
            if header["about"].get(key) != value:
                raise _checks.FileError(
                    f"{path}: is the state of another training: its {key} is "
                    f"{header['about'].get(key)!r}, not {value!r}; remove it to begin anew"
                )
        return cls(about, header["epochs"], header["best"], header["plain"], tensors)


def optimiser_state(optimiser: torch.optim.Optimizer) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Return an optimiser's state as plain data and tensors."""
    whole = optimiser.state_dict()
    plain: dict[str, Any] = {"param_groups": whole["param_groups"], "state": {}}
    tensors = {}
    for index, values in whole["state"].items():
        for key, value in values.items():
            if isinstance(value, Tensor):
                tensors[f"optimiser/{index}/{key}"] = value
            else:
                plain["state"].setdefault(str(index), {})[key] = value
    return plain, tensors


def restore_optimiser(
    optimiser: torch.optim.Optimizer, plain: dict[str, Any], tensors: dict[str, Tensor]
) -> None:
    """Bring an optimiser into a state that `optimiser_state` returned."""
    state: dict[int, dict[str, Any]] = {int(i): dict(v) for i, v in plain["state"].items()}
    for name, value in tensors.items():
        kind, _, rest = name.partition("/")
        if kind == "optimiser":
            index, _, key = rest.partition("/")
            state.setdefault(int(index), {})[key] = value
    optimiser.load_state_dict({"state": state, "param_groups": plain["param_groups"]})


def part(tensors: dict[str, Tensor], kind: str) -> dict[str, Tensor]:
    """Return the tensors whose names begin with a word, without it."""
    return {
        name.removeprefix(f"{kind}/"): value
        for name, value in tensors.items()
        if name.startswith(f"{kind}/")
    }
