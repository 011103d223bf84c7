"""What a network is given of windows: the signals themselves, or their log-mel spectrograms."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import _checks
from ...features import log_mel
from ...pipeline import Pipeline, Step
from .standardise import standardise

#: What each takes.
_TAKEN = {
    "waveform": ("low", "high", "rate", "difference"),
    "logmel": ("n_mels", "length", "step", "fmin", "fmax", "floor"),
}
INPUTS = tuple(_TAKEN)


@dataclass(frozen=True)
class Inputs:
    """What is made of windows on their way into a network; each window by itself.

    Parameters
    ----------
    name : {'waveform', 'logmel'}
        The signals, or the power of each on the mel scale over time, in decibels. Each channel
        has mean 0 and deviation 1 then.
    parameters : mapping
        Of 'waveform', in Hz: `low` and `high`, beyond which little is left (Butterworth filters of
        order 4 that run both ways, and with `low` a straight line is taken out before), and
        `rate`, which faster signals are brought to. What a rate cannot hold is left out. Then
        `difference` (False): each sample minus the one before, so that rhythms count alike
        though slow ones are larger; drifts are gone with that. Of 'logmel': `n_mels`, `length`,
        `step`, `fmin`, `fmax` and `floor` of `sigconv.log_mel`.

    Raises
    ------
    ValueError, TypeError
        If a name or a parameter is unknown or illegal.

    Notes
    -----
    No window sees what lies beyond its ends: what a network says of it is the same in a training,
    in a file and on a stream, though the filter runs both ways.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn.data import Inputs
    >>> windows = np.random.default_rng(0).normal(size=(2, 1, 4000))
    >>> Inputs("logmel", {"n_mels": 20})(windows, fs=8000).shape
    (2, 1, 20, 51)
    >>> Inputs("waveform", {"low": 1, "high": 45, "rate": 128})(windows, fs=1000).shape
    (2, 1, 512)
    """

    name: str = "waveform"
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _checks.one_of("input", self.name, INPUTS)
        _checks.parameters(f"input {self.name!r}", self.parameters, _TAKEN[self.name])
        if self.name == "waveform":
            for key, value in self.parameters.items():
                if key != "difference":
                    _checks.number(key, value, above=0)
                elif not isinstance(value, bool):
                    raise TypeError(f"difference must be True or False; got {value!r}")
            low, high = self.parameters.get("low", 0), self.parameters.get("high", np.inf)
            if low >= high:
                raise ValueError(f"low must be below high; got {low:g} and {high:g} Hz")

    @property
    def ndim(self) -> int:
        """Axes that a network sees behind its channels: 1 (time), or 2 (frequency, time)."""
        return 1 if self.name == "waveform" else 2

    def rate(self, fs: float) -> float:
        """Return how many values a second a network sees of signals at `fs` Hz."""
        if self.name == "waveform":
            return float(min(fs, self.parameters.get("rate", fs)))
        default = inspect.signature(log_mel).parameters["step"].default
        return fs / round(self.parameters.get("step", default) * fs)

    def __call__(self, X: NDArray[Any], fs: float) -> NDArray[np.float32]:
        """Return what a network sees of windows.

        Parameters
        ----------
        X : array, shape (n_windows, n_channels, n_times)
        fs : float
            Hz.

        Returns
        -------
        array of float32, shape (n_windows, n_channels, n_times) or (..., n_mels, n_steps)
        """
        if self.name == "waveform":
            return standardise(self.signals(X, fs))
        spectra = log_mel(np.asarray(X), fs=fs, **self.parameters).values
        flat = spectra.reshape(*spectra.shape[:2], -1)
        return standardise(flat).reshape(spectra.shape)

    def signals(self, X: NDArray[Any], fs: float) -> NDArray[Any]:
        """Return windows in their units, filtered and resampled as a network sees them.

        They are the windows themselves where nothing is to be done.
        """
        steps = self._steps(fs) if self.name == "waveform" else []
        if not steps:
            return X
        return np.asarray(Pipeline(steps).apply(np.asarray(X, np.float64), fs=fs))

    def _steps(self, fs: float) -> list[Step]:
        """Return what is done to windows that come at a rate."""
        given = self.parameters
        low, high = given.get("low"), given.get("high", np.inf)
        steps = []
        if low is not None and high < fs / 2:
            steps += [Step("detrend"), Step("bandpass", cutoff=(low, high))]
        elif low is not None and low < fs / 2:
            steps += [Step("detrend"), Step("highpass", cutoff=low)]
        elif high < fs / 2:
            steps.append(Step("lowpass", cutoff=high))
        if given.get("rate", fs) < fs:
            steps.append(Step("resample", new_fs=given["rate"]))
        if given.get("difference"):
            steps.append(Step("convolve", kernel=(1.0, -1.0)))
        return steps

    def __str__(self) -> str:
        if self.name != "waveform":
            return "log-mel spectrograms"
        given = self.parameters
        words = "the signals' differences" if given.get("difference") else "the signals"
        shown = {"low": "above {:g} Hz", "high": "below {:g} Hz", "rate": "at {:g} Hz"}
        said = [text.format(given[key]) for key, text in shown.items() if key in given]
        return " ".join([words, ", ".join(said)]).strip()

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; `Inputs(**plain)` is the way back."""
        return {"name": self.name, "parameters": dict(self.parameters)}
