"""PNG and JPEG through Pillow; PNG colours of 16 bits, which it would cut, through imagecodecs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from ..volume import Volume
from .notices import notice, quiet
from .pictures import CHANNELS, Origin, as_seen, as_stored, names_of, refuse

#: Chunks of a PNG that hold for other samples too: colour space, resolution, tags, texts.
_KEPT_CHUNKS = (b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"pHYs", b"eXIf", b"tEXt", b"zTXt", b"iTXt")

_ORIENTATION = 0x0112


def read(path: Path) -> Volume:
    """Read a picture as it is meant to be seen."""
    pillow = _checks.require("PIL.Image", extra="image", purpose="reading pictures")
    with quiet(path), pillow.open(path) as image:
        if getattr(image, "n_frames", 1) > 1:
            raise _checks.FileError(f"{path}: must hold one picture; got {image.n_frames}")
        image.load()
        is_png = image.format == "PNG"
        details = _chunks(path.read_bytes()) if is_png else _jpeg_options(image)
        orientation = image.getexif().get(_ORIENTATION, 1)
        if is_png and _is_deep_colour(path):
            codecs = _checks.require(
                "imagecodecs", extra="image", purpose="reading PNG colours of 16 bits"
            )
            data = codecs.png_decode(path.read_bytes())
            names = names_of(data.shape[2], path)
        else:
            plain = _plain(image, path)
            data, names = np.asarray(plain), CHANNELS[plain.mode]
    return as_seen(data, names, Origin("image", data.dtype, orientation, details))


def write(path: Path, volume: Volume, target: Path) -> None:
    """Write a picture with the bit depth of its source."""
    pillow = _checks.require("PIL.Image", extra="image", purpose="writing pictures")
    data, origin = as_stored(volume, "image", target)
    if target.suffix.lower() == ".png":
        _write_png(pillow, path, data, volume, origin.details or [], target)
        return
    mode = _mode(volume)
    if mode not in ("L", "RGB", "CMYK") or data.dtype != np.uint8:
        refuse(data, volume, "JPEG", target)
    options = origin.details if isinstance(origin.details, dict) else {"quality": 95}
    height, width = data.shape[:2]
    pillow.frombytes(mode, (width, height), data.tobytes()).save(path, "JPEG", **options)


def _plain(image: Any, path: Path) -> Any:
    """Return the picture in a mode whose samples are brightnesses, without loss."""
    see_through = "transparency" in image.info
    if image.mode in ("P", "PA"):
        notice(path, "its palette became colours of 8 bits a channel")
        return image.convert("RGBA" if see_through or image.mode == "PA" else "RGB")
    if image.mode == "1":
        notice(path, "black and white became grey of 8 bits")
        return image.convert("L")
    if image.mode not in CHANNELS:
        raise _checks.FileError(
            f"{path}: must have one of the colour modes {', '.join(CHANNELS)}; got {image.mode}"
        )
    if see_through and image.mode in ("L", "RGB"):  # one colour was the transparent one
        return image.convert("RGBA") if image.mode == "RGB" else image.convert("LA")
    return image


def _jpeg_options(image: Any) -> dict[str, Any]:
    """Return how new samples are to be written: as finely, with the same profile and tags."""
    from PIL.JpegImagePlugin import get_sampling

    kept = ("icc_profile", "dpi", "exif", "comment")
    return {
        "qtables": image.quantization,
        "subsampling": get_sampling(image),
        "progressive": bool(image.info.get("progressive")),
        **{key: image.info[key] for key in kept if key in image.info},
    }


def _write_png(
    pillow: Any, path: Path, data: NDArray[Any], volume: Volume, chunks: Any, target: Path
) -> None:
    mode = _mode(volume)
    if mode == "CMYK" or data.dtype not in (np.uint8, np.uint16):
        refuse(data, volume, "PNG", target)
    if data.dtype == np.uint16 and volume.channels:
        codecs = _checks.require(
            "imagecodecs", extra="image", purpose="writing PNG colours of 16 bits"
        )
        encoded = codecs.png_encode(data)
    else:
        buffer = io.BytesIO()
        pillow.fromarray(data).save(buffer, "PNG")
        encoded = buffer.getvalue()
    head = 8 + 25  # the signature and IHDR, which must be first
    kept = b"".join(chunks) if isinstance(chunks, list) else b""
    path.write_bytes(encoded[:head] + kept + encoded[head:])


def _mode(volume: Volume) -> str:
    modes = [mode for mode, names in CHANNELS.items() if names == volume.channels]
    return modes[0] if modes else "unknown"


def _is_deep_colour(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(26)
    depth, colour = head[24], head[25]
    return depth == 16 and colour != 0


def _chunks(png: bytes) -> list[bytes]:
    """Return the chunks to be kept, as they are."""
    kept, place = [], 8
    while place + 8 <= len(png):
        length = int.from_bytes(png[place : place + 4], "big")
        if png[place + 4 : place + 8] in _KEPT_CHUNKS:
            kept.append(png[place : place + 12 + length])
        place += 12 + length
    return kept
