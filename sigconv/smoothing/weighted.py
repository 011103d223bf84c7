"""Weighted averages of each sample's neighbourhood: everything that is a convolution."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import kernels
from ..convolution import convolve, extended, running_sum


def moving_average(width: int) -> functools.partial[None]:
    """Prepare the mean of `width` samples; of an even number one more lies before than after."""
    return functools.partial(_mean, width)


def triangular(width: int) -> functools.partial[None]:
    """Prepare weights that fall off linearly."""
    return functools.partial(weigh, kernels.triangular(width))


def hann(width: int) -> functools.partial[None]:
    """Prepare the weights of a Hann window, the zeros at its ends included."""
    if width == 1:
        raise ValueError("width must be at least 3 samples for the method 'hann'; got 1")
    return functools.partial(weigh, kernels.window("hann", width))


def gaussian(width: float, *, truncate: float) -> functools.partial[None]:
    """Prepare gaussian weights with the standard deviation `width`."""
    # No recursion: where the weights end, at 4 deviations, is beyond any (the singular values of
    # the weights' Hankel matrix, which bound its error, stay at 1e-5). Without an end 1e-7 takes
    # order 8, and that forward and backward 36 ms for 64 x 100,000; this takes 44 to 50 up to
    # deviations of 500 (102 at 5,000).
    return functools.partial(weigh, kernels.gaussian(width, truncate=truncate))


def savitzky_golay(
    width: int, *, delta: float, order: int, derivative: int
) -> functools.partial[None]:
    """Prepare the polynomial fit of each window, or a derivative of it at the centre."""
    return functools.partial(
        weigh, kernels.savitzky_golay(width, order, derivative=derivative, delta=delta)
    )


def _mean(
    width: int,
    rows: NDArray[Any],
    boundary: str,
    omit: bool,
    workers: int | None,
    out: NDArray[Any],
) -> None:
    """Write the running mean of rows to `out`; the weight of each sample is not rounded."""

    def found(rows: NDArray[Any]) -> bool:
        laid = extended.lay(rows, [(width // 2, (width - 1) // 2)], [boundary], 0.0)
        return running_sum.box_into(laid, (width,), np.full(1, 1 / width), workers, out)

    if rows.dtype.kind == "f":
        if found(rows):
            return
        gaps = ~np.isfinite(rows)
        # Exact sums again: what a gap does not touch is as if there were none.
        if not omit and gaps.any() and found(np.where(gaps, 0, rows).astype(rows.dtype)):
            ones = np.ones(width, np.int64)
            seen = convolve(
                gaps.astype(np.int64),
                ones,
                axes=-1,
                mode="same",
                boundary=boundary,
                workers=workers,
            )
            out[seen > 0] = np.nan
            return
    weigh(kernels.boxcar(width), rows, boundary, omit, workers, out)


def weigh(
    kernel: NDArray[np.float64],
    rows: NDArray[Any],
    boundary: str,
    omit: bool,
    workers: int | None,
    out: NDArray[Any],
) -> None:
    """Convolve rows with the kernel; `omit` spreads the weights of gaps over the other samples."""
    present = np.isfinite(rows) if omit else None
    if present is None or present.all():
        convolve(rows, kernel, axes=-1, mode="same", boundary=boundary, workers=workers, out=out)
        return

    # What a constant boundary adds is present, too.
    cval = 1 if boundary == "constant" else 0

    def covered(weights: NDArray[Any], values: NDArray[Any]) -> NDArray[Any]:
        return convolve(
            values, weights, axes=-1, mode="same", boundary=boundary, cval=cval, workers=workers
        )

    sums = np.empty_like(rows)
    weigh(kernel, np.where(present, rows, 0), boundary, False, workers, sums)
    shares = covered(kernel, present.astype(rows.real.dtype))
    empty = covered((kernel != 0).astype(np.int64), present.astype(np.int64)) == 0
    out[...] = np.nan
    np.divide(sums, shares, out=out, where=~empty)
