"""One filter per channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _carriers, _checks
from . import recursive, rows, zero_phase
from .sections import Floats
from .transfer_function import TransferFunction


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

    def filter(self, x: Any, *, workers: int | None = None) -> Any:
        """Filter each channel causally with its filter.

        Parameters
        ----------
        x : array_like, shape (..., n_channels, n), Recording, or MNE Raw, Epochs or Evoked
            The signals, as many as there are filters; of the objects the signal channels.
        workers : int, optional
            Threads; None is all cores.

        Returns
        -------
        ndarray of the shape of `x`, or a new object of its type
            For each channel what `TransferFunction.filter` gives.

        Raises
        ------
        ValueError
            If the number of channels is not that of the filters, or the rate is another.
        """
        return self._apply(x, workers, _causal, "filter")

    def filtfilt(self, x: Any, *, workers: int | None = None) -> Any:
        """Filter each channel forward and backward with its filter.

        Parameters
        ----------
        x, workers
            As for `filter`.

        Returns
        -------
        ndarray of the shape of `x`, or a new object of its type
            For each channel what `TransferFunction.filtfilt` gives.

        Raises
        ------
        ValueError
            As for `filter`; signals not longer than a filter's padding.
        """
        return self._apply(x, workers, _both_ways, "filtfilt")

    def stream(self, states: Sequence[ArrayLike] | None = None) -> BankStream:
        """Return a stream: `.push(chunk)` filters the next chunk of all channels causally.

        Parameters
        ----------
        states : sequence of arrays, optional
            The `.states` of an earlier stream, to go on where it stopped.
        """
        return BankStream(self, states)

    def _apply(self, x: Any, workers: int | None, run: Callable[..., Any], method: str) -> Any:
        if _carriers.is_carrier(x):
            if _carriers.rate(x) != self.fs:
                raise ValueError(
                    f"x must be sampled at the filters' rate of {self.fs:g} Hz; "
                    f"got {_carriers.rate(x):g} Hz"
                )
            return _carriers.apply(x, lambda signals: self._apply(signals, workers, run, method))
        array = np.asarray(_checks.numeric("x", x))
        if array.ndim < 2 or array.shape[-2] != len(self.filters):
            raise ValueError(
                f"x must have shape (..., {len(self.filters)}, n), a channel for each filter; "
                f"got {array.shape}"
            )
        dtype = _checks.precision("x", array)
        result = np.empty(array.shape, dtype)
        groups = self._groups()
        for alike in groups:
            members = [self.filters[channel] for channel in alike]
            part = array[..., alike, :] if len(groups) > 1 else array
            if members[0].is_fir or all(each == members[0] for each in members):
                answer = getattr(members[0], method)(part, workers=workers)
            else:
                stacked = np.stack([each._coefficients for each in members])
                answer = run(stacked, part, workers)
                slowest = max(members, key=lambda each: each.settling_time())
                slowest._warn_if_short(array.shape[-1])
            if len(groups) == 1:
                return answer.astype(dtype, copy=False)
            result[..., alike, :] = answer
        return result

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
        x = np.asarray(chunk)
        if x.ndim != 2 or len(x) != len(self._streams):
            raise ValueError(f"chunk must have shape ({len(self._streams)}, n); got {x.shape}")
        return np.concatenate(
            [stream.push(row[np.newaxis]) for stream, row in zip(self._streams, x, strict=True)]
        )


def _causal(stacked: Floats, x: NDArray[Any], workers: int | None) -> NDArray[Any]:
    lines, tiled = _lines(stacked, x)
    states = np.zeros((*tiled.shape[:2], 2), np.result_type(lines, np.float64))
    return recursive.filter_rows(tiled, workers, lines, states)[0].reshape(x.shape)


def _both_ways(stacked: Floats, x: NDArray[Any], workers: int | None) -> NDArray[Any]:
    lines, tiled = _lines(stacked, x)
    n = lines.shape[1]
    length = zero_phase.pad_length("odd", None, rows.scipy_padding(stacked[0]), n)
    rest = np.stack([rows.rest(each) for each in tiled])
    out = np.empty_like(lines)
    per_block = max(1, zero_phase.BLOCK // n)
    for start in range(0, len(lines), per_block):
        block = slice(start, start + per_block)
        run = rows.runner(tiled[block], workers)
        out[block] = zero_phase.forward_backward(lines[block], run, rest[block], length, "odd")
    return out.reshape(x.shape)


def _lines(stacked: Floats, x: NDArray[Any]) -> tuple[NDArray[Any], Floats]:
    """Return signals as rows of the precision to compute in, and each row's sections."""
    work = np.result_type(_checks.precision("x", x), np.float32)
    lines = np.ascontiguousarray(x, work).reshape(-1, x.shape[-1])
    return lines, np.tile(stacked, (len(lines) // len(stacked), 1, 1))
