"""A network judged on trials it never saw, beside classical answers on the same folds."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from ..data import EEGDataset, Fold, VolumeDataset, check, folds
from ..models import build_for
from .config import TrainingConfig
from .fit import crops, fit, seeded
from .history import Epoch, History
from .objectives import OBJECTIVES
from .tasks import Truth, task_of

if TYPE_CHECKING:
    from ..transfer import Begun, Start


@dataclass(frozen=True, eq=False)
class FoldResult:
    """One fold and seed: who was held out, and what was said of those windows (or volumes).

    Parameters
    ----------
    fold : str
    seed : int
    train, test : array of int
        Windows (volumes) of the data set.
    probabilities : mapping of str to array, shape (n_test, n_classes)
        Of the network, under its name, of each baseline and of 'chance', which names the class
        that is commonest in the training windows. Values (n_test, 1) to regress, beside 'mean';
        to segment, how many voxels of each class were called what (n_test, n_classes, n_classes).
    history : History
    begun : Begun, optional
        What the network got before its training.
    truth : Truth, optional
        What was judged, if it is not one thing a test window.
    scale : (float, float)
        Mean and deviation of the values that the network learned in those units.
    """

    fold: str
    seed: int
    train: NDArray[np.intp]
    test: NDArray[np.intp]
    probabilities: Mapping[str, NDArray[np.float64]]
    history: History
    begun: Begun | None = None
    truth: Truth | None = None
    scale: tuple[float, float] = (0.0, 1.0)

    def accuracy(self, method: str, y: NDArray[np.int64]) -> float:
        """Return the share of test windows that a method called right; `y` is the data set's."""
        return float((self.probabilities[method].argmax(axis=1) == y[self.test]).mean())


def cross_validate(
    data: EEGDataset | VolumeDataset,
    *,
    model: str | None = None,
    options: Mapping[str, Any] | None = None,
    split: str | Sequence[Fold] = "leave-one-subject-out",
    config: TrainingConfig | None = None,
    seeds: Sequence[int] | None = None,
    baselines: Sequence[str] | None = None,
    device: str | None = None,
    states: str | Path | None = None,
    start: Start | None = None,
    on_epoch: Callable[[str, Epoch], None] | None = None,
) -> Iterator[tuple[FoldResult, nn.Module]]:
    """Train a new network for every fold and judge it once on the fold's held-out windows.

    Parameters
    ----------
    data : EEGDataset or VolumeDataset
    model : str, optional
        A name for `build_model`; 'plain_cnn', or 'unet' for pictures and volumes (task 'segment'),
        if not given.
    options : mapping, optional
        Options of the network. To segment, 'unet' has padding 'same', batch norm and three levels
        of an eighth of the width, if nothing else is said.
    split : str or sequence of Fold
        As in `sigconv.nn.data.folds`. Folds of your own are checked: no trial on both sides, nor
        what else they say they keep.
    config : TrainingConfig, optional
    seeds : sequence of int, optional
        Train every fold with each of them; that of `config` if not given.
    baselines : sequence of str, optional
        Of 'band power + LDA', 'log-mel + LDA', 'tangent space' and 'filter bank + MDM' (the last
        two need the extra 'riemann'); 'band power + ridge' and 'log-mel + ridge' to regress;
        'voxels + LDA' to segment. `baselines_for(data)` if not given.
    device : str, optional
        Where networks are trained, in torch's words; where they are built, if not given.
    states : path, optional
        A folder for the states of the trainings (`fit`): what is there is gone on from.
    start : sigconv.nn.transfer.Start, optional
        Networks that were trained before, from which these start.
    on_epoch : callable, optional
        Called with the name of the fold and each `Epoch`.

    Yields
    ------
    (FoldResult, torch.nn.Module)
        As each fold ends, so that nothing is lost when a later one fails.

    Raises
    ------
    ValueError
        If an argument is illegal, a fold leaks, or its training windows lack a class.

    Notes
    -----
    The settings are given before the first fold and the test windows are used once, after the
    last epoch. Early stopping (`config.patience`) looks at a part of the training windows, which
    keeps whole what the split keeps whole.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import EEGDataset, TrainingConfig
    >>> from sigconv.nn.training import cross_validate
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(30, 2, 128)), np.tile([0, 1], 15)
    >>> data = EEGDataset.from_arrays(X, y, groups=np.repeat([1, 2, 3], 10), fs=128)
    >>> results = [r for r, _ in cross_validate(data, config=TrainingConfig(epochs=1))]
    >>> [(r.fold, len(r.train), len(r.test)) for r in results]
    [('1', 20, 10), ('2', 20, 10), ('3', 20, 10)]
    """
    task = task_of(data)
    model = model or task.model
    config = replace(config or task.config, task=data.task)
    if config.crop is not None and not OBJECTIVES[data.task].crops:
        raise ValueError(f"crop must not be given with task {data.task!r}: data are cut already")
    if start is not None and start.probe is not None and data.task != "classify":
        raise ValueError(f"probe must not be given with task {data.task!r}; got {start.probe!r}")
    methods = task.made(task.baselines(riemann=False) if baselines is None else baselines)
    parts = list(folds(split, data)) if isinstance(split, str) else list(split)
    for part in parts:
        check(part, data)
        task.require_all(part)
        if start is not None:
            start.chosen(part, data)
    seeds = [config.seed] if seeds is None else list(seeds)
    crop = crops(config, task.rate)
    shape = task.shape(crop)
    chosen = task.options(model, options or {}, crop)
    for number, part in enumerate(parts, start=1):
        truth = task.truth(part.test)
        said = {task.guess_name: task.guess(part, truth)}
        said |= {name: task.fitted(method, part, truth) for name, method in methods.items()}
        scale = task.scale(part)
        for seed in seeds:
            network = seeded(
                seed,
                lambda: build_for(model, shape, len(data.classes), **chosen),
            )
            if device is not None:
                network.to(device)
            begun = None if start is None else start.begin(network, part, data, shape)
            probed = {}
            if start is not None and start.probe is not None:
                probe = start.classifier(network, task.data, crop)
                name = f"{start.probe} + logistic regression"
                probed[name] = task.classical(probe, part, truth)

            def report(epoch: Epoch, name: str = part.name) -> None:
                if on_epoch is not None:
                    on_epoch(name, epoch)

            given = task.examples(part, seed)
            history = fit(
                network,
                given.X,
                given.y,
                replace(config, seed=seed),
                groups=given.kept,
                prepare=given.prepare,
                fs=task.rate,
                state=None
                if states is None
                else _state_file(Path(states), number, part.name, seed, begun),
                on_epoch=report,
            )
            own = task.said_by(network, part.test, truth, crop=crop, scale=scale)
            yield (
                FoldResult(
                    part.name,
                    seed,
                    part.train,
                    part.test,
                    {model: own, **probed, **said},
                    history,
                    begun,
                    truth,
                    scale,
                ),
                network,
            )


def fold_slug(fold: str) -> str:
    """Return the name of a fold as part of a file's name."""
    return re.sub(r"[^\w.-]+", "_", "_".join(Path(fold).parts[-2:]))


def _state_file(folder: Path, number: int, fold: str, seed: int, begun: Begun | None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    # what started from another network is another training
    start = "" if begun is None else "-" + hashlib.sha256(str(begun).encode()).hexdigest()[:8]
    return folder / f"fold{number:02d}-{fold_slug(fold)}-seed{seed}{start}.state"
