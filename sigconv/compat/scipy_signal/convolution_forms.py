"""The forms of convolution that `scipy.signal` has, in the words of this package's engine."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._shared import convolve_any_kernel

_MODES = ("valid", "same", "full")
_BOUNDARIES = {
    "fill": "constant",
    "pad": "constant",
    "wrap": "wrap",
    "circular": "wrap",
    "symm": "symmetric",
    "symmetric": "symmetric",
}


def over_all_axes(x: NDArray[Any], h: NDArray[Any], mode: str, method: str) -> NDArray[Any]:
    """Convolve arrays of equal ndim, all axes running."""
    if x.ndim == h.ndim == 0:
        return x * h
    if x.ndim != h.ndim:
        raise ValueError("in1 and in2 should have the same dimensionality")
    check_mode(mode, "Acceptable mode flags are 'valid', 'same', or 'full'.")
    if method not in ("auto", "direct", "fft"):
        raise ValueError("Acceptable method flags are 'auto', 'direct', or 'fft'.")
    x, h = kernel_second(x, h, mode)
    dtype = np.result_type(x, h)
    if not x.size or not h.size:
        if x.ndim == 1:
            raise ValueError("in1 and in2 cannot be empty")
        return np.zeros(_lengths(x.shape, h.shape, mode), dtype)
    if method == "fft" and not np.isfinite(x.sum() + h.sum()):
        warnings.warn(
            "Use of fft convolution on input with NAN or inf: the outputs that have one under "
            "a tap are NAN.",
            RuntimeWarning,
            stacklevel=3,
        )
    if dtype.kind in "biu" and method == "fft":
        method = "auto"  # takes transforms only where they are exact
    return _typed(x, h, dtype, tuple(range(x.ndim)), mode, method)


def over_axes(
    x: NDArray[Any],
    h: NDArray[Any],
    mode: str,
    axes: int | Sequence[int] | None,
    method: str,
) -> NDArray[Any]:
    """Convolve along some axes with a Fourier method, the others broadcasting."""
    if x.ndim == h.ndim == 0:
        return x * h
    if x.ndim != h.ndim:
        raise ValueError("in1 and in2 should have the same dimensionality")
    if not x.size or not h.size:
        return np.array([])
    check_mode(mode, "acceptable mode flags are 'valid', 'same', or 'full'")
    # As in SciPy, axes of length 1 on either side broadcast.
    running = tuple(a for a in sorted(_axes(axes, x.ndim)) if x.shape[a] != 1 and h.shape[a] != 1)
    pairs = list(zip(x.shape, h.shape, strict=True))
    if any(n != k and 1 not in (n, k) for a, (n, k) in enumerate(pairs) if a not in running):
        raise ValueError(f"incompatible shapes for in1 and in2: {x.shape} and {h.shape}")
    if not running:
        result = x * h
    else:
        x, h = kernel_second(x, h, mode, running)
        shape = [n if a in running else max(n, h.shape[a]) for a, n in enumerate(x.shape)]
        dtype = np.result_type(_transformed(x), _transformed(h))
        result = _typed(np.broadcast_to(x, shape), h, dtype, running, mode, method)
    if mode == "same":  # of the broadcast axes too
        starts = [(m - n) // 2 for m, n in zip(result.shape, (n for n, _ in pairs), strict=True)]
        result = result[
            tuple(slice(s, s + n) for s, (n, _) in zip(starts, pairs, strict=True))
        ].copy()
    return result


def _typed(
    x: NDArray[Any],
    h: NDArray[Any],
    dtype: np.dtype[Any],
    axes: tuple[int, ...],
    mode: str,
    method: str,
) -> NDArray[Any]:
    """Convolve in the common type; booleans as 'is there any product'."""
    work = np.dtype(np.int64) if dtype.kind == "b" else dtype
    x, h = x.astype(work, copy=False), h.astype(work, copy=False)
    result = convolve_any_kernel(x, h, axes=axes, mode=mode, method=method)
    return result.astype(dtype, copy=False)


def over_images(
    x: NDArray[Any], h: NDArray[Any], mode: str, boundary: str, fillvalue: ArrayLike
) -> NDArray[Any]:
    """Convolve images with what lies beyond their edges."""
    check_mode(mode, "Acceptable mode flags are 'valid', 'same', or 'full'.")
    if boundary not in _BOUNDARIES:
        raise ValueError(
            "Acceptable boundary flags are 'fill', 'circular' (or 'wrap'), "
            "and 'symmetric' (or 'symm')."
        )
    fill = np.asarray(fillvalue)
    if fill.size != 1:
        raise ValueError("`fillvalue` must be scalar or an array with one element.")
    dtype = np.result_type(x, h)
    if dtype.kind == "b" or dtype == np.float16:
        raise ValueError("convolve2d not available for this type.")
    if fill.dtype.kind == "c" and dtype.kind != "c":
        raise ValueError(
            "could not cast `fillvalue` directly to the output type (it was first converted "
            "to complex)."
        )
    if not x.size or not h.size:
        return np.zeros(_lengths(x.shape, h.shape, mode), dtype)
    name = _BOUNDARIES[boundary]
    cval = fill.astype(dtype).item() if name == "constant" else 0
    return convolve_any_kernel(
        x.astype(dtype, copy=False),
        h.astype(dtype, copy=False),
        axes=(0, 1),
        mode=mode,
        boundary=name,
        cval=cval,
    )


def images(
    name: str, x: NDArray[Any], h: NDArray[Any], mode: str
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return image and kernel, swapped only where mode 'valid' needs it."""
    if not x.ndim == h.ndim == 2:
        raise ValueError(f"{name} inputs must both be 2-D arrays")
    return kernel_second(x, h, mode) if mode == "valid" else (x, h)


