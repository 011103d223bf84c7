"""Trials on their way into a network: held on its device, or read batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ... import _checks, _maps

#: What is done to trials before a network sees them: numpy in, numpy out.
Prepare = Callable[[NDArray[Any]], NDArray[Any]]

#: Trials of fewer bytes than this are held on the network's device from the start.
_RESIDENT = 2**30
#: Samples that a pass without gradients takes at once.
PASS = 256


class Trials:
    """The samples that a network is given: trials, or the crops of trials.

    Parameters
    ----------
    X : array or reader, shape (n_trials, n_channels, ...)
        A reader is read by lists of indices, as a memory map is.
    prepare : callable, optional
        What is done to trials first; each by itself.
    like : torch.nn.Module
        Whose type and device the samples get.
    crop : (int, int), optional
        Length and stride in samples of the last axis.
    """

    def __init__(
        self,
        X: Any,
        like: nn.Module,
        *,
        prepare: Prepare | None = None,
        crop: tuple[int, int] | None = None,
    ) -> None:
        if not _maps.is_reader(X):
            X = _checks.numeric("X", X)
        if len(X.shape) < 2 or not len(X):
            raise ValueError(
                f"X must have shape (n_trials, n_channels, ...) and some trials; got {X.shape}"
            )
        first = next(like.parameters(), torch.empty(0))
        self._type, self.device = first.dtype, first.device
        self._X, self._prepare = X, prepare
        self.n_trials = len(X)
        self._starts: NDArray[np.intp] = np.zeros(1, np.intp)
        self._length: int | None = None  # all of it
        if crop is not None:
            seen = X if prepare is None else prepare(np.asarray(X[np.arange(1)]))
            self._starts, self._length = _crops(seen.shape[-1], crop)
        self.n_crops = len(self._starts)
        self.held: Tensor | None = None  # all trials, if they are held
        lazy = _maps.is_reader(X) or _maps.map_below(X) is not None
        n_bytes = int(np.prod(X.shape)) * self._type.itemsize
        if not lazy or n_bytes < _RESIDENT:
            self.held = self._read(np.arange(self.n_trials))

    def __len__(self) -> int:
        return self.n_trials * self.n_crops

    def trial_of(self, samples: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return which trials samples are of."""
        return samples // self.n_crops

    def inputs(self, samples: NDArray[np.intp]) -> Tensor:
        """Return samples, shape (n, n_channels, ...)."""
        trials = self.trial_of(samples)
        x = self._read(trials) if self.held is None else self.held[torch.from_numpy(trials)]
        if self._length is None or (self.n_crops == 1 and self._length == x.shape[-1]):
            return x
        starts = torch.as_tensor(self._starts[samples % self.n_crops], device=self.device)
        index = starts[:, None] + torch.arange(self._length, device=self.device)
        index = index.reshape(len(x), *[1] * (x.ndim - 2), -1)
        return x.gather(-1, index.expand(*x.shape[:-1], -1))

    def passes(self, trials: NDArray[np.intp] | None = None) -> Iterator[Tensor]:
        """Yield all samples of all or some trials in order, in parts for passes without gradients.

        The parts are of nearly equal size and hold whole trials.
        """
        trials = np.arange(self.n_trials) if trials is None else trials
        n_parts = -(-len(trials) * self.n_crops // PASS)
        for part in np.array_split(trials, min(n_parts, len(trials))):
            yield self.inputs((part[:, None] * self.n_crops + np.arange(self.n_crops)).ravel())

    def _read(self, trials: NDArray[np.intp]) -> Tensor:
        # a map is read in rising order, each trial once
        rising, places = np.unique(trials, return_inverse=True)
        whole = len(rising) == self.n_trials
        X = np.asarray(self._X[:] if whole else self._X[rising])
        bad = ~np.isfinite(X).reshape(len(X), -1).all(axis=1)
        if bad.any():
            raise ValueError(
                f"X must hold finite numbers; NaN or infinity stands in trial {rising[bad][0]}"
                + (f" and {bad.sum() - 1} others" if bad.sum() > 1 else "")
            )
        if self._prepare is not None:
            X = self._prepare(X)
        if not (len(places) == len(X) and (places == np.arange(len(X))).all()):
            X = X[places]
        return torch.as_tensor(X, dtype=self._type).to(self.device)


def _crops(n_times: int, crop: tuple[int, int]) -> tuple[NDArray[np.intp], int]:
    """Return the starts of the crops, the last at the end of the trial, and their length."""
    length, stride = crop
    if length > n_times:
        raise ValueError(
            f"crop must be no longer than the trials of {n_times} samples; got {length}"
        )
    starts = np.arange(0, n_times - length + 1, stride)
    if starts[-1] != n_times - length:
        starts = np.append(starts, n_times - length)
    return starts, length


def labels(y: Any, n_trials: int) -> NDArray[np.int64]:
    """Return class indices, one a trial, of two classes at least."""
    y = np.asarray(y)
    if y.shape != (n_trials,) or y.dtype.kind not in "iu" or y.min() < 0:
        raise ValueError(
            f"y must be one whole number of at least 0 for each of {n_trials} trials; got "
            f"shape {y.shape} of {y.dtype}"
        )
    if len(np.unique(y)) < 2:
        raise ValueError("y must hold at least two classes; got one")
    return y.astype(np.int64)


def values(y: Any, n_trials: int) -> NDArray[np.float64]:
    """Return values to be learned, shape (n_trials, n_outputs)."""
    y = _checks.numeric("y", y).astype(np.float64)
    if y.ndim > 2 or len(y) != n_trials:
        raise ValueError(
            f"y must hold a value or a row of values for each of {n_trials} trials; got {y.shape}"
        )
    if not np.isfinite(y).all():
        raise ValueError("y must hold finite numbers; NaN or infinity stands in it")
    return y.reshape(n_trials, -1)


def labels_of_places(y: Any, n_trials: int) -> NDArray[np.integer[Any]]:
    """Return class indices of the places of trials, -1 where nothing is known."""
    y = np.asarray(y)
    if y.ndim < 2 or len(y) != n_trials or y.dtype.kind not in "iu" or y.min() < -1:
        raise ValueError(
            f"y must hold whole numbers of at least -1 for the places of {n_trials} trials; got "
            f"shape {y.shape} of {y.dtype}"
        )
    if len(np.unique(y[y >= 0])) < 2:
        raise ValueError("y must hold at least two classes; got one")
    return y
