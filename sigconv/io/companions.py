"""Which files belong to a recording."""

from __future__ import annotations

import re
from pathlib import Path

from .formats import COMPANIONS, MATES, extension_of, npy_sidecar

_NAMED = re.compile(r"^(?:DataFile|MarkerFile)\s*=\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE)


def parts(path: Path) -> list[Path]:
    """Return the files that writing to `path` makes, `path` itself first."""
    if extension_of(path) == ".npy":
        return [path, npy_sidecar(path)]
    mates = [part for part, whole in COMPANIONS.items() if whole == extension_of(path) == ".vhdr"]
    return [path, *(path.with_suffix(part) for part in mates)]


def companions(path: Path) -> list[Path]:
    """Return the files that reading `path` reads, `path` itself first; some may not exist.

    Examples
    --------
    >>> from pathlib import Path
    >>> from sigconv.io import companions
    >>> [file.name for file in companions(Path("a.set"))]
    ['a.set', 'a.fdt']
    """
    extension = extension_of(path)
    if extension == ".vhdr" and path.is_file():
        names = _NAMED.findall(path.read_text(encoding="latin-1"))
        # names may be of another alphabet than Latin
        texts = [name.replace("$b", path.stem).encode("latin-1") for name in names]
        return [path, *(path.with_name(_decoded(text)) for text in texts if b"\0" not in text)]
    if path.is_dir():
        return [path, *sorted(part for part in path.rglob("*") if part.is_file())]
    if extension == ".set":
        return [path, path.with_suffix(".fdt")]
    if extension == ".npy":
        return [path, npy_sidecar(path)]
    if extension in MATES:
        mates = {path.with_suffix(mate) for mate in MATES[extension]}
        return [path, *sorted(mate for mate in mates if mate.is_file())]
    if extension.startswith(".fif"):  # split at two gigabytes: a_raw.fif, a_raw-1.fif, ...
        stem, ending = path.name[: -len(extension)], path.name[-len(extension) :]
        more = [each for each in path.parent.glob("*" + ending) if each.name.startswith(stem + "-")]
        numbered = [each for each in more if each.name[len(stem) + 1 : -len(extension)].isdigit()]
        return [path, *sorted(numbered)]
    return [path]


def _decoded(text: bytes) -> str:
    try:
        name = text.decode("utf-8")
    except UnicodeDecodeError:
        name = text.decode("latin-1")
    return name.replace("\\", "/").rsplit("/", 1)[-1] or "."
