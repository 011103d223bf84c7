"""What a convolution layer hands back: the gradients of `conv_nd`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks
from . import columns
from .convolution import exact_type, finished, spread
from .geometry import geometry, gradient, grouped, signal, weights


def conv_nd_grad_input(
    grad: ArrayLike,
    weight: ArrayLike,
    input_size: Sequence[int],
    *,
    stride: int | Sequence[int] = 1,
    padding: int | str | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> NDArray[Any]:
    """Return the gradient of a loss with respect to the input of `conv_nd`.

    At stride 1 it is the full convolution of `grad` with the kernels: what the forward pass
    correlates, the backward pass convolves (the flipped kernel).

    Parameters
    ----------
    grad : array_like of shape (N, O, *output)
        The gradient with respect to the output.
    weight : array_like of shape (O, C / groups, *taps)
        The kernels.
    input_size : sequence of int
        The lengths ``x.shape[2:]``, which a stride above 1 does not tell.
    stride, padding, dilation, groups
        As they were given to `conv_nd`.

    Returns
    -------
    ndarray of shape (N, C, *input_size)
        Complex kernels are conjugated, as in torch's gradients.

    Raises
    ------
    ValueError, TypeError
        As `conv_nd`; a `grad` that is not of the output's shape.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.conv_nd_grad_input([[[1, 0, 2]]], [[[-1, 1]]], (4,))
    array([[[-1,  1, -2,  2]]])
    """
    grad = signal("grad", grad)
    weight = weights(weight, grad, "grad")
    groups = grouped(groups, weight=len(weight))
    size = _checks.per_axis("input_size", input_size, grad.ndim - 2)
    form = geometry(size, weight.shape[2:], stride, padding, dilation)
    gradient(grad, (len(grad), len(weight), *form.output))
    dtype = _checks.result_type(grad=grad, weight=weight)
    result = spread(grad, weight.conj(), form, groups, dtype)
    return finished(result, (len(grad), weight.shape[1] * groups, *size), dtype, None)


def conv_nd_grad_weight(
    grad: ArrayLike,
    x: ArrayLike,
    taps: Sequence[int],
    *,
    stride: int | Sequence[int] = 1,
    padding: int | str | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> NDArray[Any]:
    """Return the gradient of a loss with respect to the kernels of `conv_nd`.

    It is the correlation of the input with `grad`. The gradient with respect to the bias is
    the sum of `grad` over all axes but the second.

    Parameters
    ----------
    grad : array_like of shape (N, O, *output)
        The gradient with respect to the output.
    x : array_like of shape (N, C, *size)
        The input.
    taps : sequence of int
        The lengths ``weight.shape[2:]``.
    stride, padding, dilation, groups
        As they were given to `conv_nd`.

    Returns
    -------
    ndarray of shape (O, C / groups, *taps)
        Complex inputs are conjugated, as in torch's gradients.

    Raises
    ------
    ValueError, TypeError
        As `conv_nd`; a `grad` that is not of the output's shape.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.conv_nd_grad_weight([[[1, 0, 2]]], [[[1, 2, 3, 4]]], (2,))
    array([[[ 7, 10]]])
    """
    grad, x = signal("grad", grad), signal("x", x)
    groups = grouped(groups, x=x.shape[1], grad=grad.shape[1])
    lengths = _checks.per_axis("taps", taps, x.ndim - 2)
    form = geometry(x.shape[2:], lengths, stride, padding, dilation)
    gradient(grad, (len(x), grad.shape[1], *form.output))
    dtype = _checks.result_type(grad=grad, x=x)
    work = exact_type(dtype, grad, x, grad.size // grad.shape[1])

    padded = columns.pad(x.conj().astype(work, copy=False), form, groups)
    view = columns.windows(padded, form)
    parts = grad.astype(work, copy=False).reshape(len(x), groups, -1, *form.output)
    column = padded.shape[2] * int(np.prod(lengths))
    result = np.zeros((groups, parts.shape[2], column), work)
    for batch, where in columns.blocks(len(x), groups * column, form.output):
        part = parts[(batch, slice(None), slice(None), *where)]
        taken = columns.taken(view, batch, where)
        with np.errstate(invalid="ignore", over="ignore"):
            products = part.reshape(*part.shape[:3], -1) @ taken.swapaxes(2, 3)
            result += products.sum(axis=0)
    return finished(result, (grad.shape[1], padded.shape[2], *lengths), dtype, None)
