"""Ordered steps of processing that the batch job, the training data and the checkpoint share."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from .. import _carriers, _checks, _files, _toml
from . import streams
from .step import Run, Step


@dataclass(frozen=True)
class Pipeline:
    """Steps applied one after the other, the same to an array, a recording or a file.

    Parameters
    ----------
    steps : sequence of Step

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv import Pipeline, Step
    >>> pipeline = Pipeline([Step("bandpass", cutoff=(1, 40)), Step("notch", freq=50)])
    >>> hum = np.sin(2 * np.pi * 50 * np.arange(5000) / 500)
    >>> clean = pipeline.apply(hum, fs=500)
    >>> bool(np.abs(clean[2000:3000]).max() < 0.001)
    True
    >>> print(pipeline)
    bandpass cutoff=(1, 40), then notch freq=50
    """

    steps: tuple[Step, ...] = ()

    def __init__(self, steps: Iterable[Step] = ()) -> None:
        items = tuple(steps)
        for item in items:
            if not isinstance(item, Step):
                raise TypeError(f"steps must hold Step objects; got {item!r}")
        object.__setattr__(self, "steps", items)

    def at(self, fs: float) -> Run:
        """Design every step for a sampling rate.

        Parameters
        ----------
        fs : float
            Sampling rate in Hz.

        Returns
        -------
        callable
            `(x, workers) -> y` for an array of signals along the last axis, or an object at that
            rate; `y` is of the same shape but for what 'resample' does to it.

        Raises
        ------
        ValueError
            If a step cannot be had at this rate (a cutoff beyond fs/2, say).

        Examples
        --------
        >>> from sigconv import Pipeline, Step
        >>> Pipeline([Step("lowpass", cutoff=200)]).at(100)
        Traceback (most recent call last):
        ...
        ValueError: cutoff must lie between 0 and 50 Hz, half the sampling rate of 100 Hz; got 200
        """
        runs = []
        for step in self.steps:
            runs.append(step.at(fs))
            fs = step.rate_after(fs)

        def run(x: Any, workers: int | None = None) -> Any:
            for each in runs:
                x = each(x, workers)
            return x

        return run

    def rate_after(self, fs: float) -> float:
        """Return the sampling rate in Hz after all steps, of signals that come with `fs`.

        Examples
        --------
        >>> from sigconv import Pipeline, Step
        >>> Pipeline([Step("resample", new_fs=250), Step("detrend")]).rate_after(512)
        250.0
        """
        for step in self.steps:
            fs = step.rate_after(fs)
        return float(fs)

    def apply(self, x: Any, *, fs: float | None = None, workers: int | None = None) -> Any:
        """Run the steps over signals.

        Parameters
        ----------
        x : array, Recording, or MNE Raw, Epochs or Evoked
            Arrays run along their last axis, and 'rereference' takes the one before for channels;
            of the others only the signal channels.
        fs : float, optional
            Sampling rate in Hz, for arrays only: the others know theirs.
        workers : int, optional
            Threads; None is all cores.

        Returns
        -------
        array or object of the type of `x`
            A new one of the same shape, but for its rate and length after 'resample'.

        Examples
        --------
        >>> import numpy as np
        >>> from sigconv import Pipeline, Recording, Step
        >>> recording = Recording(np.ones((2, 400)), fs=100)
        >>> Pipeline([Step("smooth", width=0.1)]).apply(recording)
        <Recording: 2 channels (eeg), 400 samples at 100 Hz, 4 s, 0 annotations>
        """
        if _carriers.is_carrier(x):
            if fs is not None:
                raise ValueError(f"fs must not be given with a {type(x).__name__}, which knows its")
            run = self.at(_carriers.rate(x))
            return run(x if self.steps else _carriers.apply(x, lambda data: data), workers)
        if fs is None:
            raise ValueError("fs must be given with an array: the sampling rate in Hz")
        return self.at(fs)(_checks.numeric("x", x), workers)

    def stream(self, fs: float, n_channels: int) -> streams.PipelineStream:
        """Return the pipeline over signals that arrive in chunks.

        Parameters
        ----------
        fs : float
            Sampling rate in Hz.
        n_channels : int

        Returns
        -------
        PipelineStream
            `.push(chunk)` takes an array (n_channels, n) and gives as many samples; the chunks
            together are what `apply` gives for the whole, within the error of the streams of
            its filters and kernels.

        Raises
        ------
        ValueError
            If a step needs samples that come later; the sentence names it. Filters and 'convolve'
            do without with ``causal=True``, 'smooth' with the method "exponential",
            'pre_emphasis' with `previous`; so do 'rereference' and, without `init_block_size`,
            'exponential_moving_standardise'.

        Examples
        --------
        >>> import numpy as np
        >>> from sigconv import Pipeline, Step
        >>> stream = Pipeline([Step("lowpass", cutoff=40, causal=True)]).stream(250, 2)
        >>> stream.push(np.zeros((2, 25))).shape
        (2, 25)
        >>> Pipeline([Step("lowpass", cutoff=40)]).stream(250, 2)
        Traceback (most recent call last):
        ...
        ValueError: steps must all be causal for a stream; step 1, lowpass cutoff=40, is not
        """
        _checks.whole("n_channels", n_channels)
        made = []
        for number, step in enumerate(self.steps, start=1):
            stream = step.stream(fs, n_channels)
            if stream is None:
                raise ValueError(
                    f"steps must all be causal for a stream; step {number}, {step}, is not"
                )
            made.append(stream)
            fs = step.rate_after(fs)
        return streams.PipelineStream(made, n_channels)

    def to_dict(self) -> dict[str, Any]:
        """Return the steps as plain data for JSON or TOML; `from_dict` is the way back."""
        return {"step": [{"name": step.name, **step.parameters} for step in self.steps]}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Pipeline:
        """Build a pipeline from what `to_dict` returned.

        Examples
        --------
        >>> from sigconv import Pipeline, Step
        >>> pipeline = Pipeline([Step("notch", freq=50)])
        >>> Pipeline.from_dict(pipeline.to_dict()) == pipeline
        True
        """
        _checks.parameters("a pipeline", plain, ["step"])
        entries = plain.get("step", ())
        if not isinstance(entries, list | tuple):
            raise TypeError(f"step must be a list of steps; got {entries!r}")
        return cls(_step(number, entry) for number, entry in enumerate(entries, start=1))

    def to_toml(self) -> str:
        """Return the steps as TOML; `from_toml` is the way back.

        Raises
        ------
        TypeError
            A parameter that TOML has no word for, such as a complex number.

        Examples
        --------
        >>> from sigconv import Pipeline, Step
        >>> print(Pipeline([Step("bandpass", cutoff=(1, 40))]).to_toml(), end="")
        [[step]]
        name = "bandpass"
        cutoff = [1, 40]
        """
        return _toml.tables("step", self.to_dict()["step"])

    @classmethod
    def from_toml(cls, text: str) -> Pipeline:
        """Build a pipeline from TOML.

        Raises
        ------
        ValueError, TypeError
            If it is no TOML, or a step cannot be; the sentence numbers and names the step.

        Examples
        --------
        >>> from sigconv import Pipeline
        >>> print(Pipeline.from_toml('step = [{name = "notch", freq = 50}]'))
        notch freq=50
        """
        return cls.from_dict(tomllib.loads(text))

    def save(self, path: str | PathLike[str]) -> None:
        """Write the steps to a TOML file, which appears whole or not at all."""
        text = self.to_toml()
        with _files.whole(Path(path)) as partial:
            partial.write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Pipeline:
        """Read a TOML file; a `kernel` that ends in .npy is a file beside it.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        FileError
            If it holds no pipeline; the sentence names the file and the step (a ValueError).
        """
        path = Path(path)
        try:
            plain = tomllib.loads(path.read_text(encoding="utf-8"))
            for entry in plain.get("step", ()):
                if isinstance(entry, dict) and str(entry.get("kernel", "")).endswith(".npy"):
                    entry["kernel"] = np.load(path.parent / entry["kernel"], allow_pickle=False)
            return cls.from_dict(plain)
        except FileNotFoundError as error:
            raise FileNotFoundError(f"{path}: no such file{_which(error, path)}") from error
        except (OSError, ValueError, TypeError) as error:
            raise _checks.FileError(f"{path}: {error}") from error

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __str__(self) -> str:
        if not self.steps:
            return "no steps"
        return ", then ".join(map(str, self.steps))


def _step(number: int, entry: Any) -> Step:
    """Build a step from plain data; errors say which it is."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
        raise TypeError(f"step {number} must be a table with a name; got {entry!r}")
    try:
        return Step(**entry)
    except (TypeError, ValueError) as error:
        raise type(error)(f"step {number} ({entry['name']}): {error}") from error


def _which(error: FileNotFoundError, path: Path) -> str:
    return "" if Path(error.filename) == path else f" {error.filename}"
