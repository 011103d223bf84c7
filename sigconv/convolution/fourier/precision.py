"""How exact transforms and the definition are, and which arithmetic serves a problem.

The measure is the error of SciPy's direct method in the precision of the data: no answer may be
more than twice as far off, neither on the whole nor in a quiet stretch.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from ..geometry import Geometry

#: Root mean square error of SciPy's direct method on white noise, in units of the precision's
#: eps and of the output, by the number of taps: along one axis, and along several. Along one
#: axis these are for multiples of 32. In float64 the taps beyond a multiple of 16 are summed one
#: by one: by so much at least they add to that (measured from 60 to 501 taps, 1.15 to 1.26 with
#: 5 of them).
ONE_AXIS = {
    "float32": ((31, 101, 257, 501, 1025, 3301, 20001), (0.30, 0.62, 0.67, 0.73, 0.86, 1.25, 2.75)),
    "float64": ((32, 101, 257, 501, 1025, 3301, 20001), (0.55, 0.61, 0.70, 0.82, 1.00, 1.60, 3.50)),
}
REST = (0, 1, 5, 8, 13), (1.0, 1.04, 1.15, 1.30, 1.45)
MANY_AXES = (25, 49, 81, 225, 961, 3969), (0.63, 0.80, 0.90, 1.5, 2.7, 4.9)

#: The same of a transform forward and back with an exact spectrum: a constant, and per doubling
#: of the points.
TRANSFORM = {"float32": (0.80, 0.060), "float64": (0.80, 0.054)}

#: The same of rows.
ROW = {"float32": (0.73, 0.058), "float64": (0.80, 0.048)}

#: By how much a spectrum of the data's own precision adds to that.
ROUNDED_SPECTRUM = 1.2

#: By how much stages of three and five add to that.
ODD_FACTORS = 1.08

#: The same of SciPy's transforms in double precision.
SCIPY = 2.6

#: Up to so many points are spectra for float64 computed in extended precision, 10 times as slow.
WIDE_POINTS = 1 << 15

#: How many standard deviations the power of a quiet stretch of white noise may lie below the
#: mean before it counts as uneven; a false alarm costs time only.
DEVIATIONS = 3.5

#: By how much the error of a transform may grow at least, or it does not serve at all. The largest
#: of 200 errors varies by a fifth from one draw to the next, so float32 keeps clear of the limit:
#: double precision takes 1.4 times as long there. In float64 only the definition is left, which
#: takes three times as long with 257 taps.
LEAST_SLACK = {"float32": 1.2, "float64": 1.03}


def transform_error(geometry: Geometry, points: int, dtype: str) -> float:
    """Return the root mean square error of a transform of white noise, in eps of its output."""
    rounded = dtype == "float64" and points > WIDE_POINTS
    constant, doubling = (ROW if _is_row(geometry) else TRANSFORM)[dtype]
    more = (ROUNDED_SPECTRUM if rounded else 1.0) * (ODD_FACTORS if points & points - 1 else 1.0)
    return (constant + doubling * math.log2(points)) * more


@functools.lru_cache(maxsize=256)
def direct_error(geometry: Geometry, dtype: str, share: float = 1.0) -> float:
    """Return the root mean square error of SciPy's direct method, in eps of its output.

    Only a share of the taps may meet anything but zeros.
    """
    taps = math.prod(geometry.taps)
    counts, errors = ONE_AXIS[dtype] if max(geometry.taps) == taps else MANY_AXES
    # Beyond the table sums go on as random walks do.
    beyond = max(1.0, math.sqrt(taps / counts[-1]))
    if max(geometry.taps) == taps and dtype == "float64":
        beyond *= float(np.interp(taps % 16, *REST))
    return beyond * float(np.interp(math.log(share * taps), np.log(counts), errors))


def _is_row(geometry: Geometry) -> bool:
    return math.prod(geometry.extended) == geometry.extended[-1]


def slack(geometry: Geometry, points: int, dtype: str, share: float = 1.0) -> float:
    """Return by how much a transform's error may grow before it is twice the definition's."""
    return 2 * direct_error(geometry, dtype, share) / transform_error(geometry, points, dtype)


def serves(geometry: Geometry, points: int, dtype: str) -> bool:
    """Return whether transforms in the precision of the data are exact enough where it is even."""
    return slack(geometry, points, dtype) >= LEAST_SLACK[dtype]


def scipys_serve(geometry: Geometry) -> bool:
    """Return whether SciPy's transforms are exact enough for data in double precision."""
    return 2 * direct_error(geometry, "float64") >= LEAST_SLACK["float64"] * SCIPY


def least_power(geometry: Geometry, points: int, stretch: int) -> float:
    """Return the least power of a stretch of so many samples for float32, in units of the mean.

    What is quiet may be the zeros beyond the end of a row.
    """
    floor = max(0.2, 1 - DEVIATIONS * math.sqrt(2 / stretch))
    share = 0.5 if _is_row(geometry) else 1.0
    return floor / slack(geometry, points, "float32", share) ** 2
