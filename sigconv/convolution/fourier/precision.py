"""How exact transforms and the definition are, and which arithmetic serves a problem.

The measure is the error of SciPy's direct method in the precision of the data: no answer may be
more than twice as far off, neither on the whole nor in a quiet stretch.
"""

from __future__ import annotations

import math

import numpy as np

from ..geometry import Geometry

#: Root mean square error of SciPy's direct method on white noise, in units of the precision's
#: eps and of the output, by the number of taps: along one axis, and along several.
DIRECT = {
    "taps": (31, 101, 257, 501, 1025, 3301, 20001),
    "error": (0.30, 0.63, 0.70, 0.75, 0.87, 1.26, 2.7),
}
DIRECT_MANY_AXES = {"taps": (49, 225, 961), "error": (0.90, 1.5, 2.7)}

#: The same of a transform forward and back: a constant, and per doubling of the points.
TRANSFORM, DOUBLING = 0.69, 0.059

#: How many standard deviations the power of a quiet stretch of white noise may lie below the
#: mean before it counts as uneven; a false alarm costs time only.
DEVIATIONS = 3.5

#: By how much the error of a transform may grow at least, or it does not serve at all.
LEAST_SLACK = 1.1

#: A stretch this much quieter than the whole is still nine digits above the rounding of float64.
LOUDNESS_RANGE = 1e6


def transform_error(points: int, dtype: str) -> float:
    """Return the root mean square error of a transform of white noise, relative to the output."""
    return float(np.finfo(dtype).eps) * (TRANSFORM + DOUBLING * math.log2(points))


def direct_error(geometry: Geometry, dtype: str) -> float:
    """Return the root mean square error of SciPy's direct method on white noise."""
    n_axes = sum(k > 1 for k in geometry.taps)
    table = DIRECT if n_axes <= 1 else DIRECT_MANY_AXES
    taps = math.prod(geometry.taps)
    last = table["taps"][-1]
    error = np.interp(math.log(taps), np.log(table["taps"]), table["error"])
    # Beyond the table sums go on as random walks do.
    return float(np.finfo(dtype).eps * error * max(1.0, math.sqrt(taps / last)))


def slack(geometry: Geometry, points: int, dtype: str) -> float:
    """Return by how much a transform's error may grow before it is twice the definition's."""
    return 2 * direct_error(geometry, dtype) / transform_error(points, dtype)


def serves(geometry: Geometry, points: int, dtype: str) -> bool:
    """Return whether transforms in the precision of the data are exact enough where it is even."""
    return slack(geometry, points, dtype) >= LEAST_SLACK


def least_power(geometry: Geometry, points: int, stretch: int) -> float:
    """Return the least power of a stretch of so many samples for float32, in units of the mean."""
    floor = max(0.2, 1 - DEVIATIONS * math.sqrt(2 / stretch))
    return floor / slack(geometry, points, "float32") ** 2
