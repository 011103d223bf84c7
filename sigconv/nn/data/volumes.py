"""Volumes with a class for each voxel: what a network that segments is trained on."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ... import _checks, io
from ...volume import Volume
from .labels import GROUPS, Source


@dataclass(frozen=True, eq=False)
class VolumeDataset:
    """Volumes on one spacing and in one orientation, each with a mask.

    Parameters
    ----------
    volumes : sequence of array of float32, shape (1, *grid)
        Each with mean 0 and deviation 1; grids may differ.
    masks : sequence of array of int16, shape (*grid)
        Indices into `classes`, of which the first is what is none of the others.
    classes : tuple of str
    spacing : tuple of float
        Distance of neighbouring samples along each axis.
    files, groups, trials, sessions : array of str, shape (n_volumes,)
        As in `EEGDataset`; each volume is one trial.
    """

    volumes: Sequence[NDArray[np.float32]]
    masks: Sequence[NDArray[np.int16]]
    classes: tuple[str, ...]
    spacing: tuple[float, ...]
    files: NDArray[np.str_]
    groups: NDArray[np.str_]
    trials: NDArray[np.str_]
    sessions: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.volumes)

    @classmethod
    def from_files(
        cls,
        paths: Iterable[str | Path],
        *,
        labels: str | Path,
        classes: Mapping[str, str] | None = None,
        spacing: Sequence[float] | None = None,
        group: str = "file",
    ) -> VolumeDataset:
        r"""Read volumes and their masks (NIfTI or .npy), and bring them onto one spacing.

        Parameters
        ----------
        paths : iterable of path
        labels : path
            A folder in which the mask of each volume has the volume's name, or a CSV table with
            the columns file and label: the path of the mask, beside the table.
        classes : mapping of str to str, optional
            Value in a mask -> name of the class; others are background. Without it each value but
            0 is a class.
        spacing : sequence of float, optional
            That of the first volume if not given.
        group : str
            'file', 'folder' or 'filename:REGEX', as in `EEGDataset.from_recordings`.

        Raises
        ------
        FileError
            If a mask is missing, or its grid is not its volume's.

        Examples
        --------
        >>> from sigconv.nn.data import VolumeDataset
        >>> VolumeDataset.from_files([], labels="masks")
        Traceback (most recent call last):
        ...
        ValueError: paths must name at least one volume; got none
        """
        files = [Path(path) for path in paths]
        if not files:
            raise ValueError("paths must name at least one volume; got none")
        source = Source.parse("group", group, GROUPS[:-1])
        pairs = [(path, _mask_of(path, Path(labels))) for path in files]
        read = [(path, io.read_volume(path), io.read_volume(mask)) for path, mask in pairs]
        step = tuple(spacing or oriented(read[0][1])[1])
        values = dict(classes or {})
        if classes is None:
            found = sorted({int(value) for _, _, mask in read for value in np.unique(mask.data)})
            values = {str(value): str(value) for value in found if value != 0}
        names = ("background", *dict.fromkeys(values.values()))
        if len(names) < 2:
            raise ValueError("labels must hold a class beside the background; found none")
        volumes, masks = [], []
        for path, volume, mask in read:
            if mask.data.shape != volume.data.shape:
                raise _checks.FileError(
                    f"{path}: its mask must have its grid {volume.data.shape}; got "
                    f"{mask.data.shape}"
                )
            volumes.append(prepared(volume, step))
            # the mask takes the way of its volume, whatever its own header says
            indices = np.zeros(mask.data.shape, np.int16)
            for key, name in values.items():
                indices[np.rint(mask.data) == _number(key)] = names.index(name)
            data, own, _ = oriented(volume.replace(data=indices))
            masks.append(resampled(data, own, step, order=0))
        groups = [str(path) if source.kind == "file" else source.of_file(path) for path in files]
        return cls(
            volumes,
            masks,
            names,
            step,
            np.array([str(path) for path in files]),
            np.array(groups),
            np.array([str(path) for path in files]),
            np.array(groups),
        )


class Patches:
    """Patches drawn from volumes, half of them around a voxel of a class that is not background.

    Parameters
    ----------
    data : VolumeDataset
    rows : sequence of int
        The volumes.
    patch : sequence of int
        Samples along each axis; smaller volumes are continued by zeros.
    n : int
        Of each volume.
    seed : int
    """

    dtype = np.dtype(np.float32)

    def __init__(
        self, data: VolumeDataset, rows: Sequence[int], patch: Sequence[int], n: int, seed: int
    ) -> None:
        self._patch = tuple(patch)
        rng = np.random.default_rng(seed)
        self._volumes = {row: _at_least(data.volumes[row], self._patch, 0) for row in rows}
        masks = {row: _at_least(data.masks[row], self._patch, -1) for row in rows}
        self._places: list[tuple[int, tuple[slice, ...]]] = []
        for row in rows:
            grid = masks[row].shape
            inside = [np.argwhere(masks[row] == k) for k in range(1, len(data.classes))]
            inside = [each for each in inside if len(each)]
            room = np.array(grid) - np.array(self._patch)
            for number in range(n):
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


def prepared(volume: Volume, spacing: Sequence[float]) -> NDArray[np.float32]:
    """Return what a network sees of a volume: oriented, on a spacing, with mean 0 and deviation 1.

    Returns
    -------
    array of float32, shape (1, *grid)
    """
    if volume.data.ndim != len(volume.spacing):
        raise ValueError(f"volume must have no channels; got the shape {volume.data.shape}")
    data, own, _ = oriented(volume)
    x = resampled(data.astype(np.float64), own, spacing, order=1)
    if not np.isfinite(x).all():
        raise ValueError("volume must hold finite numbers; NaN or infinity stands in it")
    return ((x - x.mean()) / (x.std() or 1.0)).astype(np.float32)[None]


def oriented(
    volume: Volume,
) -> tuple[NDArray[Any], tuple[float, ...], tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return samples with axes that run to the right, front and head, and their spacing.

    The last of what is returned says how: the order of the axes, and which of them (in that
    order) are turned round. Volumes without an affine stay as they are.
    """
    ndim = len(volume.spacing)
    order: tuple[int, ...] = tuple(range(ndim))
    turned: tuple[int, ...] = ()
    if volume.affine is not None and ndim == 3:
        turn = np.asarray(volume.affine)[:3, :3] / np.asarray(volume.spacing)
        left, found = np.abs(turn), [0, 0, 0]
        for _ in range(3):  # the clearest axis first, each once
            world, axis = np.unravel_index(left.argmax(), left.shape)
            found[int(world)] = int(axis)
            left[world], left[:, axis] = -1, -1
        order = tuple(found)
        turned = tuple(i for i in range(3) if turn[i, order[i]] < 0)
    data = np.flip(volume.data.transpose(order), turned)
    return data, tuple(volume.spacing[i] for i in order), (order, turned)


