"""Volumes in files: NIfTI through nibabel, and NumPy's .npy."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from .. import _checks, _maps
from ..volume import Volume
from .notices import notice, quiet
from .volume_reader import SLAB, VolumeReader, from_array_file, from_proxy

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


def open_(path: Path) -> VolumeReader:
    """Open a volume to read it slab by slab."""
    if path.suffix.lower() == ".npy":
        data = np.load(path, mmap_mode="r", allow_pickle=False)
        volume = _read_npy(path, "r")
        empty = np.broadcast_to(np.zeros(1, data.dtype), data.shape)
        return from_array_file(path, volume.replace(data=empty), data.dtype, data.offset)
    nibabel = _checks.require("nibabel", extra="image", purpose="reading NIfTI")
    with quiet(path), _silent("nibabel.global"):
        # a compressed file is then read once, from one slab to the next
        image = nibabel.load(path, mmap=False, keep_file_open=True)
    return from_proxy(path, _read_nifti(path, samples=False), image.dataobj)


def write(path: Path, volume: Volume, target: Path) -> None:
    """Write a volume in its source's type where that holds it, else as floats.

    Samples in a map of a file are written slab by slab.
    """
    dtype = _stored_type(volume, target)
    if path.suffix.lower() == ".npy":
        with path.open("wb") as file:
            _write_npy(file, volume.data, dtype)
    else:
        _write_nifti(path, volume, dtype, target)


def _write_npy(file: BinaryIO, data: NDArray[Any], dtype: np.dtype[Any]) -> None:
    by_first = data.flags.fnc
    header = {"descr": dtype.str, "fortran_order": by_first, "shape": data.shape}
    np.lib.format.write_array_header_1_0(file, header)
    for slab in _slabs(data.T if by_first else data):
        file.write(slab.astype(dtype, copy=False).tobytes())
        _maps.release(data)


def _slabs(data: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Yield the samples in the order of an array's axes, some of the first at a time."""
    step = max(1, SLAB * len(data) // data.nbytes)
    for start in range(0, len(data), step):
        yield data[start : start + step]


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


def _write_nifti(path: Path, volume: Volume, dtype: np.dtype[Any], target: Path) -> None:
    nibabel = _checks.require("nibabel", extra="image", purpose="writing NIfTI")
    data = volume.data
    order = [volume.axes.index(name) for name in sorted(volume.axes)]
    rest = range(len(order), data.ndim)
    data = data.transpose(*order, *rest)  # NIfTI's first axis is x
    origin = volume.origin if isinstance(volume.origin, _Origin) else _Origin(dtype)
    affine = volume.affine
    if affine is None:
        affine = np.diag([*(volume.spacing[i] for i in order), *[1.0] * (4 - len(order))])
    kind = type(origin.header) if origin.header is not None else nibabel.Nifti1Header
    is_second = issubclass(kind, nibabel.Nifti2Header) or max(data.shape) > 32767
    make = nibabel.Nifti2Image if is_second else nibabel.Nifti1Image
    with quiet(target), _silent("nibabel.global"):
        empty = np.broadcast_to(np.zeros(1, dtype), data.shape)
        image = make(empty, affine, origin.header, dtype=dtype)
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
        image.update_header()
        image.header.set_slope_inter(1, 0)
        stored = dtype.newbyteorder(image.header.endianness)
        with nibabel.openers.Opener(path, "wb") as file:
            image.header.write_to(file)
            file.write(bytes(int(image.header["vox_offset"]) - file.tell()))
            for slab in _slabs(data.T):
                file.write(slab.astype(stored, copy=False).tobytes())
                _maps.release(data)


def _stored_type(volume: Volume, target: Path) -> np.dtype[Any]:
    """Return the source's type if that holds the samples exactly, else one of floats."""
    data = volume.data
    stored = volume.origin.stored if isinstance(volume.origin, _Origin) else data.dtype
    dtype: np.dtype[Any] = data.dtype
    if stored.kind in "iub" and dtype != stored:
        limits = (0, 1) if stored.kind == "b" else (np.iinfo(stored).min, np.iinfo(stored).max)
        whole, low, high = _extent(data)
        if whole and low >= limits[0] and high <= limits[1]:
            return stored
        floats = np.dtype(np.float64 if stored.itemsize > 2 else np.float32)
        if dtype.kind == "c":
            floats = np.result_type(floats, np.complex64)
        why = "values beyond its range" if whole else "fractions"
        notice(target, f"the result has {why}: {stored} samples became {floats}")
        return floats
    if stored.kind in "fc" and dtype.kind == stored.kind:
        dtype = stored
    if target.suffix.lower() != ".npy" and dtype.newbyteorder("=").name not in _NIFTI.split():
        better = np.dtype(np.uint8 if dtype.kind == "b" else np.float32)
        notice(target, f"NIfTI has no {dtype}: samples became {better}")
        dtype = better
    return dtype


def _extent(data: NDArray[Any]) -> tuple[bool, Any, Any]:
    """Return whether all samples are whole numbers, and if so the least and the greatest."""
    if data.dtype.kind == "c":
        return False, 0, 0
    lows, highs = [], []
    for slab in _slabs(data.T if data.flags.fnc else data):
        if not np.all(np.isfinite(slab) & (slab == np.rint(slab))):
            return False, 0, 0
        lows.append(slab.min())
        highs.append(slab.max())
        _maps.release(data)
    return True, min(lows), max(highs)


class _silent:
    """Keep a logger from printing what is an exception or a notice already."""

    def __init__(self, name: str) -> None:
        self._log = logging.getLogger(name)

    def __enter__(self) -> None:
        self._was, self._log.disabled = self._log.disabled, True

    def __exit__(self, *_: object) -> None:
        self._log.disabled = self._was
