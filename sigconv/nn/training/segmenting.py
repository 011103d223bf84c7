"""A network that segments, judged on volumes it never saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from ... import _checks
from ..data.splits import Fold, check, folds
from ..data.volumes import Patches, VolumeDataset
from ..models import build_for
from ..patches import over_volume
from .config import TrainingConfig
from .fit import fit, seeded
from .history import Epoch, History

#: A U-Net that keeps the size of its input and trains in minutes on a CPU.
_UNET = {"padding": "same", "batch_norm": True, "levels": 3, "width": 0.125}


@dataclass(frozen=True, eq=False)
class SegmentResult:
    """One fold: which volumes were held out, and how their voxels were called.

    Parameters
    ----------
    fold : str
    train, test : array of int
        Volumes of the data set.
    confusion : array of int, shape (n_test, n_classes, n_classes)
        Of each held-out volume: voxels of each class (rows) by what they were called (columns).
    history : History
    """

    fold: str
    train: NDArray[np.intp]
    test: NDArray[np.intp]
    confusion: NDArray[np.int64]
    history: History

    @property
    def dice(self) -> NDArray[np.float64]:
        """Twice the overlap over both sizes, shape (n_test, n_classes); NaN where there is none."""
        hits = np.diagonal(self.confusion, axis1=1, axis2=2)
        sizes = self.confusion.sum(axis=1) + self.confusion.sum(axis=2)
        return np.divide(2.0 * hits, sizes, out=np.full(hits.shape, np.nan), where=sizes > 0)


def cross_validate_volumes(
    data: VolumeDataset,
    *,
    model: str = "unet",
    options: Mapping[str, Any] | None = None,
    split: str | Sequence[Fold] = "leave-one-subject-out",
    config: TrainingConfig | None = None,
    patch: Sequence[int] = (32, 32, 32),
    per_volume: int = 32,
    device: str | None = None,
    on_epoch: Callable[[str, Epoch], None] | None = None,
) -> Iterator[tuple[SegmentResult, nn.Module]]:
    """Train a new network on patches for every fold and judge it on whole held-out volumes.

    Parameters
    ----------
    data : VolumeDataset
    model : str
        A name for `build_model`; the network must keep the size of its input.
    options : mapping, optional
        Of the network; 'unet' has padding 'same', batch norm and three levels of an eighth of the
        width, if nothing else is said.
    split : str or sequence of Fold
        'leave-one-subject-out' or 'group-k-fold:K', or folds of your own, which are checked.
    config : TrainingConfig, optional
        Its task becomes 'segment': cross-entropy and Dice.
    patch : sequence of int
    per_volume : int
        Patches drawn of each volume, half of them around voxels that are not background.
    device, on_epoch
        As in `cross_validate`.

    Yields
    ------
    (SegmentResult, torch.nn.Module)

    Raises
    ------
    ValueError
        If a fold leaks, an argument is illegal, or the network changes sizes.
    """
    config = replace(config or TrainingConfig(batch_size=8, epochs=20), task="segment")
    per_volume = _checks.whole("per_volume", per_volume)
    size = _checks.per_axis("patch", tuple(patch), len(data.spacing))
    options = {**(_UNET if model == "unet" else {}), **(options or {})}
    if isinstance(split, str) and split.partition(":")[0] not in (
        "leave-one-subject-out",
        "group-k-fold",
    ):
        allowed = ["leave-one-subject-out", "group-k-fold:K"]
        _checks.one_of("split", split, allowed)
    # these splits ask for groups and trials alone, which both kinds of data have
    alike: Any = data
    parts = list(folds(split, alike)) if isinstance(split, str) else list(split)
    for part in parts:
        check(part, alike)
    for part in parts:
        patches = Patches(data, [int(i) for i in part.train], size, per_volume, config.seed)
        shape = patches.shape[1:]
        network = seeded(
            config.seed,
            lambda shape=shape: build_for(  # type: ignore[misc]
                model, shape, len(data.classes), **options
            ),
        )
        if device is not None:
            network.to(device)

        def report(epoch: Epoch, name: str = part.name) -> None:
            if on_epoch is not None:
                on_epoch(name, epoch)

        groups = data.groups[patches.rows]
        if len(np.unique(groups)) < 2:
            groups = data.trials[patches.rows]
        history = fit(network, patches, patches.targets, config, groups=groups, on_epoch=report)
        confusion = np.stack(
            [
                confusion_of(
                    data.masks[row],
                    over_volume(network, data.volumes[row], size).argmax(0),
                    len(data.classes),
                )
                for row in part.test
            ]
        )
        yield SegmentResult(part.name, part.train, part.test, confusion, history), network


def confusion_of(mask: NDArray[Any], called: NDArray[Any], n: int) -> NDArray[np.int64]:
    """Return how many voxels of each class (rows) were called what (columns)."""
    known = mask >= 0
    pairs = mask[known].astype(np.int64) * n + called[known]
    return np.bincount(pairs, minlength=n * n).reshape(n, n)
