"""Labelled windows of recordings: what a network is trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ... import _checks
from ...pipeline import Pipeline
from . import objects, recordings
from .inputs import Inputs

Progress = Callable[[Iterable[Any]], Iterable[Any]]


@dataclass(frozen=True, eq=False)
class EEGDataset:
    """Windows of recordings with a label each, and what must not be parted by a split.

    Parameters
    ----------
    X : array of float32 or reader, shape (n_windows, n_channels, n_times)
        In the recordings' units; `standardise` makes of it what the networks see. Windows in a
        cache are read when they are asked for.
    y : array of int64, shape (n_windows,)
        Indices into `classes`; values to regress, or one index a place (`task`).
    groups : array of str, shape (n_windows,)
        What must not stand on both sides of a split: the subject, say.
    classes, channels : tuple of str
    fs : float
        Sampling rate of `X` in Hz.
    files : array of str, shape (n_windows,)
        The file that each window is from; empty words for arrays.
    sessions : array of str, shape (n_windows,)
        The file, if nothing else was said.
    trials : array of str, shape (n_windows,)
        Windows of one trial overlap or lie side by side: no split parts them. A recording
        with one label is one trial.
    starts : array of float, shape (n_windows,)
        Seconds from the beginning of the file.
    units : tuple of str
        Of each channel.
    pipeline : Pipeline
        What was done to the recordings before they were cut.
    window : (float, float)
        Start and end of the windows in seconds after the event (or (0, length)).
    left_out : mapping of str to int
        How many windows could not be used, by reason: 'over the end', 'too short', 'marked as
        bad', 'not finite', 'too large', 'flat'.
    lengths : {'drop', 'pad', 'clip'}
        What was done with recordings of one label.
    kind : str
        What the first channel is: 'eeg', 'audio', 'motion' ...
    inputs : Inputs
        What is made of windows on their way into a network.
    task : {'classify', 'regress', 'sequence'}
        Whether `y` holds a class or a value for each window, or a class for each of its places,
        -1 where it is not known: shape (n_windows, n_places).
    place : float
        Seconds of a place; 0 for other tasks.

    See Also
    --------
    from_recordings : from files.
    from_bids : from the files of a BIDS folder.
    from_epochs : from MNE's objects.
    from_moabb : from a benchmark set.
    from_arrays : from what is in memory.
    """

    X: Any
    y: NDArray[Any]
    groups: NDArray[np.str_]
    classes: tuple[str, ...]
    channels: tuple[str, ...]
    fs: float
    files: NDArray[np.str_]
    sessions: NDArray[np.str_]
    trials: NDArray[np.str_]
    starts: NDArray[np.float64]
    units: tuple[str, ...] = ()
    pipeline: Pipeline = field(default_factory=Pipeline)
    window: tuple[float, float] = (0.0, 0.0)
    left_out: Mapping[str, int] = field(default_factory=dict)
    lengths: str = "drop"
    kind: str = "eeg"
    inputs: Inputs = field(default_factory=Inputs)
    task: str = "classify"
    place: float = 0.0

    def __len__(self) -> int:
        return len(self.y)

    @property
    def n_left_out(self) -> int:
        """How many windows could not be used."""
        return sum(self.left_out.values())

    def prepare(self, X: NDArray[Any]) -> NDArray[np.float32]:
        """Return what a network sees of windows."""
        return self.inputs(X, self.fs)

    @classmethod
    def from_arrays(
        cls,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        *,
        fs: float,
        channels: Sequence[str] = (),
        sessions: ArrayLike | None = None,
        trials: ArrayLike | None = None,
    ) -> EEGDataset:
        """Make a data set of arrays.

        Parameters
        ----------
        X : array, shape (n_windows, n_channels, n_times)
        y : array of labels, shape (n_windows,)
            Words or numbers; the classes are their sorted texts.
        groups : array, shape (n_windows,), optional
            Each window is its own group if not given.
        fs : float
            Sampling rate in Hz.
        channels : sequence of str, optional
        sessions : array, shape (n_windows,), optional
            All windows of a group are of one session if not given.
        trials : array, shape (n_windows,), optional
            Which windows are parts of one trial; each is a trial if not given.

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
            raise ValueError(f"X must have shape (n_windows, n_channels, n_times); got {X.shape}")
        n = len(X)
        words = np.asarray(y).astype(str)
        if words.shape != (n,):
            raise ValueError(f"y must hold one label for each of {n} windows; got {words.shape}")
        numbers = np.arange(n)
        units = _one_each("groups", groups, numbers)
        bad = ~np.isfinite(X).reshape(n, -1).all(axis=1)
        if bad.any():
            raise ValueError(
                f"X must hold finite numbers; NaN or infinity stands in window {bad.argmax()}"
            )
        classes, indices = np.unique(words, return_inverse=True)
        return cls(
            X=X.astype(np.float32),
            y=indices.astype(np.int64),
            groups=units,
            classes=tuple(str(name) for name in classes),
            channels=tuple(channels) or tuple(f"ch{i}" for i in range(1, X.shape[1] + 1)),
            fs=_checks.sampling_rate(fs),
            files=np.full(n, ""),
            sessions=_one_each("sessions", sessions, units),
            trials=_one_each("trials", trials, numbers),
            starts=numbers * X.shape[2] / fs,
            units=("",) * X.shape[1],
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
        session: str = "file",
        classes: Mapping[str, str] | None = None,
        events_suffix: str = "-eve.fif",
        pipeline: Pipeline | None = None,
        channels: Sequence[str] | None = None,
        sliding: float | None = None,
        overlap: float = 0.0,
        reject: float | None = None,
        flat: float | None = None,
        cache: str | Path | None = None,
        cache_dtype: str = "float32",
        lengths: str = "drop",
        inputs: Inputs | None = None,
        fs: float | None = None,
        task: str = "classify",
        target: str = "label",
        place: float | None = None,
        elsewhere: str | None = None,
        progress: Progress = iter,
    ) -> EEGDataset:
        r"""Read files, filter them whole, and cut labelled windows out.

        Parameters
        ----------
        paths : iterable of path
            Recordings; all must hold the channels of the first, in any order, at its rate (after
            `pipeline`, which may resample). Units are brought to those of the first.
        labels : str
            'annotations' (their texts), 'events' (an event file beside each recording),
            'folder' (the name of a file's folder), 'filename:REGEX' (what the group of the
            regular expression, or all of it, finds in the name), or the path of a CSV table with
            the columns file and label, and onset (seconds) if its lines are events.
        window : (float, float)
            Seconds: start and end after each event; with one label a file, consecutive
            windows of the length end - start.
        group : str
            'file' (each its own), 'folder', 'filename:REGEX' or 'column:NAME' of the table.
        session : str
            The same for the sessions of a group.
        classes : mapping of str to str, optional
            Text of an annotation, event code or label -> name of the class; other trials are
            left out. Without it every text is a class.
        events_suffix : str
            'NAME_raw.fif' has its events in 'NAME' + events_suffix.
        pipeline : Pipeline, optional
            Applied to each whole recording before it is cut.
        channels : sequence of str, optional
            Use these only, in this order.
        sliding : float, optional
            Cut each trial into windows of so many seconds.
        overlap : float
            Share of a window that its neighbour has too, of those that slide and those of a
            recording with one label.
        reject, flat : float, optional
            Leave out windows in which a channel spans more, or less, from its lowest to its
            highest value: in the channels' unit (volts), after the pipeline.
        cache : path, optional
            A folder for the windows. They are then read when they are needed, and cut only once
            from the same files with the same arguments.
        cache_dtype : {'float32', 'int16'}
        lengths : {'drop', 'pad', 'clip'}
            Of recordings with one label: windows one after the other, of which recordings
            shorter than one are left out, or filled up with their mean on both sides; or one
            window from the middle of each, filled up likewise.
        inputs : Inputs, optional
            The signals themselves if not given.
        fs : float, optional
            Hz of tables (`sigconv.io.read_table`) without a column of times, and of arrays
            (.npy) without a sidecar.
        task : {'classify', 'regress', 'sequence'}
            'regress': labels are numbers. 'sequence': annotations (events, or lines of a table
            with the columns onset and duration) label stretches; windows of the length end -
            start lie side by side (or overlap) from the first label to the last, and a
            recording is one trial.
        target : str
            The column of the table that holds the labels.
        place : float, optional
            Of sequences: seconds that have one label together, that of half of their samples or
            more. Each sample has its own if not given.
        elsewhere : str, optional
            Of sequences: the class of what no annotation labels; not known if not given.
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
        cutter = recordings.cutter(
            labels=labels,
            window=window,
            group=group,
            session=session,
            classes=classes,
            events_suffix=events_suffix,
            pipeline=pipeline,
            sliding=sliding,
            overlap=overlap,
            reject=reject,
            flat=flat,
            lengths=lengths,
            task=task,
            target=target,
            place=place,
            elsewhere=elsewhere,
        )
        found = recordings.collect(
            [Path(path) for path in paths],
            cutter,
            channels=channels,
            cache=cache,
            cache_dtype=cache_dtype,
            progress=progress,
            read=lambda path: recordings.read(path, fs),
        )
        return cls(**found, inputs=inputs or Inputs())

    @classmethod
    def for_checkpoint(
        cls,
        paths: Iterable[str | Path],
        checkpoint: Any,
        *,
        labels: str,
        window: tuple[float, float] | None = None,
        classes: Mapping[str, str] | None = None,
        events_suffix: str = "-eve.fif",
        fs: float | None = None,
        target: str = "label",
        elsewhere: str | None = None,
    ) -> EEGDataset:
        """Cut windows as those that a trained network saw, to judge it on them.

        Parameters
        ----------
        paths : iterable of path
            Their channels are brought into the network's order and units, their rate to the
            network's.
        checkpoint : Checkpoint
        labels, classes, events_suffix
            As in `from_recordings`; the classes must be among the network's.
        window : (float, float), optional
            As in the training, if not given. In a longer one windows slide.
        fs, target, elsewhere : optional
            As in `from_recordings`.

        Returns
        -------
        EEGDataset
            Its classes are the network's.
        """
        return cls(
            **recordings.for_checkpoint(
                [Path(path) for path in paths],
                checkpoint,
                labels=labels,
                window=window,
                classes=classes,
                events_suffix=events_suffix,
                fs=fs,
                target=target,
                elsewhere=elsewhere,
            )
        )

    @classmethod
    def from_bids(
        cls,
        root: str | Path,
        *,
        window: tuple[float, float],
        task: str | None = None,
        progress: Progress = iter,
        **options: Any,
    ) -> EEGDataset:
        """Cut windows out of the EEG of a BIDS folder; its events are the labels.

        Parameters
        ----------
        root : path
        window : (float, float)
        task : str, optional
            Without it, of all tasks.
        **options
            'classes', 'pipeline', 'channels', 'sliding', 'overlap', 'reject' and 'flat' as in
            `from_recordings`.

        Returns
        -------
        EEGDataset
            Its groups are the subjects, its sessions BIDS' sessions (where there are none, the
            runs).

        Raises
        ------
        MissingExtra
            If mne-bids is not installed.
        """
        _checks.parameters("from_bids", options, recordings.OF_WINDOWS)
        return cls(**recordings.of_bids(root, task, window=window, progress=progress, **options))

    @classmethod
    def from_epochs(
        cls, epochs: Any, groups: ArrayLike | str | None = None, **options: Any
    ) -> EEGDataset:
        """Take MNE's epochs as they are; their events are the labels.

        Parameters
        ----------
        epochs : mne.Epochs or sequence of them
            Several (one a subject, say) must have the same channels and times.
        groups : array or str, optional
            One for each epoch, or a column of their metadata. Of several, each is a group
            if not given; of one, each epoch.
        **options
            'classes': name of an event -> name of the class; others are left out.
        """
        _checks.parameters("from_epochs", options, ["classes"])
        return cls(**objects.of_epochs(epochs, groups, **options))

    @classmethod
    def from_moabb(
        cls, dataset: Any, paradigm: Any, subjects: Sequence[int] | None = None
    ) -> EEGDataset:
        """Take the trials that a paradigm of MOABB makes of one of its sets.

        Parameters
        ----------
        dataset, paradigm
            Objects of MOABB's, which filters, cuts and resamples.
        subjects : sequence of int, optional
            All if not given.

        Returns
        -------
        EEGDataset
            Its groups are the subjects, its sessions those of the set.
        """
        return cls(**objects.of_moabb(dataset, paradigm, subjects))


def _one_each(name: str, given: ArrayLike | None, default: NDArray[Any]) -> NDArray[np.str_]:
    values = default if given is None else np.asarray(given)
    if values.shape != default.shape:
        raise ValueError(
            f"{name} must hold one for each of {len(default)} windows; got {values.shape}"
        )
    return values.astype(str)
