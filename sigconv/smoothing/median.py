"""The running median."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _layout


def median(width: int) -> functools.partial[None]:
    """Prepare the median of an odd number of samples."""
    return functools.partial(_run, width)


def _run(
    width: int,
    rows: NDArray[Any],
    boundary: str,
    omit: bool,
    workers: int | None,
    out: NDArray[Any],
) -> None:
    from .median_jit import running_median

    if np.iscomplexobj(rows):
        raise TypeError(f"x must be real for the method 'median'; got {rows.dtype}")
    half = width // 2
    extended = _layout.extend(rows, [(half, half)], [boundary])
    part = functools.partial(running_median, extended, width, omit, out)
    _layout.split_over_threads(part, len(rows), workers)
