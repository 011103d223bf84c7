"""Patches of volumes and of their masks: what a network that segments is trained on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .volumes import VolumeDataset


class Patches:
    """Patches drawn from volumes, half of them around a voxel of a class that is not background.

    Parameters
    ----------
    data : VolumeDataset
    rows : sequence of int
        The volumes.
        Volumes smaller than a patch are continued by zeros.
    seed : int
    """

    dtype = np.dtype(np.float32)

    def __init__(self, data: VolumeDataset, rows: Sequence[int], seed: int) -> None:
        self._patch = data.patch
        rng = np.random.default_rng(seed)
        self._volumes = {row: _at_least(data.volumes[row], self._patch, 0) for row in rows}
        masks = {row: _at_least(data.masks[row], self._patch, -1) for row in rows}
        self._places: list[tuple[int, tuple[slice, ...]]] = []
        for row in rows:
            grid = masks[row].shape
            inside = [np.argwhere(masks[row] == k) for k in range(1, len(data.classes))]
            inside = [each for each in inside if len(each)]
            room = np.array(grid) - np.array(self._patch)
            for number in range(data.patches):
                if number % 2 and inside:
                    voxels = inside[number // 2 % len(inside)]
                    corner = voxels[rng.integers(len(voxels))] - rng.integers(self._patch)
                else:
                    corner = rng.integers(0, room + 1)
                corner = np.clip(corner, 0, room)
                ends = zip(corner.tolist(), self._patch, strict=True)
                place = tuple(slice(first, first + width) for first, width in ends)
                self._places.append((row, place))
        self.targets = np.stack([masks[row][place] for row, place in self._places])
        self.rows = np.array([row for row, _ in self._places])
        channels = len(data.volumes[0])
        self.shape = (len(self._places), channels, *self._patch)

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: Any) -> NDArray[np.float32]:
        chosen = np.arange(len(self))[index]
        places = [self._places[i] for i in chosen]
        return np.stack([self._volumes[row][(slice(None), *place)] for row, place in places])


def _at_least(x: NDArray[Any], patch: Sequence[int], value: int) -> NDArray[Any]:
    """Return an array whose last axes hold a patch, continued behind their ends."""
    ndim = len(patch)
    missing = [max(0, w - n) for w, n in zip(patch, x.shape[-ndim:], strict=True)]
    if not any(missing):
        return x
    beyond = [(0, 0)] * (x.ndim - ndim) + [(0, n) for n in missing]
    return np.pad(x, beyond, constant_values=value)
