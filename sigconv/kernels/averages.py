"""Kernels that smooth, and their derivatives."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.polynomial.hermite_e import HermiteE
from numpy.typing import NDArray

from .. import _checks


def boxcar(width: int | Sequence[int], ndim: int = 1) -> NDArray[np.float64]:
    """Return the moving average: equal taps.

    Parameters
    ----------
    width : int or sequence of int
        Samples, one number or one per axis.
    ndim : int
        Number of dimensions.

    Returns
    -------
    ndarray of shape (width,) * ndim

    Raises
    ------
    ValueError
        A width or ndim below 1.

    Examples
    --------
    >>> from sigconv import kernels
    >>> kernels.boxcar(4)
    array([0.25, 0.25, 0.25, 0.25])
    """
    shape = _checks.per_axis("width", width, _checks.whole("ndim", ndim))
    return np.full(shape, 1 / math.prod(shape))


def triangular(width: int | Sequence[int], ndim: int = 1) -> NDArray[np.float64]:
    """Return the triangle that rises and falls linearly, zeros at its feet left out.

    Parameters
    ----------
    width, ndim
        As in `boxcar`.

    Returns
    -------
    ndarray of shape (width,) * ndim

    Raises
    ------
    ValueError
        A width or ndim below 1.

    Examples
    --------
    >>> from sigconv import kernels
    >>> kernels.triangular(3)
    array([0.25, 0.5 , 0.25])
    """
    return window("triang", width, ndim)


def window(
    name: str | tuple[Any, ...], width: int | Sequence[int], ndim: int = 1
) -> NDArray[np.float64]:
    """Return a window of `scipy.signal.get_window` (its symmetric form) with the sum one.

    Parameters
    ----------
    name : str or tuple
        "hann", "hamming", "blackman" ..., or a tuple of a name and its parameters.
    width, ndim
        As in `boxcar`.

    Returns
    -------
    ndarray of shape (width,) * ndim

    Raises
    ------
    ValueError
        A name that SciPy does not know, a width or ndim below 1, or a width at which
        nothing but zeros is left.

    Examples
    --------
    >>> from sigconv import kernels
    >>> kernels.window("hann", 5)
    array([0.  , 0.25, 0.5 , 0.25, 0.  ])
    """
    from scipy import signal  # takes half a second to load, and few kernels need it

    shape = _checks.per_axis("width", width, _checks.whole("ndim", ndim))
    factors = []
    for n in shape:
        try:
            factor = signal.get_window(name, n, fftbins=False)
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"name must be a window that scipy.signal.get_window takes; got {name!r} ({error})"
            ) from None
        if not abs(factor.sum()) > 1e-12 * n:
            raise ValueError(f"width must leave more than zeros of the window {name!r}; got {n}")
        factors.append(factor / factor.sum())
    return outer(factors)


def gaussian(
    sigma: float | Sequence[float],
    ndim: int = 1,
    *,
    derivative: int | Sequence[int] = 0,
    truncate: float = 4.0,
) -> NDArray[np.float64]:
    """Return a sampled gaussian or one of its derivatives, as `scipy.ndimage.gaussian_filter`.

    Parameters
    ----------
    sigma : float or sequence of float
        Standard deviation in samples, one number or one per axis.
    ndim : int
        Number of dimensions.
    derivative : int or sequence of int
        Order of the derivative, one number for all axes or one per axis.
    truncate : float
        Standard deviations from the centre to the end, rounded to whole samples.

    Returns
    -------
    ndarray, odd length ``2 * round(truncate * sigma) + 1`` along each axis

    Raises
    ------
    ValueError
        A sigma or truncate that is not above 0, a negative derivative.

    Examples
    --------
    >>> from sigconv import kernels
    >>> kernels.gaussian(0.5).round(3)
    array([0.   , 0.106, 0.787, 0.106, 0.   ])
    >>> kernels.gaussian([1.0, 2.0], ndim=2).shape
    (9, 17)
    """
    ndim = _checks.whole("ndim", ndim)
    orders = _checks.per_axis("derivative", derivative, ndim, at_least=0)
    truncate = _checks.number("truncate", truncate, above=0)
    deviations = [sigma] * ndim if np.ndim(sigma) == 0 else list(sigma)  # type: ignore[arg-type]
    if len(deviations) != ndim:
        raise ValueError(f"sigma must be one number or one per axis ({ndim}); got {sigma!r}")
    factors = []
    for value, order in zip(deviations, orders, strict=True):
        deviation = _checks.number("sigma", value, above=0)
        radius = int(truncate * deviation + 0.5)
        t = np.arange(-radius, radius + 1) / deviation
        bell = np.exp(-0.5 * t * t)
        hermite = HermiteE.basis(order)(t) * (-1.0 / deviation) ** order
        factors.append(hermite * bell / bell.sum())
    return outer(factors)


def savitzky_golay(
    width: int, order: int, *, derivative: int = 0, delta: float = 1.0
) -> NDArray[np.float64]:
    """Return the centre of a polynomial fitted to each window by least squares.

    Parameters
    ----------
    width : int
        Window length in samples, odd.
    order : int
        Degree of the polynomial, below `width`.
    derivative : int
        Order of the derivative of the polynomial, at most `order`.
    delta : float
        Distance of the samples, for derivatives.

    Returns
    -------
    ndarray of shape (width,)

    Raises
    ------
    ValueError
        An even width, an order not below it, a derivative above the order.

    Examples
    --------
    >>> from sigconv import kernels
    >>> (35 * kernels.savitzky_golay(5, 2)).round(9)
    array([-3., 12., 17., 12., -3.])
    """
    width, order = _checks.whole("width", width), _checks.whole("order", order, at_least=0)
    derivative = _checks.whole("derivative", derivative, at_least=0)
    delta = _checks.number("delta", delta, above=0)
    if width % 2 == 0:
        raise ValueError(f"width must be odd; got {width}")
    if order >= width:
        raise ValueError(f"order must be below width ({width}); got {order}")
    if derivative > order:
        raise ValueError(f"derivative must be at most order ({order}); got {derivative}")
    from scipy import signal

    return signal.savgol_coeffs(width, order, deriv=derivative, delta=delta)


def exponential(tau: float, *, truncate: float = 10.0) -> NDArray[np.float64]:
    """Return the decay of a causal average, newest sample first.

    Parameters
    ----------
    tau : float
        Samples in which a weight falls to 1/e.
    truncate : float
        Multiples of `tau` after which the tail is cut.

    Returns
    -------
    ndarray of shape (ceil(truncate * tau),)
        The first ``len(x)`` samples of ``convolve(x, kernel)`` lie at their own times.

    Raises
    ------
    ValueError
        A tau or truncate that is not above 0.

    Examples
    --------
    >>> from sigconv import kernels
    >>> kernels.exponential(1.0, truncate=4).round(3)
    array([0.644, 0.237, 0.087, 0.032])
    """
    tau = _checks.number("tau", tau, above=0)
    length = math.ceil(_checks.number("truncate", truncate, above=0) * tau)
    weights = np.exp(-np.arange(length) / tau)
    return weights / weights.sum()


def motion_blur(length: float, *, direction: Sequence[float] = (1.0,)) -> NDArray[np.float64]:
    """Return the trace of a point that moves evenly along a straight line while it is recorded.

    Parameters
    ----------
    length : float
        Samples that it moves, in any direction.
    direction : sequence of float
        Where it moves, one number per axis, of any length: (0.0, 1.0) along the second axis of
        an image, (1.0, 1.0) along its diagonal.

    Returns
    -------
    ndarray, odd length along each axis
        Each tap is the part of the line that lies inside its sample, so the sum is one. An odd
        number of samples along an axis is `boxcar` there.

    Raises
    ------
    ValueError
        A length that is not above 0; a direction of zeros.

    Examples
    --------
    >>> from sigconv import kernels
    >>> kernels.motion_blur(4, direction=(0, 1))
    array([[0.125, 0.25 , 0.25 , 0.25 , 0.125]])
    >>> kernels.motion_blur(3, direction=(1, 1)).round(2)
    array([[0.26, 0.  , 0.  ],
           [0.  , 0.47, 0.  ],
           [0.  , 0.  , 0.26]])
    """
    half = _checks.number("length", length, above=0) / 2
    vector = unit_vector(direction)
    # The line is cut wherever it enters another sample, between two whole numbers.
    crossings = [np.array([-half, half])]
    for part in vector[vector != 0]:
        steps = np.arange(math.floor(half * abs(part) + 0.5)) + 0.5
        crossings += [steps / part, -steps / part]
    cuts = np.unique(np.clip(np.concatenate(crossings), -half, half))
    parts = np.diff(cuts)
    real = parts > 1e-12 * half  # the others are rounding, where crossings coincide
    middles = (cuts[1:] + cuts[:-1])[real] / 2
    samples = np.rint(np.multiply.outer(vector, middles)).astype(int)
    radius = abs(samples).max(axis=1)
    kernel = np.zeros(2 * radius + 1)
    np.add.at(kernel, tuple(samples + radius[:, np.newaxis]), parts[real])
    return kernel / kernel.sum()


def unit_vector(direction: Sequence[float]) -> NDArray[np.float64]:
    """Return `direction` with length one."""
    vector = np.array([_checks.number("direction", value) for value in direction])
    if not vector.any():
        raise ValueError(f"direction must point somewhere; got {tuple(direction)!r}")
    vector /= abs(vector).max()
    return vector / np.linalg.norm(vector)


def outer(factors: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return the product of one vector per axis."""
    return functools.reduce(np.multiply.outer, factors)
