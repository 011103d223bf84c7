"""The right answers, in `numpy.longdouble` from the float64 coefficients."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal


def causal(sos: NDArray, x: NDArray) -> NDArray:
    """Filter (n_rows, n) from rest; SciPy's own filter on long double."""
    return signal.sosfilt(sos.astype(np.longdouble), x.astype(np.longdouble))


def both_ways(sos: NDArray, x: NDArray, pad: int) -> NDArray:
    """Filter forward and back from the states of rest, extended by point reflection."""
    wide, rest = sos.astype(np.longdouble), _at_rest(sos.astype(np.longdouble))
    y = np.pad(x.astype(np.longdouble), ((0, 0), (pad, pad)), "reflect", reflect_type="odd")
    for _ in range(2):
        zi = rest[:, np.newaxis] * y[np.newaxis, :, :1]
        y = signal.sosfilt(wide, y, zi=zi)[0][:, ::-1]
    return y[:, pad : y.shape[1] - pad]


def _at_rest(sos: NDArray) -> NDArray:
    """Return the states (n_sections, 2) of the direct form after an input of 1 for ever."""
    states, level = [], np.longdouble(1)
    for b0, b1, b2, _, a1, a2 in sos:
        after = level * (b0 + b1 + b2) / (1 + a1 + a2)
        last = b2 * level - a2 * after
        states.append((b1 * level - a1 * after + last, last))
        level = after
    return np.array(states)


def centred(kernel: NDArray, x: NDArray) -> NDArray:
    """Convolve with a kernel of odd length, extended by point reflection."""
    half = len(kernel) // 2
    y = np.pad(x.astype(np.longdouble), ((0, 0), (half, half)), "reflect", reflect_type="odd")
    return _convolved(kernel, y)


def weighted(weights: NDArray, x: NDArray) -> NDArray:
    """Return the weighted sums around each sample, mirrored at the ends."""
    half = len(weights) // 2
    y = np.pad(x.astype(np.longdouble), ((0, 0), (half, half)), "reflect")
    return _convolved(weights, y)


def _convolved(kernel: NDArray, y: NDArray) -> NDArray:
    kernel = kernel.astype(np.longdouble)
    return np.array([np.convolve(row, kernel, "valid") for row in y])


def cubic_weights(window: int) -> NDArray:
    """Return the weights whose sum is the value in the middle of the cubic that fits best."""
    half = window // 2
    t = np.arange(-half, half + 1).astype(np.longdouble)
    s0, s2, s4 = (np.sum(t**power) for power in (0, 2, 4))
    return (s4 - s2 * t**2) / (s0 * s4 - s2**2)


def gaussian_weights(sigma: int, reach: int) -> NDArray:
    """Return a gaussian's values, which sum to 1."""
    t = np.arange(-reach, reach + 1).astype(np.longdouble)
    values = np.exp(-(t**2) / (2 * np.longdouble(sigma) ** 2))
    return values / values.sum()


def medians(x: NDArray, window: int) -> NDArray:
    """Sort every window, mirrored at the ends."""
    half = window // 2
    y = np.pad(x, ((0, 0), (half, half)), "reflect")
    windows = np.lib.stride_tricks.sliding_window_view(y, window, axis=1)
    step = max(1, 2**22 // window)
    parts = [
        np.partition(windows[:, start : start + step], half, axis=-1)[..., half]
        for start in range(0, x.shape[1], step)
    ]
    return np.concatenate(parts, axis=1)
