"""Pictures and volumes with a class for each sample: what a network that segments learns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ... import _checks, io
from . import grids, masks
from .labels import GROUPS, Source

#: Samples along each axis of a patch, by the number of axes, if nobody says.
_PATCH = {1: 1024, 2: 128, 3: 32}


@dataclass(frozen=True, eq=False)
class VolumeDataset:
    """Pictures or volumes on one spacing and in one orientation, each with a mask.

    Parameters
    ----------
    volumes : sequence of array of float32, shape (n_channels, *grid)
        Each channel with mean 0 and deviation 1; grids may differ.
    masks : sequence of array of int16, shape (*grid)
        Indices into `classes`, of which the first is what is none of the others; -1 where nothing
        is known.
    truths : sequence of array of int16
        The same as the files have it, on their own spacing: networks are judged there.
    classes, channels : tuple of str
    spacing : tuple of float
        Distance of neighbouring samples along each axis.
    files, groups, trials, sessions : array of str, shape (n_volumes,)
        As in `EEGDataset`; each volume is one trial.
    patch : tuple of int
        Samples along each axis that a network sees at once.
    patches : int
        Drawn of each volume for a training, half of them around samples that are not background.

    See Also
    --------
    from_files : from pictures (PNG, JPEG, TIFF), NIfTI and .npy.
    from_arrays : from what is in memory.
    """

    volumes: Sequence[NDArray[np.float32]]
    masks: Sequence[NDArray[np.int16]]
    truths: Sequence[NDArray[np.int16]]
    classes: tuple[str, ...]
    channels: tuple[str, ...]
    spacing: tuple[float, ...]
    files: NDArray[np.str_]
    groups: NDArray[np.str_]
    trials: NDArray[np.str_]
    sessions: NDArray[np.str_]
    patch: tuple[int, ...]
    patches: int = 32

    task: ClassVar[str] = "segment"

    def __len__(self) -> int:
        return len(self.volumes)

    @classmethod
    def from_arrays(
        cls,
        volumes: Iterable[ArrayLike],
        masks: Iterable[ArrayLike],
        groups: ArrayLike | None = None,
        *,
        classes: Sequence[str],
        spacing: Sequence[float] | None = None,
        channels: Sequence[str] = (),
        patch: Sequence[int] | None = None,
        patches: int = 32,
    ) -> VolumeDataset:
        """Make a data set of arrays.

        Parameters
        ----------
        volumes : iterable of array, shape (n_channels, *grid)
        masks : iterable of array of int, shape (*grid)
            Indices into `classes`, -1 where nothing is known.
        groups : array, shape (n_volumes,), optional
            Each volume is its own group if not given.
        classes : sequence of str
            The first is what is none of the others.
        spacing : sequence of float, optional
            1 along each axis if not given.
        channels : sequence of str, optional
        patch, patches : optional
            As in `from_files`.

        Examples
        --------
        >>> import numpy as np
        >>> from sigconv.nn.data import VolumeDataset
        >>> x = np.random.default_rng(0).normal(size=(2, 1, 40, 30))
        >>> VolumeDataset.from_arrays(x, x[:, 0] > 1, classes=["dark", "bright"]).patch
        (128, 128)
        """
        found = [_checks.numeric("volumes", x) for x in volumes]
        known = [np.asarray(mask).astype(np.int16) for mask in masks]
        if not found or len(found) != len(known):
            raise ValueError(
                f"masks must be one for each of {len(found)} volumes; got {len(known)}"
            )
        ndim = found[0].ndim - 1
        for x, mask in zip(found, known, strict=True):
            if x.ndim != ndim + 1 or x.shape[1:] != mask.shape or len(x) != len(found[0]):
                raise ValueError(
                    "volumes must have shape (n_channels, *grid), their masks shape (*grid); got "
                    f"{x.shape} and {mask.shape}"
                )
            if mask.min() < -1 or mask.max() >= len(classes):
                raise ValueError(
                    f"masks must hold indices of {len(classes)} classes, or -1; got "
                    f"{mask.min()} to {mask.max()}"
                )
        numbers = np.arange(len(found)).astype(str)
        names = numbers if groups is None else np.asarray(groups).astype(str)
        axes = tuple(range(1, ndim + 1))
        scaled = [
            (x - x.mean(axes, keepdims=True)) / np.maximum(x.std(axes, keepdims=True), 1e-12)
            for x in found
        ]
        return cls(
            [x.astype(np.float32) for x in scaled],
            known,
            known,
            tuple(classes),
            tuple(channels) or tuple(f"ch{i + 1}" for i in range(len(found[0]))),
            tuple(spacing or (1.0,) * ndim),
            np.full(len(found), ""),
            names,
            numbers,
            names,
            _patch(patch, ndim),
            _checks.whole("patches", patches),
        )

    @classmethod
    def from_files(
        cls,
        paths: Iterable[str | Path],
        *,
        labels: str | Path,
        classes: Mapping[str, str] | None = None,
        spacing: Sequence[float] | None = None,
        group: str = "file",
        session: str = "file",
        patch: Sequence[int] | None = None,
        patches: int = 32,
        progress: Any = iter,
    ) -> VolumeDataset:
        r"""Read pictures or volumes and their masks, and bring them onto one spacing.

        Parameters
        ----------
        paths : iterable of path
            Pictures (PNG, JPEG, TIFF), NIfTI or .npy; all with the channels of the first.
        labels : path
            A folder in which the mask of each has its name (with any extension), or a CSV
            table with the columns file and label: the path of the mask, beside the table.
        classes : mapping of str to str, optional
            Value in a mask -> name of the class; others are background, and what is called '?' is
            not known: it is neither trained on nor judged. Without it each value but 0 is a class.
        spacing : sequence of float, optional
            That of the first if not given.
        group, session : str
            'file', 'folder' or 'filename:REGEX', as in `EEGDataset.from_recordings`.
        patch : sequence of int, optional
            Samples along each axis that the network sees at once; 32 in volumes, 128 in pictures,
            if not given.
        patches : int
            Drawn of each for a training.
        progress : callable, optional
            Wraps the iteration over the files (tqdm, say).

        Raises
        ------
        FileError
            If a mask is missing, or a file does not fit its mask or the others.

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
        whose = [
            Source.parse(name, given, GROUPS[:-1])
            for name, given in (("group", group), ("session", session))
        ]
        pairs = [(path, masks.mask_of(path, Path(labels))) for path in files]
        values = masks.values_of([mask for _, mask in pairs]) if classes is None else classes
        names = ("background", *dict.fromkeys(n for n in values.values() if n != masks.NOT_KNOWN))
        if len(names) < 2:
            raise ValueError("labels must hold a class beside the background; found none")
        step: tuple[float, ...] = tuple(spacing or ())
        channels: tuple[str, ...] = ()
        seen, known, truths = [], [], []
        for path, mask in progress(pairs):
            volume = io.read_volume(path)
            step = (
                step or grids.oriented(volume.replace(data=np.empty(volume.grid), channels=()))[1]
            )
            channels = channels or grids.channels_of(volume)
            try:
                seen.append(grids.prepared(volume, step, channels))
            except ValueError as error:
                raise _checks.FileError(f"{path}: {error}") from error
            truth, own = masks.indices(path, volume, mask, values, names)
            truths.append(truth)
            known.append(grids.resampled(truth, own, step, order=0))
        groups, sessions = (
            np.array([str(path) if each.kind == "file" else each.of_file(path) for path in files])
            for each in whose
        )
        paths_ = np.array([str(path) for path in files])
        return cls(
            seen,
            known,
            truths,
            names,
            channels,
            step,
            paths_,
            groups,
            paths_,
            sessions,
            _patch(patch, len(step)),
            _checks.whole("patches", patches),
        )

    @classmethod
    def for_checkpoint(
        cls,
        paths: Iterable[str | Path],
        checkpoint: Any,
        *,
        labels: str | Path,
        classes: Mapping[str, str] | None = None,
    ) -> VolumeDataset:
        """Read volumes as those that a trained network saw, to judge it on them.

        Parameters
        ----------
        paths, labels, classes
            As in `from_files`; the classes must be among the network's.
        checkpoint : Checkpoint

        Returns
        -------
        VolumeDataset
            Its classes are the network's.
        """
        found = cls.from_files(
            paths,
            labels=labels,
            classes=classes,
            spacing=checkpoint.spacing,
            patch=checkpoint.patch,
        )
        if found.channels != tuple(checkpoint.channels):
            raise ValueError(
                f"channels must be the network's, {', '.join(checkpoint.channels)}; got "
                f"{', '.join(found.channels)}"
            )
        unknown = [name for name in found.classes if name not in checkpoint.classes]
        if unknown:
            raise ValueError(
                f"classes must be among the network's, {', '.join(checkpoint.classes)}; "
                f"got {', '.join(unknown)} (say with classes= which value is which)"
            )
        places = np.array([*map(checkpoint.classes.index, found.classes), -1], np.int16)
        return cls(
            **{
                **vars(found),
                "masks": [places[mask] for mask in found.masks],
                "truths": [places[mask] for mask in found.truths],
                "classes": tuple(checkpoint.classes),
            }
        )

    def seconds(self) -> tuple[NDArray[np.float64], float, float]:
        """Return that each volume is all of its file."""
        return np.zeros(len(self)), 1.0, 0.0

    def samples(self, row: int) -> NDArray[np.float32]:
        """Return what a network may see of a volume."""
        return self.volumes[row]

    def facts(self) -> dict[str, Any]:
        """Return what results.json says of the set."""
        return {
            "classes": list(self.classes),
            "channels": list(self.channels),
            "spacing": list(self.spacing),
            "patch": list(self.patch),
            "patches": self.patches,
            "volumes": len(self),
            "voxels": self._counts(),
        }

    def described(self) -> dict[str, str]:
        """Return the same for people: what -> how."""
        steps = " x ".join(f"{step:g}" for step in self.spacing)
        patch = f"{' x '.join(map(str, self.patch))} of {', '.join(self.channels)}"
        what = "pictures" if len(self.spacing) == 2 else "volumes"
        return {
            what: f"{len(self)} {what} at {steps}: {', '.join(self.classes)}",
            "samples": ", ".join(f"{n} samples {name}" for name, n in self._counts().items()),
            "seen": f"{patch} seen at once; {self.patches} patches of each",
        }

    def carried(self) -> dict[str, Any]:
        """Return the fields of a `Checkpoint` that the set decides."""
        return {
            "classes": self.classes,
            "channels": self.channels,
            "fs": 1.0,
            "window": (0.0, 1.0),
            "task": self.task,
            "spacing": self.spacing,
            "patch": self.patch,
        }

    def _counts(self) -> dict[str, int]:
        counts: Counter[int] = Counter()
        for mask in self.truths:
            counts.update(dict(enumerate(np.bincount(mask[mask >= 0]).tolist())))
        return {name: counts[i] for i, name in enumerate(self.classes)}


def _patch(given: Sequence[int] | None, ndim: int) -> tuple[int, ...]:
    if given is None:
        return (_PATCH[ndim],) * ndim
    return _checks.per_axis("patch", tuple(given), ndim)
