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
from .standardise import standardise

INPUTS = ("waveform", "logmel")
#: Options of `log_mel` that say what a network sees.
_OF_MEL = ("n_mels", "length", "step", "fmin", "fmax", "floor")


@dataclass(frozen=True)
class Inputs:
    """What is made of windows on their way into a network; each window by itself.

    Parameters
    ----------
    name : {'waveform', 'logmel'}
        The signals, or the power of each on the mel scale over time, in decibels. Each channel
        has mean 0 and deviation 1 then.
    parameters : mapping
        Of 'logmel': `n_mels`, `length`, `step`, `fmin`, `fmax` and `floor` of `sigconv.log_mel`.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn.data import Inputs
    >>> windows = np.random.default_rng(0).normal(size=(2, 1, 4000))
    >>> Inputs("logmel", {"n_mels": 20})(windows, fs=8000).shape
    (2, 1, 20, 51)
    """

    name: str = "waveform"
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _checks.one_of("input", self.name, INPUTS)
        allowed = _OF_MEL if self.name == "logmel" else ()
        _checks.parameters(f"input {self.name!r}", self.parameters, allowed)

    @property
    def ndim(self) -> int:
        """Axes that a network sees behind its channels: 1 (time), or 2 (frequency, time)."""
        return 1 if self.name == "waveform" else 2

    def rate(self, fs: float) -> float:
        """Return how many values a second a network sees of signals at `fs` Hz."""
        if self.name == "waveform":
            return fs
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
            return standardise(X)
        spectra = log_mel(np.asarray(X), fs=fs, **self.parameters).values
        flat = spectra.reshape(*spectra.shape[:2], -1)
        return standardise(flat).reshape(spectra.shape)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; `Inputs(**plain)` is the way back."""
        return {"name": self.name, "parameters": dict(self.parameters)}
