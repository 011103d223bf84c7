"""Lengths, padding and groups: what has to fit before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks

PADDINGS = ("same", "valid")


class Geometry(NamedTuple):
    """Lengths along the spatial axes: samples, taps, padding and outputs."""

    size: tuple[int, ...]
    taps: tuple[int, ...]
    stride: tuple[int, ...]
    pads: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    output: tuple[int, ...]


def output_size(n: int, k: int, stride: int = 1, padding: int | str = 0, dilation: int = 1) -> int:
    """Return how many outputs a convolution or pooling has along one axis.

    Parameters
    ----------
    n, k : int
        Samples and taps.
    stride, dilation : int
        Steps between outputs and between taps.
    padding : int, "same" or "valid"
        Zeros put before and after; "same" (stride 1 only) keeps the length, "valid" is 0.

    Returns
    -------
    int
        ``(n + 2 * padding - dilation * (k - 1) - 1) // stride + 1``

    Raises
    ------
    ValueError
        A length, stride or dilation below 1, a negative padding, or a kernel longer than the
        padded signal.

    References
    ----------
    Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.output_size(32, 5, stride=2, padding=2)
    16
    """
    size, taps = _checks.whole("n", n), _checks.whole("k", k)
    return geometry((size,), (taps,), stride, padding, dilation).output[0]


def geometry(
    size: Sequence[int],
    taps: Sequence[int],
    stride: int | Sequence[int],
    padding: int | str | Sequence[int],
    dilation: int | Sequence[int],
) -> Geometry:
    """Check the words of a convolution against its lengths."""
    n_axes = len(size)
    strides = _checks.per_axis("stride", stride, n_axes)
    dilations = _checks.per_axis("dilation", dilation, n_axes)
    spans = [(k - 1) * d + 1 for k, d in zip(taps, dilations, strict=True)]
    pads = _pads(padding, spans, strides)
    output = []
    for n, span, step, (before, after) in zip(size, spans, strides, pads, strict=True):
        if n + before + after < span:
            raise ValueError(
                f"x must be at least as long as the kernel, which spans {span} samples; "
                f"got {n}, with padding {n + before + after}"
            )
        output.append((n + before + after - span) // step + 1)
    return Geometry(tuple(size), tuple(taps), strides, pads, dilations, tuple(output))


def _pads(
    padding: int | str | Sequence[int], spans: Sequence[int], strides: Sequence[int]
) -> tuple[tuple[int, int], ...]:
    if not isinstance(padding, str):
        return tuple((p, p) for p in _checks.per_axis("padding", padding, len(spans), at_least=0))
    if _checks.one_of("padding", padding, PADDINGS) == "valid":
        return ((0, 0),) * len(spans)
    if any(step != 1 for step in strides):
        raise ValueError(f"padding 'same' needs stride 1; got stride {tuple(strides)}")
    # An odd zero goes to the end, as in torch.
    return tuple(((span - 1) // 2, span // 2) for span in spans)


def signal(name: str, value: ArrayLike) -> NDArray[Any]:
    """Return `value` as an array of shape (N, C, *size)."""
    x = np.asarray(_checks.numeric(name, value))
    if x.ndim < 3:
        raise ValueError(f"{name} must have shape (N, C, *size); got {x.shape}")
    return x


def weights(value: ArrayLike, x: NDArray[Any], name: str = "x") -> NDArray[Any]:
    """Return `value` as an array with as many axes as `x`."""
    weight = np.asarray(_checks.numeric("weight", value))
    if weight.ndim != x.ndim:
        raise ValueError(
            f"weight must have as many dimensions as {name} ({x.ndim}); got shape {weight.shape}"
        )
    return weight


def grouped(groups: int, **channels: int) -> int:
    """Return the number of groups, which must divide all `channels`, given by name."""
    groups = _checks.whole("groups", groups)
    for name, number in channels.items():
        if number % groups:
            raise ValueError(f"groups must divide the channels of {name} ({number}); got {groups}")
    return groups


def gradient(value: ArrayLike, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return `value`, a gradient with respect to an output of `shape`."""
    grad = np.asarray(_checks.numeric("grad", value))
    if grad.shape != shape:
        raise ValueError(f"grad must have the shape of the output, {shape}; got {grad.shape}")
    return grad


def work_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type to compute in: float16 has no arithmetic of its own."""
    return np.dtype(np.float32) if dtype == np.float16 else dtype
