"""Labelled windows of recordings: what a network is trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ... import _checks, io
from ...pipeline import Pipeline
from ...recording import Recording
from .labels import LABELS, Source
from .windows import Cutter, Window

Progress = Callable[[Iterable[Any]], Iterable[Any]]


@dataclass(frozen=True, eq=False)
class EEGDataset:
    """Windows of recordings with a label and a group each.

    Parameters
    ----------
    X : array of float32, shape (n_trials, n_channels, n_times)
        In the recordings' units; `standardise` makes of it what the networks see.
    y : array of int64, shape (n_trials,)
        Indices into `classes`.
    groups : array of str, shape (n_trials,)
        What must not stand on both sides of a split: the subject, say.
    classes, channels : tuple of str
    fs : float
        Sampling rate of `X` in Hz.
    files : array of str, shape (n_trials,)
        The file that each trial is from; empty words for arrays.
    pipeline : Pipeline
        What was done to the recordings before they were cut.
    window : (float, float)
        Start and end of the windows in seconds after the event (or (0, length)).
    n_left_out : int
        Trials that ran over the end of a recording, or over a stretch marked as bad or with
        a value that is not finite.

    See Also
    --------
    from_recordings : from files.
    from_arrays : from what is in memory.
    """

    X: NDArray[np.float32]
    y: NDArray[np.int64]
    groups: NDArray[np.str_]
    classes: tuple[str, ...]
    channels: tuple[str, ...]
    fs: float
    files: NDArray[np.str_]
    pipeline: Pipeline = field(default_factory=Pipeline)
    window: tuple[float, float] = (0.0, 0.0)
    n_left_out: int = 0

    def __len__(self) -> int:
        return len(self.y)

    @classmethod
    def from_arrays(
        cls,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        *,
        fs: float,
        channels: Sequence[str] = (),
    ) -> EEGDataset:
        """Make a data set of arrays.

        Parameters
        ----------
        X : array, shape (n_trials, n_channels, n_times)
        y : array of labels, shape (n_trials,)
            Words or numbers; the classes are their sorted texts.
        groups : array, shape (n_trials,), optional
            Each trial is its own group if not given.
        fs : float
            Sampling rate in Hz.
        channels : sequence of str, optional

        Examples
        --------
        >>> import numpy as np
        >>> from sigconv.nn import EEGDataset
        >>> X = np.random.default_rng(0).normal(size=(6, 2, 100))
        >>> data = EEGDataset.from_arrays(X, ["rest", "move"] * 3, fs=100)
        >>> data.classes, data.y.tolist()
        (('move', 'rest'), [1, 0, 1, 0, 1, 0])
        """
        X = _checks.numeric("X", X)
        if X.ndim != 3:
            raise ValueError(f"X must have shape (n_trials, n_channels, n_times); got {X.shape}")
        words = np.asarray(y).astype(str)
        if words.shape != (len(X),):
            raise ValueError(
                f"y must hold one label for each of {len(X)} trials; got {words.shape}"
            )
        groups = np.arange(len(X)) if groups is None else np.asarray(groups)
        if groups.shape != (len(X),):
            raise ValueError(
                f"groups must hold one for each of {len(X)} trials; got {groups.shape}"
            )
        if not np.isfinite(X).all():
            raise ValueError("X must hold finite numbers; NaN or infinity stands in it")
        classes, indices = np.unique(words, return_inverse=True)
        return cls(
            X=X.astype(np.float32),
            y=indices.astype(np.int64),
            groups=groups.astype(str),
            classes=tuple(str(name) for name in classes),
            channels=tuple(channels) or tuple(f"ch{i}" for i in range(1, X.shape[1] + 1)),
            fs=_checks.sampling_rate(fs),
            files=np.full(len(X), ""),
            window=(0.0, X.shape[2] / fs),
        )

    @classmethod
    def from_recordings(
        cls,
        paths: Iterable[str | Path],
        *,
        labels: str,
        window: tuple[float, float],
        group: str = "file",
        classes: Mapping[str, str] | None = None,
        events_suffix: str = "-eve.fif",
        pipeline: Pipeline | None = None,
        progress: Progress = iter,
    ) -> EEGDataset:
        r"""Read files, filter them whole, and cut labelled windows out.

        Parameters
        ----------
        paths : iterable of path
            Recordings; all must hold the channels of the first, in any order, at its rate (after
            `pipeline`, which may resample).
        labels : str
            'annotations' (their texts), 'events' (an event file beside each recording),
            'folder' (the name of a file's folder) or 'filename:REGEX' (what the group of the
            regular expression, or all of it, finds in the name).
        window : (float, float)
            Seconds: start and end after each event; with one label a file, consecutive
            windows of the length end - start.
        group : str
            'file' (each its own), 'folder' or 'filename:REGEX'.
        classes : mapping of str to str, optional
            Text of an annotation, event code or label -> name of the class; other trials are
            left out. Without it every text is a class.
        events_suffix : str
            'NAME_raw.fif' has its events in 'NAME' + events_suffix.
        pipeline : Pipeline, optional
            Applied to each whole recording before it is cut.
        progress : callable, optional
            Wraps the iteration over the files (tqdm, say).

        Raises
        ------
        FileError
            If a file cannot be read or does not fit the others.
        ValueError
            If an argument is illegal, or no two classes are found.

        Examples
        --------
        >>> from sigconv.nn import EEGDataset
        >>> EEGDataset.from_recordings([], labels=r"filename:_(\d)", window=(0, 2))
        Traceback (most recent call last):
        ...
        ValueError: paths must name at least one recording; got none
        """
        files = [Path(path) for path in paths]
        if not files:
            raise ValueError("paths must name at least one recording; got none")
        start, end = (_checks.number("window", edge) for edge in window)
        if start >= end:
            raise ValueError(f"window must be (start, end) with start < end; got {window}")
        cutter = Cutter(
            labels=Source.parse("labels", labels, LABELS),
            group=Source.parse("group", group, ("file", "folder", "filename:REGEX")),
            classes=dict(classes or {}),
            events_suffix=events_suffix,
            pipeline=pipeline or Pipeline(),
            window=(start, end),
        )
        first: Recording | None = None
        windows: list[Window] = []
        for path in progress(files):
            recording = _signals_only(path, io.read(path))
            first = first or recording.replace(data=recording.data[:, :0])
            windows += cutter.cut(path, _like(first, path, recording, cutter.pipeline))
        kept = [window for window in windows if window.data is not None]
        names = sorted({window.label for window in kept})
        if len(names) < 2:
            found = f"only {names[0]!r}" if names else "none"
            raise ValueError(f"labels must give windows of at least two classes; found {found}")
        assert first is not None
        return cls(
            X=np.stack([window.data for window in kept if window.data is not None]),
            y=np.array([names.index(window.label) for window in kept], dtype=np.int64),
            groups=np.array([window.group for window in kept]),
            classes=tuple(names),
            channels=tuple(first.channels),
            fs=cutter.pipeline.rate_after(first.fs),
            files=np.array([window.file for window in kept]),
            pipeline=cutter.pipeline,
            window=cutter.window,
            n_left_out=len(windows) - len(kept),
        )


def _signals_only(path: Path, recording: Recording) -> Recording:
    """Leave out triggers and settings."""
    picks = recording.signal_channels
    if not picks:
        raise _checks.FileError(f"{path}: holds no signal channel")
    return _pick(recording, picks)


def _like(first: Recording, path: Path, recording: Recording, pipeline: Pipeline) -> Recording:
    """Order the channels as in the first recording, or say what does not fit."""
    if pipeline.rate_after(recording.fs) != pipeline.rate_after(first.fs):
        raise _checks.FileError(
            f"{path}: has {recording.fs:g} Hz, the first recording {first.fs:g} Hz"
        )
    missing = [name for name in first.channels if name not in recording.channels]
    if missing:
        raise _checks.FileError(
            f"{path}: lacks the channels {', '.join(missing)} of the first file"
        )
    return _pick(recording, [list(recording.channels).index(name) for name in first.channels])


def _pick(recording: Recording, picks: Sequence[int]) -> Recording:
    return recording.replace(
        data=recording.data[list(picks)],
        channels=[recording.channels[i] for i in picks],
        kinds=[recording.kinds[i] for i in picks],
        units=[recording.units[i] for i in picks],
    )
