"""Running an FIR kernel over rows: causal with a state, or with its delay taken out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..convolution import convolve
from .sections import Floats


def filter_rows(
    kernel: Floats,
    workers: int | None,
    rows: NDArray[Any],
    states: NDArray[Any],
    *,
    backward: bool = False,
    out: NDArray[Any] | None = None,
    method: str = "auto",
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Filter (n_rows, n); the state is the last len(kernel) - 1 inputs, oldest first.

    Backward, time runs from the last sample to the first. `out` may be `rows`.
    """
    if backward:
        turned, after = filter_rows(kernel, workers, rows[:, ::-1], states, method=method)
        result = turned[:, ::-1]
        if out is None:
            return result, after
        out[...] = result
        return out, after
    joined = np.concatenate([states.astype(rows.dtype), rows], axis=1)
    result = convolve(
        joined, kernel, axes=-1, mode="valid", method=method, workers=workers, out=out
    )
    return result, joined[:, rows.shape[1] :].astype(states.dtype)


def is_symmetric(kernel: Floats) -> bool:
    """Return whether the kernel delays every frequency by the same whole number of samples."""
    return len(kernel) % 2 == 1 and np.allclose(
        kernel, kernel[::-1], rtol=0, atol=1e-12 * np.abs(kernel).max()
    )


def centred_rows(
    extended: NDArray[Any],
    n_extension: int,
    kernel: Floats,
    workers: int | None,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Filter rows extended by `n_extension` samples at each end, without delay; cut those off.

    Beyond the extension the signal counts as zero.
    """
    half = len(kernel) // 2
    if n_extension > half:
        cut = n_extension - half
        extended = extended[:, cut : extended.shape[1] - cut]
    missing = max(half - n_extension, 0)
    extended = np.pad(extended, ((0, 0), (missing, missing)))
    return convolve(extended, kernel, axes=-1, mode="valid", workers=workers, out=out)
