"""Kernels that find or raise edges, lines and waves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from .averages import gaussian, outer, unit_vector


def laplacian(ndim: int = 2, *, diagonal: bool = False) -> NDArray[np.int64]:
    """Return the second differences summed over the axes.

    Parameters
    ----------
    ndim : int
        Number of dimensions.
    diagonal : bool
        Count the diagonal neighbours too (in 2D, 8 neighbours instead of 4).

    Returns
    -------
    ndarray of int, shape (3,) * ndim

    Raises
    ------
    ValueError
        An ndim below 1.

    Examples
    --------
    >>> from sigconv import kernels
    >>> kernels.laplacian()
    array([[ 0,  1,  0],
           [ 1, -4,  1],
           [ 0,  1,  0]])
    >>> kernels.laplacian(diagonal=True)
    array([[ 1,  1,  1],
           [ 1, -8,  1],
           [ 1,  1,  1]])
    """
    steps = np.abs(np.indices((3,) * _checks.whole("ndim", ndim)) - 1).sum(axis=0)
    kernel = (steps > 0 if diagonal else steps == 1).astype(np.int64)
    kernel[(1,) * kernel.ndim] = -kernel.sum()
    return kernel


def laplacian_of_gaussian(
    sigma: float, ndim: int = 2, *, truncate: float = 4.0
) -> NDArray[np.float64]:
    """Return the Laplacian of a gaussian, shifted by a constant so that it sums to zero.

    Parameters
    ----------
    sigma : float
        Standard deviation in samples.
    ndim : int
        Number of dimensions.
    truncate : float
        As in `gaussian`.

    Returns
    -------
    ndarray, odd length along each axis

    Raises
    ------
    ValueError
        As `gaussian`.

    Examples
    --------
    >>> from sigconv import kernels
    >>> kernels.laplacian_of_gaussian(1.0).shape
    (9, 9)
    """
    orders = 2 * np.eye(_checks.whole("ndim", ndim), dtype=int)
    terms = [gaussian(sigma, ndim, derivative=row.tolist(), truncate=truncate) for row in orders]
    kernel = np.sum(terms, axis=0)
    return kernel - kernel.mean()


def sobel(axis: int, ndim: int = 2) -> NDArray[np.int64]:
    """Return the difference across two samples along `axis`, smoothed 1 2 1 along the others.

    Parameters
    ----------
    axis : int
        Where the derivative is taken.
    ndim : int
        Number of dimensions.

    Returns
    -------
    ndarray of int, shape (3,) * ndim
        For `convolve`: positive where the signal grows along `axis`.

    Raises
    ------
    ValueError
        An axis that is none of an array with `ndim` dimensions.

    Examples
    --------
    >>> from sigconv import kernels
    >>> kernels.sobel(axis=1)
    array([[ 1,  0, -1],
           [ 2,  0, -2],
           [ 1,  0, -1]])
    """
    return _difference(axis, ndim, (1, 2, 1))


def prewitt(axis: int, ndim: int = 2) -> NDArray[np.int64]:
    """Return the difference across two samples along `axis`, summed over three of the others.

    Parameters
    ----------
    axis, ndim
        As in `sobel`.

    Returns
    -------
    ndarray of int, shape (3,) * ndim

    Raises
    ------
    ValueError
        As `sobel`.

    Examples
    --------
    >>> from sigconv import kernels
    >>> kernels.prewitt(axis=0)
    array([[ 1,  1,  1],
           [ 0,  0,  0],
           [-1, -1, -1]])
    """
    return _difference(axis, ndim, (1, 1, 1))


def scharr(axis: int, ndim: int = 2) -> NDArray[np.int64]:
    """Return the difference across two samples along `axis`, smoothed 3 10 3 along the others.

    Parameters
    ----------
    axis, ndim
        As in `sobel`.

    Returns
    -------
    ndarray of int, shape (3,) * ndim

    Raises
    ------
    ValueError
        As `sobel`.

    Examples
    --------
    >>> from sigconv import kernels
    >>> kernels.scharr(axis=1)
    array([[  3,   0,  -3],
           [ 10,   0, -10],
           [  3,   0,  -3]])
    """
    return _difference(axis, ndim, (3, 10, 3))


def roberts(axis: int) -> NDArray[np.int64]:
    """Return the cross of Roberts: the difference along one of the diagonals of four pixels.

    Parameters
    ----------
    axis : {0, 1}
        0 is the main diagonal, 1 the other one.

    Returns
    -------
    ndarray of int, shape (2, 2)

    Raises
    ------
    ValueError
        Another axis.

    Examples
    --------
    >>> from sigconv import kernels
    >>> kernels.roberts(0)
    array([[ 1,  0],
           [ 0, -1]])
    """
    kernel = np.array([[1, 0], [0, -1]])
    return kernel if _checks.axis_index("axis", axis, 2) == 0 else kernel[:, ::-1].copy()


def sharpen(amount: float = 1, ndim: int = 2, *, diagonal: bool = False) -> NDArray[Any]:
    """Return the identity minus `amount` times the Laplacian.

    Parameters
    ----------
    amount : float
        How much; a whole number gives an integer kernel.
    ndim, diagonal
        As in `laplacian`.

    Returns
    -------
    ndarray, shape (3,) * ndim
        It sums to one.

    Raises
    ------
    ValueError
        As `laplacian`; an amount that is not finite.

    Examples
    --------
    >>> from sigconv import kernels
    >>> kernels.sharpen()
    array([[ 0, -1,  0],
           [-1,  5, -1],
           [ 0, -1,  0]])
    """
    _checks.number("amount", amount)
    kernel = -amount * laplacian(ndim, diagonal=diagonal)
    kernel[(1,) * kernel.ndim] += 1
    return kernel


def unsharp(sigma: float, amount: float = 1.0, ndim: int = 2) -> NDArray[np.float64]:
    """Return the identity plus `amount` times what a gaussian takes away.

    Parameters
    ----------
    sigma : float
        Standard deviation of the gaussian in samples.
    amount : float
        How much of the detail is added.
    ndim : int
        Number of dimensions.

    Returns
    -------
    ndarray, odd length along each axis
        It sums to one.

    Raises
    ------
    ValueError
        As `gaussian`; an amount that is not finite.

    Examples
    --------
    >>> from sigconv import kernels
    >>> kernels.unsharp(1.0, ndim=1).round(2)[2:7]
    array([-0.05, -0.24,  1.6 , -0.24, -0.05])
    """
    kernel = -_checks.number("amount", amount) * gaussian(sigma, ndim)
    kernel[tuple(n // 2 for n in kernel.shape)] += 1.0 + amount
    return kernel


def gabor(
    frequency: float, sigma: float, *, direction: Sequence[float] = (1.0,), truncate: float = 4.0
) -> NDArray[np.complex128]:
    """Return a complex wave under a gaussian of sum one.

    Parameters
    ----------
    frequency : float
        Periods per sample.
    sigma : float
        Standard deviation of the gaussian in samples.
    direction : sequence of float
        Where the wave runs, one number per axis, of any length: (1.0,) in 1D, (0.0, 1.0) along
        the second axis of an image.
    truncate : float
        As in `gaussian`.

    Returns
    -------
    ndarray of complex, one axis per number of `direction`
        The real part answers to what is even about its centre, the imaginary part to what is odd.

    Raises
    ------
    ValueError
        As `gaussian`; a direction of zeros.

    Examples
    --------
    >>> from sigconv import kernels
    >>> kernels.gabor(0.25, 1.0, direction=(1.0, 1.0)).shape
    (9, 9)
    """
    frequency = _checks.number("frequency", frequency, at_least=0)
    vector = unit_vector(direction)
    bell = gaussian(sigma, len(vector), truncate=truncate)
    centred = np.indices(bell.shape) - len(bell) // 2
    along = np.tensordot(vector, centred, 1)
    return np.asarray(bell * np.exp(2j * np.pi * frequency * along), np.complex128)


def _difference(axis: int, ndim: int, across: tuple[int, int, int]) -> NDArray[np.int64]:
    ndim = _checks.whole("ndim", ndim)
    axis = _checks.axis_index("axis", axis, ndim)
    return outer([np.array((1, 0, -1) if a == axis else across) for a in range(ndim)])
