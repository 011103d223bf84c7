"""LOWESS: a straight line through each sample's neighbourhood, outliers weighed down."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks, _layout
from ..convolution import correlate

#: Spread of the weights, in squared radii, below which a line has no slope.
NARROW = 1e-12


def lowess(width: int, *, iterations: int) -> functools.partial[None]:
    """Prepare Cleveland's smoother over an odd number of neighbours."""
    if width < 5:
        raise ValueError(
            f"width must be at least 5 samples for the method 'lowess', as those at the ends of "
            f"the window weigh nothing; got {width}"
        )
    iterations = _checks.whole("iterations", iterations, at_least=0)
    return functools.partial(_run, width, iterations)


def _run(
    width: int,
    iterations: int,
    rows: NDArray[Any],
    boundary: str | None,
    omit: bool,
    workers: int | None,
    out: NDArray[Any],
) -> None:
    if np.iscomplexobj(rows):
        raise TypeError(f"x must be real for the method 'lowess'; got {rows.dtype}")
    reach = 0 if boundary is None else width // 2 * (iterations + 1)
    signals = rows.astype(np.float64)
    if boundary is not None:
        signals = _layout.extend(signals, [(reach, reach)], [boundary])
    own = slice(reach, reach + rows.shape[1])
    width = min(width, signals.shape[1])
    present = np.isfinite(signals)
    y = np.where(present, signals, 0)
    trust = present.astype(np.float64)
    fit = _lines(y, trust, width, workers)
    for _ in range(iterations):
        rest = np.abs(y - fit)
        trust = np.where(present, _bisquare(rest, present[:, own], rest[:, own]), 0)
        fit = _lines(y, trust, width, workers)
        # where all is doubtful nothing is smoothed
        fit = np.where(np.isnan(fit) & present, y, fit)
    if not (omit or present.all()):
        if iterations:  # how far a sample may lie off is told by all of them
            fit[~present.all(axis=1)] = np.nan
        else:
            before = np.cumsum(np.pad(~present, ((0, 0), (1, 0))), axis=1)
            first = _first(np.arange(y.shape[1]), width, y.shape[1])
            fit[before[:, first + width] > before[:, first]] = np.nan
    out[...] = fit[:, own]


def _bisquare(
    rest: NDArray[np.float64], present: NDArray[np.bool_], own: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return weights that fall to zero at six times the median of each row's own residuals."""
    trust = np.ones_like(rest)
    for row in range(len(rest)):
        if present[row].any():
            limit = 6 * np.median(own[row, present[row]])
            share = np.minimum(rest[row] / limit, 1) if limit > 0 else rest[row] > 0
            trust[row] = (1 - share**2) ** 2
    return trust


def _first(i: Any, width: int, n: int) -> Any:
    """Return where the window of each sample begins: at the ends it does not slide on."""
    return np.clip(i - width // 2, 0, n - width)


def _lines(
    y: NDArray[np.float64], trust: NDArray[np.float64], width: int, workers: int | None
) -> NDArray[np.float64]:
    """Return the values of lines through each neighbourhood; NaN where nothing has weight."""
    from .local_jit import weighted_sums

    n = y.shape[1]
    half = width // 2
    sums = np.empty((5, *y.shape))
    if n > width:
        d = np.arange(-half, half + 1) / half
        near = (1 - np.abs(d) ** 3) ** 3
        weighted = trust * y
        for k, (values, power) in enumerate(
            ((trust, 0), (trust, 1), (trust, 2), (weighted, 0), (weighted, 1))
        ):
            # direct: small sums beside large ones keep their digits
            sums[k, :, half : n - half] = correlate(
                values, near * d**power, axes=-1, mode="valid", method="direct", workers=workers
            )
    part = functools.partial(weighted_sums, y, trust, width, sums)
    _layout.split_over_threads(part, len(y), workers)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, square, level, slope = sums[1:] / sums[0]
        spread = square - mean**2
        line = level - mean * (slope - mean * level) / spread
    return np.where(spread > NARROW, line, level)
