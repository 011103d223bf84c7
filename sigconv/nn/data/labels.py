"""Where the label of a window and the group of a recording come from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ... import _checks
from ...recording import Recording

LABELS = ("annotations", "events", "folder", "filename:REGEX")


@dataclass(frozen=True)
class Trial:
    """A labelled stretch of a recording: from `start` (seconds) on, as long as the window is."""

    start: float
    label: str


@dataclass(frozen=True)
class Source:
    """Where labels or groups are read: a kind, and the pattern of the kind 'filename'."""

    kind: str
    pattern: str = ""

    @classmethod
    def parse(cls, name: str, text: str, kinds: Sequence[str]) -> Source:
        """Read 'folder' or 'filename:REGEX', say; `name` is the argument an error names."""
        kind, _, pattern = text.partition(":")
        plain = [word.partition(":")[0] for word in kinds]
        if kind not in plain:
            _checks.one_of(name, text, kinds)
        if kind != "filename":
            _checks.one_of(name, text, kinds)
            return cls(kind)
        try:
            groups = re.compile(pattern).groups
        except re.error as error:
            raise ValueError(f"{name} holds a broken regular expression: {error}") from None
        if groups > 1 or not pattern:
            raise ValueError(
                f"{name} needs a regular expression with at most one group behind 'filename:'; "
                f"got {pattern!r}"
            )
        return cls(kind, pattern)

    def of_file(self, path: Path) -> str:
        """Return the word that a file's name or folder holds."""
        if self.kind == "folder":
            return path.parent.name
        found = re.search(self.pattern, path.name)
        if found is None:
            raise _checks.FileError(f"{path}: its name does not match '{self.pattern}'")
        return found[found.re.groups]


def event_trials(recording: Recording, offset: float, classes: Mapping[str, str]) -> list[Trial]:
    """Return a trial for each annotation whose text names a class.

    Parameters
    ----------
    recording : Recording
    offset : float
        Seconds from an annotation's onset to the start of its window.
    classes : mapping of str to str
        Text of the annotation -> name of the class. If empty, every text is a class of its
        own, but for those that mark bad stretches or joints (BAD..., EDGE...).
    """
    return [
        Trial(mark.onset + offset, classes.get(mark.text, mark.text))
        for mark in recording.annotations
        if (mark.text in classes if classes else not is_bad(mark.text))
    ]


def sliding_trials(recording: Recording, length: float, label: str) -> list[Trial]:
    """Cut a recording with one label into windows of `length` seconds that do not overlap."""
    return [Trial(i * length, label) for i in range(int(recording.duration / length + 1e-9))]


def is_bad(text: str) -> bool:
    """Whether an annotation marks samples that are not to be used (MNE's convention)."""
    return text.upper().startswith(("BAD", "EDGE"))
