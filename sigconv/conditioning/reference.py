"""The electrode that voltages are measured against, chosen after the fact."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _carriers, _checks, _layout
from ..recording import Recording

#: The kinds that have a reference; of an object the first of them that it holds is referenced.
KINDS = ("eeg", "ecog", "seeg", "dbs")


def rereference(
    x: Any,
    to: str | int | Sequence[str] | Sequence[int] = "average",
    *,
    axis: int = -2,
    workers: int | None = None,
) -> Any:
    """Subtract a reference, the mean of some channels or of all, from every channel.

    Parameters
    ----------
    x : array_like, shape (..., n_channels, n_times), Recording, or MNE Raw, Epochs or Evoked
    to : "average", or one or several channels
        "average" is the mean of all channels; several give their mean. Of an object the channels
        are named, of an array numbered (-1 is the last).
    axis : int
        Where the channels lie. Arrays only.
    workers : int, optional
        Threads; None is all cores. The answer does not depend on it.

    Returns
    -------
    ndarray of the shape of `x`, or a new object of its type
        In the precision of `x`, float64 for integers. In objects only good channels of one kind
        take part in the average and are referenced: EEG, or if there is none ECoG, SEEG or DBS.
        Bad channels, triggers and all others stay as they are. MNE's own `set_eeg_reference` does
        it for MNE's objects, and marks them as referenced.

    Raises
    ------
    ValueError
        An array without an axis for the channels, a channel that is not there, no channel to
        reference.
    TypeError
        Names for an array, numbers for an object.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> sigconv.rereference(np.array([[1.0, 2.0], [3.0, 6.0]]))
    array([[-1., -2.],
           [ 1.,  2.]])
    >>> ears = ["A1", "A2"]
    >>> eeg = sigconv.Recording(np.ones((3, 5)), fs=100, channels=["Cz", *ears])
    >>> sigconv.rereference(eeg, ears).data[0]
    array([0., 0., 0., 0., 0.])
    """
    prepare(to)
    _layout.thread_count(workers)
    if isinstance(x, Recording):
        _carriers.refuse(x, axis=(axis, -2))
        return _recording(x, to, workers)
    if _carriers.is_carrier(x):
        _carriers.refuse(x, axis=(axis, -2))
        return _mne(x, to)
    array = np.asarray(_checks.numeric("x", x))
    dtype = _checks.precision("x", array)
    if array.ndim < 2:
        raise ValueError(f"x must have an axis of channels and one of time; got {array.shape}")
    where = _checks.axis_index("axis", axis, array.ndim)
    channels = np.moveaxis(array, where, 0)
    picks = _numbers(to, len(channels))
    result = np.empty(channels.shape, np.result_type(dtype, np.float32))
    _subtract(channels, picks, slice(None), result, workers)
    return np.moveaxis(result.astype(dtype, copy=False), 0, where)


def prepare(to: str | int | Sequence[str] | Sequence[int] = "average") -> None:
    """Refuse what names no channels."""
    items = _listed(to)
    same = all(isinstance(item, str) for item in items) or not any(
        isinstance(item, str) for item in items
    )
    if not items or not same:
        raise ValueError(f"to must be 'average', or one or several channels; got {to!r}")
    if len(set(items)) != len(items):
        raise ValueError(f"to must name no channel twice; got {to!r}")


def _listed(to: Any) -> list[Any]:
    return [to] if isinstance(to, str) or np.ndim(to) == 0 else list(to)


def _numbers(to: Any, n: int) -> list[int]:
    """Return the channels of an array that make the reference."""
    if isinstance(to, str) and to == "average":
        return list(range(n))
    items = _listed(to)
    if isinstance(items[0], str):
        raise TypeError(f"to must number the channels of an array, which has no names; got {to!r}")
    numbers = [_checks.whole("to", item, at_least=-n) for item in items]
    if max(numbers) >= n:
        raise ValueError(f"to must number some of {n} channels; got {to!r}")
    return [number % n for number in numbers]


def _names(to: Any, channels: Sequence[str], referenced: list[str]) -> list[str]:
    """Return the channels of an object that make the reference."""
    if isinstance(to, str) and to == "average":
        return referenced
    items = _listed(to)
    if not isinstance(items[0], str):
        raise TypeError(f"to must name the channels of an object; got {to!r}")
    for name in items:
        _checks.one_of("to", name, channels)
    return items


def _referenced(x: Any, kinds: Sequence[str], names: Sequence[str], bads: Any) -> list[str]:
    for kind in KINDS:
        if kind in kinds:
            good = [
                name
                for name, own in zip(names, kinds, strict=True)
                if own == kind and name not in bads
            ]
            if good:
                return good
            raise ValueError(f"x must have good channels to reference; all {kind} ones are bad")
    raise ValueError(f"x must have channels of kind {', '.join(KINDS)}; got {sorted(set(kinds))}")


def _recording(x: Recording, to: Any, workers: int | None) -> Recording:
    names = list(x.channels)
    referenced = _referenced(x, x.kinds, names, x.bads)
    reference = _names(to, names, referenced)
    rows = [names.index(name) for name in referenced]
    data = x.data.astype(_checks.precision("x", x.data))
    _subtract(x.data, [names.index(name) for name in reference], rows, data, workers)
    return x.replace(data=data)


def _mne(x: Any, to: Any) -> Any:
    names = x.ch_names
    referenced = _referenced(x, x.get_channel_types(), names, x.info["bads"])
    reference = _names(to, names, referenced)
    with sys.modules["mne"].use_log_level("error"):
        copy = x.copy()
        if hasattr(copy, "load_data"):  # an Evoked always holds its data
            copy.load_data()
        # its word "average" where that is meant, for the history of the object
        return copy.set_eeg_reference("average" if reference is referenced else reference)


def _subtract(
    channels: NDArray[Any],
    picks: list[int],
    rows: list[int] | slice,
    out: NDArray[Any],
    workers: int | None,
) -> None:
    """Fill out[rows] with channels[rows] minus the mean of channels[picks]; channels come first."""
    flat = channels.reshape(len(channels), -1)
    target = out.reshape(len(out), -1)

    def part(start: int, stop: int) -> None:
        # blocks that stay in the cache, summed in double precision whatever the data
        for begin in range(start, stop, 4096):
            piece = slice(begin, min(begin + 4096, stop))
            wide = np.result_type(flat.dtype, np.float64)
            reference = flat[picks, piece].mean(axis=0, dtype=wide)
            target[rows, piece] = flat[rows, piece] - reference

    _layout.split_over_threads(part, flat.shape[1], workers)
