"""How loud a signal is over time."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks, _layout
from ..convolution import convolve
from ..filters import TransferFunction, lowpass
from ..filters.application import SKIPPED
from . import signals

METHODS = ("hilbert", "rms", "lowpass")


def envelope(
    x: Any,
    *,
    fs: float | None = None,
    method: str = "hilbert",
    width: float = 0.1,
    cutoff: float = 5.0,
    axis: int = -1,
    breaks: Sequence[Any] = (),
    skip_by_annotation: str | Sequence[str] = SKIPPED,
    workers: int | None = None,
) -> Any:
    """Return how the amplitude of signals goes up and down.

    Parameters
    ----------
    x : array_like of any shape, Recording, or MNE Raw, Epochs or Evoked
        Real or integer signals.
    fs : float, optional
        Sampling rate in Hz. Arrays only; not needed by "hilbert".
    method : {"hilbert", "rms", "lowpass"}
        "hilbert": magnitude of the analytic signal, for narrow bands (filter first); of a sinusoid
        of amplitude A it is A. "rms": root of the mean square over a window; A / sqrt(2).
        "lowpass": the absolute value through a Butterworth low-pass of order 4, forward and
        backward, the linear envelope of electromyography; 2 A / pi.
    width : float
        Seconds, of the window of "rms".
    cutoff : float
        Hz, of the filter of "lowpass".
    axis : int
        Where the signals run. Arrays only.
    breaks, skip_by_annotation
        As for `TransferFunction.filter`.
    workers : int, optional
        Threads; None is all cores. The answer does not depend on it.

    Returns
    -------
    ndarray of the shape of `x`, or a new object of its type
        In the precision and the units of `x`, float64 for integers. "hilbert" takes the signal as
        periodic; the others mirror it at its ends. "lowpass" may go a little below 0 after
        sudden ends. A NaN or infinity reaches as far as its window, or the whole signal.

    Raises
    ------
    ValueError
        An unknown method, a window below a sample, a cutoff beyond fs/2, no `fs` where it is
        needed.
    TypeError
        Complex signals.

    References
    ----------
    .. [1] D. Gabor, "Theory of communication", J. IEE 93, 1946.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> t = np.arange(1000) / 250
    >>> burst = 1 + np.sin(2 * np.pi * t)
    >>> bool(abs(sigconv.envelope(burst * np.cos(2 * np.pi * 20 * t)) - burst).max() < 1e-9)
    True
    """
    return signals.apply(
        x,
        fs,
        axis,
        workers,
        lambda rate: prepare(rate, method=method, width=width, cutoff=cutoff),
        breaks,
        skip_by_annotation,
    )


def prepare(
    fs: float | None, method: str = "hilbert", width: float = 0.1, cutoff: float = 5.0
) -> signals.Run:
    """Check how to follow the amplitude and return what does it."""
    _checks.one_of("method", method, METHODS)
    run: Callable[..., NDArray[Any]]
    if method == "hilbert":
        run = _analytic
    elif method == "rms":
        run = functools.partial(_rms, _checks.samples("width", width, _checks.needed_rate(fs)))
    else:
        run = functools.partial(_rectified, lowpass(cutoff, fs=_checks.needed_rate(fs)))
    return functools.partial(_real_only, run)


def _real_only(run: signals.Run, rows: NDArray[Any], workers: int | None) -> NDArray[Any]:
    signals.real(rows, "an envelope")
    return run(rows, workers)


def _analytic(rows: NDArray[Any], workers: int | None) -> NDArray[Any]:
    from scipy.signal import hilbert

    out = np.empty_like(rows)

    def part(start: int, stop: int) -> None:
        with np.errstate(invalid="ignore"):  # infinities: the whole signal is NaN
            for row in range(start, stop):
                out[row] = np.abs(hilbert(rows[row]))

    _layout.split_over_threads(part, len(rows), workers)
    return out


def _rms(width: int, rows: NDArray[Any], workers: int | None) -> NDArray[Any]:
    wide = rows.astype(np.float64)
    box = np.full(width, 1 / width)
    power = convolve(wide * wide, box, axes=-1, mode="same", boundary="reflect", workers=workers)
    # running sums may leave a rounding error below 0
    return np.sqrt(np.maximum(power, 0)).astype(rows.dtype)


def _rectified(tf: TransferFunction, rows: NDArray[Any], workers: int | None) -> NDArray[Any]:
    padding = min(round(tf.settling_time() * tf.fs), rows.shape[1] - 1)
    return tf.filtfilt(np.abs(rows), padding="even", pad_length=padding, workers=workers)
