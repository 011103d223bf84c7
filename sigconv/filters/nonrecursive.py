"""Running an FIR kernel over rows: causal with a state, or with its delay taken out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..convolution import convolve
from . import zero_phase
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
    kernel: Floats,
    workers: int | None,
    rows: NDArray[Any],
    length: int,
    padding: str,
    out: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Filter (n_rows, n), with `length` samples of the padding at each end, without delay."""
    half = len(kernel) // 2
    framed = zero_phase.frame(rows, (half, half), length, padding)
    return convolve(framed, kernel, axes=-1, mode="valid", workers=workers, out=out)
