"""What a batch norm behind a convolution in time needs to know of the data, for any weights.

The output of a kernel h over the samples x, extended by zeros, has the sum h @ sums and the sum
of squares h @ products @ h, where `sums` and `products` depend on x alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from . import windows_jit
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
    full = statistics.sum(0).numpy()
    windows = x.shape[-1] + sum(padding) - kernel + 1
    # what leaves the first window as it moves, and what comes into the last
    leaving, first_leaving = _piece(x, -padding[0], kernel)
    coming, first_coming = _piece(x, windows - padding[0], kernel)
    squares = [torch.mm(piece.T, piece).numpy() for piece in (leaving, coming)]
    totals = [piece.sum(0).numpy() for piece in (leaving, coming)]
    products, sums = np.empty((kernel, kernel)), np.empty(kernel)
    windows_jit.along_diagonals(
        full[:kernel], squares[0], first_leaving, squares[1], first_coming, products
    )
    windows_jit.along_window(full[kernel], totals[0], first_leaving, totals[1], first_coming, sums)
    return Lagged(torch.from_numpy(products), torch.from_numpy(sums))


def _piece(x: Tensor, start: int, n: int) -> tuple[Tensor, int]:
    """Return those of n samples of every row from `start` on that there are, in float64.

    And how many there are not before them.
    """
    begin, end = max(0, start), min(x.shape[-1], start + n)
    piece = x[..., begin : max(begin, end)].flatten(0, 1).double()
    return piece, min(begin - start, n)
