"""Event files beside recordings: MNE's -eve.fif, and annotations in an EDF or BDF file."""

from __future__ import annotations

from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np

from .. import _checks
from ..recording import Annotation, Recording
from . import edf
from .notices import quiet
from .origin import origin_of


def read_events(path: str | PathLike[str], recording: Recording) -> list[Annotation]:
    """Read what happened in a recording from a file that lies beside it.

    MNE's event files count samples from the start of the acquisition, which may lie before the
    first sample that was saved; the recording, read from its FIF file, knows how long. EDF+ and
    BDF+ files of annotations (the hypnogram of a night, say) count from their own start.

    Parameters
    ----------
    path : path-like
        A file of MNE's event format (`-eve.fif`), or an EDF or BDF file, with or without signals.
    recording : Recording
        What the events happened in.

    Returns
    -------
    list of Annotation
        Onsets in seconds after the recording's first sample. One for each event of MNE's: duration
        0, the event code as text. Annotations as they are, but for those that lie beyond the
        recording's ends.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileError
        If it is no event file, or an event of MNE's lies outside the recording.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import mne
    >>> import numpy as np
    >>> from sigconv import Recording
    >>> from sigconv.io import read_events
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "rest-eve.fif"
    ...     mne.write_events(path, np.array([[250, 0, 3]]), verbose="error")
    ...     read_events(path, Recording(np.zeros(1000), fs=250))
    [Annotation(onset=1.0, duration=0.0, text='3', channels=())]
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    if path.suffix.lower() in (".edf", ".bdf"):
        return _marks_within(path, recording)
    mne = _checks.require("mne", extra="eeg", purpose="reading event files")
    try:
        with quiet(path):
            events = mne.read_events(path, verbose="warning")
    except Exception as error:  # MNE meets damage in every way there is
        text = " ".join(str(error).split())
        raise _checks.FileError(f"{path}: cannot be read as an event file ({text})") from error
    first = origin_of(recording).first_sample
    last = first + recording.n_times - 1
    for sample in events[:, 0]:
        if not first <= sample <= last:
            raise _checks.FileError(
                f"{path}: the event at sample {sample} lies outside the recording, "
                f"whose samples are {first} to {last}"
            )
    return [
        Annotation((int(sample) - first) / recording.fs, 0.0, str(int(code)))
        for sample, _, code in events
    ]


def _marks_within(path: Path, recording: Recording) -> list[Annotation]:
    marks, start = edf.read_marks(path)
    later = 0.0  # where one does not say when it began, both began together
    if start is not None and recording.start is not None:
        later = (start - recording.start).total_seconds()
    moved = [replace(mark, onset=mark.onset + later) for mark in marks]
    there = [
        mark
        for mark in moved
        if mark.onset + mark.duration >= 0 and mark.onset < recording.duration
    ]
    if marks and not there:
        raise _checks.FileError(
            f"{path}: all {len(marks)} annotations lie outside the recording, which it is "
            f"{abs(later):g} s {'behind' if later > 0 else 'ahead of'}"
        )
    return there


def copy_events(source: Path, target: Path, ratio: float) -> None:
    """Copy an event file for a recording at another rate: events count samples, `ratio` times."""
    mne = _checks.require("mne", extra="eeg", purpose="copying event files")
    with quiet(source):
        events = mne.read_events(source, verbose="warning")
    events[:, 0] = np.rint(events[:, 0] * ratio)
    mne.write_events(target, events, verbose="error")
