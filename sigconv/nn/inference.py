"""A trained network at work: on whole recordings, and on signals that arrive in chunks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks
from ..recording import Annotation, Recording
from .data import matching
from .data.sequences import starts_of_windows
from .data.windows import middle

if TYPE_CHECKING:
    from .checkpoint import Checkpoint


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a network says of windows of a recording.

    Parameters
    ----------
    starts : array of float, shape (n_windows,)
        Seconds after the first sample.
    length : float
        Seconds of a window.
    probabilities : array, shape (n_windows, n_classes)
        Of a network that regresses: values, shape (n_windows, 1).
    classes : sequence of str
    regresses : bool

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn.inference import Predictions
    >>> probabilities = np.array([[0.9, 0.1], [0.3, 0.7]])
    >>> said = Predictions(np.array([0.0, 2.0]), 2.0, probabilities, ["a", "b"])
    >>> said.calls
    ['a', 'b']
    >>> said.annotations[1]
    Annotation(onset=2.0, duration=2.0, text='b', channels=())
    """

    starts: NDArray[np.float64]
    length: float
    probabilities: NDArray[np.float64]
    classes: Sequence[str]
    regresses: bool = False

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def calls(self) -> list[str]:
        """The likeliest class of each window; its value, of a network that regresses."""
        if self.regresses:
            return [f"{value:.6g}" for value in self.probabilities[:, 0]]
        return [self.classes[i] for i in self.probabilities.argmax(axis=1)]

    @property
    def annotations(self) -> list[Annotation]:
        """The calls as annotations of the recording."""
        return [
            Annotation(float(start), self.length, call)
            for start, call in zip(self.starts, self.calls, strict=True)
        ]


