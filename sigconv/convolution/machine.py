"""How fast this machine is: measured once by `sigconv tune`, kept in the user's cache folder."""

from __future__ import annotations

import functools
import json
import math
import os
import platform
import re
import sys
import warnings
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from .. import __version__, _files, _layout

#: What holds for machines that were never measured: one of ours, in the shape that `save` writes.
DEFAULTS = Path(__file__).with_name("default_speeds.json")


class Speed(NamedTuple):
    """How a method's own estimate of its time becomes this machine's."""

    call: float = 0.0  # ns that a call takes beside
    factor: float = 1.0


@dataclass(frozen=True)
class Speeds:
    """Speeds by method, type of number and number of axes, which `time` puts to use."""

    table: Mapping[tuple[str, str, int], Speed] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", MappingProxyType(dict(self.table)))

    def time(self, method: str, dtype: str, n_axes: int, estimate: float) -> float:
        """Return the time in ns for a method's own estimate of it."""
        call, factor = self.table.get((method, dtype, min(n_axes, 3)), Speed())
        return call + factor * estimate

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, which `from_dict` takes."""
        return {
            f"{method} {dtype} {n_axes}": [float(f"{number:.4g}") for number in speed]
            for (method, dtype, n_axes), speed in self.table.items()
        }

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Speeds:
        """Return the speeds that plain data holds; ValueError if they cannot be."""
        table = {}
        for words, numbers in facts.items():
            method, dtype, n_axes = words.split(" ")
            call, factor = map(float, numbers)
            speed = Speed(call, factor)
            if not (0 <= speed.call < math.inf and 0 < speed.factor < math.inf):
                raise ValueError(f"{words} has the speed {numbers}")
            table[method, dtype, int(n_axes)] = speed
        return cls(table)


@functools.cache
def speeds() -> Speeds:
    """Return the speeds of this machine, or the defaults where `sigconv tune` never ran."""
    return load() or Speeds.from_dict(json.loads(DEFAULTS.read_text())["speeds"])


def load() -> Speeds | None:
    """Return the speeds kept for this machine, or None; a damaged file earns a warning."""
    try:
        if not cache_folder().is_dir():  # so it is mostly: no need to know which machine this is
            return None
        path = speeds_file()
        text = path.read_bytes()
    except (OSError, RuntimeError):  # no file, no right to read it, no home
        return None
    try:
        facts = json.loads(text)
        if {key: facts[key] for key in identity()} != identity():
            return None
        return Speeds.from_dict(facts["speeds"])
    except (ValueError, TypeError, KeyError, AttributeError):
        warnings.warn(
            f"{path}: holds no speeds; the built-in ones are used (`sigconv tune` measures anew)",
            stacklevel=2,
        )
        return None


def save(measured: Speeds) -> Path:
    """Keep the speeds for this machine; return the file."""
    path = speeds_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    with _files.whole(path) as partial:
        partial.write_text(described(measured))
    return path


def described(measured: Speeds) -> str:
    """Return the text of a file of speeds."""
    text = json.dumps({**identity(), "speeds": measured.as_dict()}, indent=1)
    return re.sub(r"\[\s+(\S+),\s+(\S+)\s+\]", r"[\1, \2]", text) + "\n"  # a line a speed


def speeds_file() -> Path:
    """Return where the speeds of this machine lie; a home may be shared with other machines."""
    name = zlib.crc32(json.dumps(identity(), sort_keys=True).encode())
    return cache_folder() / f"speeds-{name:08x}.json"


def cache_folder() -> Path:
    """Return the folder for what is kept between runs, or what SIGCONV_CACHE names."""
    if named := os.environ.get("SIGCONV_CACHE"):
        return Path(named)
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData" / "Local") / "sigconv"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "sigconv"
    named = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(named) if Path(named).is_absolute() else Path.home() / ".cache") / "sigconv"


@functools.cache
def identity() -> dict[str, Any]:
    """Return what speeds hold for: this processor, these versions."""
    return {
        "processor": _processor(),
        "cores": _layout.available_cores(),
        "sigconv": __version__,
        "numba": metadata.version("numba"),
    }


def _processor() -> str:
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()
