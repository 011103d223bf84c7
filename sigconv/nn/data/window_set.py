"""What a set of labelled windows holds, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...pipeline import Pipeline
from .inputs import Inputs
from .lazy import take


@dataclass(frozen=True, eq=False)
class WindowSet:
    """Windows with a label each, and what must not be parted by a split.

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

    def seconds(self) -> tuple[NDArray[np.float64], float, float]:
        """Return where in its file each window begins, how long windows are, and half a sample."""
        starts = np.where(self.files == "", 0.0, self.starts)
        return starts, self.X.shape[2] / self.fs, 0.5 / self.fs

    def samples(self, row: int) -> NDArray[Any]:
        """Return a window as it is."""
        return np.asarray(take(self.X, [row]))

    def facts(self) -> dict[str, Any]:
        """Return what results.json says of the set."""
        values = self.task == "regress"
        return {
            "classes": list(self.classes),
            "channels": list(self.channels),
            "fs": self.fs,
            "inputs": self.inputs.to_dict(),
            "window": list(self.window),
            "windows": {self.classes[0]: len(self)} if values else self._counts(),
            "left_out": dict(self.left_out),
            "pipeline": self.pipeline.to_dict(),
        }

    def described(self) -> dict[str, str]:
        """Return the same for people: what -> how."""
        counts = ", ".join(f"{n} {name}" for name, n in self._counts().items())
        if self.task == "regress":
            counts = f"{self.classes[0]} from {self.y.min():g} to {self.y.max():g}"
        reasons = ", ".join(f"{n} {why}" for why, n in self.left_out.items())
        left_out = f" ({self.n_left_out} left out: {reasons})" if self.n_left_out else ""
        start, end = self.window
        return {
            "windows": f"{len(self)} windows{left_out}: {counts}",
            "recordings": f"{len(self.channels)} channels at {self.fs:g} Hz, "
            f"{start:g} to {end:g} s; filter: {self.pipeline}",
            "seen": f"the network sees {self.inputs}",
        }

    def carried(self) -> dict[str, Any]:
        """Return the fields of a `Checkpoint` that the set decides."""
        return {
            "classes": self.classes,
            "channels": self.channels,
            "fs": self.fs,
            "window": self.window,
            "pipeline": self.pipeline,
            "units": self.units,
            "inputs": self.inputs,
            "lengths": self.lengths,
            "task": self.task,
            "place": self.place,
        }

    def _counts(self) -> dict[str, int]:
        return {name: int((self.y == i).sum()) for i, name in enumerate(self.classes)}
