"""Windows that slide along signals, without a copy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from . import arrays

#: What becomes of the samples after the last whole window.
LAST = ("drop", "pad", "raise")


def sliding_windows(
    x: Any,
    length: float,
    step: float | None = None,
    *,
    fs: float | None = None,
    axis: int = -1,
    last: str = "drop",
) -> NDArray[Any]:
    """Cut signals into windows that begin `step` apart.

    Parameters
    ----------
    x : array_like of any shape, Recording, or MNE Raw, Epochs or Evoked
        Of the objects the signal channels are cut.
    length : float
        Of a window: in seconds if `fs` is given or `x` knows its rate, else in samples. Seconds are
        rounded to samples.
    step : float, optional
        From one window to the next, likewise; `length` if not given: side by side.
    fs : float, optional
        Sampling rate in Hz. Arrays only.
    axis : int
        Where the signals run. Arrays only.
    last : {"drop", "pad", "raise"}
        What is too short for a last window is left out, or filled up with zeros (which copies `x`
        once), or is an error.

    Returns
    -------
    ndarray, shape (..., n_windows, ..., length)
        `axis` counts the windows, and a new last axis runs within them. A read-only view: windows
        share memory with `x` and with each other.

    Raises
    ------
    ValueError
        A length or step below a sample, signals shorter than a window (but for "pad"), samples
        left over with "raise".

    Examples
    --------
    >>> import sigconv
    >>> sigconv.sliding_windows([1, 2, 3, 4, 5, 6], 3, 2)
    array([[1, 2, 3],
           [3, 4, 5]])
    >>> sigconv.sliding_windows([1, 2, 3, 4, 5, 6], 4, last="pad")
    array([[1, 2, 3, 4],
           [5, 6, 0, 0]])
    """
    array, rate, where = arrays.signals_of(x, fs, axis, None)
    size = _checks.samples("length", length, rate)
    hop = size if step is None else _checks.samples("step", step, rate)
    _checks.one_of("last", last, LAST)
    n = array.shape[where]
    # a window more, unless the last whole one reaches the end; windows with gaps between them
    # may leave samples out on the way, but not at the end
    over = -(n - size) % hop if n > size else size - n
    missing = over if n < size or (n - size) % hop else 0
    if missing and last == "raise":
        raise ValueError(
            f"x must be cut into whole windows with last='raise'; {n} samples lack {missing} for "
            f"windows of {size} every {hop}"
        )
    if missing and last == "pad":
        widths = [(0, 0)] * array.ndim
        widths[where] = (0, missing)
        array = np.pad(array, widths)
    elif n < size:
        raise ValueError(f"x must be at least a window of {size} samples long; got {n}")
    windows = np.lib.stride_tricks.sliding_window_view(array, size, axis=where)
    return windows[(slice(None),) * where + (slice(None, None, hop),)]
