"""What `scipy.signal.upfirdn` puts beyond the ends of signals."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ... import _layout

#: Names that NumPy's boundaries have too.
_PLAIN = ("constant", "symmetric", "reflect", "edge", "wrap")

#: Turned about the ends: the boundary whose samples are reflected at the end's value.
_TURNED = ("antisymmetric", "antireflect")

MODES = (*_PLAIN, "smooth", "line", *_TURNED)


def extended(rows: NDArray[Any], widths: tuple[int, int], mode: str, cval: float) -> NDArray[Any]:
    """Return (n_rows, n) with `widths` samples more before and after."""
    if mode not in MODES:
        raise ValueError(f"Unknown mode: {mode}")
    if mode in _PLAIN:
        return _layout.extend(rows, [widths], [mode], cval)
    before, after = widths
    n = rows.shape[1]
    place = np.arange(-before, n + after)
    if mode in _TURNED:
        return _turned(rows, place, mode)
    if n == 1:
        return _layout.extend(rows, [widths], ["edge"])
    # a straight line on through the two last samples, or through the first and the last one
    first, last = rows[:, :1], rows[:, -1:]
    if mode == "smooth":
        slopes = rows[:, 1:2] - first, last - rows[:, -2:-1]
    else:
        slopes = ((last - first) / (n - 1),) * 2
    result = _layout.extend(rows, [widths], ["edge"])
    result[:, :before] += slopes[0] * place[:before]
    result[:, before + n :] += slopes[1] * (place[before + n :] - (n - 1))
    return result


def _turned(rows: NDArray[Any], place: NDArray[np.intp], mode: str) -> NDArray[Any]:
    n = rows.shape[1]
    if mode == "antisymmetric":  # about zero, half a sample beyond the end
        index = _layout.sources(place, n, "symmetric")
        sign = np.where((place // n) % 2 == 0, 1, -1)
        return rows[:, index] * sign.astype(rows.real.dtype)
    if n == 1:
        return np.repeat(rows, len(place), axis=1)
    # about the end samples: from one fold to the next the signal rises by what it did before
    index = _layout.sources(place, n, "reflect")
    fold = place // (n - 1)
    last, rise = rows[:, -1:], rows[:, -1:] - rows[:, :1]
    upward = rows[:, index] + fold * rise
    return np.where(fold % 2 == 0, upward, (fold - 1) * rise + 2 * last - rows[:, index])
