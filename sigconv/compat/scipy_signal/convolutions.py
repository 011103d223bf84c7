"""The convolutions of `scipy.signal` under their own names.

Against SciPy's, a NaN or infinity in the input spoils (with NaN) the outputs that have it under
a tap and no others, by whatever method; integers never round, `method="fft"` included; sums of
float16 are kept in float32. Long double and object arrays are handed on to SciPy.
"""

from __future__ import annotations

import timeit
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...convolution import choose
from ...convolution.geometry import EXTENSIONS, Geometry
from .._shared import goes_to_scipy
from ._originals import originals
from .convolution_forms import (
    check_mode,
    images,
    kernel_second,
    over_all_axes,
    over_axes,
    over_images,
    turned,
)

#: Integers up to here survive SciPy's transforms, which is what its `choose_conv_method` tells.
_EXACT = 2**52 - 1


def convolve(
    in1: ArrayLike, in2: ArrayLike, mode: str = "full", method: str = "auto"
) -> NDArray[Any]:
    """Convolve two arrays of as many dimensions, as `scipy.signal.convolve`.

    Parameters
    ----------
    in1, in2 : array_like, equal ndim
        The signal and the kernel; in mode "valid" either may be the larger one.
    mode : {"full", "valid", "same"}
        Size of the answer; "same" is that of `in1`, centred.
    method : {"auto", "direct", "fft"}
        How; integers are convolved exactly whatever is said here.

    Returns
    -------
    ndarray
        In NumPy's result type of the two.

    Raises
    ------
    ValueError
        As SciPy: shapes, modes and methods that do not fit.

    Examples
    --------
    >>> from sigconv.compat.scipy_signal import convolve
    >>> convolve([1, 2, 3], [0, 1, 0.5], mode="same")
    array([1. , 2.5, 4. ])
    """
    x, h = np.asarray(in1), np.asarray(in2)
    if goes_to_scipy(x, h):
        return originals["convolve"](x, h, mode, method)
    return over_all_axes(x, h, mode, method)


def correlate(
    in1: ArrayLike, in2: ArrayLike, mode: str = "full", method: str = "auto"
) -> NDArray[Any]:
    """Correlate two arrays of as many dimensions, as `scipy.signal.correlate`.

    Parameters
    ----------
    in1, in2, mode, method
        As in `convolve`; the second array is conjugated.

    Returns
    -------
    ndarray
        In NumPy's result type of the two; `correlation_lags` gives the lags.

    Raises
    ------
    ValueError
        As `convolve`.

    Examples
    --------
    >>> from sigconv.compat.scipy_signal import correlate
    >>> correlate([1, 2, 3], [0, 1, 0.5])
    array([0.5, 2. , 3.5, 3. , 0. ])
    """
    x, h = np.asarray(in1), np.asarray(in2)
    if goes_to_scipy(x, h):
        return originals["correlate"](x, h, mode, method)
    return over_all_axes(x, turned(h), mode, method)


def fftconvolve(
    in1: ArrayLike, in2: ArrayLike, mode: str = "full", axes: int | Sequence[int] | None = None
) -> NDArray[Any]:
    """Convolve by one Fourier transform, as `scipy.signal.fftconvolve`.

    Parameters
    ----------
    in1, in2 : array_like, equal ndim
        The arrays; along other axes than `axes` they broadcast.
    mode : {"full", "valid", "same"}
        Size of the answer.
    axes : int or sequence of int, optional
        Where to convolve; all axes if not given.

    Returns
    -------
    ndarray
        Real or complex floats; integers become float64.

    Raises
    ------
    ValueError
        As SciPy: shapes, modes and axes that do not fit.

    Examples
    --------
    >>> from sigconv.compat.scipy_signal import fftconvolve
    >>> fftconvolve([1, 2, 3], [1, 1]).round(12)
    array([1., 3., 5., 3.])
    """
    x, h = np.asarray(in1), np.asarray(in2)
    if goes_to_scipy(x, h):
        return originals["fftconvolve"](x, h, mode, axes)
    return over_axes(x, h, mode, axes, "fft")


def oaconvolve(
    in1: ArrayLike, in2: ArrayLike, mode: str = "full", axes: int | Sequence[int] | None = None
) -> NDArray[Any]:
    """Convolve by Fourier transforms of overlapping blocks, as `scipy.signal.oaconvolve`.

    Parameters
    ----------
    in1, in2, mode, axes
        As in `fftconvolve`. The blocks overlap where they are read (overlap-save).

    Returns
    -------
    ndarray
        As `fftconvolve`.

    Raises
    ------
    ValueError
        As `fftconvolve`.

    Examples
    --------
    >>> from sigconv.compat.scipy_signal import oaconvolve
    >>> oaconvolve([1, 2, 3], [1, 1], mode="valid").round(12)
    array([3., 5.])
    """
    x, h = np.asarray(in1), np.asarray(in2)
    if goes_to_scipy(x, h):
        return originals["oaconvolve"](x, h, mode, axes)
    return over_axes(x, h, mode, axes, "overlap_save")


