"""What both sets of SciPy's names ask of the engine beyond its own functions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..convolution import convolve

#: Types of what may be given to the engine; masked arrays, matrices and other libraries' arrays
#: are not among them.
_PLAIN = (np.ndarray, np.generic, list, tuple, str, bool, int, float, complex, type(None))


def is_plain(value: Any) -> bool:
    """Return whether an argument is one that the engine may be given."""
    return type(value) in _PLAIN or isinstance(value, (np.generic, np.dtype, type))


def goes_to_scipy(*arrays: NDArray[Any]) -> bool:
    """Return whether the engine has no arithmetic for one of the arrays."""
    return any(array.dtype.char in "gGO" for array in arrays)


def convolve_any_kernel(
    x: NDArray[Any],
    h: NDArray[Any],
    *,
    axes: tuple[int, ...],
    mode: str,
    boundary: str = "zero",
    cval: complex = 0.0,
    method: str = "auto",
) -> NDArray[Any]:
    """Convolve with a kernel that may hold NaN and infinities, which the engine refuses.

    As with gaps in the signal, every output that has one under it is NaN, and no other.
    """
    gaps = ~np.isfinite(h)
    if not gaps.any():
        return convolve(x, h, axes=axes, mode=mode, boundary=boundary, cval=cval, method=method)
    sound = np.where(gaps, 0, h)
    y = convolve(x, sound, axes=axes, mode=mode, boundary=boundary, cval=cval, method=method)
    beyond = "zero" if boundary == "zero" else "edge"
    ones = np.ones(x.shape, np.int64)
    y[convolve(ones, gaps.astype(np.int64), axes=axes, mode=mode, boundary=beyond) > 0] = np.nan
    return y
