"""What can be told from the recordings themselves: their labels, groups and windows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ... import _checks, io
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


def discover(
    paths: Sequence[str | Path],
    *,
    labels: str | None = None,
    group: str | None = None,
    window: tuple[float, float] | None = None,
    events_suffix: str = "-eve.fif",
) -> Findings:
    r"""Fill in what was not said about labelled recordings.

    Parameters
    ----------
    paths : sequence of path
    labels, group, window
        As in `EEGDataset.from_recordings`; None for what is to be found.
    events_suffix : str

    Returns
    -------
    Findings
        labels: 'events' where each recording has an event file beside it, otherwise
        'annotations'. group: the subject that all file names hold, if there are several,
        otherwise each file. window: from the onset to the shortest of the labelled
        annotations' durations (without durations, of the distances between them), 4 s at most.

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
    if labels not in (None, "annotations", "events") and window is None:
        raise ValueError(f"window must be given with labels {labels!r}: (0, length) in seconds")
    if labels is None or window is None:
        first = io.read(files[0])
        marks = first.annotations
        if labels == "events":
            marks = io.read_events(events_file(files[0], events_suffix), first)
        marks = [mark for mark in marks if not is_bad(mark.text)]
        texts = Counter(mark.text for mark in marks)
        if labels is None:
            if sum(count > 1 for count in texts.values()) < 2:
                raise ValueError(
                    "labels cannot be told from the recordings: they have neither event files "
                    "beside them nor repeated annotations of two kinds; name their source: "
                    "'folder' or 'filename:REGEX'"
                )
            labels = "annotations"
        if window is None:
            onsets = sorted(mark.onset for mark in marks)
            lengths = [mark.duration for mark in marks if mark.duration > 0] or [
                later - earlier for earlier, later in pairwise(onsets) if later > earlier
            ]
            if not lengths:
                raise _checks.FileError(f"{files[0]}: has no events that a window could fit")
            window = (0.0, min(*lengths, _LONGEST))
    return Findings(labels, group, window)


def _group(files: Sequence[Path]) -> str:
    for pattern in _SUBJECTS:
        found = [re.search(pattern, path.name) for path in files]
        if all(found) and len({match[1] for match in found if match}) > 1:
            return f"filename:{pattern}"
    return "file"