def convolve2d(
    in1: ArrayLike,
    in2: ArrayLike,
    mode: str = "full",
    boundary: str = "fill",
    fillvalue: ArrayLike = 0,
) -> NDArray[Any]:
    """Convolve two images, as `scipy.signal.convolve2d`.

    Parameters
    ----------
    in1, in2 : array_like, two-dimensional
        The image and the kernel; in mode "valid" either may be the larger one.
    mode : {"full", "valid", "same"}
        Size of the answer.
    boundary : {"fill", "wrap", "symm"}
        What lies beyond the edges of `in1`: `fillvalue`, the other side, the mirror image.
    fillvalue : number
        For boundary "fill".

    Returns
    -------
    ndarray
        In NumPy's result type of the two.

    Raises
    ------
    ValueError
        As SciPy: shapes, words and types that do not fit.

    Examples
    --------
    >>> from sigconv.compat.scipy_signal import convolve2d
    >>> convolve2d([[1, 2], [3, 4]], [[1, 1]], mode="same", boundary="symm")
    array([[2, 3],
           [6, 7]])
    """
    x, h = np.asarray(in1), np.asarray(in2)
    if goes_to_scipy(x, h):
        return originals["convolve2d"](x, h, mode, boundary, fillvalue)
    x, h = images("convolve2d", x, h, mode)
    return over_images(x, h, mode, boundary, fillvalue)


def correlate2d(
    in1: ArrayLike,
    in2: ArrayLike,
    mode: str = "full",
    boundary: str = "fill",
    fillvalue: ArrayLike = 0,
) -> NDArray[Any]:
    """Correlate two images, as `scipy.signal.correlate2d`.

    Parameters
    ----------
    in1, in2, mode, boundary, fillvalue
        As in `convolve2d`. The second array is conjugated; where mode "valid" swaps the two,
        SciPy conjugates the first instead, and so does this.

    Returns
    -------
    ndarray
        In NumPy's result type of the two.

    Raises
    ------
    ValueError
        As `convolve2d`.

    Examples
    --------
    >>> from sigconv.compat.scipy_signal import correlate2d
    >>> correlate2d([[1, 2, 3]], [[1, 0, 2]], mode="same")
    array([[4, 7, 2]])
    """
    x, h = np.asarray(in1), np.asarray(in2)
    if goes_to_scipy(x, h):
        return originals["correlate2d"](x, h, mode, boundary, fillvalue)
    image, kernel = images("correlate2d", x, h, mode)
    kernel = turned(kernel)
    if mode == "same":  # centred on the other of the two middle taps than convolve2d
        kernel = np.pad(kernel, [(0, k > 0 and k % 2 == 0) for k in kernel.shape])
    result = over_images(image, kernel, mode, boundary, fillvalue)
    return np.flip(result) if image is not x else result


def choose_conv_method(
    in1: ArrayLike, in2: ArrayLike, mode: str = "full", measure: bool = False
) -> str | tuple[str, dict[str, float]]:
    """Tell which method is faster, as `scipy.signal.choose_conv_method`.

    Parameters
    ----------
    in1, in2, mode
        As in `convolve`.
    measure : bool
        Whether to time both instead of estimating.

    Returns
    -------
    str, or (str, dict) with `measure`
        "direct" or "fft", and the seconds that each took. Integers that a transform in double
        precision might round are a case for "direct".

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.compat.scipy_signal import choose_conv_method
    >>> choose_conv_method(np.ones(100_000), np.ones(20_000))
    'fft'
    """
    x, h = np.asarray(in1), np.asarray(in2)
    if measure:
        times = {name: _seconds(x, h, mode, name) for name in ("fft", "direct")}
        return min(times, key=lambda name: times[name]), times
    check_mode(mode, f"Acceptable mode flags are 'valid', 'same', or 'full', not mode={mode}")
    if goes_to_scipy(x, h) or x.dtype.kind == h.dtype.kind == "b" or x.ndim == 0:
        return "direct"
    if "i" in (x.dtype.kind, h.dtype.kind) or "u" in (x.dtype.kind, h.dtype.kind):
        largest = int(np.abs(x).max()) * int(np.abs(h).max()) * min(x.size, h.size)
        if largest > _EXACT:
            return "direct"
    x, h = kernel_second(x, h, mode)
    dtype = np.result_type(x, h, np.float32)
    ones = (1,) * x.ndim
    wider = [sum(EXTENSIONS[mode](k)) for k in h.shape]
    extended = tuple(n + more for n, more in zip(x.shape, wider, strict=True))
    geometry = Geometry(1, extended, h.shape, stride=ones, dilation=ones)
    methods = ("direct", "fft", "overlap_save")
    cost = {name: choose.METHODS[name].cost(geometry, dtype) for name in methods}
    return "direct" if cost["direct"] == min(cost.values()) else "fft"


def correlation_lags(in1_len: int, in2_len: int, mode: str = "full") -> NDArray[np.int_]:
    """Return the lags that belong to a correlation, as `scipy.signal.correlation_lags`.

    Parameters
    ----------
    in1_len, in2_len : int
        Lengths of the two signals.
    mode : {"full", "valid", "same"}
        The mode of the correlation.

    Returns
    -------
    ndarray of int
        As SciPy's. In mode "same", where `in1_len` is odd and `in2_len` even, SciPy's lags
        are by 1 larger than those of its `correlate`.

    Raises
    ------
    ValueError
        An unknown mode.

    Examples
    --------
    >>> from sigconv.compat.scipy_signal import correlation_lags
    >>> correlation_lags(3, 3)
    array([-2, -1,  0,  1,  2])
    """
    check_mode(mode, f"Mode {mode} is invalid")
    if mode == "valid":
        return np.arange(min(0, in1_len - in2_len), max(0, in1_len - in2_len) + 1)
    full = np.arange(1 - in2_len, in1_len)
    if mode == "full":
        return full
    first = len(full) // 2 - in1_len // 2
    return full[first : first + in1_len]


def _seconds(x: NDArray[Any], h: NDArray[Any], mode: str, method: str) -> float:
    timer = timeit.Timer(lambda: convolve(x, h, mode, method))
    timer.timeit(1)  # what is compiled or cached at the first call is not counted
    number = max(1, int(0.005 / max(timer.timeit(1), 1e-6)))
    return min(timer.repeat(3, number)) / number
