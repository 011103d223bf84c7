"""What a batch norm behind a convolution in time needs to know of the data, for any weights.

The output of a kernel h over the samples x, extended by zeros, has the sum h @ sums and the sum
of squares h @ products @ h, where `sums` and `products` depend on x alone.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .filter_jit import autocorrelations
from .threads import split_over_threads


class Lagged(NamedTuple):
    """Sums over the windows of a set of trials.

    Parameters
    ----------
    products : Tensor of float64, shape (kernel, kernel)
        [i, j]: the sum of x[t + i] x[t + j] over all places t of the kernel.
    sums : Tensor of float64, shape (kernel,)
        [i]: the sum of x[t + i].
    """

    products: Tensor
    sums: Tensor


def trial_statistics(x: Tensor, kernel: int) -> Tensor:
    """Return what `lagged` has to know of each trial and takes longest to find.

    Parameters
    ----------
    x : Tensor, shape (trials, channels, times)
        On the CPU, float32 or float64.
    kernel : int
        Taps of the filters.

    Returns
    -------
    Tensor of float64, shape (trials, kernel + 1)
        The sums over channels and time of x[t] x[t + k], k = 0, 1 ..., and of x[t].
    """
    trials = np.ascontiguousarray(x.detach().numpy())
    out, sums = np.empty((len(trials), kernel)), np.empty(len(trials))

    def part(begin: int, end: int) -> None:
        autocorrelations(trials, out, sums, begin, end)

    split_over_threads(part, len(trials))
    return torch.from_numpy(np.concatenate([out, sums[:, None]], axis=1))


def lagged(
    x: Tensor, kernel: int, padding: tuple[int, int], statistics: Tensor | None = None
) -> Lagged:
    """Sum over the windows of `kernel` samples of all trials and channels.

    Parameters
    ----------
    x : Tensor, shape (trials, channels, times)
    kernel : int
    padding : (int, int)
        Zeros before and after the samples.
    statistics : Tensor, optional
        `trial_statistics` of these trials.

    Notes
    -----
    The products of lag k at all places are one number, and each step down a diagonal of
    `products` leaves one product out at the start and takes one in at the end. All in float64:
    of a filter that passes little of a loud signal, float32 would keep no digit.
    """
    if statistics is None:
        statistics = trial_statistics(x, kernel)
    full = statistics.sum(0)
    left, right = padding
    windows = x.shape[-1] + left + right - kernel + 1
    # what leaves the first window as it moves, and what comes into the last
    head, tail = _piece(x, -left, kernel), _piece(x, windows - left, kernel)
    start, end = head.T @ head, tail.T @ tail
    first = full[:kernel, None] - _diagonals(end).sum(1, keepdim=True)
    along = torch.cat([first, first + _diagonals(end - start).cumsum(1)[:, :-1]], 1)
    lag, place = _places(kernel)
    steps = (tail.sum(0) - head.sum(0)).cumsum(0)
    sums = full[kernel] - tail.sum() + functional.pad(steps[:-1], (1, 0))
    return Lagged(along[lag, place], sums)


def _piece(x: Tensor, start: int, n: int) -> Tensor:
    """Return n samples of every row from `start` on, zeros where there are none."""
    begin, end = max(0, start), max(0, min(x.shape[-1], start + n))
    piece = torch.zeros(x.shape[0] * x.shape[1], n, dtype=torch.float64)
    if begin < end:
        piece[:, begin - start : end - start] = x[..., begin:end].flatten(0, 1)
    return piece


def _diagonals(square: Tensor) -> Tensor:
    """Return [k, i]: square[i, i + k], and 0 beyond the edge."""
    n = len(square)
    return functional.pad(square, (0, n)).as_strided((n, n), (1, 2 * n + 1))


@functools.cache
def _places(n: int) -> tuple[Tensor, Tensor]:
    """Return how far from the diagonal of an n x n square each place is, and how far along."""
    places = torch.arange(n)
    return (places[:, None] - places).abs(), torch.minimum(places[:, None], places)
