"""Kernels that turn the phase of waves and leave their amplitude."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks


def hilbert(width: int, *, window: str | tuple[Any, ...] = "hamming") -> NDArray[np.float64]:
    """Return a Hilbert transformer: a cosine becomes the sine of the same amplitude.

    With `x` it makes the analytic signal ``x + 1j * convolve(x, hilbert(width), mode="same")``.

    Parameters
    ----------
    width : int
        Samples, odd and at least 3. Waves slower than about two periods in `width` samples come
        out weaker, and so do those as close to half the sampling rate.
    window : str or tuple
        What the ideal response ``2 / (pi n)`` at odd n is multiplied with: a window of
        `scipy.signal.get_window`.

    Returns
    -------
    ndarray of shape (width,)
        Odd about its centre; every other tap is zero.

    Raises
    ------
    ValueError
        A width that is even or below 3, a window that SciPy does not know.

    References
    ----------
    Oppenheim and Schafer, Discrete-Time Signal Processing, 3rd edition, 2010, section 12.4.

    Examples
    --------
    >>> from sigconv import kernels
    >>> kernels.hilbert(7, window="boxcar").round(3)
    array([-0.212,  0.   , -0.637,  0.   ,  0.637,  0.   ,  0.212])
    """
    width = _checks.whole("width", width, at_least=3)
    if width % 2 == 0:
        raise ValueError(f"width must be odd; got {width}")
    from scipy import signal

    try:
        weights = signal.get_window(window, width, fftbins=False)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"window must be one that scipy.signal.get_window takes; got {window!r} ({error})"
        ) from None
    kernel = np.zeros(width)
    n = np.arange(width) - width // 2
    odd = n % 2 == 1
    kernel[odd] = 2 / (np.pi * n[odd])
    return kernel * weights
