"""Cutting a recording into labelled windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import _checks
from ...io import read_events
from ...pipeline import Pipeline
from ...recording import Recording
from .labels import Source, Trial, event_trials, is_bad, sliding_trials


@dataclass(frozen=True)
class Window:
    """A window of a file; `data` is None where it cannot be used."""

    data: NDArray[np.float32] | None
    label: str
    group: str
    file: str


@dataclass(frozen=True)
class Cutter:
    """Filters a recording and cuts its labelled windows out."""

    labels: Source
    group: Source
    classes: Mapping[str, str]
    events_suffix: str
    pipeline: Pipeline
    window: tuple[float, float]

    def cut(self, path: Path, recording: Recording) -> list[Window]:
        """Return the windows of a recording; `path` says whose they are."""
        trials = self._trials(path, recording)
        group = str(path) if self.group.kind == "file" else self.group.of_file(path)
        try:
            recording = self.pipeline.apply(recording)  # of another rate, it may be
        except ValueError as error:
            raise _checks.FileError(f"{path}: {error}") from error
        data, usable = recording.data, _usable(recording)
        n_times = round((self.window[1] - self.window[0]) * recording.fs)
        windows = []
        for trial in trials:
            first = round(trial.start * recording.fs)
            stretch = slice(first, first + n_times)
            whole = first >= 0 and first + n_times <= recording.n_times
            good = whole and usable[stretch].all() and np.isfinite(data[:, stretch]).all()
            cut = data[:, stretch].astype(np.float32) if good else None
            windows.append(Window(cut, trial.label, group, str(path)))
        return windows

    def _trials(self, path: Path, recording: Recording) -> list[Trial]:
        start, end = self.window
        if self.labels.kind == "events":
            recording = recording.replace(
                annotations=read_events(events_file(path, self.events_suffix), recording)
            )
        if self.labels.kind in ("annotations", "events"):
            return event_trials(recording, start, self.classes)
        word = self.labels.of_file(path)
        if self.classes and word not in self.classes:
            return []
        return sliding_trials(recording, end - start, self.classes.get(word, word))


def _usable(recording: Recording) -> NDArray[np.bool_]:
    """Return which samples no annotation marks as bad."""
    usable = np.ones(recording.n_times, dtype=bool)
    for mark in recording.annotations:
        if is_bad(mark.text):
            first = max(0, int(mark.onset * recording.fs))
            usable[first : int(np.ceil((mark.onset + mark.duration) * recording.fs)) + 1] = False
    return usable


def events_file(path: Path, suffix: str) -> Path:
    """Return where the events of a recording lie: NAME + suffix beside NAME_raw.fif."""
    stem = path.name.removesuffix(path.suffix)
    for ending in ("_raw", "-raw"):
        stem = stem.removesuffix(ending)
    return path.with_name(stem + suffix)


def standardise(X: NDArray[Any]) -> NDArray[np.float32]:
    """Give each channel of each window mean 0 and standard deviation 1 (flat ones become 0).

    Parameters
    ----------
    X : array, shape (..., n_times)

    Returns
    -------
    array of float32

    Notes
    -----
    Nothing is fitted, so nothing can leak from one window to another, and one window that
    comes alone in a stream is treated as all others were.
    """
    X = np.asarray(X, dtype=np.float64)
    centred = X - X.mean(axis=-1, keepdims=True)
    deviation = centred.std(axis=-1, keepdims=True)
    # what is left of a flat channel is rounding noise of its level: not to be blown up
    flat = deviation <= 1e-12 * np.abs(X).max(axis=-1, keepdims=True)
    return np.where(flat, 0.0, centred / np.where(flat, 1.0, deviation)).astype(np.float32)
