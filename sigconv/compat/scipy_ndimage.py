"""The linear filters of `scipy.ndimage` under their own names.

As there, sums are taken in double precision and put into the output's type at the end, integers
losing their fractions; filters along several axes do so after each. Against SciPy's, a NaN or
infinity in the input spoils (with NaN) every output that has it under a tap, zero taps too, and
no others. Types that SciPy's filters refuse (float16, long double, objects) are refused alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from . import names
from ._shared import goes_to_scipy
from .ndimage_forms import (
    Output,
    average,
    check_axes,
    gaussian,
    one_axis,
    per_axis,
    some_axes,
    target_array,
)

__all__ = [*names.NDIMAGE]

# Kept, so that the names of scipy.ndimage may themselves be replaced by the ones here.
originals: dict[str, Callable[..., Any]] = {name: getattr(ndimage, name) for name in names.NDIMAGE}


def convolve(
    input: ArrayLike,
    weights: ArrayLike,
    output: Output = None,
    mode: str = "reflect",
    cval: complex = 0.0,
    origin: int | Sequence[int] = 0,
    *,
    axes: int | Sequence[int] | None = None,
) -> NDArray[Any]:
    """Convolve with a kernel of any dimension, as `scipy.ndimage.convolve`.

    Parameters
    ----------
    input : array_like
        Real, complex or integer.
    weights : array_like
        One dimension per axis.
    output : ndarray or dtype, optional
        Where to put the answer, or its type; that of `input` if not given.
    mode : {"reflect", "constant", "nearest", "mirror", "wrap"}
        What lies beyond the edges, in `scipy.ndimage`'s words ("grid-mirror" is "reflect",
        "grid-constant" and "grid-wrap" are those without "grid").
    cval : number
        For mode "constant".
    origin : int or sequence of int
        Shift of the kernel against its centre.
    axes : int or sequence of int, optional
        The axes to filter; all if not given.

    Returns
    -------
    ndarray
        Of the shape of `input`.

    Raises
    ------
    RuntimeError, ValueError
        As SciPy: words, shapes, types and origins that do not fit.

    Examples
    --------
    >>> from sigconv.compat.scipy_ndimage import convolve
    >>> convolve([1, 0, 0, 4], [1, 2, 3])
    array([ 5,  3,  4, 12])
    """
    if goes_to_scipy(np.asarray(input), np.asarray(weights)):
        return originals["convolve"](input, weights, output, mode, cval, origin, axes=axes)
    return some_axes(input, weights, output, mode, cval, origin, axes, correlation=False)


def correlate(
    input: ArrayLike,
    weights: ArrayLike,
    output: Output = None,
    mode: str = "reflect",
    cval: complex = 0.0,
    origin: int | Sequence[int] = 0,
    *,
    axes: int | Sequence[int] | None = None,
) -> NDArray[Any]:
    """Correlate with a kernel of any dimension, as `scipy.ndimage.correlate`.

    Parameters
    ----------
    input, weights, output, mode, cval, origin, axes
        As in `convolve`, with the same errors; complex weights are conjugated.

    Returns
    -------
    ndarray
        Of the shape of `input`.

    Examples
    --------
    >>> from sigconv.compat.scipy_ndimage import correlate
    >>> correlate([1, 0, 0, 4], [1, 2, 3])
    array([ 3,  1, 12, 20])
    """
    if goes_to_scipy(np.asarray(input), np.asarray(weights)):
        return originals["correlate"](input, weights, output, mode, cval, origin, axes=axes)
    return some_axes(input, weights, output, mode, cval, origin, axes, correlation=True)


def convolve1d(
    input: ArrayLike,
    weights: ArrayLike,
    axis: int = -1,
    output: Output = None,
    mode: str = "reflect",
    cval: complex = 0.0,
    origin: int = 0,
) -> NDArray[Any]:
    """Convolve along one axis, as `scipy.ndimage.convolve1d`.

    Parameters
    ----------
    input, weights, output, mode, cval, origin
        As in `convolve`, with the same errors.
    axis : int
        The axis.

    Returns
    -------
    ndarray
        Of the shape of `input`.

    Examples
    --------
    >>> from sigconv.compat.scipy_ndimage import convolve1d
    >>> convolve1d([[1, 0], [0, 4]], [1, 1], axis=0)
    array([[1, 4],
           [0, 8]])
    """
    if goes_to_scipy(np.asarray(input), np.asarray(weights)):
        return originals["convolve1d"](input, weights, axis, output, mode, cval, origin)
    return one_axis(input, weights, axis, output, mode, cval, origin, correlation=False)


def correlate1d(
    input: ArrayLike,
    weights: ArrayLike,
    axis: int = -1,
    output: Output = None,
    mode: str = "reflect",
    cval: complex = 0.0,
    origin: int = 0,
) -> NDArray[Any]:
    """Correlate along one axis, as `scipy.ndimage.correlate1d`.

    Parameters
    ----------
    input, weights, axis, output, mode, cval, origin
        As in `convolve1d`, with the same errors.

    Returns
    -------
    ndarray
        Of the shape of `input`.

    Raises
    ------
    RuntimeError, ValueError
        As `convolve`.

    Examples
    --------
    >>> from sigconv.compat.scipy_ndimage import correlate1d
    >>> correlate1d([1, 2, 4, 8], [-1, 1])
    array([0, 1, 2, 4])
    """
    if goes_to_scipy(np.asarray(input), np.asarray(weights)):
        return originals["correlate1d"](input, weights, axis, output, mode, cval, origin)
    return one_axis(input, weights, axis, output, mode, cval, origin, correlation=True)


def uniform_filter1d(
    input: ArrayLike,
    size: int,
    axis: int = -1,
    output: Output = None,
    mode: str = "reflect",
    cval: complex = 0.0,
    origin: int = 0,
) -> NDArray[Any]:
    """Average `size` neighbours along one axis, as `scipy.ndimage.uniform_filter1d`.

    Parameters
    ----------
    input, axis, output, mode, cval, origin
        As in `correlate1d`.
    size : int
        How many.

    Returns
    -------
    ndarray
        Of the shape of `input`.

    Raises
    ------
    RuntimeError, ValueError
        As SciPy: a size below 1, an origin outside the window.

    Examples
    --------
    >>> from sigconv.compat.scipy_ndimage import uniform_filter1d
    >>> uniform_filter1d([1.0, 0.0, 0.0, 6.0], 3)
    array([0.66666667, 0.33333333, 2.        , 4.        ])
    """
    x = np.asarray(input)
    if goes_to_scipy(x):
        return originals["uniform_filter1d"](input, size, axis, output, mode, cval, origin)
    return average(x, size, axis, output, mode, cval, origin)


def uniform_filter(
    input: ArrayLike,
    size: int | Sequence[int] = 3,
    output: Output = None,
    mode: str | Sequence[str] = "reflect",
    cval: complex = 0.0,
    origin: int | Sequence[int] = 0,
    *,
    axes: int | Sequence[int] | None = None,
) -> NDArray[Any]:
    """Average neighbours along one axis after another, as `scipy.ndimage.uniform_filter`.

    Parameters
    ----------
    input, output, cval, axes
        As in `correlate`.
    size, mode, origin
        As in `uniform_filter1d`, one for all axes or one per axis.

    Returns
    -------
    ndarray
        Of the shape of `input`.

    Raises
    ------
    RuntimeError, ValueError
        As `uniform_filter1d`.

    Examples
    --------
    >>> from sigconv.compat.scipy_ndimage import uniform_filter
    >>> uniform_filter([[0.0, 0.0], [0.0, 9.0]], mode="constant")
    array([[1., 1.],
           [1., 1.]])
    """
    x = np.asarray(input)
    if goes_to_scipy(x):
        return originals["uniform_filter"](input, size, output, mode, cval, origin, axes=axes)
    target = target_array(output, x, is_complex=x.dtype.kind == "c")
    where = check_axes(axes, x.ndim)
    settings = [per_axis(value, len(where)) for value in (size, origin, mode)]
    for axis, width, shift, beyond in zip(where, *settings, strict=True):
        if width > 1:
            x = uniform_filter1d(x, int(width), axis, target, beyond, cval, shift)
    if x is not target:
        target[...] = x
    return target


def gaussian_filter1d(
    input: ArrayLike,
    sigma: float,
    axis: int = -1,
    order: int = 0,
    output: Output = None,
    mode: str = "reflect",
    cval: complex = 0.0,
    truncate: float = 4.0,
    *,
    radius: int | None = None,
) -> NDArray[Any]:
    """Weight neighbours by a Gaussian or its derivative, as `scipy.ndimage.gaussian_filter1d`.

    Parameters
    ----------
    input, axis, output, mode, cval
        As in `correlate1d`.
    sigma : float
        Standard deviation in samples.
    order : int
        Which derivative; 0 is the Gaussian itself.
    truncate : float
        The kernel ends after this many standard deviations.
    radius : int, optional
        The kernel ends after this many samples, whatever `truncate` says.

    Returns
    -------
    ndarray
        Of the shape of `input`.

    Raises
    ------
    ValueError
        As SciPy: a negative radius or order.

    Examples
    --------
    >>> from sigconv.compat.scipy_ndimage import gaussian_filter1d
    >>> gaussian_filter1d([0.0, 0.0, 1.0, 0.0, 0.0], 1, radius=1).round(3)
    array([0.   , 0.274, 0.452, 0.274, 0.   ])
    """
    if goes_to_scipy(np.asarray(input)):
        return originals["gaussian_filter1d"](
            input, sigma, axis, order, output, mode, cval, truncate, radius=radius
        )
    reach = int(truncate * float(sigma) + 0.5) if radius is None else radius
    return convolve1d(input, gaussian(float(sigma), order, reach), axis, output, mode, cval)


def gaussian_filter(
    input: ArrayLike,
    sigma: float | Sequence[float],
    order: int | Sequence[int] = 0,
    output: Output = None,
    mode: str | Sequence[str] = "reflect",
    cval: complex = 0.0,
    truncate: float = 4.0,
    *,
    radius: int | Sequence[int] | None = None,
    axes: int | Sequence[int] | None = None,
) -> NDArray[Any]:
    """Filter by Gaussians along one axis after another, as `scipy.ndimage.gaussian_filter`.

    Parameters
    ----------
    input, output, cval, truncate, axes
        As in `gaussian_filter1d` and `correlate`.
    sigma, order, mode, radius
        As in `gaussian_filter1d`, one for all axes or one per axis; sigma 0 leaves an axis as
        it is.

    Returns
    -------
    ndarray
        Of the shape of `input`.

    Raises
    ------
    RuntimeError, ValueError
        As `gaussian_filter1d`.

    Examples
    --------
    >>> from sigconv.compat.scipy_ndimage import gaussian_filter
    >>> gaussian_filter([[0, 0, 0], [0, 100, 0], [0, 0, 0]], 1, radius=1)
    array([[ 7, 12,  7],
           [12, 20, 12],
           [ 7, 12,  7]])
    """
    x = np.asarray(input)
    if goes_to_scipy(x):
        return originals["gaussian_filter"](
            input, sigma, order, output, mode, cval, truncate, radius=radius, axes=axes
        )
    target = target_array(output, x, is_complex=x.dtype.kind == "c")
    where = check_axes(axes, x.ndim)
    settings = [per_axis(value, len(where)) for value in (sigma, order, mode, radius)]
    for axis, width, derivative, beyond, reach in zip(where, *settings, strict=True):
        if width > 1e-15:
            x = gaussian_filter1d(
                x, width, axis, derivative, target, beyond, cval, truncate, radius=reach
            )
    if x is not target:
        target[...] = x
    return target