def put_back(data: NDArray[Any], how: tuple[tuple[int, ...], tuple[int, ...]]) -> NDArray[Any]:
    """Return samples in the order that `oriented` changed."""
    order, turned = how
    return np.flip(data, turned).transpose(np.argsort(order))


def resampled(
    data: NDArray[Any], spacing: Sequence[float], target: Sequence[float], *, order: int
) -> NDArray[Any]:
    """Return samples at another spacing, over the same extent."""
    if len(spacing) != len(target):
        raise ValueError(
            f"spacing must have a number for each of {len(spacing)} axes; got {len(target)}"
        )
    grid = [max(1, round(n * a / b)) for n, a, b in zip(data.shape, spacing, target, strict=True)]
    return onto(data, grid, order=order)


def onto(data: NDArray[Any], grid: Sequence[int], *, order: int) -> NDArray[Any]:
    """Return samples of the same extent on a grid; voxels are volumes, not points."""
    if tuple(grid) == data.shape:
        return data
    # SciPy rounds the sizes itself: half a voxel more makes them come out
    factors = [(n + 1e-6) / m for n, m in zip(grid, data.shape, strict=True)]
    return ndimage.zoom(data, factors, order=order, mode="nearest", grid_mode=True)


def _mask_of(path: Path, labels: Path) -> Path:
    if labels.suffix.lower() == ".csv":
        with labels.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                if row.get("label") and (labels.parent / row["file"]).resolve() == path.resolve():
                    return labels.parent / row["label"]
        raise _checks.FileError(f"{path}: {labels} has no line with a mask for it")
    mask = labels / path.name
    if not mask.is_file():
        raise _checks.FileError(f"{path}: has no mask {mask}")
    return mask


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"classes must be values of masks, whole numbers; got {text!r}") from None


def _at_least(x: NDArray[Any], patch: Sequence[int], value: int) -> NDArray[Any]:
    """Return an array whose last axes hold a patch, continued behind their ends."""
    ndim = len(patch)
    missing = [max(0, w - n) for w, n in zip(patch, x.shape[-ndim:], strict=True)]
    if not any(missing):
        return x
    beyond = [(0, 0)] * (x.ndim - ndim) + [(0, n) for n in missing]
    return np.pad(x, beyond, constant_values=value)
