"""The convolution layers' arithmetic, forward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks
from . import columns
from .geometry import Geometry, geometry, grouped, signal, weights, work_type

#: Integers below this are whole numbers in float64 too.
EXACT = 2.0**53


def conv_nd(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: int | Sequence[int] = 1,
    padding: int | str | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> NDArray[Any]:
    """Correlate every group of channels with every kernel, as `torch.nn.functional.conv2d`.

    Parameters
    ----------
    x : array_like of shape (N, C, *size)
        One, two, three or more spatial axes.
    weight : array_like of shape (O, C / groups, *taps)
        The kernels.
    bias : array_like of shape (O,), optional
        Added to each output channel.
    stride, dilation : int or sequence of int
        Steps between outputs and between taps, one number or one per spatial axis.
    padding : int, sequence of int, "same" or "valid"
        Zeros before and after each axis. "same" (stride 1 only) keeps the size, with the odd
        zero at the end; "valid" is 0.
    groups : int
        Output channels ``i * O / groups`` to ``(i + 1) * O / groups`` see only the `i`-th part
        of the input channels; `groups` = C is a depthwise convolution.

    Returns
    -------
    ndarray of shape (N, O, *output)
        In the precision of `x`; integers with integers give NumPy's result type, exactly, and
        wrap around as there. Complex kernels are not conjugated.

    Raises
    ------
    ValueError
        Shapes, channels and groups that do not fit together, a stride or dilation below 1,
        a kernel longer than the padded signal.
    TypeError
        Arrays that do not hold numbers, a bias that the result's type cannot hold.

    References
    ----------
    Chellapilla, Puri and Simard, High performance convolutional neural networks for document
    processing, 2006 (convolution as a product of matrices).

    Examples
    --------
    >>> import sigconv
    >>> sigconv.conv_nd([[[0, 0, 0, 0, 1, 2, 3, 3]]], [[[-1, 1]]], [10])
    array([[[10, 10, 10, 11, 11, 11, 10]]])
    >>> sigconv.conv_nd([[[1, 2, 3, 4]]], [[[1, 1, 1]]], stride=2, padding=1)
    array([[[3, 9]]])
    """
    x = signal("x", x)
    weight = weights(weight, x)
    groups = grouped(groups, x=x.shape[1], weight=len(weight))
    if weight.shape[1] * groups != x.shape[1]:
        raise ValueError(
            f"weight must have {x.shape[1] // groups} channels, those of x over the groups "
            f"({x.shape[1]} / {groups}); got shape {weight.shape}"
        )
    form = geometry(x.shape[2:], weight.shape[2:], stride, padding, dilation)
    dtype = _checks.result_type(x=x, weight=weight)
    offset = _bias(bias, len(weight), dtype)
    work = exact_type(dtype, x, weight, weight[0].size)

    padded = columns.pad(x.astype(work, copy=False), form, groups)
    kernels = weight.astype(work, copy=False).reshape(groups, len(weight) // groups, -1)
    view = columns.windows(padded, form)
    result = np.empty((len(x), groups, kernels.shape[1], *form.output), work)
    for batch, where in columns.blocks(len(x), padded.shape[1] * kernels.shape[2], form.output):
        block = result[(batch, slice(None), slice(None), *where)]
        with np.errstate(invalid="ignore", over="ignore"):
            product = kernels @ columns.taken(view, batch, where)
        block[...] = product.reshape(block.shape)
    return finished(result, (len(x), len(weight), *form.output), dtype, offset)


def conv_transpose_nd(
    x: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    output_padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> NDArray[Any]:
    """Spread every sample over the kernel, as `torch.nn.functional.conv_transpose2d`.

    As a matrix this is the transpose of `conv_nd` with the same words.

    Parameters
    ----------
    x : array_like of shape (N, C, *size)
        One, two, three or more spatial axes.
    weight : array_like of shape (C, O / groups, *taps)
        The kernels.
    bias : array_like of shape (O,), optional
        Added to each output channel.
    stride, dilation, groups
        Those of the `conv_nd` that is transposed.
    padding : int or sequence of int
        Outputs taken away at both ends: the zeros that `conv_nd` would have put there.
    output_padding : int or sequence of int
        Outputs more at the end, fewer than the stride or the dilation.

    Returns
    -------
    ndarray of shape (N, O, *output)
        ``(n - 1) * stride - 2 * padding + dilation * (k - 1) + output_padding + 1`` along each
        axis; types as `conv_nd`.

    Raises
    ------
    ValueError, TypeError
        As `conv_nd`; an output without samples.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.conv_transpose_nd([[[1, 2, 3]]], [[[1, 10]]], stride=2)
    array([[[ 1, 10,  2, 20,  3, 30]]])
    """
    x = signal("x", x)
    weight = weights(weight, x)
    groups = grouped(groups, x=x.shape[1])
    if len(weight) != x.shape[1]:
        raise ValueError(
            f"weight must have the channels of x ({x.shape[1]}) first; got shape {weight.shape}"
        )
    form = _transposed(x.shape[2:], weight.shape[2:], stride, padding, output_padding, dilation)
    dtype = _checks.result_type(x=x, weight=weight)
    channels = weight.shape[1] * groups
    offset = _bias(bias, channels, dtype)
    result = spread(x, weight, form, groups, dtype)
    return finished(result, (len(x), channels, *form.size), dtype, offset)


def spread(
    x: NDArray[Any], weight: NDArray[Any], form: Geometry, groups: int, dtype: np.dtype[Any]
) -> NDArray[Any]:
    """Apply the transpose of the convolution `form`, whose outputs `x` stands for."""
    work = exact_type(dtype, x, weight, weight.size // weight.shape[1] // groups)
    parts = x.astype(work, copy=False).reshape(len(x), groups, -1, *form.output)
    kernels = weight.astype(work, copy=False).reshape(groups, len(weight) // groups, -1)
    kernels = np.ascontiguousarray(kernels.swapaxes(1, 2))
    lengths = [n + before + after for n, (before, after) in zip(form.size, form.pads, strict=True)]
    padded = np.zeros((len(x), groups, weight.shape[1], *lengths), work)
    for batch, where in columns.blocks(len(x), groups * kernels.shape[1], form.output):
        block = parts[(batch, slice(None), slice(None), *where)]
        with np.errstate(invalid="ignore", over="ignore"):
            product = kernels @ block.reshape(*block.shape[:3], -1)
            columns.add(padded, product, form, batch, where)
    inner: list[Any] = [
        slice(before, before + n) for n, (before, _) in zip(form.size, form.pads, strict=True)
    ]
    return padded[(..., *inner)]


def exact_type(
    dtype: np.dtype[Any], x: NDArray[Any], weight: NDArray[Any], n: int
) -> np.dtype[Any]:
    """Return the type in which sums of `n` products are exact, or as good as `dtype`.

    Integers go through float64, about 15 times faster, wherever no sum can reach 2**53.
    """
    if dtype.kind not in "iu":
        return work_type(dtype)
    largest = [max(abs(int(a.min())), abs(int(a.max()))) for a in (x, weight)]
    return np.dtype(np.float64 if largest[0] * largest[1] * n < EXACT else np.int64)


def finished(
    result: NDArray[Any], shape: tuple[int, ...], dtype: np.dtype[Any], offset: Any
) -> NDArray[Any]:
    """Join the groups, return to the type of the result and add the bias, one per channel."""
    if dtype.kind in "iu" and result.dtype.kind == "f":
        result = result.astype(np.int64)  # whence narrower types wrap around
    if offset is not None:
        result = result.reshape(shape) + offset.reshape(-1, *(1,) * (len(shape) - 2))
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(result.reshape(shape), dtype)


def _bias(bias: ArrayLike | None, channels: int, dtype: np.dtype[Any]) -> NDArray[Any] | None:
    if bias is None:
        return None
    offset = np.asarray(_checks.numeric("bias", bias))
    if offset.shape != (channels,):
        raise ValueError(
            f"bias must have one value per output channel ({channels}); got shape {offset.shape}"
        )
    if not np.can_cast(offset.dtype, dtype, casting="same_kind"):
        raise TypeError(f"bias must be of a type that {dtype} holds; got {offset.dtype}")
    return offset.astype(np.int64 if dtype.kind in "iu" else work_type(dtype))


def _transposed(
    size: Sequence[int],
    taps: Sequence[int],
    stride: int | Sequence[int],
    padding: int | Sequence[int],
    output_padding: int | Sequence[int],
    dilation: int | Sequence[int],
) -> Geometry:
    """Return the convolution whose outputs have the lengths `size`."""
    strides = _checks.per_axis("stride", stride, len(size))
    dilations = _checks.per_axis("dilation", dilation, len(size))
    if isinstance(padding, str):
        raise TypeError(f"padding must be whole numbers; got {padding!r}")
    pads = _checks.per_axis("padding", padding, len(size), at_least=0)
    more = _checks.per_axis("output_padding", output_padding, len(size), at_least=0)
    lengths = []
    for n, k, s, d, p, extra in zip(size, taps, strides, dilations, pads, more, strict=True):
        if extra >= max(s, d):
            raise ValueError(
                f"output_padding must be smaller than the stride ({s}) or the dilation ({d}); "
                f"got {extra}"
            )
        lengths.append((n - 1) * s - 2 * p + (k - 1) * d + 1 + extra)
        if lengths[-1] < 1:
            raise ValueError(
                f"padding must leave an output; got {p}, which leaves {lengths[-1]} samples"
            )
    both = tuple((p, p) for p in pads)
    return Geometry(tuple(lengths), tuple(taps), strides, both, dilations, tuple(size))
