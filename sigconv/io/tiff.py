"""TIFF through tifffile: 8 and 16 bits, whole numbers and floats; grey, RGB, CMYK."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from ..volume import Volume
from .notices import notice, quiet
from .pictures import CHANNELS, Origin, as_seen, as_stored, names_of, refuse

#: Compressions that lose nothing; others become Deflate.
_LOSSLESS = {1: None, 5: "lzw", 8: "deflate", 32946: "deflate", 32773: "packbits", 50000: "zstd"}

_TYPES = "uint8 uint16 uint32 int8 int16 int32 float16 float32 float64"


@dataclass(frozen=True)
class _Details:
    """How the source was laid out, and its tags."""

    photometric: str
    compression: str | None
    planar: str
    resolution: Any = None
    unit: Any = None
    tags: list[tuple[Any, ...]] = field(default_factory=list)
    profile: bytes | None = None
    description: str | None = None


def read(path: Path) -> Volume:
    """Read a picture as it is meant to be seen."""
    tifffile = _checks.require("tifffile", extra="image", purpose="reading TIFF")
    with quiet(path), tifffile.TiffFile(path) as file:
        if len(file.pages) != 1:
            raise _checks.FileError(f"{path}: must hold one picture; got {len(file.pages)}")
        page = file.pages[0]
        kind = page.photometric.name.lower()
        data = page.asarray()
        details = _details(page, path)
        tag = page.tags.get("Orientation")
        orientation = int(tag.value) if tag else 1
        colours = page.colormap
    if data.ndim not in (2, 3) or getattr(page, "is_tiled_volume", False):
        raise _checks.FileError(f"{path}: must hold one picture; got the shape {data.shape}")
    if page.planarconfig == 2 and data.ndim == 3:
        data = np.moveaxis(data, 0, -1)
    if kind == "palette":
        notice(path, "its palette became colours of 8 bits a channel")
        data, kind = np.moveaxis((colours >> 8).astype(np.uint8)[:, data], 0, -1), "rgb"
        details = _Details(**{**vars(details), "photometric": kind})
    if data.dtype == bool:
        notice(path, "black and white became grey of 8 bits")
        data = data.astype(np.uint8) * 255
    if kind == "miniswhite":
        data = _inverted(data)
    if kind == "ycbcr" and int(page.compression) in (6, 7):  # decoded to colours already
        kind = "rgb"
        details = _Details(**{**vars(details), "photometric": kind})
    if kind not in ("minisblack", "miniswhite", "rgb", "separated"):
        raise _checks.FileError(f"{path}: must be grey, RGB or CMYK; got {kind}")
    is_cmyk = kind == "separated" and data.ndim == 3 and data.shape[2] == 4
    names = CHANNELS["CMYK"] if is_cmyk else names_of(1 if data.ndim == 2 else data.shape[2], path)
    if data.ndim == 3 and not names:
        data = data[..., 0]
    return as_seen(data, names, Origin("tiff", data.dtype, orientation, details))


def write(path: Path, volume: Volume, target: Path) -> None:
    """Write a picture with the bit depth, layout and tags of its source."""
    tifffile = _checks.require("tifffile", extra="image", purpose="writing TIFF")
    data, origin = as_stored(volume, "tiff", target)
    if data.dtype.name not in _TYPES.split():
        refuse(data, volume, "TIFF", target)
    colours = [name for name in volume.channels if name != "alpha"]
    plain = {0: "minisblack", 1: "minisblack", 3: "rgb", 4: "separated"}.get(len(colours))
    if plain is None:
        refuse(data, volume, "TIFF", target)
    details = origin.details
    if not isinstance(details, _Details):
        details = _Details(str(plain), None, "contig")
    if details.photometric == "miniswhite":
        data = _inverted(data)
    is_planar = details.planar == "separate" and data.ndim == 3
    if is_planar:
        data = np.moveaxis(data, -1, 0)
    with quiet(target):
        tifffile.imwrite(
            path,
            data,
            photometric=details.photometric,
            planarconfig=details.planar if data.ndim == 3 else None,
            extrasamples=["unassalpha"] if "alpha" in volume.channels else None,
            compression=details.compression,
            resolution=details.resolution,
            resolutionunit=details.unit,
            description=details.description,
            iccprofile=details.profile,
            extratags=details.tags,
            metadata=None,
        )


def _details(page: Any, path: Path) -> _Details:
    code = int(page.compression)
    if code not in _LOSSLESS:
        notice(path, f"its compression ({page.compression.name.lower()}) loses; Deflate does not")
    tags = []
    for name in ("Orientation", "Artist", "Copyright", "DateTime", "Software"):
        tag = page.tags.get(name)
        if tag is not None:
            is_text = isinstance(tag.value, str)
            tags.append((tag.code, 2 if is_text else 3, 0 if is_text else 1, tag.value, True))
    found = {name: page.tags.get(name) for name in ("XResolution", "YResolution", "ResolutionUnit")}
    known = found["XResolution"] is not None and found["YResolution"] is not None
    profile = page.tags.get("InterColorProfile")
    return _Details(
        page.photometric.name.lower(),
        _LOSSLESS.get(code, "deflate"),
        "separate" if page.planarconfig == 2 else "contig",
        (found["XResolution"].value, found["YResolution"].value) if known else None,
        found["ResolutionUnit"].value if known and found["ResolutionUnit"] else None,
        tags,
        profile.value if profile is not None else None,
        page.description or None,
    )


def _inverted(data: NDArray[Any]) -> NDArray[Any]:
    """Return samples of which white is the least as others, and the other way round."""
    if data.dtype.kind == "f":
        return 1 - data
    limits = np.iinfo(data.dtype)
    return (limits.max - (data - limits.min)).astype(data.dtype)
