"""What was done to a file, in JSON beside the result: so that a later run knows what is done."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import __version__, _checks, _files, io
from ..pipeline import Pipeline

#: What a result's name is followed by.
ENDING = ".sigconv.json"
#: What a sidecar says besides what was done.
_FACTS = ("software", "version", "input", "output")


def path_of(target: Path) -> Path:
    """Return where the sidecar of a result lies."""
    name = target.name + ENDING
    if len(os.fsencode(name)) > 255:  # the longest that file systems take
        name = hashlib.sha256(os.fsencode(target.name)).hexdigest() + ENDING
    return target.with_name(name)


def describe(work: Any) -> dict[str, Any] | None:
    """Return as plain data what is done to every file, None if the work does not say.

    Examples
    --------
    >>> from sigconv import Pipeline, Step
    >>> from sigconv.batch.sidecar import describe
    >>> describe(Pipeline([Step("notch", freq=50)]))
    {'pipeline': {'step': [{'name': 'notch', 'freq': 50}]}}
    """
    if isinstance(work, Pipeline):
        plain: dict[str, Any] = {"pipeline": work.to_dict()}
    elif hasattr(work, "to_dict"):
        plain = work.to_dict()
    else:
        return None
    same: dict[str, Any] = json.loads(json.dumps(plain))  # tuples and lists are one there
    return same


@dataclass(frozen=True)
class Source:
    """The files of an input, as they were before they were read."""

    path: Path
    hashes: Mapping[str, str]
    stamps: Mapping[Path, tuple[int, int]]

    @classmethod
    def of(cls, path: Path) -> Source:
        """Hash an input, its companions and all."""
        files = [part for part in io.companions(path) if part.is_file()]
        stamps = {part: _stamp(part) for part in files}
        return cls(path, {part.name: _files.sha256(part) for part in files}, stamps)

    def refuse_changes(self) -> None:
        """Raise FileError if a file is no longer what was hashed."""
        for part, stamp in self.stamps.items():
            if not part.is_file() or _stamp(part) != stamp:
                raise _checks.FileError(f"{part}: was changed while it was read")


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def text(source: Source, work: Mapping[str, Any] | None, results: list[Path]) -> str:
    """Return a sidecar: software, what was done, and the hashes of what came and went."""
    facts = {
        "software": "sigconv",
        "version": __version__,
        **(work or {}),
        "input": {"name": source.path.name, "sha256": dict(source.hashes)},
        "output": {"sha256": {path.name: _files.sha256(path) for path in results}},
    }
    return json.dumps(facts, indent=2) + "\n"


def standing(target: Path, source: Source, work: Mapping[str, Any] | None) -> str:
    """Tell how far an earlier run of the same work came with the same input.

    Returns
    -------
    str
        "done": all results are there as they were written. "begun": some are, none has changed.
        "": there is nothing, or it is of something else.
    """
    try:
        known = json.loads(path_of(target).read_text(encoding="utf-8"))
        told = {key: known[key] for key in known if key not in _FACTS}
        if work is None or told != work or known["input"]["sha256"] != dict(source.hashes):
            return ""
        results = {target.with_name(name): h for name, h in known["output"]["sha256"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""  # none, or none of ours
    there = {path: digest for path, digest in results.items() if path.is_file()}
    if any(_files.sha256(path) != digest for path, digest in there.items()):
        return ""
    return "done" if len(there) == len(results) else "begun"
