"""Weighted averages of each sample's neighbourhood: everything that is a convolution."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import kernels
from ..convolution import convolve


def moving_average(width: int) -> functools.partial[NDArray[Any]]:
    """Prepare the mean of `width` samples; of an even number one more lies before than after."""
    return functools.partial(weigh, kernels.boxcar(width))


def triangular(width: int) -> functools.partial[NDArray[Any]]:
    """Prepare weights that fall off linearly."""
    return functools.partial(weigh, kernels.triangular(width))


def hann(width: int) -> functools.partial[NDArray[Any]]:
    """Prepare the weights of a Hann window, the zeros at its ends included."""
    if width == 1:
        raise ValueError("width must be at least 3 samples for the method 'hann'; got 1")
    return functools.partial(weigh, kernels.window("hann", width))


def gaussian(width: float, *, truncate: float) -> functools.partial[NDArray[Any]]:
    """Prepare gaussian weights with the standard deviation `width`."""
    return functools.partial(weigh, kernels.gaussian(width, truncate=truncate))


def savitzky_golay(
    width: int, *, delta: float, order: int, derivative: int
) -> functools.partial[NDArray[Any]]:
    """Prepare the polynomial fit of each window, or a derivative of it at the centre."""
    return functools.partial(
        weigh, kernels.savitzky_golay(width, order, derivative=derivative, delta=delta)
    )


def weigh(
    kernel: NDArray[np.float64],
    rows: NDArray[Any],
    boundary: str,
    omit: bool,
    workers: int | None,
) -> NDArray[Any]:
    """Convolve rows with the kernel; `omit` spreads the weights of gaps over the other samples."""
    present = np.isfinite(rows)
    if not omit or present.all():
        return convolve(rows, kernel, axes=-1, mode="same", boundary=boundary, workers=workers)

    # What a constant boundary adds is present, too.
    cval = 1 if boundary == "constant" else 0

    def covered(weights: NDArray[Any], values: NDArray[Any]) -> NDArray[Any]:
        return convolve(
            values, weights, axes=-1, mode="same", boundary=boundary, cval=cval, workers=workers
        )

    sums = weigh(kernel, np.where(present, rows, 0), boundary, False, workers)
    shares = covered(kernel, present.astype(rows.real.dtype))
    empty = covered((kernel != 0).astype(np.int64), present.astype(np.int64)) == 0
    return np.divide(sums, shares, out=np.full_like(sums, np.nan), where=~empty)
