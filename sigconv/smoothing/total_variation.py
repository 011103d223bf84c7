"""Total variation denoising: plateaus with steps between them."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks, _layout

#: The deviation of gaussian noise over the median of its absolute values.
DEVIATION = 1.4826


def total_variation(width: float, *, height: float | None) -> functools.partial[None]:
    """Prepare the denoising that flattens bumps of `height` up to `width` samples long."""
    if height is not None:
        height = _checks.number("height", height, above=0)
    return functools.partial(_run, width, height)


def _run(
    width: float,
    height: float | None,
    rows: NDArray[Any],
    boundary: str | None,
    omit: bool,
    workers: int | None,
    out: NDArray[Any],
) -> None:
    from .total_variation_jit import denoise

    if np.iscomplexobj(rows):
        raise TypeError(f"x must be real for the method 'total_variation'; got {rows.dtype}")

    def part(begin: int, end: int) -> None:
        for row in range(begin, end):
            present = np.isfinite(rows[row])
            if not present.all() and not (omit and present.any()):
                out[row] = np.nan
                continue
            bump = _noise(rows[row, present]) if height is None else height
            denoise(rows[row], present, bump * width / 2, out[row])

    _layout.split_over_threads(part, len(rows), workers)


def _noise(x: NDArray[Any]) -> float:
    """Return the deviation of white noise with such differences of neighbours."""
    if len(x) < 2:
        return 0.0
    return float(DEVIATION * np.median(np.abs(np.diff(x.astype(np.float64)))) / np.sqrt(2))
