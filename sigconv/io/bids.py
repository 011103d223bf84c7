"""The EEG of a BIDS folder, through mne-bids: what it holds, and recordings with their events."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import _checks
from ..recording import Recording
from .files import read
from .formats import is_recording
from .mne_objects import from_raw
from .notices import quiet


@dataclass(frozen=True)
class BidsRun:
    """A recording of a BIDS folder; words that are not in its name are None."""

    path: Path
    subject: str
    session: str | None
    task: str | None
    run: str | None
    entry: Any  # mne-bids' own object


def find_bids(root: str | Path, task: str | None = None) -> list[BidsRun]:
    """Return the EEG recordings of a BIDS folder, of one task or all.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    FileError
        If it holds no such recording.
    """
    root = Path(root)
    if not root.is_dir():
        raise FileNotFoundError(f"{root}: no such folder")
    mne_bids = _checks.require("mne_bids", extra="bids", purpose="reading BIDS folders")
    paths = mne_bids.find_matching_paths(root, tasks=task, datatypes="eeg", suffixes="eeg")
    found = [
        BidsRun(Path(each.fpath), each.subject, each.session, each.task, each.run, each)
        for each in paths
        if is_recording(Path(each.fpath)) and Path(each.fpath).is_file()
    ]
    if not found:
        what = f" of the task {task!r}" if task else ""
        raise _checks.FileError(f"{root}: holds no EEG recording{what} under BIDS' names")
    return sorted(found, key=lambda run: run.path)


def read_bids(run: BidsRun) -> Recording:
    """Read a recording; its annotations are the events of its table."""
    mne_bids = _checks.require("mne_bids", extra="bids", purpose="reading BIDS folders")
    read(run.path)  # says in a sentence what is wrong with a broken file
    try:
        with quiet(run.path):
            raw = mne_bids.read_raw_bids(run.entry, verbose="error")
            raw.load_data(verbose="error")
    except Exception as error:  # of tables, in every way there is
        text = " ".join(str(error).split())
        raise _checks.FileError(f"{run.path}: cannot be read as BIDS ({text})") from error
    return from_raw(raw, "bids")
