"""The steps of a pipeline over signals that arrive in chunks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks, conditioning, convolution, filters
from ..conditioning import kernel
from ..conditioning.standardise import StandardiseStream
from ..smoothing import exponential


class StepStream(Protocol):
    """What gives the answer to the next chunk, as many samples as it has."""

    def push(self, chunk: NDArray[Any]) -> NDArray[Any]:
        """Take the next chunk, shape (n_channels, n)."""


class PipelineStream:
    """Runs causal steps one after the other over chunks; made by `Pipeline.stream`.

    Parameters
    ----------
    steps : sequence of StepStream
    n_channels : int
    """

    def __init__(self, steps: Sequence[StepStream], n_channels: int) -> None:
        self._steps = tuple(steps)
        self._n_channels = n_channels

    def push(self, chunk: ArrayLike) -> NDArray[Any]:
        """Process the next chunk.

        Parameters
        ----------
        chunk : array, shape (n_channels, n)
            n may be 0.

        Returns
        -------
        array, shape (n_channels, n)

        Raises
        ------
        ValueError
            If the shape is another; the stream stays as it was.
        """
        x = _checks.chunk(chunk, self._n_channels)
        _checks.precision("chunk", x)
        if x.dtype.kind in "iu":
            x = x.astype(np.float64)
        if x.shape[1]:
            for step in self._steps:
                x = step.push(x)
        return x


class _Convolution:
    """A causal kernel, in the type that the first chunk brings."""

    def __init__(self, h: NDArray[Any], n_channels: int) -> None:
        self._h, self._n_channels = h, n_channels
        self._stream: convolution.StreamingConvolver | None = None

    def push(self, chunk: NDArray[Any]) -> NDArray[Any]:
        if self._stream is None:
            self._stream = convolution.StreamingConvolver(
                self._h, self._n_channels, dtype=chunk.dtype
            )
        return self._stream.push(chunk)


class _Recursion:
    """Causal exponential smoothing, which starts at rest at the first sample."""

    def __init__(self, tf: filters.TransferFunction, n_channels: int, at_rest: bool) -> None:
        self._tf, self._n_channels, self._at_rest = tf, n_channels, at_rest
        self._stream: filters.FilterStream | None = None

    def push(self, chunk: NDArray[Any]) -> NDArray[Any]:
        if self._stream is None:
            state = self._tf.initial_state(chunk[:, 0]) if self._at_rest else None
            self._stream = self._tf.stream(self._n_channels, state=state)
        return self._stream.push(chunk)


class _Moment:
    """A step that looks at one moment only."""

    def __init__(self, function: Any, parameters: Mapping[str, Any]) -> None:
        self._function, self._parameters = function, parameters

    def push(self, chunk: NDArray[Any]) -> NDArray[Any]:
        return self._function(chunk, **self._parameters, workers=1)


class _Emphasis:
    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._parameters = dict(parameters)

    def push(self, chunk: NDArray[Any]) -> NDArray[Any]:
        result = conditioning.pre_emphasis(chunk, **self._parameters, workers=1)
        self._parameters["previous"] = chunk[:, -1].copy()
        return result


def stream_of(
    name: str, parameters: Mapping[str, Any], fs: float, n_channels: int
) -> StepStream | None:
    """Return the stream of a step that is no filter, None if it needs what has not come yet."""
    if name == "rereference":
        return _Moment(conditioning.rereference, parameters)
    if name == "pre_emphasis" and parameters.get("previous") is not None:
        return _Emphasis(parameters)  # without, the first answer needs the second sample
    if name == "exponential_moving_standardise" and parameters.get("init_block_size") is None:
        own = {k: v for k, v in parameters.items() if k != "init_block_size"}
        return StandardiseStream(n_channels, **own)
    if name == "convolve" and parameters.get("causal", False):
        own = {k: v for k, v in parameters.items() if k not in ("kernel", "boundary", "causal")}
        return _Convolution(kernel.taps_of(parameters["kernel"], **own), n_channels)
    if name == "smooth" and _is_causal(parameters):
        width = _checks.number("width", parameters["width"], above=0) * fs
        at_rest = parameters.get("boundary", "reflect") not in ("constant", "zero")
        return _Recursion(exponential.recursion(width), n_channels, at_rest)
    return None


def _is_causal(smoothing: Mapping[str, Any]) -> bool:
    given = dict(smoothing)
    return (
        given.get("method") == "exponential"
        and not given.get("zero_phase", False)
        and given.get("boundary", "reflect") not in ("wrap", "periodic")
        and given.get("nan_policy", "propagate") == "propagate"
    )
