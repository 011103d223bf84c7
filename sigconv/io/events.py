"""Event files beside recordings: MNE's -eve.fif."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import numpy as np

from .. import _checks
from ..recording import Annotation, Recording
from .notices import quiet
from .origin import origin_of


def read_events(path: str | PathLike[str], recording: Recording) -> list[Annotation]:
    """Read an MNE event file as annotations of the recording it belongs to.

    Event files count samples from the start of the acquisition, which may lie before the
    first sample that was saved; the recording, read from its FIF file, knows how long.

    Parameters
    ----------
    path : path-like
        A file of MNE's event format (`-eve.fif`).
    recording : Recording
        What the events happened in.

    Returns
    -------
    list of Annotation
        One for each event: onset in seconds after the recording's first sample, duration 0,
        the event code as text.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    FileError
        If it is no event file, or an event lies outside the recording.

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


def copy_events(source: Path, target: Path, ratio: float) -> None:
    """Copy an event file for a recording at another rate: events count samples, `ratio` times."""
    mne = _checks.require("mne", extra="eeg", purpose="copying event files")
    with quiet(source):
        events = mne.read_events(source, verbose="warning")
    events[:, 0] = np.rint(events[:, 0] * ratio)
    mne.write_events(target, events, verbose="error")
