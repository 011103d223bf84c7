"""Where the label of a window and the group of a recording come from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ... import _checks
from ...recording import Recording

LABELS = ("annotations", "events", "folder", "filename:REGEX", "TABLE.csv")
GROUPS = ("file", "folder", "filename:REGEX", "column:NAME")


@dataclass(frozen=True)
class Trial:
    """A labelled stretch of a recording: from `start` to `end` in seconds.

    `name` tells it from the others of its recording: windows of one trial are never parted. A
    recording with one label is one trial.
    """

    start: float
    end: float
    label: str
    name: str = ""
    row: Mapping[str, str] = field(default_factory=dict)  # of the table that it is from


@dataclass(frozen=True)
class Source:
    """Where labels or groups are read: a kind, and the pattern of the kind 'filename'."""

    kind: str
    pattern: str = ""

    @classmethod
    def parse(cls, name: str, text: str, kinds: Sequence[str]) -> Source:
        """Read 'folder' or 'filename:REGEX', say; `name` is the argument an error names."""
        if "TABLE.csv" in kinds and text.lower().endswith(".csv"):
            return cls("table", text)
        kind, _, pattern = text.partition(":")
        plain = [word.partition(":")[0] for word in kinds]
        if kind not in plain:
            _checks.one_of(name, text, kinds)
        if kind == "column" and pattern:
            return cls(kind, pattern)
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


def event_trials(
    recording: Recording, window: tuple[float, float], classes: Mapping[str, str]
) -> list[Trial]:
    """Return a trial for each annotation whose text names a class.

    Parameters
    ----------
    recording : Recording
    window : (float, float)
        Seconds from an annotation's onset to the start and the end of its trial.
    classes : mapping of str to str
        Text of the annotation -> name of the class. If empty, every text is a class of its
        own, but for those that mark bad stretches or joints (BAD..., EDGE...).
    """
    start, end = window
    return [
        Trial(mark.onset + start, mark.onset + end, classes.get(mark.text, mark.text), str(number))
        for number, mark in enumerate(recording.annotations)
        if (mark.text in classes if classes else not is_bad(mark.text))
    ]


def sliding_trials(trial: Trial, length: float, overlap: float = 0.0) -> list[Trial]:
    """Cut a trial into windows of `length` seconds, of which neighbours share a part."""
    step = length * (1 - overlap)
    n = int((trial.end - trial.start - length) / step + 1e-9) + 1
    starts = [trial.start + i * step for i in range(n)] if trial.end - trial.start > 0 else []
    return [
        replace(trial, start=start, end=start + length)
        for start in starts
        if start + length <= trial.end + 1e-9
    ]


def is_bad(text: str) -> bool:
    """Whether an annotation marks samples that are not to be used (MNE's convention)."""
    return text.upper().startswith(("BAD", "EDGE"))
