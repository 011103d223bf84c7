"""Labelled windows of recordings: what a network is trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from ... import _checks
from ...pipeline import Pipeline
from . import objects, recordings
from .inputs import Inputs
from .window_set import WindowSet

Progress = Callable[[Iterable[Any]], Iterable[Any]]


@dataclass(frozen=True, eq=False)
class EEGDataset(WindowSet):
    """Windows of recordings with a label each, and what must not be parted by a split.

    Of EEG, sound or motion; its fields are those of `sigconv.nn.data.window_set.WindowSet`:
    windows `X` (n_windows, n_channels, n_times), labels `y`, `classes`, `groups`, `sessions`,
    `trials`, `channels`, `fs` and more. It is made by one of the methods below.

    See Also
    --------
    from_recordings : from files.
    from_bids : from the files of a BIDS folder.
    from_epochs : from MNE's objects.
    from_moabb : from a benchmark set.
    from_arrays : from what is in memory.
    """

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
        return cls(
            **objects.of_arrays(
                X, y, groups, fs=fs, channels=channels, sessions=sessions, trials=trials
            )
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
            'NAME_raw.fif' (or 'NAME-PSG.edf') has its events in 'NAME' + events_suffix: of
            MNE's format, or annotations in an EDF file, '-Hypnogram.edf', say.
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
