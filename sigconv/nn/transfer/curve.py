"""How far the layers of a network carry over to other data (Yosinski et al. 2014)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from ... import _checks
from ..data import Fold, take
from ..models import build_model
from ..pretrained.freezing import freeze_up_to, up_to
from ..training import TrainingConfig, evaluate, fit, seeded
from ..training.trials import Prepare, Trials

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: What is done with the first layers: whose they are, and whether they are trained on.
WAYS = {
    "transferred, frozen": ("source", True),
    "transferred, fine-tuned": ("source", False),
    "own, frozen": ("own", True),
    "own, fine-tuned": ("own", False),
}
#: Between the seeds of first trainings and of those that go on, so that no layer is drawn twice.
_AGAIN = 2**20


@dataclass(frozen=True, eq=False)
class TransferCurve:
    """Accuracy on data of another kind, by how many layers were carried over.

    Parameters
    ----------
    layers : tuple of str
        The first layers up to and with each of these were carried over.
    accuracy : mapping of str to array, shape (n_layers, n_trainings)
        'transferred, frozen' (Yosinski's AnB), 'transferred, fine-tuned' (AnB+), and the
        controls with first layers of a network trained on the same data: 'own, frozen' (BnB:
        less than `base` where neighbouring layers had adapted to each other), 'own, fine-tuned'
        (BnB+).
    base : array, shape (n_trainings,)
        Of networks trained from nothing.
    chance : float
        Of always naming the class that is commonest in the test trials.
    """

    layers: tuple[str, ...]
    accuracy: Mapping[str, NDArray[np.float64]]
    base: NDArray[np.float64]
    chance: float

    def __str__(self) -> str:
        width = max(len(name) for name in ("carried over up to", *self.layers))
        lines = [f"{'carried over up to':<{width}}  " + "  ".join(self.accuracy)]
        lines.append(f"{'nothing':<{width}}  {self.base.mean():.3f}")
        for number, layer in enumerate(self.layers):
            cells = [f"{v[number].mean():<{len(n)}.3f}" for n, v in self.accuracy.items()]
            lines.append(f"{layer:<{width}}  " + "  ".join(cells).rstrip())
        lines.append(f"{len(self.base)} trainings each; chance {self.chance:.3f}")
        return "\n".join(lines)


def transfer_curve(
    source: nn.Module,
    X: Any,
    y: ArrayLike,
    folds: Sequence[Fold],
    *,
    layers: Sequence[str],
    config: TrainingConfig | None = None,
    seeds: Sequence[int] = (0,),
    ways: Sequence[str] = tuple(WAYS),
    prepare: Prepare | None = None,
    progress: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> TransferCurve:
    """Carry the first layers of a network over to other data, more and more of them, and train.

    Parameters
    ----------
    source : torch.nn.Module
        Made by `build_model`, trained on something else than the test trials of `folds`.
    X : array or reader, shape (n_trials, n_channels, ...)
        With the channels of what `source` was trained on.
    y : array, shape (n_trials,)
        Class indices.
    folds : sequence of Fold
        `sigconv.nn.data.folds` makes such as cannot leak.
    layers : sequence of str
        Names as for `sigconv.nn.pretrained.features`, from the input on.
    config : TrainingConfig, optional
    seeds : sequence of int
        Each fold is trained with each of them.
    ways : sequence of str
        Of the names of `TransferCurve.accuracy`.
    prepare : callable, optional
        As in `fit`.
    progress : callable, optional
        Wraps the iteration over folds and seeds (tqdm, say).

    Returns
    -------
    TransferCurve

    Raises
    ------
    ValueError
        If an argument is illegal, a layer is not there, or carries no weights over.

    Notes
    -----
    The layers above those that were carried over begin with new weights, drawn with another
    seed than any network before. Of each fold and seed there are 1 + n_ways * n_layers
    trainings, of which the first makes the network whose layers are "own".

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import TrainingConfig, build_model
    >>> from sigconv.nn.data import Fold
    >>> from sigconv.nn.transfer import transfer_curve
    >>> X = np.random.default_rng(0).normal(size=(16, 2, 64))
    >>> source = build_model("plain_cnn", in_channels=2, num_classes=4)
    >>> curve = transfer_curve(
    ...     source, X, np.arange(16) % 2, [Fold("half", np.arange(8), np.arange(8, 16))],
    ...     layers=["features.4", "features.9"], config=TrainingConfig(epochs=1),
    ... )
    >>> curve.accuracy["own, frozen"].shape
    (2, 1)
    """
    for way in ways:
        _checks.one_of("ways", way, WAYS)
    config = config or TrainingConfig()
    y = np.asarray(y)
    if not layers or not ways or not len(folds) or not len(seeds):
        raise ValueError("layers, ways, folds and seeds must hold at least one each; got none")
    if not isinstance(getattr(source, "config", None), dict):
        raise TypeError("source must be made by build_model: only that can be built again")
    x = next(Trials(take(X, folds[0].train[:2]), source, prepare=prepare).passes())
    carried = {layer: _tensors(source, layer, x) for layer in layers}
    told: dict[str, Any] = {**source.config, "num_classes": int(y.max()) + 1}  # type: ignore[dict-item]
    base: list[float] = []
    found: dict[str, list[list[float]]] = {way: [] for way in ways}
    chances = []
    for fold, seed in progress([(fold, seed) for fold in folds for seed in seeds]):
        train, test = (take(X, rows) for rows in (fold.train, fold.test))

        def trained(model: nn.Module, seed: int) -> float:
            fit(model, train, y[fold.train], replace(config, seed=seed), prepare=prepare)  # noqa: B023
            return evaluate(model, test, y[fold.test], prepare=prepare).accuracy  # noqa: B023

        own = _new(told, seed, source)
        base.append(trained(own, seed))
        chances.append(np.bincount(y[fold.test]).max() / len(fold.test))
        givers = {"source": source, "own": own}
        for way in ways:
            whose, frozen = WAYS[way]
            accuracies = []
            for layer in layers:
                model = _new(told, _AGAIN + seed, source)
                _give(model, givers[whose], carried[layer])
                if frozen:
                    freeze_up_to(model, layer, x)
                accuracies.append(trained(model, _AGAIN + seed))
            found[way].append(accuracies)
    accuracy = {way: np.array(rows).T for way, rows in found.items()}
    return TransferCurve(tuple(layers), accuracy, np.array(base), float(np.mean(chances)))


def draw_transfer(curve: TransferCurve) -> Figure:
    """Draw the accuracy by layers carried over; bars are standard errors over trainings.

    Returns
    -------
    matplotlib Figure

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn.transfer import TransferCurve, draw_transfer
    >>> accuracy = {"transferred, frozen": np.array([[0.9], [0.7]])}
    >>> figure = draw_transfer(TransferCurve(("stem", "stage1"), accuracy, np.array([0.8]), 0.5))
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2.5 + 1.2 * (1 + len(curve.layers)), 4), layout="constrained")
    axes = figure.subplots()
    places = np.arange(1, 1 + len(curve.layers))
    axes.axhline(curve.chance, color="0.6", linestyle=":", label="chance")
    axes.errorbar([0], curve.base.mean(), _error(curve.base), fmt="ks", label="from nothing")
    for number, (way, values) in enumerate(curve.accuracy.items()):
        whose, frozen = WAYS[way]
        axes.errorbar(
            # side by side, so that no bar hides another
            places + 0.06 * (number - (len(curve.accuracy) - 1) / 2),
            values.mean(1),
            [_error(row) for row in values],
            color="tab:red" if whose == "source" else "tab:blue",
            linestyle="-" if frozen else "--",
            marker="o" if frozen else "^",
            label=way,
        )
    axes.set_xticks([0, *places], ["nothing", *curve.layers])
    axes.set(xlabel="carried over up to", ylabel="accuracy", ylim=(0, 1.02))
    figure.legend(loc="outside upper center", ncols=3, fontsize=8)
    return figure


def _error(values: NDArray[np.float64]) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0


def _tensors(source: nn.Module, layer: str, x: Tensor) -> list[str]:
    """Return the names of the weights and statistics up to a layer."""
    own = {
        f"{name}.{key}".lstrip(".")
        for name in up_to(source, layer, x)
        for key in source.get_submodule(name).state_dict()
        if "." not in key
    }
    if not own:
        raise ValueError(f"layers must have weights up to each of them; {layer!r} has none")
    return [name for name in source.state_dict() if name in own]


def _new(config: dict[str, Any], seed: int, like: nn.Module) -> nn.Module:
    weight = next(like.parameters())
    return seeded(seed, lambda: build_model(**config)).to(weight.device, weight.dtype)


def _give(model: nn.Module, giver: nn.Module, names: Sequence[str]) -> None:
    values, own = giver.state_dict(), model.state_dict()
    with torch.no_grad():
        for name in names:
            if own[name].shape == values[name].shape:  # a head for other classes is not carried
                own[name].copy_(values[name])
