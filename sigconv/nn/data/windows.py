"""Cutting a recording into labelled windows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import _checks
from ...io import read_events
from ...pipeline import Pipeline
from ...recording import Annotation, Recording
from . import sequences
from .labels import Source, Trial, event_trials, is_bad, sliding_trials
from .sequences import Runs
from .table import LabelTable

#: Why a window cannot be used.
REASONS = (
    "over the end",
    "too short",
    "without a label",
    "marked as bad",
    "not finite",
    "too large",
    "flat",
)

#: What is done with recordings of one label: windows one after the other, of which those shorter
#: than one are left out ("drop") or filled up ("pad"); or one window from the middle of each
#: ("clip").
LENGTHS = ("drop", "pad", "clip")


#: What stands behind the name that a recording shares with its events.
_OF_RECORDINGS = ("_raw", "-raw", "_PSG", "-PSG")


@dataclass(frozen=True)
class Window:
    """A window of a file; `data` is None where it cannot be used, and `reason` says why."""

    data: NDArray[np.float32] | None
    label: str
    group: str
    session: str
    trial: str
    file: str
    start: float
    reason: str = ""
    labels: Runs = ()  # of its places


@dataclass(frozen=True)
class Cutter:
    """Filters a recording and cuts its labelled windows out.

    Arguments are those of `EEGDataset.from_recordings`, parsed.
    """

    labels: Source
    group: Source
    session: Source
    classes: Mapping[str, str]
    events_suffix: str
    pipeline: Pipeline
    window: tuple[float, float]
    sliding: float | None = None
    overlap: float = 0.0
    reject: float | None = None
    flat: float | None = None
    table: LabelTable | None = None
    lengths: str = "drop"
    task: str = "classify"
    place: float | None = None
    elsewhere: str | None = None

    @property
    def length(self) -> float:
        """Seconds of a window."""
        return self.window[1] - self.window[0] if self.sliding is None else self.sliding

    def cut(self, path: Path, recording: Recording) -> list[Window]:
        """Return the windows of a recording; `path` says whose they are."""
        trials = [] if self.task == "sequence" else self._trials(path, recording)
        marks = self._marks(path, recording) if self.task == "sequence" else []
        try:
            recording = self.pipeline.apply(recording)  # of another rate, it may be
        except ValueError as error:
            raise _checks.FileError(f"{path}: {error}") from error
        if self.task == "sequence":
            return self._sequences(path, recording, marks)
        usable = _usable(recording)
        n_times = round(self.length * recording.fs)
        windows = []
        for trial in trials:
            if trial.end == np.inf:  # a whole recording, cut once
                short = recording.n_times < n_times
                first = 0 if self.lengths == "drop" else (recording.n_times - n_times) // 2
                trial = replace(trial, start=max(first, 0) / recording.fs)
            else:
                short, first = False, round(trial.start * recording.fs)
            cut, reason = self._judged(
                recording, usable, first, n_times, fill=short and self.lengths != "drop"
            )
            reason = "too short" if reason == "over the end" and short else reason
            windows.append(
                Window(
                    cut,
                    trial.label,
                    self._of(self.group, path, trial),
                    self._of(self.session, path, trial),
                    f"{path}#{trial.name}",
                    str(path),
                    trial.start,
                    reason,
                )
            )
        return windows

    def _marks(self, path: Path, recording: Recording) -> Sequence[Annotation]:
        """Return the stretches that have labels."""
        if self.labels.kind == "events":
            return read_events(events_file(path, self.events_suffix), recording)
        return recording.annotations if self.table is None else self.table.annotations(path)

    def _sequences(
        self, path: Path, recording: Recording, marks: Sequence[Annotation]
    ) -> list[Window]:
        """Return windows of consecutive places, from the first to the last that has a label."""
        fs = recording.fs
        n = 1 if self.place is None else max(1, round(self.place * fs))
        length = max(1, round(self.length * fs / n))
        names, found = sequences.labels_of_samples(
            marks, self.classes, fs, recording.n_times, self.elsewhere
        )
        known = np.flatnonzero(found >= 0)
        first, end = (known[0], known[-1] + 1) if len(known) else (0, 0)
        labels = sequences.labels_of_places(found[first : end - (end - first) % n], n)
        everything = np.ones(recording.n_times, dtype=bool)
        whose = (
            self._of(self.group, path, Trial(0, 0, "")),
            self._of(self.session, path, Trial(0, 0, "")),
            f"{path}#",
            str(path),
        )
        windows = []
        starts = sequences.starts_of_windows(len(labels), length, self.overlap)
        for start in starts:
            of_places = labels[start : start + length]
            place = int(first) + start * n
            cut, reason = self._judged(recording, everything, place, length * n, fill=False)
            if (of_places < 0).all():
                cut, reason = None, "without a label"
            known_runs = sequences.runs(names, of_places)
            windows.append(Window(cut, "", *whose, place / fs, reason, known_runs))
        return windows or [Window(None, "", *whose, 0.0, "too short")]

    def _judged(
        self,
        recording: Recording,
        usable: NDArray[np.bool_],
        first: int,
        n_times: int,
        *,
        fill: bool,
    ) -> tuple[NDArray[np.float32] | None, str]:
        """Return a window, or None and why not."""
        stretch = slice(max(first, 0), first + n_times)
        inside = first >= 0 and first + n_times <= recording.n_times
        if not inside and not fill:
            return None, "over the end"
        if not usable[stretch].all():
            return None, "marked as bad"
        cut = recording.data[:, stretch] if inside else middle(recording.data, n_times)
        if not np.isfinite(cut).all():
            return None, "not finite"
        spans = np.ptp(cut, axis=1)
        if self.reject is not None and (spans > self.reject).any():
            return None, "too large"
        if self.flat is not None and (spans < self.flat).any():
            return None, "flat"
        return cut.astype(np.float32), ""

    def _of(self, source: Source, path: Path, trial: Trial) -> str:
        if source.kind == "file":
            return str(path)
        if source.kind == "column":
            if self.table is None:
                raise ValueError(f"group 'column:{source.pattern}' needs labels of a table")
            return self.table.column(path, source.pattern, trial.row)
        return source.of_file(path)

    def _trials(self, path: Path, recording: Recording) -> list[Trial]:
        """Return the stretches to cut: trials, or the windows that slide over them."""
        trials = self._labelled(path, recording)
        whole = [trial for trial in trials if trial.end == np.inf]  # a recording with one label
        length, overlap = self.length, self.overlap
        if self.sliding is None and not whole:
            return trials
        # of windows that slide over events, whatever does not fit in was never there
        once = self.lengths == "clip" or recording.duration < length - 1e-9
        return [
            window
            for trial in trials
            for window in (
                [trial]
                if trial.end == np.inf and once
                else sliding_trials(_ended(trial, recording.duration), length, overlap)
            )
        ]

    def _labelled(self, path: Path, recording: Recording) -> list[Trial]:
        if self.labels.kind == "events":
            recording = recording.replace(
                annotations=read_events(events_file(path, self.events_suffix), recording)
            )
        if self.labels.kind in ("annotations", "events"):
            return event_trials(recording, self.window, self.classes)
        if self.table is not None and self.table.has_onsets:
            return self.table.events(path, self.window, self.classes)
        row = {} if self.table is None else self.table.of_file(path)[0]
        word = row[self.table.target] if self.table is not None else self.labels.of_file(path)
        if self.classes and word not in self.classes:
            return []
        return [Trial(0.0, np.inf, self.classes.get(word, word), row=row)]


def _ended(trial: Trial, duration: float) -> Trial:
    return trial if trial.end < np.inf else Trial(0.0, duration, trial.label, trial.name, trial.row)


def middle(data: NDArray[Any], n_times: int) -> NDArray[Any]:
    """Return so many samples from the middle; what is shorter has its mean before and behind it.

    The mean is a rest that no filter and no standardisation takes for a step.
    """
    missing = n_times - data.shape[1]
    if missing <= 0:
        first = -missing // 2
        return data[:, first : first + n_times]
    whole = np.repeat(data.mean(axis=1, keepdims=True), n_times, axis=1)
    whole[:, missing // 2 : missing // 2 + data.shape[1]] = data
    return whole


def _usable(recording: Recording) -> NDArray[np.bool_]:
    """Return which samples no annotation marks as bad."""
    usable = np.ones(recording.n_times, dtype=bool)
    for mark in recording.annotations:
        if is_bad(mark.text):
            first = max(0, int(mark.onset * recording.fs))
            usable[first : int(np.ceil((mark.onset + mark.duration) * recording.fs)) + 1] = False
    return usable


def events_file(path: Path, suffix: str) -> Path:
    """Return where the events of a recording lie: NAME + suffix beside NAME_raw or NAME-PSG.

    Where there is none, the one file is taken that has a letter where NAME ends with a digit: in
    SC4001E0-PSG.edf and SC4001EC-Hypnogram.edf it says who scored the night.
    """
    stem = path.name.removesuffix(path.suffix)
    for ending in _OF_RECORDINGS:
        stem = stem.removesuffix(ending)
    exact = path.with_name(stem + suffix)
    if exact.is_file() or not stem[-1:].isdigit():
        return exact
    shape = re.compile(re.escape(stem[:-1]) + "[A-Za-z]" + re.escape(suffix))
    scored = [each for each in path.parent.glob("*") if shape.fullmatch(each.name)]
    return scored[0] if len(scored) == 1 else exact
