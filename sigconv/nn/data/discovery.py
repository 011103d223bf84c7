"""What can be told from the recordings themselves: their labels, groups and windows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from ... import io
from ...recording import Annotation
from .labels import LABELS, Source, is_bad
from .windows import events_file

#: How studies name their subjects: sub-01, subject_3, S001R04, P12.
_SUBJECTS = (r"(?i)(sub(?:ject)?[-_ ]?\d+)", r"^([A-Z]\d+)")
#: No window is longer than this many seconds unless somebody asks for it.
_LONGEST = 4.0


@dataclass(frozen=True)
class Findings:
    """Arguments for `EEGDataset.from_recordings`."""

    labels: str
    group: str
    window: tuple[float, float]
    lengths: str = "drop"


def discover(
    paths: Sequence[str | Path],
    *,
    labels: str | None = None,
    group: str | None = None,
    window: tuple[float, float] | None = None,
    lengths: str | None = None,
    events_suffix: str = "-eve.fif",
) -> Findings:
    r"""Fill in what was not said about labelled recordings.

    Parameters
    ----------
    paths : sequence of path
    labels, group, window, lengths
        As in `EEGDataset.from_recordings`; None for what is to be found.
    events_suffix : str

    Returns
    -------
    Findings
        labels: 'events' where each recording has an event file beside it, otherwise
        'annotations'. group: the subject that all file names hold, if there are several,
        otherwise each file. window: from the onset to the shortest of the labelled
        annotations' durations (without durations, of the distances between them), 4 s at most.
        Of sounds with one label each: so long that 95 of 100 fit in, one window from the middle
        of each (`lengths` 'clip'); if that were more than 4 s, windows of 4 s ('pad').

    Raises
    ------
    ValueError
        If no labels are found, or a window cannot be had without events.

    Examples
    --------
    >>> from sigconv.nn.data import discover
    >>> names = ["sub-01_run-1.edf", "sub-01_run-2.edf", "sub-02_run-1.edf"]
    >>> discover(names, labels="folder", window=(0, 2)).group
    'filename:(?i)(sub(?:ject)?[-_ ]?\\d+)'
    """
    files = [Path(path) for path in paths]
    if not files:
        raise ValueError("paths must name at least one recording; got none")
    if labels is not None:
        Source.parse("labels", labels, LABELS)
    group = group or _group(files)
    if labels is None and all(events_file(path, events_suffix).is_file() for path in files):
        labels = "events"
    per_file = labels not in (None, "annotations", "events")
    sounds = per_file and all(is_sound(path) for path in files)
    if sounds and window is None:
        longest = float(np.quantile([io.read_heading(path).duration for path in files], 0.95))
        window = (0.0, round(min(longest, _LONGEST), 3))
        lengths = lengths or ("clip" if longest <= _LONGEST else "pad")
    if per_file and window is None:
        raise ValueError(f"window must be given with labels {labels!r}: (0, length) in seconds")
    if labels is None or window is None:
        marks = _marks(files, events_suffix if labels == "events" else None)
        if labels is None:
            if not _tell_classes_apart(marks):
                raise ValueError(
                    "labels cannot be told from the recordings: they have neither event files "
                    "beside them nor repeated annotations of two kinds; name their source: "
                    "'folder' or 'filename:REGEX'"
                )
            labels = "annotations"
        window = window or _window(marks)
    return Findings(labels, group, window, lengths or ("pad" if sounds else "drop"))


def is_sound(path: Path) -> bool:
    """Tell by its name whether a file holds sound."""
    entry = io.FORMATS.get(io.extension_of(path))
    return entry is not None and entry.family == "audio"


def _marks(files: Sequence[Path], events_suffix: str | None) -> list[list[Annotation]]:
    """Return the annotations or events of the files, as far as two classes take to be found."""
    marks: list[list[Annotation]] = []
    for path in files:
        recording = io.read(path)
        there: Sequence[Annotation] = recording.annotations
        if events_suffix is not None:
            there = io.read_events(events_file(path, events_suffix), recording)
        marks.append([mark for mark in there if not is_bad(mark.text)])
        if _tell_classes_apart(marks):
            break
    return marks


def _tell_classes_apart(marks: Sequence[Sequence[Annotation]]) -> bool:
    """Whether two texts are repeated within a recording: one mark a file is a remark on it."""
    counts = [Counter(mark.text for mark in of_file) for of_file in marks]
    return len({text for count in counts for text, n in count.items() if n > 1}) > 1


def _window(marks: Sequence[Sequence[Annotation]]) -> tuple[float, float]:
    lengths = [mark.duration for of_file in marks for mark in of_file if mark.duration > 0]
    if not lengths:
        onsets = [sorted({mark.onset for mark in of_file}) for of_file in marks]
        lengths = [b - a for of_file in onsets for a, b in pairwise(of_file)]
    if not lengths:
        raise ValueError("window must be given: the recordings have no two events to fit one to")
    return 0.0, min(*lengths, _LONGEST)


def _group(files: Sequence[Path]) -> str:
    for pattern in _SUBJECTS:
        found = [re.search(pattern, path.name) for path in files]
        if all(found) and len({match[1] for match in found if match}) > 1:
            return f"filename:{pattern}"
    return "file"
