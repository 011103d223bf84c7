"""The smoothers and transforms of `scipy.signal` under their own names."""

from __future__ import annotations

import itertools
import math
import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft, ndimage, signal

from ...smoothing import smooth
from .._shared import goes_to_scipy
from ..scipy_ndimage import convolve1d
from ._originals import originals

_MODES = ("interp", "mirror", "constant", "nearest", "wrap")


def savgol_filter(
    x: ArrayLike,
    window_length: int,
    polyorder: int,
    deriv: int = 0,
    delta: float = 1.0,
    axis: int = -1,
    mode: str = "interp",
    cval: float = 0.0,
) -> NDArray[Any]:
    """Fit a polynomial to each window, as `scipy.signal.savgol_filter`.

    Parameters
    ----------
    x : array_like
        The signals.
    window_length, polyorder : int
        Samples of a window and order of the polynomial.
    deriv : int
        The derivative wanted.
    delta : float
        Distance of the samples.
    axis : int
        Where the signals run.
    mode : {"interp", "mirror", "constant", "nearest", "wrap"}
        What lies beyond the ends; "interp" evaluates the first and last window's fits there.
    cval : float
        For mode "constant".

    Returns
    -------
    ndarray
        float32 if `x` is, float64 otherwise.

    Raises
    ------
    ValueError
        As SciPy.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.compat.scipy_signal import savgol_filter
    >>> savgol_filter(np.arange(7.0) ** 2, 5, 2).round(12)
    array([ 0.,  1.,  4.,  9., 16., 25., 36.])
    """
    if mode not in _MODES:
        raise ValueError("mode must be 'mirror', 'constant', 'nearest' 'wrap' or 'interp'.")
    signals = np.asarray(x)
    if signals.dtype not in (np.float32, np.float64):
        signals = signals.astype(np.float64)
    taps = signal.savgol_coeffs(window_length, polyorder, deriv=deriv, delta=delta)
    if mode != "interp":
        return convolve1d(signals, taps, axis, mode=mode, cval=cval)
    moved = np.moveaxis(signals, axis, -1)
    n = moved.shape[-1]
    if window_length > n:
        raise ValueError(
            "If mode is 'interp', window_length must be less than or equal to the size of x."
        )
    y = convolve1d(moved, taps, mode="constant")
    half = window_length // 2
    # the fit to a window, evaluated off its centre: one more Savitzky-Golay kernel a place
    for place in range(half):
        for at, window, position in (
            (place, moved[..., :window_length], place),
            (n - 1 - place, moved[..., -window_length:], window_length - 1 - place),
        ):
            weights = signal.savgol_coeffs(
                window_length, polyorder, deriv=deriv, delta=delta, pos=position, use="dot"
            )
            y[..., at] = window @ weights.astype(moved.dtype)
    return np.moveaxis(y, -1, axis)


