"""Filtered windows kept in files, so that a set larger than memory trains and none is cut twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ... import _checks, _files
from .lazy import Int16Windows
from .windows import Window

#: Raised by one when windows come out differently from the same recordings and arguments.
_FORMAT = 3

DTYPES = ("float32", "int16")

#: What a data set is made of besides its windows, as plain data.
Facts = dict[str, Any]


class WindowCache:
    """A folder of windows; each set lies under the hash of all that it was made of.

    Parameters
    ----------
    folder : path
        Made if need be.
    dtype : {'float32', 'int16'}
        int16 takes half the room.
    made_of : mapping
        Plain data: everything that the windows depend on, the pipeline among it.
    files : sequence of path
        The files that they depend on: name, size and time of the last change count.
    """

    def __init__(
        self, folder: str | Path, dtype: str, made_of: Mapping[str, Any], files: Sequence[Path]
    ) -> None:
        self._dtype = _checks.one_of("cache_dtype", dtype, DTYPES)
        self._folder = Path(folder)
        states = [(str(path.resolve()), *_state(path)) for path in files]
        content = json.dumps([_FORMAT, dtype, made_of, states], sort_keys=True, default=str)
        key = hashlib.sha256(content.encode()).hexdigest()[:24]
        self._header = self._folder / f"windows-{key}.json"

    def read(self) -> tuple[Any, Facts] | None:
        """Return windows, as a memory map or reader, and facts; None if they are not there."""
        if not self._header.is_file():
            return None
        facts = json.loads(self._header.read_text(encoding="utf-8"))
        shape = tuple(facts.pop("shape"))
        data = np.memmap(self._part("data"), np.dtype(self._dtype), "r", shape=shape)
        if self._dtype == "float32":
            return data, facts
        scales = np.memmap(self._part("scales"), np.float32, "r", shape=(*shape[:2], 2))
        return Int16Windows(data, scales), facts

    def write(self, make: Callable[[Callable[[Sequence[Window]], None]], Facts]) -> None:
        """Let windows be made and kept; the files appear whole or not at all.

        `make` is given a function that takes windows as they come, and returns the facts.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            with _files.whole(self._header) as header:
                shapes: list[tuple[int, ...]] = []
                parts = [header.with_name(self._part(name).name) for name in ("data", "scales")]
                with parts[0].open("wb") as data, parts[1].open("wb") as scales:
                    facts = make(lambda windows: self._append(windows, data, scales, shapes))
                shape = (sum(each[0] for each in shapes), *shapes[0][1:]) if shapes else (0, 0, 0)
                header.write_text(json.dumps({"shape": shape, **facts}), encoding="utf-8")
        except OSError as error:
            if error.filename is not None and Path(error.filename).parent != self._folder:
                raise  # of a recording
            raise _checks.FileError(
                f"{self._folder}: the cache cannot be written ({error.strerror or error})"
            ) from error

    def _append(
        self,
        windows: Sequence[Window],
        data: BinaryIO,
        scales: BinaryIO,
        shapes: list[tuple[int, ...]],
    ) -> None:
        kept = [window.data for window in windows if window.data is not None]
        if not kept:
            return
        X: NDArray[Any] = np.stack(kept)
        shapes.append(X.shape)
        if self._dtype == "int16":
            X, factors = Int16Windows.packed(X)
            scales.write(factors.tobytes())
        data.write(X.tobytes())

    def _part(self, name: str) -> Path:
        return self._header.with_suffix(f".{name}")


def _state(path: Path) -> tuple[int, int]:
    known = path.stat()
    return known.st_size, known.st_mtime_ns
