"""A training under way."""

from __future__ import annotations

import hashlib
import math
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..modes import evaluating
from . import norms, processes
from .config import TrainingConfig
from .history import Epoch, History
from .losses import Loss, at_places
from .optimisers import make_optimiser, make_schedule
from .state import State, optimiser_state, part, restore_optimiser
from .trials import Trials

#: Trials from which norms take their statistics for a look at the validation part.
_GLANCE = 1024
#: Purposes for which chance is drawn, so that no two share their numbers.
_ORDER, _BATCH = range(2)


@dataclass
class Run:
    """A network, its optimiser and schedule, and the epochs so far."""

    model: nn.Module
    source: Trials
    loss: Loss
    targets: Tensor
    training: NDArray[np.intp]
    validation: NDArray[np.intp]
    config: TrainingConfig
    fs: float

    def __post_init__(self) -> None:
        samples = len(self.training) * self.source.n_crops
        self._n_batches = -(-samples // self.config.batch_size)
        if samples // self._n_batches < processes.count():
            raise ValueError(
                f"batch_size must give each of {processes.count()} processes a trial; "
                f"got {self.config.batch_size} ({samples} trials)"
            )
        self._optimiser = make_optimiser(self.model, self.config)
        steps = self.config.epochs * self._n_batches
        self._schedule = make_schedule(self._optimiser, self.config, steps)
        device = self.source.device.type
        if self.config.amp == "float16" and device == "cpu":
            raise ValueError("amp must be 'bfloat16' on the CPU; got 'float16'")
        self._scaler = torch.amp.GradScaler(device, enabled=self.config.amp == "float16")
        self._statistics = self._trial_statistics()
        self._epochs: list[Epoch] = []
        self._best = 0
        self._best_weights: dict[str, Tensor] = {}

    @property
    def is_done(self) -> bool:
        """Whether all epochs are trained, or the validation loss has not fallen for too long."""
        n = len(self._epochs)
        return n == self.config.epochs or (
            self.config.patience is not None and n - self._best >= self.config.patience
        )

    def epoch(self) -> Epoch:
        """Train one epoch."""
        started = time.perf_counter()
        number = len(self._epochs) + 1
        order = np.random.default_rng([self.config.seed, _ORDER, number]).permutation(
            len(self.training) * self.source.n_crops
        )
        total = torch.zeros((), dtype=torch.float64, device=self.source.device)
        devices = [self.source.device] if self.source.device.type == "cuda" else []
        with torch.random.fork_rng(devices):
            self.model.train()
            # parts of nearly equal size: a last batch of one trial would break the batch norm
            for index, chosen in enumerate(np.array_split(order, self._n_batches)):
                total += self._step(number, index, self._samples(chosen)) * len(chosen)
        mean = float(processes.total(total)) / len(order)
        if not math.isfinite(mean):
            raise ValueError(
                f"the loss must stay finite; it became {mean} in epoch {number} (a smaller "
                "learning_rate or a clip of the gradient may help)"
            )
        rate = float(self._optimiser.param_groups[0]["lr"])
        validation = self._validate() if len(self.validation) else None
        epoch = Epoch(number, mean, rate, validation, time.perf_counter() - started)
        self._epochs.append(epoch)
        self._keep_the_best()
        return epoch

    def finish(self) -> History:
        """Give the network the best weights and the statistics that belong to them."""
        if self._best_weights:
            self.model.load_state_dict(self._best_weights)
        norms.settle(self.model, self.source.passes(self.training))
        return History(tuple(self._epochs), self._best)

    def save(self, path: Path) -> None:
        """Write the state of the training."""
        if processes.rank() > 0:
            return
        plain, tensors = optimiser_state(self._optimiser)
        tensors |= {f"model/{key}": value for key, value in self.model.state_dict().items()}
        tensors |= {f"best/{key}": value for key, value in self._best_weights.items()}
        State(
            about=self._about(),
            epochs=[epoch.to_dict() for epoch in self._epochs],
            best=self._best,
            plain={
                "optimiser": plain,
                "schedule": self._schedule.state_dict(),
                "scaler": self._scaler.state_dict(),
            },
            tensors=tensors,
        ).save(path)

    def restore(self, path: Path) -> None:
        """Go on from the state that a training like this one left."""
        state = State.load(path, self._about())
        self.model.load_state_dict(part(state.tensors, "model"))
        self._best_weights = part(state.tensors, "best")
        restore_optimiser(self._optimiser, state.plain["optimiser"], state.tensors)
        self._schedule.load_state_dict(state.plain["schedule"])
        self._scaler.load_state_dict(state.plain["scaler"])
        self._epochs = [Epoch(**plain) for plain in state.epochs]
        self._best = state.best

    def _samples(self, chosen: NDArray[np.intp]) -> NDArray[np.intp]:
        trial, crop = np.divmod(chosen, self.source.n_crops)
        return self.training[trial] * self.source.n_crops + crop

    def _step(self, epoch: int, number: int, samples: NDArray[np.intp]) -> Tensor:
        """Take a step; return this process's part of the batch's mean loss."""
        # what is drawn follows from where the training is, so there is no state to keep
        chance = np.random.default_rng([self.config.seed, _BATCH, epoch, number])
        torch.manual_seed(int(chance.integers(2**62)))
        draw = torch.Generator(self.source.device).manual_seed(int(chance.integers(2**62)))
        x = self.source.inputs(samples)
        trial = torch.from_numpy(self.source.trial_of(samples)).to(self.source.device)
        targets = self.targets[trial]
        for augmentation in self.config.augment:
            x, targets = augmentation.with_targets(x, targets, draw, self.fs)
        share, partner = 1.0, targets
        if self.config.mixup > 0:
            share = float(chance.beta(self.config.mixup, self.config.mixup))
            other = torch.from_numpy(chance.permutation(len(x))).to(x.device)
            x, partner = torch.lerp(x[other], x, share), targets[other]
        mine = processes.own(len(x))
        with processes.of_whole_batch(len(x)), self._autocast():
            outputs = self.model(x[mine], **self._known(samples))
        outputs = outputs.to(x.dtype)
        loss = self.loss.part(outputs, targets[mine], targets)
        if partner is not targets:
            loss = share * loss + (1 - share) * self.loss.part(outputs, partner[mine], partner)
        self._optimiser.zero_grad()
        self._scaler.scale(loss).backward()
        processes.sum_gradients(self.model.parameters())
        if self.config.clip is not None:
            self._scaler.unscale_(self._optimiser)
            nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip)
        self._scaler.step(self._optimiser)
        self._scaler.update()
        self._schedule.step()
        return loss.detach().double()

    def _known(self, samples: NDArray[np.intp]) -> dict[str, Tensor]:
        """Return what the network can be told of trials that it sees as they are, if it can be."""
        if self._statistics is None:
            return {}
        return {"statistics": self._statistics[torch.from_numpy(samples)]}

    def _trial_statistics(self) -> Tensor | None:
        """Return what some networks (EEGNet) would find anew of each trial in every epoch."""
        whole = self.source.held
        find = getattr(self.model, "trial_statistics", None)
        changed = self.config.augment or self.config.mixup or self.config.amp
        if find is None or whole is None or changed or processes.count() > 1:
            return None
        if self.source.n_crops > 1 or whole.device.type != "cpu":
            return None
        found: Tensor = find(whole)
        return found

    def _autocast(self) -> Any:
        if self.config.amp is None:
            return nullcontext()
        return torch.autocast(self.source.device.type, getattr(torch, self.config.amp))

    def _validate(self) -> float:
        """Return the loss on the validation part, of the mean over the crops of each trial."""
        # evenly drawn: trials often lie subject by subject
        some = self.training[:: -(-len(self.training) // _GLANCE)]
        norms.settle(self.model, self.source.passes(some))
        targets = self.targets[torch.from_numpy(self.validation).to(self.targets.device)]
        places = self.loss.places(targets)
        outputs = forward(self.model, self.source, self.validation, places=places)
        return float(self.loss.part(outputs, targets, targets))

    def _keep_the_best(self) -> None:
        last = self._epochs[-1]
        if last.validation_loss is None:
            self._best = last.number
            return
        before = [e.validation_loss for e in self._epochs[:-1] if e.validation_loss is not None]
        if not before or last.validation_loss < min(before):
            self._best = last.number
            self._best_weights = {
                key: value.detach().clone() for key, value in self.model.state_dict().items()
            }

    def _about(self) -> dict[str, Any]:
        """Return what tells this training from others."""
        shapes = {key: list(value.shape) for key, value in self.model.state_dict().items()}
        targets = self.targets.cpu().numpy()
        first = self.source.inputs(np.arange(1)).cpu().numpy()
        return {
            "configuration": self.config.to_dict(),
            "network": _digest(repr(shapes).encode()),
            "frozen weights": [k for k, p in self.model.named_parameters() if not p.requires_grad],
            "number of trials": self.source.n_trials,
            "labels": _digest(targets.tobytes() + self.training.tobytes()),
            "first trial": _digest(first.tobytes()),
        }


def forward(
    model: nn.Module,
    source: Trials,
    trials: NDArray[np.intp] | None = None,
    *,
    places: tuple[int, ...] | None = None,
) -> Tensor:
    """Return a network's outputs for trials, averaged over their crops and over dense predictions.

    With `places` they are those at each place of a trial.

    Returns
    -------
    tensor, shape (n_trials, n_outputs) or (n_trials, n_outputs, *places)
        In all processes, each of which computes its rows.
    """
    found = []
    with evaluating(model), torch.no_grad():
        for x in source.passes(trials):
            if len(x) < processes.count():  # too few to share
                found.append(at_places(model(x), places))
            else:
                outputs = at_places(model(x[processes.own(len(x))]), places)
                found.append(processes.gathered(outputs, len(x)))
    outputs = torch.cat(found)
    return outputs.reshape(-1, source.n_crops, *outputs.shape[1:]).mean(1)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