def turned(h: NDArray[Any]) -> NDArray[Any]:
    """Return what to convolve with for a correlation; np.conj would make integers of booleans."""
    return np.conj(np.flip(h)) if h.dtype.kind == "c" else np.flip(h)


def kernel_second(
    x: NDArray[Any], h: NDArray[Any], mode: str, axes: Sequence[int] | None = None
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Swap the two where the answer is the same and the engine needs or likes it."""
    where = range(x.ndim) if axes is None else axes
    if mode == "full":
        return (h, x) if h.size > x.size else (x, h)
    if mode == "valid" and any(x.shape[a] < h.shape[a] for a in where):
        if any(h.shape[a] < x.shape[a] for a in where):
            raise ValueError(
                "For 'valid' mode, one must be at least as large as the other in every dimension"
            )
        return h, x
    return x, h


def check_mode(mode: str, message: str) -> None:
    """Raise `message` for a mode that SciPy has not."""
    if mode not in _MODES:
        raise ValueError(message)


def _lengths(x_shape: Sequence[int], h_shape: Sequence[int], mode: str) -> list[int]:
    longer = {"full": lambda k: k - 1, "same": lambda k: 0, "valid": lambda k: 1 - k}[mode]
    return [max(0, n + longer(k)) for n, k in zip(x_shape, h_shape, strict=True)]


def _axes(axes: int | Sequence[int] | None, ndim: int) -> list[int]:
    if axes is None:
        return list(range(ndim))
    try:
        given = [operator.index(axis) for axis in (axes if np.iterable(axes) else [axes])]
    except TypeError:
        raise ValueError("axes must be a scalar or iterable of integers") from None
    if not given:
        raise ValueError("when provided, axes cannot be empty")
    if any(not -ndim <= axis < ndim for axis in given):
        raise ValueError("axes exceeds dimensionality of input")
    found = [axis % ndim for axis in given]
    if len(set(found)) != len(found):
        raise ValueError("all axes must be unique")
    return found


def _transformed(array: NDArray[Any]) -> np.dtype[Any]:
    """Return the type in which a Fourier transform of SciPy takes the array."""
    if array.dtype.kind in "biu":
        return np.dtype(np.float64)
    return np.result_type(array, np.float32)