def medfilt(volume: ArrayLike, kernel_size: Any = None) -> NDArray[Any]:
    """Take the median of each neighbourhood, as `scipy.signal.medfilt`.

    Parameters
    ----------
    volume : array_like of integers, float32 or float64
        The signal, image or volume; zero beyond its ends.
    kernel_size : int or sequence of int, optional
        Odd lengths of the neighbourhood; 3 along every axis if not given.

    Returns
    -------
    ndarray of the type of `volume`

    Raises
    ------
    ValueError
        Even lengths; other types.

    Examples
    --------
    >>> from sigconv.compat.scipy_signal import medfilt
    >>> medfilt([1.0, 9, 2, 3, 3])
    array([1., 2., 3., 3., 3.])
    """
    array = np.atleast_1d(volume)
    if array.dtype.kind not in "iu" and array.dtype not in (np.float32, np.float64):
        raise ValueError(f"dtype={array.dtype} is not supported by medfilt")
    sizes = np.asarray([3] * array.ndim if kernel_size is None else kernel_size)
    if sizes.ndim == 0:
        sizes = np.repeat(sizes, array.ndim)
    if any(int(size) % 2 != 1 for size in sizes[: array.ndim]):
        raise ValueError("Each element of kernel_size should be odd.")
    if any(size > n for size, n in zip(sizes, array.shape, strict=False)):
        warnings.warn(
            "kernel_size exceeds volume extent: the volume will be zero-padded.", stacklevel=2
        )
    lengths = [int(size) for size in sizes]
    long = [axis for axis, length in enumerate(lengths[: array.ndim]) if length > 1]
    exact = array.dtype.kind == "f" or array.dtype.itemsize <= 4  # in float64
    if len(long) == 1 and exact:
        y = smooth(array, lengths[long[0]], method="median", axis=long[0], boundary="zero")
        return y.astype(array.dtype, copy=False)
    return ndimage.rank_filter(array, math.prod(lengths) // 2, size=lengths, mode="constant")


def hilbert(x: ArrayLike, N: int | None = None, axis: int = -1) -> NDArray[Any]:
    """Return the analytic signal, as `scipy.signal.hilbert`.

    Parameters
    ----------
    x : array_like
        Real signals.
    N : int, optional
        Length of the transform: the signal is cut or filled with zeros to it.
    axis : int
        Where the signals run.

    Returns
    -------
    ndarray
        Complex; the real part is the signal.

    Raises
    ------
    ValueError
        Complex signals; a length below 1.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.compat.scipy_signal import hilbert
    >>> hilbert([1.0, 0, -1, 0]).imag
    array([ 0.,  1.,  0., -1.])
    """
    signals = np.asarray(x)
    if np.iscomplexobj(signals):
        raise ValueError("x must be real.")
    if goes_to_scipy(signals):
        return originals["hilbert"](x, N, axis)
    length = signals.shape[axis] if N is None else N
    if length <= 0:
        raise ValueError("N must be positive.")
    # half the spectrum is enough; what is not there counts as zero
    half = np.moveaxis(fft.rfft(signals, length, axis=axis), axis, -1)
    half[..., 1 : (length + 1) // 2] *= 2
    spectrum = np.zeros((*half.shape[:-1], length), half.dtype)
    spectrum[..., : half.shape[-1]] = half
    return np.moveaxis(fft.ifft(spectrum, overwrite_x=True), -1, axis)


def detrend(
    data: ArrayLike,
    axis: int = -1,
    type: str = "linear",
    bp: Any = 0,
    overwrite_data: bool = False,
) -> NDArray[Any]:
    """Take away the mean or a straight line, as `scipy.signal.detrend`.

    Parameters
    ----------
    data : array_like
        The signals.
    axis : int
        Where they run.
    type : {"linear", "constant"}
        A line by least squares, or the mean.
    bp : int or sequence of int
        Where one line ends and the next begins.
    overwrite_data : bool
        Taken for SciPy's sake; the data is never overwritten.

    Returns
    -------
    ndarray

    Raises
    ------
    ValueError
        As SciPy.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.compat.scipy_signal import detrend
    >>> bool(abs(detrend(np.arange(5.0))).max() < 1e-12)
    True
    """
    if type not in ("linear", "l", "constant", "c"):
        raise ValueError("Trend type must be 'linear' or 'constant'.")
    signals = np.asarray(data)
    if goes_to_scipy(signals):
        return originals["detrend"](data, axis, type, bp, overwrite_data)
    if type in ("constant", "c"):
        return signals - signals.mean(axis, keepdims=True)
    n = signals.shape[axis]
    breaks = np.unique(np.concatenate([[0], np.atleast_1d(bp), [n]]))
    if (breaks > n).any():
        raise ValueError("Breakpoints must be less than length of data along given axis.")
    dtype = signals.dtype if signals.dtype.char in "fdFD" else np.dtype(np.float64)
    moved = np.moveaxis(signals, axis, -1).astype(dtype)  # a copy
    for start, stop in itertools.pairwise(breaks):
        piece = moved[..., start:stop]
        # about the middle, mean and slope do not mix
        time = np.arange(stop - start) - (stop - start - 1) / 2
        slope = piece @ (time / max(time @ time, 1e-300)).astype(piece.real.dtype)
        piece -= piece.mean(-1, keepdims=True) + slope[..., np.newaxis] * time.astype(
            piece.real.dtype
        )
    return np.moveaxis(moved, -1, axis)