def predict_recording(
    checkpoint: Checkpoint, recording: Recording, *, step: float | None, name: str
) -> Predictions:
    """Return what a network says of a whole recording; see `Checkpoint.predict`."""
    data = prepared(checkpoint, recording, name=name)
    length, apart = _lengths(checkpoint, step)
    if checkpoint.task == "sequence":
        return _of_places(checkpoint, data, length, apart, name=name)
    skipped = 0
    if checkpoint.lengths == "clip" and step is None:
        skipped = max(0, (data.shape[1] - length) // 2)
        data = middle(data, length)
    finite = np.isfinite(data).all(axis=0)
    firsts = range(0, data.shape[1] - length + 1, apart)
    usable = [first for first in firsts if finite[first : first + length].all()]
    if not usable:
        raise _checks.FileError(f"{name}: has no window without NaN or infinity")
    return Predictions(
        (np.array(usable) + skipped) / checkpoint.fs,
        length / checkpoint.fs,
        checkpoint.predict_proba(_Windows(data, usable, length)),
        tuple(checkpoint.classes),
        checkpoint.task == "regress",
    )


def _of_places(
    checkpoint: Checkpoint, data: NDArray[Any], length: int, apart: int, *, name: str
) -> Predictions:
    """Return what is said of each place: the mean over the windows that hold it.

    Windows overlap by halves, so that every place but those at the ends has neighbours that the
    network sees on both sides.
    """
    n = round(checkpoint.place * checkpoint.fs)
    step = max(1, (apart if apart < length else length // 2) // n)
    firsts = starts_of_windows(data.shape[1] // n, length // n, 1 - step * n / length)
    finite = np.isfinite(data).all(axis=0)
    usable = [each for each in firsts if finite[each * n : each * n + length].all()]
    if not usable:
        raise _checks.FileError(f"{name}: has no window without NaN or infinity")
    said = checkpoint.predict_proba(_Windows(data, [each * n for each in usable], length))
    total = np.zeros((data.shape[1] // n, len(checkpoint.classes)))
    counts = np.zeros(len(total))
    for each, probabilities in zip(usable, said, strict=True):
        total[each : each + length // n] += probabilities.T
        counts[each : each + length // n] += 1
    seen = np.flatnonzero(counts)
    return Predictions(
        seen * n / checkpoint.fs,
        n / checkpoint.fs,
        total[seen] / counts[seen, None],
        tuple(checkpoint.classes),
    )


def prepared(checkpoint: Checkpoint, recording: Recording, *, name: str) -> NDArray[Any]:
    """Return a recording's signals as the network's windows are cut from them, one at least."""
    path = Path(name)
    ready = matching.for_checkpoint(path, recording, checkpoint)
    try:
        data = checkpoint.pipeline.apply(ready).data
    except ValueError as error:
        raise _checks.FileError(f"{path}: {error}") from error
    length, _ = _lengths(checkpoint, None)
    if data.shape[1] < length and checkpoint.lengths != "drop":
        data = middle(data, length)
    if data.shape[1] < length:
        raise _checks.FileError(
            f"{path}: must be {length / checkpoint.fs:g} s long at least, one window; it has "
            f"{data.shape[1] / checkpoint.fs:g} s"
        )
    return data


class _Windows:
    """Windows of a recording that are cut as they are asked for: they may overlap manifold."""

    dtype = np.dtype(np.float32)

    def __init__(self, data: NDArray[Any], firsts: Sequence[int], length: int) -> None:
        self._data, self._firsts, self._length = data, np.asarray(firsts), length
        self.shape = (len(firsts), len(data), length)

    def __len__(self) -> int:
        return len(self._firsts)

    def __getitem__(self, index: Any) -> NDArray[np.float32]:
        firsts = self._firsts[index]
        cut = [self._data[:, first : first + self._length] for first in firsts]
        return np.stack(cut).astype(np.float32)


@dataclass(frozen=True)
class Latency:
    """How long after something begins a stream tells of it, in seconds.

    `window` is the time until a window is full, `step` the most that its end may be waited for
    besides, `compute` the median time of the calls so far in which a window was full.
    """

    window: float
    step: float
    compute: float


class PredictionStream:
    """A network over signals that arrive in chunks; made by `Checkpoint.stream`.

    Each window is computed by itself, so that what is said of it does not depend on the cut.
    """

    def __init__(self, checkpoint: Checkpoint, fs: float, *, step: float | None = None) -> None:
        fs = _checks.sampling_rate(fs)
        if checkpoint.task not in ("classify", "regress"):
            raise ValueError(
                f"task must be 'classify' or 'regress' for a stream; got {checkpoint.task!r}"
            )
        if checkpoint.pipeline.rate_after(fs) != checkpoint.fs or fs != checkpoint.fs:
            raise ValueError(
                f"fs must be {checkpoint.fs:g} Hz for a stream, the network's rate; got {fs:g}"
            )
        self._checkpoint = checkpoint
        self._length, self._apart = _lengths(checkpoint, step)
        n_channels = len(checkpoint.channels)
        self._filter = checkpoint.pipeline.stream(fs, n_channels)
        self._kept = np.empty((n_channels, 0))
        self._first = 0  # which sample of the signal the first kept one is
        self._next = 0  # where the next window begins
        self._times: list[float] = []

    def push(self, chunk: ArrayLike) -> Predictions:
        """Take the next chunk; return the predictions of the windows that it completes.

        Parameters
        ----------
        chunk : array, shape (n_channels, n)
            In the network's channels, order and units; n may be 0.

        Returns
        -------
        Predictions
            None, one or several windows; times count from the first sample of the stream.

        Raises
        ------
        ValueError
            If the shape is another; the stream stays as it was.
        """
        started = time.perf_counter()
        new = self._filter.push(np.asarray(chunk))
        self._kept = np.concatenate([self._kept, new], axis=1)
        starts, probabilities = [], []
        while self._next + self._length <= self._first + self._kept.shape[1]:
            place = self._next - self._first
            window = self._kept[:, place : place + self._length].astype(np.float32)
            if np.isfinite(window).all():
                starts.append(self._next / self._checkpoint.fs)
                probabilities.append(self._checkpoint.predict_proba(window[None])[0])
            self._next += self._apart
        passed = min(self._next - self._first, self._kept.shape[1])
        self._kept = self._kept[:, passed:].copy()
        self._first += passed
        if starts:
            self._times.append(time.perf_counter() - started)
        classes = tuple(self._checkpoint.classes)
        return Predictions(
            np.array(starts, dtype=np.float64),
            self._length / self._checkpoint.fs,
            np.array(probabilities).reshape(-1, len(classes)),
            classes,
            self._checkpoint.task == "regress",
        )

    @property
    def latency(self) -> Latency:
        """How long after something begins the stream tells of it."""
        fs = self._checkpoint.fs
        compute = float(np.median(self._times)) if self._times else 0.0
        return Latency(self._length / fs, self._apart / fs, compute)


def _lengths(checkpoint: Checkpoint, step: float | None) -> tuple[int, int]:
    """Return the samples of a window, and from window to window."""
    length = round((checkpoint.window[1] - checkpoint.window[0]) * checkpoint.fs)
    return length, length if step is None else _checks.samples("step", step, checkpoint.fs)
