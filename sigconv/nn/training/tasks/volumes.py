"""What is learned of pictures and volumes: a class for each of their samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from torch import nn

from ...data import Fold, VolumeDataset
from ...data.grids import onto
from ...data.patches import Patches
from ...patches import over_volume
from ..config import TrainingConfig
from ..voxels import VoxelLDA
from .base import Crop, Examples, Task
from .truth import Truth

#: A U-Net that keeps the size of its input and trains in minutes on a CPU.
_UNET = {"padding": "same", "batch_norm": True, "levels": 3, "width": 0.125}


class Segment(Task):
    """A class for each sample of pictures and volumes, learned on patches, judged on the whole.

    What is said of a volume is how many of its samples of each class were called what: an array
    (n_classes, n_classes), on the spacing of its file.
    """

    data: VolumeDataset
    model = "unet"
    config = TrainingConfig(batch_size=8, epochs=20)
    methods: ClassVar[Mapping[str, Callable[[float], Any]]] = {
        "voxels + LDA": lambda fs: VoxelLDA()
    }

    def baselines(self, *, riemann: bool) -> list[str]:
        """Return the name of the classical method, which looks around each voxel."""
        return list(self.methods)

    def shape(self, crop: Crop) -> tuple[int, ...]:
        """Return the shape of a patch: (channels, *patch)."""
        return (len(self.data.channels), *self.data.patch)

    def options(self, model: str, given: Mapping[str, Any], crop: Crop) -> dict[str, Any]:
        """Return a network's options: those of a U-Net that keeps sizes, if it is one."""
        return {**(_UNET if model == "unet" else {}), **given}

    def classes_in(self, rows: NDArray[np.intp]) -> NDArray[np.integer[Any]]:
        """Return the classes that stand in some volumes; the background is always learned."""
        there = [np.unique(self.data.masks[row]) for row in rows]
        return np.unique(np.concatenate([[0], *there]))

    def truth(self, rows: NDArray[np.intp]) -> Truth:
        """Return that each volume is judged by itself."""
        n = len(rows)
        return Truth(np.zeros(n, np.int64), self.data.groups[rows], np.arange(n), rows)

    def guess(self, part: Fold, truth: Truth) -> NDArray[np.float64]:
        """Call all samples what is commonest in the training volumes."""
        n = len(self.data.classes)
        masks = [self.data.masks[row] for row in part.train]
        counts = sum(np.bincount(mask[mask >= 0], minlength=n) for mask in masks)
        common = int(np.argmax(counts))
        called = (np.full(self.data.truths[row].shape, common) for row in truth.rows)
        return self._counts(truth, called)

    def classical(self, method: Any, part: Fold, truth: Truth) -> NDArray[np.float64]:
        """Fit a classical method to the samples of the training volumes."""
        data = self.data
        train = [(data.volumes[row], data.masks[row]) for row in part.train]
        method.fit(train, data.spacing, len(data.classes))
        said = (method.predict_proba(data.volumes[row], data.spacing) for row in truth.rows)
        return self._counts(truth, self._called(truth, said))

    def examples(self, part: Fold, seed: int) -> Examples:
        """Return patches of the training volumes, drawn by the seed."""
        patches = Patches(self.data, [int(row) for row in part.train], seed)
        kept = dict(zip(part.train.tolist(), self.kept_whole(part), strict=True))
        return Examples(patches, patches.targets, np.array([kept[row] for row in patches.rows]))

    def said_by(
        self,
        network: nn.Module,
        rows: NDArray[np.intp],
        truth: Truth,
        *,
        crop: Crop,
        scale: tuple[float, float],
    ) -> NDArray[np.float64]:
        """Return how many samples of each class a network called what, in each volume."""
        said = (over_volume(network, self.data.volumes[row], self.data.patch) for row in rows)
        return self._counts(truth, self._called(truth, said))

    def called_by(self, network: nn.Module, row: int) -> NDArray[np.integer[Any]]:
        """Return the class that a network names for each sample of a volume, as its truth lies."""
        said = over_volume(network, self.data.volumes[row], self.data.patch)
        return _likeliest(said, self.data.truths[row].shape)

    def _called(self, truth: Truth, said: Any) -> Any:
        for row, probabilities in zip(truth.rows, said, strict=True):
            yield _likeliest(probabilities, self.data.truths[row].shape)

    def _counts(self, truth: Truth, called: Any) -> NDArray[np.float64]:
        n = len(self.data.classes)
        pairs = zip(truth.rows, called, strict=True)
        return np.stack([confusion_of(self.data.truths[row], each, n) for row, each in pairs])


def _likeliest(said: NDArray[Any], grid: tuple[int, ...]) -> NDArray[np.integer[Any]]:
    """Return the likeliest class on a grid of the same extent."""
    there = np.stack([onto(each, grid, order=1) for each in said])
    return there.argmax(axis=0)


def confusion_of(mask: NDArray[Any], called: NDArray[Any], n: int) -> NDArray[np.float64]:
    """Return how many samples of each class (rows) were called what (columns)."""
    known = mask >= 0
    pairs = mask[known].astype(np.int64) * n + called[known]
    return np.bincount(pairs, minlength=n * n).reshape(n, n).astype(np.float64)
