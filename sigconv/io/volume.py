"""Volumes in files: NIfTI through nibabel, and NumPy's .npy."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from ..volume import Volume
from .notices import notice, quiet

#: Types that a NIfTI header can name.
_NIFTI = "uint8 int8 uint16 int16 uint32 int32 uint64 int64 float32 float64 complex64 complex128"


@dataclass(frozen=True)
class _Origin:
    """What a volume's file said beyond its samples."""

    stored: np.dtype[Any]
    header: Any = None  # nibabel's
    affine: NDArray[Any] | None = None  # of the header
    in_order: bool = True  # of memory, as C has it


def read(path: Path) -> Volume:
    """Read a volume; scaled NIfTI samples come scaled, in float64."""
    return _read_npy(path) if path.suffix.lower() == ".npy" else _read_nifti(path)


def frame(path: Path) -> Volume:
    """Read all but the samples; the zeros in their place take no room."""
    is_npy = path.suffix.lower() == ".npy"
    return _read_npy(path, "r") if is_npy else _read_nifti(path, samples=False)


def write(path: Path, volume: Volume, target: Path) -> None:
    """Write a volume in its source's type where that holds it, else as floats."""
    data = _as_stored(volume, target)
    if path.suffix.lower() == ".npy":
        with path.open("wb") as file:
            np.save(file, data, allow_pickle=False)
    else:
        _write_nifti(path, volume, data, target)


def _read_npy(path: Path, mode: Literal["r"] | None = None) -> Volume:
    data = np.load(path, mmap_mode=mode, allow_pickle=False)
    if not isinstance(data, np.ndarray):
        raise _checks.FileError(f"{path}: holds several arrays, not one")
    if data.dtype.kind not in "biufc":
        raise _checks.FileError(f"{path}: must hold numbers; got an array of {data.dtype}")
    if not 1 <= data.ndim <= 3:
        raise _checks.FileError(f"{path}: must hold an array of 1 to 3 axes; got {data.ndim}")
    in_order = not data.flags.fnc
    return Volume(data, origin=_Origin(data.dtype, in_order=in_order))


def _read_nifti(path: Path, *, samples: bool = True) -> Volume:
    nibabel = _checks.require("nibabel", extra="image", purpose="reading NIfTI")
    with quiet(path), _silent("nibabel.global"):
        image = nibabel.load(path, mmap=False)
        slope, shift = image.dataobj.slope, image.dataobj.inter
        plain = (slope, shift) == (1, 0)
        if samples:
            data = image.dataobj.get_unscaled() if plain else np.asanyarray(image.dataobj)
        else:
            dtype = image.get_data_dtype() if plain else np.float64
            data = np.broadcast_to(np.zeros(1, dtype), image.shape)
    if data.dtype.kind not in "iufc":
        raise _checks.FileError(f"{path}: must hold one number a voxel; got {data.dtype}")
    ndim = min(3, data.ndim)
    if set(data.shape[ndim:]) == {1}:  # axes that a header names and the data do not have
        data = data.reshape(data.shape[:ndim])
    spacing = [float(step) if step > 0 else 1.0 for step in image.header.get_zooms()[:ndim]]
    units = {"meter": "m", "micron": "um"}
    origin = _Origin(image.get_data_dtype() if plain else data.dtype, image.header, image.affine)
    return Volume(
        data,
        spacing,
        axes=("x", "y", "z")[:ndim],
        unit=units.get(image.header.get_xyzt_units()[0], "mm"),  # what all mean who do not say
        affine=image.affine,
        origin=origin,
    )


def _write_nifti(path: Path, volume: Volume, data: NDArray[Any], target: Path) -> None:
    nibabel = _checks.require("nibabel", extra="image", purpose="writing NIfTI")
    order = [volume.axes.index(name) for name in sorted(volume.axes)]
    rest = range(len(order), data.ndim)
    data = data.transpose(*order, *rest)  # NIfTI's first axis is x
    origin = volume.origin if isinstance(volume.origin, _Origin) else _Origin(data.dtype)
    affine = volume.affine
    if affine is None:
        affine = np.diag([*(volume.spacing[i] for i in order), *[1.0] * (4 - len(order))])
    kind = type(origin.header) if origin.header is not None else nibabel.Nifti1Header
    is_second = issubclass(kind, nibabel.Nifti2Header) or max(data.shape) > 32767
    make = nibabel.Nifti2Image if is_second else nibabel.Nifti1Image
    with quiet(target), _silent("nibabel.global"):
        image = make(data, affine, origin.header, dtype=data.dtype)
        if origin.header is not None:
            if not np.array_equal(
                np.asarray(affine), np.asarray(origin.affine)
            ):  # the grid begins elsewhere
                for place in ("qform", "sform"):
                    code = int(origin.header[f"{place}_code"])
                    getattr(image, f"set_{place}")(affine if code else None, code)
        else:
            image.header.set_xyzt_units({"mm": 2, "m": 1, "um": 3}.get(volume.unit, 0))
        image.header["cal_min"] = image.header["cal_max"] = 0  # how to show other values
        nibabel.save(image, path)


def _as_stored(volume: Volume, target: Path) -> NDArray[Any]:
    """Return the samples in the source's type if that holds them exactly, else as floats."""
    data = volume.data
    stored = volume.origin.stored if isinstance(volume.origin, _Origin) else data.dtype
    is_nifti = target.suffix.lower() != ".npy"
    if stored.kind in "iub" and data.dtype != stored:
        limits = (0, 1) if stored.kind == "b" else (np.iinfo(stored).min, np.iinfo(stored).max)
        whole = data.dtype.kind != "c" and bool(np.all(np.isfinite(data) & (data == np.rint(data))))
        if whole and data.min() >= limits[0] and data.max() <= limits[1]:
            return data.astype(stored)
        wide = stored.itemsize > 2
        floats = np.dtype(np.float64 if wide else np.float32)
        if data.dtype.kind == "c":
            floats = np.result_type(floats, np.complex64)
        why = "values beyond its range" if whole else "fractions"
        notice(target, f"the result has {why}: {stored} samples became {floats}")
        return data.astype(floats)
    if stored.kind in "fc" and data.dtype.kind == stored.kind:
        data = data.astype(stored, copy=False)
    if is_nifti and data.dtype.newbyteorder("=").name not in _NIFTI.split():
        better = np.dtype(np.uint8 if data.dtype.kind == "b" else np.float32)
        notice(target, f"NIfTI has no {data.dtype}: samples became {better}")
        data = data.astype(better)
    return data


class _silent:
    """Keep a logger from printing what is an exception or a notice already."""

    def __init__(self, name: str) -> None:
        self._log = logging.getLogger(name)

    def __enter__(self) -> None:
        self._was, self._log.disabled = self._log.disabled, True

    def __exit__(self, *_: object) -> None:
        self._log.disabled = self._was
