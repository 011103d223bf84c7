"""Masks of pictures and volumes in files."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import _checks, io
from ...volume import Volume
from . import grids

#: The name of a class whose samples are neither trained on nor judged.
NOT_KNOWN = "?"


def mask_of(path: Path, labels: Path) -> Path:
    """Return where the mask of a volume lies: in a folder, or where a table says."""
    if labels.suffix.lower() == ".csv":
        with labels.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                if row.get("label") and (labels.parent / row["file"]).resolve() == path.resolve():
                    return labels.parent / row["label"]
        raise _checks.FileError(f"{path}: {labels} has no line with a mask for it")
    mask = labels / path.name
    if mask.is_file():
        return mask
    stem = path.name.removesuffix(io.extension_of(path))
    others = [each for each in sorted(labels.glob("*")) if _is_mask(each, stem)]
    if len(others) != 1:
        also = f" (and {len(others)} files {stem}.*)" if others else ""
        raise _checks.FileError(f"{path}: has no mask {mask}{also}")
    return others[0]


def _is_mask(path: Path, stem: str) -> bool:
    return io.is_volume(path) and path.name.removesuffix(io.extension_of(path)) == stem


def values_of(paths: Sequence[Path]) -> dict[str, str]:
    """Return each value but 0 that stands in masks, as the name of its class."""
    found: set[int] = set()
    for path in paths:
        found |= {int(value) for value in np.unique(_read(path)[0])}
    return {str(value): str(value) for value in sorted(found) if value != 0}


def indices(
    path: Path,
    volume: Volume,
    mask: Path,
    values: Mapping[str, str],
    names: Sequence[str],
) -> tuple[NDArray[np.int16], tuple[float, ...]]:
    """Return the class of each sample of a volume, oriented as it is, and its spacing."""
    data, axes = _read(mask)
    order = [axes.index(name) for name in volume.axes if name in axes]
    if data.ndim == len(order) == len(volume.grid):  # a PNG beside a NIfTI, say
        data = data.transpose(order)
    if data.shape != volume.grid:
        raise _checks.FileError(
            f"{path}: its mask must have its grid {volume.grid}; got {data.shape}"
        )
    found = np.zeros(data.shape, np.int16)
    for key, name in values.items():
        found[data == _number(key)] = -1 if name == NOT_KNOWN else names.index(name)
    # the mask takes the way of its volume, whatever its own header says
    turned, own, _ = grids.oriented(volume.replace(data=found, channels=()))
    return np.ascontiguousarray(turned), own


def _read(path: Path) -> tuple[NDArray[np.int64], list[str]]:
    mask = io.read_volume(path)
    data: NDArray[Any] = mask.data
    if mask.channels:  # a gray picture that was saved in colours
        planes = [data[..., i] for i in mask.signal_channels]
        data = planes[0]
        if not all(np.array_equal(data, each) for each in planes):
            raise _checks.FileError(f"{path}: must hold one number a sample; it holds colours")
    if not np.isfinite(data).all():
        raise _checks.FileError(f"{path}: must hold whole numbers; NaN or infinity stands in it")
    return np.rint(data).astype(np.int64), list(mask.axes)


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"classes must be values of masks, whole numbers; got {text!r}") from None
