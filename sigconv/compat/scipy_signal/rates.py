"""The changes of sampling rate of `scipy.signal` under their own names."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import signal

from ...convolution import convolve
from .._shared import goes_to_scipy
from . import filters
from ._originals import originals
from .extensions import extended


def upfirdn(
    h: ArrayLike,
    x: ArrayLike,
    up: int = 1,
    down: int = 1,
    axis: int = -1,
    mode: str = "constant",
    cval: float = 0,
) -> NDArray[Any]:
    """Put zeros between samples, filter, and take every few outputs, as `scipy.signal.upfirdn`.

    Parameters
    ----------
    h : array_like, one-dimensional
        The FIR filter.
    x : array_like
        The signals.
    up, down : int
        ``up - 1`` zeros are put after each sample; every `down`-th output is computed.
    axis : int
        Where the signals run.
    mode : str
        What lies beyond the ends: "constant" (`cval`), "symmetric", "reflect", "edge", "wrap",
        "smooth", "line", "antisymmetric" or "antireflect".
    cval : number
        For mode "constant".

    Returns
    -------
    ndarray
        Of ``((n - 1) * up + len(h) - 1) // down + 1`` samples, a float of 4 bytes at least.

    Raises
    ------
    ValueError
        As SciPy.

    Examples
    --------
    >>> from sigconv.compat.scipy_signal import upfirdn
    >>> upfirdn([1, 1], [1.0, 2, 3], up=2)
    array([1., 1., 2., 2., 3., 3.])
    """
    taps, signals = np.asarray(h), np.asarray(x)
    if goes_to_scipy(taps, signals):
        return originals["upfirdn"](taps, signals, up, down, axis, mode, cval)
    if taps.ndim != 1 or taps.size == 0:
        raise ValueError("h must be 1-D with non-zero length")
    up, down = int(up), int(down)
    if up < 1 or down < 1:
        raise ValueError("Both up and down must be >= 1")
    dtype = np.result_type(taps.dtype, signals.dtype, np.float32)
    moved = np.moveaxis(signals.astype(dtype, copy=False), axis, -1)
    taps = taps.astype(dtype if taps.dtype.kind == "c" else moved.real.dtype)
    n = moved.shape[-1]
    length = ((n - 1) * up + len(taps) - 1) // down + 1
    reach = -(-len(taps) // up) - 1  # samples before and after the signal that count
    if n == 0 or length <= 0:
        raise ValueError(f"x must have samples along axis {axis}; got {n}")
    # beyond the last sample only the tail of the filter is left to come
    rows = extended(moved.reshape(-1, n), (reach, reach), mode.lower(), cval)
    out = np.empty((len(rows), length), dtype)
    # Outputs n = r + q * common fall on the same taps for all q: a convolution with a stride.
    common = up // math.gcd(up, down)
    stride = down // math.gcd(up, down)
    for r in range(min(common, length)):
        phase, first = (r * down) % up, (r * down) // up
        own = taps[phase::up]
        count = -(-(length - r) // common)
        if not own.size:
            out[:, r::common] = 0
            continue
        start = first + reach - (len(own) - 1)
        needed = (count - 1) * stride + len(own)
        piece = rows[:, start : start + needed]
        if piece.shape[1] < needed:
            piece = np.pad(piece, ((0, 0), (0, needed - piece.shape[1])))
        out[:, r::common] = convolve(piece, own, axes=-1, mode="valid", stride=stride)
    return np.moveaxis(out.reshape(*moved.shape[:-1], length), -1, axis)


def decimate(
    x: ArrayLike,
    q: int,
    n: int | None = None,
    ftype: Any = "iir",
    axis: int = -1,
    zero_phase: bool = True,
) -> NDArray[Any]:
    """Filter and take every `q`-th sample, as `scipy.signal.decimate`.

    Parameters
    ----------
    x : array_like
        The signals.
    q : int
        The factor.
    n : int, optional
        Order of the filter; 8 for "iir", 20 q for "fir" if not given.
    ftype : {"iir", "fir"} or scipy.signal.dlti
        A Chebyshev filter of type I, a windowed one, or one's own.
    axis : int
        Where the signals run.
    zero_phase : bool
        Whether to filter without delay.

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
    >>> from sigconv.compat.scipy_signal import decimate
    >>> decimate(np.ones(100), 5).shape
    (20,)
    """
    signals = np.asarray(x)
    q = operator.index(q)
    order = None if n is None else operator.index(n)
    if goes_to_scipy(signals):
        return originals["decimate"](signals, q, n, ftype, axis, zero_phase)
    dtype = signals.dtype
    if dtype.kind not in "fc" or dtype == np.float16:
        dtype = np.dtype(np.float64)
    every: list[Any] = [slice(None)] * signals.ndim
    every[axis] = slice(None, None, q)
    kind, design = _design(q, order, ftype, dtype)
    if kind == "fir":
        if zero_phase and q == 1:
            return signals.copy()
        if zero_phase:
            return _centred(design, signals, q, axis)
        every[axis] = slice(None, -(-signals.shape[axis] // q))
        return upfirdn(design, signals, 1, q, axis)[tuple(every)]
    if kind == "sos":
        through_sections = filters.sosfiltfilt if zero_phase else filters.sosfilt
        return through_sections(design, signals, axis)[tuple(every)]
    b, a = design
    by_equation = filters.filtfilt if zero_phase else filters.lfilter
    return by_equation(b, a, signals, axis)[tuple(every)]


def _design(q: int, order: int | None, ftype: Any, dtype: np.dtype[Any]) -> tuple[str, Any]:
    """Return "fir" and its taps, "sos" and sections, or "ba" and both polynomials."""
    if isinstance(ftype, str):
        if ftype == "fir":
            taps = signal.firwin((20 * q if order is None else order) + 1, 1 / q, window="hamming")
            return "fir", taps.astype(dtype)
        if ftype == "iir":
            sos = signal.cheby1(8 if order is None else order, 0.05, 0.8 / q, output="sos")
            return "sos", sos.astype(dtype)
    if not isinstance(ftype, signal.dlti):
        raise ValueError("invalid ftype")
    zpk = ftype.to_zpk()
    if not len(zpk.poles):
        system = ftype.to_tf()
        return "fir", system.num / system.den
    if np.iscomplex(zpk.poles).any() or np.iscomplex(zpk.gain):
        system = ftype.to_tf()
        return "ba", (system.num, system.den)
    return "sos", signal.zpk2sos(zpk.zeros, zpk.poles, zpk.gain).astype(dtype)


def _centred(taps: NDArray[Any], x: NDArray[Any], q: int, axis: int) -> NDArray[Any]:
    """Take every q-th output, delayed by half the filter's length back into place."""
    moved = np.moveaxis(x, axis, -1)
    kernel = taps.astype(np.result_type(taps, moved, np.float32))
    half = (len(kernel) - 1) // 2
    rows = moved.reshape(-1, moved.shape[-1]).astype(kernel.dtype, copy=False)
    full = np.pad(rows, ((0, 0), (len(kernel) - 1 - half, half)))
    y = convolve(full, kernel, axes=-1, mode="valid", stride=q)
    y = y[:, : -(-moved.shape[-1] // q)]
    return np.moveaxis(y.reshape(*moved.shape[:-1], -1), -1, axis)
