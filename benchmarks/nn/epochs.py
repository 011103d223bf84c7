"""Epochs of training: `fit` beside a plain loop and braindecode with skorch, and their losses.

All have the same weights to begin with, the same batches, the same masks of dropout and the same
SGD, so their curves of losses have to be one.
"""

import copy
import dataclasses
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from sigconv.nn import TrainingConfig, fit
from sigconv.nn.training import Epoch

from .. import threads as limits
from . import peers
from .cases import EEG, Case
from .cases import PARTS as CASES

TRIALS, BATCH = 288, 32

#: skorch has fewer turns: an epoch of Deep4Net takes it several seconds.
SKORCH_EPOCHS = 2

#: In float64, where only the losses count.
DOUBLE_TRIALS = 96

#: How many times as fast as the plain loop an epoch has to be: our network in that loop, and `fit`.
GOALS = {"eegnet": (8.0, 10.0), "shallow_convnet": (3.0, 3.0), "deep4": (2.0, 2.0)}

#: How far losses may lie from those of the plain loop.
CLOSE = {torch.float32: 1e-4, torch.float64: 1e-9}

#: At a rate of 0.01 Deep4Net's loss jumps from 2.7 to 6.3, and an epoch makes 1e-3 of a rounding
#: of 1e-7: curves can be compared only where training is stable.
CONFIG = TrainingConfig(
    epochs=4,
    batch_size=BATCH,
    optimiser="sgd",
    learning_rate=0.001,
    weight_decay=0.0,
    schedule="constant",
)


@dataclass
class Curve:
    """Losses and seconds of the epochs of one way to train."""

    losses: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, epoch: Callable[[int], float], number: int) -> None:
        """Train an epoch, and take down its mean loss."""
        before = time.perf_counter()
        self.losses.append(epoch(number))
        self.seconds.append(time.perf_counter() - before)

    def distance(self, other: "Curve") -> float:
        """Return the largest relative difference of two losses, in the epochs that both have."""
        pairs = zip(self.losses, other.losses, strict=False)
        return max(abs(a - b) / max(abs(a), abs(b)) for a, b in pairs)


def table(threads: int, *, quick: bool) -> str:
    """Return a Markdown table of the networks that have a goal, and what it says."""
    lines = [
        "| network | plain loop, s | braindecode + skorch, s | our network in the plain loop, s |"
        " `fit`, s | ratio, in the loop | ratio, `fit` | goals | ratio, skorch |"
        " losses apart, float32 | float64 |",
        "|---" * 11 + "|",
    ]
    with limits.limited(threads):
        for case in CASES["eeg"]:
            if case.name in GOALS:
                lines.append(_row(case, quick))
    trials, turns = (16, 2) if quick else (TRIALS, CONFIG.epochs)
    lines.append(
        f"\nSeconds of an epoch of {trials} trials of 22 × 1125 samples in float32, batches of "
        f"{BATCH}, SGD: the shortest of {turns} in turns ({SKORCH_EPOCHS} of skorch). Plain loop: "
        "braindecode's network, torch's SGD and nothing else. Ratio: to the plain loop, and of "
        "`fit` to skorch. `fit` finds EEGNet's statistics of trials once, before. Losses apart: "
        "the largest relative difference between the mean losses of an epoch by `fit` and by the "
        "plain loop."
    )
    return "\n".join(lines)


def _row(case: Case, quick: bool) -> str:
    epochs = 2 if quick else CONFIG.epochs
    single = curves(case, torch.float32, 16 if quick else TRIALS, epochs, also=True)
    double = curves(case, torch.float64, 16 if quick else DOUBLE_TRIALS, 2)
    best = {name: min(curve.seconds) for name, curve in single.items()}
    loop, whole = best["plain"] / best["loop"], best["plain"] / best["fit"]
    apart = [each["fit"].distance(each["plain"]) for each in (single, double)]
    for name in ("skorch", "loop"):
        if single[name].distance(single["plain"]) > CLOSE[torch.float32]:
            raise AssertionError(f"{case.name}: {name} has other losses than the plain loop")
    goals = GOALS[case.name]
    ratios = [
        f"{ratio:.2f}" + (" MISSED" if ratio < goal and not quick else "")
        for ratio, goal in zip((loop, whole), goals, strict=True)
    ]
    close = [
        f"{distance:.0e}" + (" MISSED" if distance > limit else "")
        for distance, limit in zip(apart, CLOSE.values(), strict=True)
    ]
    times = [f"{best[name]:.3g}" for name in ("plain", "skorch", "loop", "fit")]
    goal = f"≥ {goals[0]:g}, {goals[1]:g}"
    skorch = f"{best['skorch'] / best['fit']:.1f}"
    return f"| {' | '.join([case.name, *times, *ratios, goal, skorch, *close])} |"


