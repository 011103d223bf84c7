"""Convolution and correlation as sparse matrices that act on the flattened signal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from .. import _checks, _layout
from .geometry import EXTENSIONS, Geometry, spans


def convolution_matrix(
    h: ArrayLike,
    input_shape: int | Sequence[int],
    *,
    mode: str = "full",
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    boundary: str | Sequence[str] = "zero",
) -> sparse.csr_array:
    """Return the matrix C of a convolution: ``C @ x.ravel()`` is ``convolve(x, h).ravel()``.

    Its transpose takes a gradient with respect to the output back to the input: in mode "full"
    beyond which zeros lie, it is the valid correlation (with a real kernel).

    Parameters
    ----------
    h : array_like
        The kernel.
    input_shape : int or sequence of int
        The shape of the signals, one number for each dimension of `h`.
    mode, stride, dilation, boundary
        As in `convolve`; the constant beyond the ends can only be zero.

    Returns
    -------
    scipy.sparse.csr_array of shape (outputs, inputs)
        In the type of `h` (float16 becomes float32). Taps that are zero take no memory.

    Raises
    ------
    ValueError
        Words, lengths or dimensions that do not fit; a kernel longer than the signal in mode
        "valid"; values that are not finite in `h`.
    TypeError
        Arguments of the wrong type.

    References
    ----------
    Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.convolution_matrix([1, 10, 100], 3).toarray()
    array([[  1,   0,   0],
           [ 10,   1,   0],
           [100,  10,   1],
           [  0, 100,  10],
           [  0,   0, 100]])
    """
    kernel = np.flip(_kernel(h))
    return _matrix(kernel, input_shape, mode, stride, dilation, boundary)


def correlation_matrix(
    h: ArrayLike,
    input_shape: int | Sequence[int],
    *,
    mode: str = "full",
    stride: int | Sequence[int] = 1,
    dilation: int | Sequence[int] = 1,
    boundary: str | Sequence[str] = "zero",
) -> sparse.csr_array:
    """Return the matrix C of a correlation: ``C @ x.ravel()`` is ``correlate(x, h).ravel()``.

    In mode "valid" this is the matrix that texts on networks call that of a convolution.

    Parameters
    ----------
    h, input_shape, mode, stride, dilation, boundary
        As in `convolution_matrix`.

    Returns
    -------
    scipy.sparse.csr_array of shape (outputs, inputs)
        As `convolution_matrix`.

    Raises
    ------
    ValueError, TypeError
        As `convolution_matrix`.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.correlation_matrix([[1, 2], [3, 4]], (3, 3), mode="valid").toarray()
    array([[1, 2, 0, 3, 4, 0, 0, 0, 0],
           [0, 1, 2, 0, 3, 4, 0, 0, 0],
           [0, 0, 0, 1, 2, 0, 3, 4, 0],
           [0, 0, 0, 0, 1, 2, 0, 3, 4]])
    """
    return _matrix(_kernel(h).conj(), input_shape, mode, stride, dilation, boundary)


def _kernel(h: ArrayLike) -> NDArray[Any]:
    kernel = np.asarray(_checks.numeric("h", h))
    _checks.precision("h", kernel)
    if not np.isfinite(kernel).all():
        raise ValueError("h must hold finite numbers; got values that are not")
    # SciPy has no sparse matrices in half precision.
    single = np.float32 if kernel.dtype == np.float16 else kernel.dtype.newbyteorder("=")
    return kernel.astype(single, copy=False)


def _matrix(
    weights: NDArray[Any],
    input_shape: int | Sequence[int],
    mode: str,
    stride: int | Sequence[int],
    dilation: int | Sequence[int],
    boundary: str | Sequence[str],
) -> sparse.csr_array:
    n_axes = weights.ndim
    lengths = _checks.per_axis("input_shape", input_shape, n_axes)
    _checks.one_of("mode", mode, EXTENSIONS)
    boundaries = _layout.boundary_names(boundary, n_axes)
    strides = _checks.per_axis("stride", stride, n_axes)
    dilations = _checks.per_axis("dilation", dilation, n_axes)
    span = spans(weights.shape, dilations)
    if mode == "valid" and any(s > n for s, n in zip(span, lengths, strict=True)):
        raise ValueError(
            f"h must not be longer than the signal in mode 'valid'; "
            f"got {span} samples (h) and {lengths} (input_shape)"
        )
    widths = [EXTENSIONS[mode](s) for s in span]
    extended = tuple(n + sum(width) for n, width in zip(lengths, widths, strict=True))
    geometry = Geometry(1, extended, weights.shape, strides, dilations)

    # Every sample is numbered from 1 and what lies beyond the ends is looked up; 0 is nothing.
    numbers = np.arange(1, math.prod(lengths) + 1).reshape(1, *lengths)
    numbers = _layout.extend(numbers, widths, boundaries)[0]
    used = np.argwhere(weights)
    columns = np.empty((*geometry.output, len(used)), np.intp)
    for number, tap in enumerate(used):
        where = tuple(
            slice(t * d, t * d + (m - 1) * s + 1, s)
            for t, d, m, s in zip(tap, dilations, geometry.output, strides, strict=True)
        )
        columns[..., number] = numbers[where]
    n_outputs = math.prod(geometry.output)
    columns = columns.reshape(n_outputs, -1)
    inside = columns > 0
    values = np.broadcast_to(weights[tuple(used.T)], columns.shape)[inside]
    starts = np.concatenate(([0], np.cumsum(inside.sum(axis=1))))
    matrix = sparse.csr_array(
        (values, columns[inside] - 1, starts), shape=(n_outputs, math.prod(lengths))
    )
    matrix.sum_duplicates()  # where the extension repeats samples
    return matrix
