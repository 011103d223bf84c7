"""One filter per channel."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from .. import _checks
from . import rows
from .application import SKIPPED, apply
from .sections import Floats
from .signals import Options, Signals
from .transfer_function import TransferFunction

#: (coefficients, signals, options) -> the answer
Run = Callable[[Floats, Any, Options], NDArray[Any]]


@dataclass(frozen=True)
class FilterBank:
    """A filter for each channel, all of one rate; each channel gets its own filter's answer.

    Parameters
    ----------
    filters : sequence of TransferFunction
        One for each channel, in the channels' order; the same one may come again.

    Raises
    ------
    ValueError
        If there is none, or their rates differ.
    TypeError
        If one is no TransferFunction.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> bank = sigconv.FilterBank([sigconv.notch(50, fs=250), sigconv.notch(60, fs=250)])
    >>> t = np.arange(1000) / 250
    >>> clean = bank.filtfilt(np.sin(2 * np.pi * np.array([[50.0], [60.0]]) * t))
    >>> bool(np.abs(clean[:, 300:700]).max() < 0.01)
    True
    """

    filters: tuple[TransferFunction, ...]

    def __init__(self, filters: Sequence[TransferFunction]) -> None:
        given = tuple(filters)
        for each in given:
            if not isinstance(each, TransferFunction):
                raise TypeError(f"filters must hold TransferFunction objects; got {each!r}")
        rates = sorted({each.fs for each in given})
        if len(rates) != 1:
            raise ValueError(f"filters must be at least one, all of the same fs; got rates {rates}")
        object.__setattr__(self, "filters", given)

    @property
    def fs(self) -> float:
        """Sampling rate in Hz."""
        return self.filters[0].fs

    def filter(
        self,
        x: Any,
        *,
        axis: int = -1,
        nan_policy: str = "propagate",
        breaks: Sequence[Any] = (),
        skip_by_annotation: str | Sequence[str] = SKIPPED,
        dtype: DTypeLike | None = None,
        workers: int | None = None,
        out: NDArray[Any] | None = None,
    ) -> Any:
        """Filter each channel causally with its filter.

        Parameters
        ----------
        x : array_like, shape (..., n_channels, n), Recording, or MNE Raw, Epochs or Evoked
            The signals, as many as there are filters; of the objects the signal channels.
        axis : int
            Where the signals run, in an array; the channels lie along the last of the others.
        nan_policy, breaks, skip_by_annotation, dtype, workers, out
            As for `TransferFunction.filter`; "omit" only if no filter is recursive, and `x` and
            `out` are arrays or memory maps.

        Returns
        -------
        ndarray of the shape of `x`, or a new object of its type
            For each channel what `TransferFunction.filter` gives.

        Raises
        ------
        ValueError, TypeError
            If the number of channels is not that of the filters, or the rate is another; as
            `TransferFunction.filter`.
        """
        options = Options(axis, nan_policy, breaks, dtype, workers, out)

        def run(coefficients: Floats, x: Any, options: Options) -> NDArray[Any]:
            return rows.causal(coefficients, x, None, options)[0]

        return apply(self, x, options, skip_by_annotation, functools.partial(self._run, run))

    def filtfilt(
        self,
        x: Any,
        *,
        axis: int = -1,
        padding: str = "odd",
        pad_length: int | None = None,
        nan_policy: str = "propagate",
        breaks: Sequence[Any] = (),
        skip_by_annotation: str | Sequence[str] = SKIPPED,
        dtype: DTypeLike | None = None,
        workers: int | None = None,
        out: NDArray[Any] | None = None,
    ) -> Any:
        """Filter each channel forward and backward with its filter.

        Parameters
        ----------
        x, axis, nan_policy, breaks, skip_by_annotation, dtype, workers, out
            As for `filter`.
        padding, pad_length
            As for `TransferFunction.filtfilt`.

        Returns
        -------
        ndarray of the shape of `x`, or a new object of its type
            For each channel what `TransferFunction.filtfilt` gives.

        Raises
        ------
        ValueError, TypeError
            As for `filter`; signals not longer than a filter's padding.
        """
        options = Options(axis, nan_policy, breaks, dtype, workers, out)

        def run(coefficients: Floats, x: Any, options: Options) -> NDArray[Any]:
            return rows.both_ways(coefficients, x, padding, pad_length, options)

        return apply(self, x, options, skip_by_annotation, functools.partial(self._run, run))

    @functools.cached_property
    def transient(self) -> float:
        """The longest `settling_time()` of the filters, in seconds."""
        return max(each.transient for each in self.filters)

    def stream(self, states: Sequence[ArrayLike] | None = None) -> BankStream:
        """Return a stream: `.push(chunk)` filters the next chunk of all channels causally.

        Parameters
        ----------
        states : sequence of arrays, optional
            The `.states` of an earlier stream, to go on where it stopped.
        """
        return BankStream(self, states)

    def _run(self, run: Run, x: Any, options: Options) -> NDArray[Any]:
        """Run groups of channels into their places."""
        array = np.asarray(_checks.numeric("x", x))
        axis = _checks.axis_index("axis", options.axis, array.ndim)
        last = np.moveaxis(array, axis, -1)
        if array.ndim < 2 or last.shape[-2] != len(self.filters):
            raise ValueError(
                f"x must have shape (..., {len(self.filters)}, n), a channel for each filter; "
                f"got {array.shape}"
            )
        groups = self._groups()
        if len(groups) == 1:
            return run(self._shared(groups[0]), array, options)
        signals = Signals(array, options, recursive=any(not tf.is_fir for tf in self.filters))
        result = options.out if options.out is not None and signals.in_step else None
        if result is None:
            result = np.empty(array.shape, signals.dtype)
        places = np.moveaxis(result, axis, -1)
        if signals.in_files:  # a copy of several channels may be more than the memory holds
            groups = [[channel] for group in groups for channel in group]
        for alike in groups:
            if len(alike) == 1:
                part = (..., slice(alike[0], alike[0] + 1), slice(None))
                run(
                    self._shared(alike),
                    last[part],
                    replace(options, axis=-1, out=places[part]),
                )
            else:
                own = replace(options, axis=-1, out=None)
                places[..., alike, :] = run(self._shared(alike), last[..., alike, :], own)
        if options.out is not None and result is not options.out:
            options.out[...] = result
            return options.out
        return result

    def _shared(self, channels: list[int]) -> Floats:
        """Return the coefficients of some channels: theirs in common, or a set for each."""
        members = [self.filters[channel] for channel in channels]
        if all(each == members[0] for each in members):
            return members[0]._coefficients
        return np.stack([each._coefficients for each in members])

    def _groups(self) -> list[list[int]]:
        """Return the channels whose filters run abreast: sections alike in number and padding."""
        groups: dict[Any, list[int]] = defaultdict(list)
        for channel, each in enumerate(self.filters):
            coefficients = each._coefficients
            key = each if each.is_fir else (coefficients.shape, rows.scipy_padding(coefficients))
            groups[key].append(channel)
        return list(groups.values())


class BankStream:
    """A filter bank over signals that arrive in pieces; `FilterBank.stream` makes it.

    However the signals are cut, the chunks together are what `FilterBank.filter` gives.
    """

    def __init__(self, bank: FilterBank, states: Sequence[ArrayLike] | None = None) -> None:
        given: Sequence[ArrayLike | None] = [None] * len(bank.filters) if states is None else states
        if len(given) != len(bank.filters):
            raise ValueError(
                f"states must be one for each of {len(bank.filters)} filters; got {len(given)}"
            )
        self._streams = [
            each.stream(1, None if state is None else np.asarray(state)[np.newaxis])
            for each, state in zip(bank.filters, given, strict=True)
        ]

    @property
    def states(self) -> list[NDArray[Any]]:
        """Copies of what the filters remember, one array each."""
        return [stream.state[0] for stream in self._streams]

    def push(self, chunk: ArrayLike) -> NDArray[Any]:
        """Filter the next chunk, shape (n_channels, n)."""
        x = _checks.chunk(chunk, len(self._streams))
        return np.concatenate(
            [stream.push(row[np.newaxis]) for stream, row in zip(self._streams, x, strict=True)]
        )