def curves(
    case: Case, dtype: torch.dtype, n_trials: int, epochs: int, also: bool = False
) -> dict[str, Curve]:
    """Train a network by `fit` and by a plain loop; `also` by all other ways; epochs in turns."""
    torch.manual_seed(0)
    ours = case.ours().to(dtype)
    theirs = case.theirs().to(dtype)
    taken_over(theirs, ours)
    x = torch.randn(n_trials, EEG["n_chans"], EEG["n_times"], dtype=dtype)
    y = torch.arange(n_trials) % EEG["n_outputs"]
    # the classes differ in how loud they are
    x *= (1 + 0.1 * y)[:, None, None]
    ways = {}
    if also:
        ways["skorch"] = skorch(copy.deepcopy(theirs), x, y)
        ways["loop"] = loop(copy.deepcopy(ours), x, y)
    ways["plain"] = loop(theirs, x, y)
    found = {name: Curve() for name in (*ways, "fit")}

    def others(epoch: Epoch) -> None:
        found["fit"].losses.append(epoch.loss)
        found["fit"].seconds.append(epoch.seconds)
        for name, way in ways.items():
            if name != "skorch" or epoch.number <= SKORCH_EPOCHS:
                found[name].add(way, epoch.number)

    config = dataclasses.replace(CONFIG, epochs=epochs)
    fit(ours, x.numpy(), y.numpy(), config, on_epoch=others)
    return found


def taken_over(theirs: nn.Module, ours: nn.Module) -> None:
    """Give a peer's network the weights of ours, whose tensors have the same order."""
    pairs = zip(theirs.state_dict().values(), ours.state_dict().values(), strict=True)
    for theirs_, ours_ in pairs:
        theirs_.copy_(ours_.view_as(theirs_))


def batches(epoch: int, n_trials: int) -> Iterator[tuple[np.ndarray, int]]:
    """Yield the trials of each batch, and the seed of its dropout, as `fit` draws them."""
    order = np.random.default_rng([CONFIG.seed, 0, epoch]).permutation(n_trials)
    for number, chosen in enumerate(np.array_split(order, -(-n_trials // BATCH))):
        yield chosen, int(np.random.default_rng([CONFIG.seed, 1, epoch, number]).integers(2**62))


def loop(model: nn.Module, x: Tensor, y: Tensor) -> Callable[[int], float]:
    """Return an epoch of the loop that everybody writes."""
    optimiser = torch.optim.SGD(model.parameters(), **_sgd())

    def epoch(number: int) -> float:
        model.train()
        total = 0.0
        for chosen, seed in batches(number, len(x)):
            torch.manual_seed(seed)
            loss = nn.functional.cross_entropy(model(x[chosen]), y[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item() * len(chosen)
        return total / len(x)

    return epoch


def skorch(model: nn.Module, x: Tensor, y: Tensor) -> Callable[[int], float]:
    """Return an epoch of braindecode's classifier, which is skorch's."""
    drawn: list[Sequence[tuple[np.ndarray, int]]] = [()]

    def seed(net: Any, number: int) -> None:
        torch.manual_seed(drawn[0][number][1])

    net = peers.classifier(model, lambda: [chosen for chosen, _ in drawn[0]], seed, **_sgd())
    arrays = x.numpy(), y.numpy()

    def epoch(number: int) -> float:
        drawn[0] = list(batches(number, len(x)))
        net.partial_fit(*arrays)
        return float(net.history[-1, "train_loss"])

    return epoch


def _sgd() -> dict[str, Any]:
    return {"lr": CONFIG.learning_rate, "momentum": CONFIG.momentum, "nesterov": True}
