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
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .. import _files, _layout
from .speeds import Speeds


def cache_folder() -> Path:
    """Return the folder for what is kept between runs; SIGCONV_CACHE names another one."""
    if named := os.environ.get("SIGCONV_CACHE"):
        return Path(named)
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "sigconv"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "sigconv"
    # The standard has relative paths ignored.
    named = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(named) if os.path.isabs(named) else home / ".cache") / "sigconv"


def identity() -> dict[str, Any]:
    """Return what the measured speeds hold for: this processor, these versions."""
    return {
        "processor": processor(),
        "cores": _layout.available_cores(),
        "sigconv": version("sigconv"),
        "numba": version("numba"),
    }


def processor() -> str:
    """Return the name of the processor."""
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def speeds_file() -> Path:
    """Return where the speeds of this machine lie; others' may lie beside it in a shared home."""
    name = zlib.crc32(json.dumps(identity(), sort_keys=True).encode())
    return cache_folder() / f"speeds-{name:08x}.json"


def save(speeds: Speeds) -> Path:
    """Keep the speeds for this machine; return the file."""
    path = speeds_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    facts = {**identity(), "nanoseconds": speeds.to_dict()}
    with _files.whole(path) as partial:
        partial.write_text(json.dumps(facts, indent=1) + "\n")
    return path


def load() -> Speeds | None:
    """Return the speeds kept for this machine, or None; a damaged file warns."""
    try:
        folder = cache_folder()
        if not folder.is_dir():  # most machines: no need to find out what they are
            return None
        path = speeds_file()
        facts = json.loads(path.read_text())
        if any(facts[key] != value for key, value in identity().items()):
            return None
        return Speeds.from_dict(facts["nanoseconds"])
    except FileNotFoundError:
        return None
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        ...


@functools.cache
def speeds() -> Speeds:
    """Return the speeds of this machine, or the defaults where `sigconv tune` never ran."""
    return load() or Speeds()
