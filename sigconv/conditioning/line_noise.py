"""The hum of the mains and its harmonics: notches, or sinusoids fitted and subtracted."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks, _layout
from ..convolution import gaps
from ..filters import TransferFunction, notch
from ..filters.application import SKIPPED
from . import signals

METHODS = ("notch", "spectrum_fit")


def remove_line_noise(
    x: Any,
    mains: float = 50.0,
    *,
    fs: float | None = None,
    method: str = "notch",
    harmonics: int | None = None,
    width: float = 1.0,
    window: float = 2.0,
    axis: int = -1,
    breaks: Sequence[Any] = (),
    skip_by_annotation: str | Sequence[str] = SKIPPED,
    workers: int | None = None,
) -> Any:
    """Remove the hum of the mains and its harmonics.

    Parameters
    ----------
    x : array_like of any shape, Recording, or MNE Raw, Epochs or Evoked
        Real, complex or integer signals.
    mains : float
        Frequency of the mains in Hz: 50 in most of the world, 60 in the Americas.
    fs : float, optional
        Sampling rate in Hz. Arrays only, which need it.
    method : {"notch", "spectrum_fit"}
        "notch": a second-order notch at each frequency, forward and backward. Within 1 / `width`
        seconds of the ends some of the hum is left. "spectrum_fit": sinusoids around each frequency
        are fitted in overlapping windows and subtracted: hardly worse at the ends (where some
        percent may be left) than elsewhere, and what lies further away is touched less.
    harmonics : int, optional
        How many frequencies: 1 is the mains alone; all below fs/2 if not given.
    width : float
        Hz. Of a notch the band in which less than half of the amplitude is left; of the fit the
        band of the sinusoids: `mains` may be wrong, and the hum vary, by half of it.
    window : float
        Seconds over which the sinusoids of the fit keep their amplitudes; a signal that is
        shorter is one window.
    axis : int
        Where the signals run. Arrays only.
    breaks, skip_by_annotation
        As for `TransferFunction.filter`. A stretch between breaks that is too short for the fit
        stays as it is, with a warning.
    workers : int, optional
        Threads; None is all cores. The answer does not depend on it.

    Returns
    -------
    ndarray of the shape of `x`, or a new object of its type
        In the precision of `x`, float64 for integers. A NaN or infinity makes the whole signal
        NaN with "notch", and the windows that hold it with "spectrum_fit".

    Raises
    ------
    ValueError
        A frequency of the mains not between 0 and fs/2, more harmonics than there are below fs/2, a
        width not below the frequency, a signal shorter than three periods of the mains.

    Notes
    -----
    With the default `width` and `window`, 2 Hz from a frequency notches leave 94 % of an amplitude
    and the fit 99 %, and 4 Hz from it 98.4 % and 99.996 %.

    The fit is one of weighted least squares. In each window the sinusoids lie half of 1 / `window`
    apart; what is fitted are second differences over half a period, through which the slow and
    strong parts of EEG do not pass; the weights are Hann's, but at the ends of the signal, which
    count in full; and the windows' fits, a quarter of a window apart, fade into each other.

    References
    ----------
    .. [1] D. J. Thomson, "Spectrum estimation and harmonic analysis", Proc. IEEE 70, 1982.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> t = np.arange(5000) / 500
    >>> alpha = np.sin(2 * np.pi * 10 * t)
    >>> hum = np.sin(2 * np.pi * 50.1 * t) + 0.3 * np.sin(2 * np.pi * 150.3 * t)
    >>> clean = sigconv.remove_line_noise(alpha + hum, 50, fs=500, method="spectrum_fit")
    >>> bool(abs(clean - alpha).max() < 0.03)
    True
    """
    return signals.apply(
        x,
        fs,
        axis,
        workers,
        lambda rate: prepare(
            rate, mains=mains, method=method, harmonics=harmonics, width=width, window=window
        ),
        breaks,
        skip_by_annotation,
    )


def prepare(
    fs: float | None,
    mains: float = 50.0,
    method: str = "notch",
    harmonics: int | None = None,
    width: float = 1.0,
    window: float = 2.0,
) -> signals.Run:
    """Check what to remove and return what does it."""
    _checks.one_of("method", method, METHODS)
    if method == "notch":
        return functools.partial(_notches, *notches(fs, mains, harmonics, width, window))
    return functools.partial(_fits, *_checked(fs, mains, harmonics, width, window))


def notches(
    fs: float | None,
    mains: float = 50.0,
    harmonics: int | None = None,
    width: float = 1.0,
    window: float = 2.0,
) -> tuple[TransferFunction, int]:
    """Return the filter of the method "notch", and as many samples of padding as it is given."""
    hertz, band, _, rate = _checked(fs, mains, harmonics, width, window)
    return _cascade(hertz, band, rate), round(rate / band)


def _checked(
    fs: float | None, mains: float, harmonics: int | None, width: float, window: float
) -> tuple[list[float], float, int, float]:
    rate = _checks.needed_rate(fs)
    base = _checks.frequency("mains", mains, rate)
    band = _checks.number("width", width, above=0, below=base)
    length = _checks.samples("window", window, rate)
    below = math.ceil(rate / 2 / base - 1e-9) - 1
    count = below if harmonics is None else _checks.whole("harmonics", harmonics)
    if count > below:
        raise ValueError(
            f"harmonics must be at most {below}, what lies below {rate / 2:g} Hz; got {harmonics}"
        )
    return [base * (i + 1) for i in range(count)], band, length, rate


def _cascade(hertz: list[float], width: float, fs: float) -> TransferFunction:
    # filtering twice squares the gain: half is left of what one pass leaves 1 / sqrt(2) of
    notches = [notch(each, fs=fs, q=each / width) for each in hertz]
    return TransferFunction.from_sos(np.concatenate([tf.sos for tf in notches]), fs=fs)


def _notches(
    tf: TransferFunction, padding: int, rows: NDArray[Any], workers: int | None
) -> NDArray[Any]:
    # a padding as long as a notch rings, where there is as much
    return tf.filtfilt(rows, pad_length=min(padding, rows.shape[1] - 1), workers=workers)


def _fits(
    hertz: list[float],
    width: float,
    length: int,
    fs: float,
    rows: NDArray[Any],
    workers: int | None,
) -> NDArray[Any]:
    n = rows.shape[1]
    size = min(length, n)
    if size * hertz[0] < 3 * fs:
        raise signals.TooShortError(
            f"x and window must last three periods of the mains, {3 / hertz[0]:g} s; "
            f"got {size / fs:g} s"
        )
    starts = _starts(n, size)
    total = np.zeros(n)
    fade = np.sin(np.pi * (np.arange(size) + 0.5) / size) ** 2
    for start in starts:
        total[start : start + size] += fade
    missing = signals.missing(rows, "propagate")
    if missing is not None:
        rows = gaps.bridge(rows, missing)
    out = rows.astype(np.result_type(rows.dtype, np.float64))
    for centre in hertz:
        shapes = _sinusoids(centre, width, size, fs)
        lag = round(fs / centre / 2)
        ends = itertools.product((False, True), repeat=2)
        fits = {each: _fit(_differences(shapes, lag), *each) for each in ends}
        tapered = shapes * fade

        def part(
            first: int,
            last: int,
            fits: dict[Any, NDArray[np.float64]] = fits,
            tapered: NDArray[np.float64] = tapered,
            lag: int = lag,
        ) -> None:
            for row in range(first, last):
                changes = _differences(out[row], lag)
                hum = np.zeros(n, out.dtype)
                for start in starts:
                    stop = start + size
                    weights = fits[start == 0, stop == n] @ changes[start : stop - 2 * lag]
                    hum[start:stop] += weights @ tapered
                out[row] -= hum / total

        _layout.split_over_threads(part, len(rows), workers)
    if missing is not None:
        for row in np.flatnonzero(missing.any(axis=1)):
            for start in starts:
                if missing[row, start : start + size].any():
                    out[row, start : start + size] = np.nan
    return out.astype(rows.dtype, copy=False)


def _starts(n: int, size: int) -> list[int]:
    """Return where windows begin, a quarter of one apart; the last ends with the signal."""
    return [*range(0, n - size, max(1, size // 4)), n - size]


def _sinusoids(centre: float, width: float, size: int, fs: float) -> NDArray[np.float64]:
    """Return cosines and sines of the frequencies to fit, (n_shapes, size)."""
    reach = math.floor(width * size / fs + 1e-9)
    hertz = centre + np.arange(-reach, reach + 1) * (fs / size / 2)
    hertz = hertz[(hertz > 0) & (hertz < fs / 2)]
    place = np.arange(size) - (size - 1) / 2
    phase = 2 * np.pi / fs * np.outer(hertz, place)
    return np.vstack([np.cos(phase), np.sin(phase)])


def _differences(x: NDArray[Any], lag: int) -> NDArray[Any]:
    """Return second differences over a lag along the last axis, 2 * lag samples shorter.

    With a lag of half a period they let the hum pass best and what is slow least: EEG of tens of
    microvolts, cut off at the end of a signal, would leak into a fit of a hundredth of one.
    """
    return x[..., : -2 * lag] - 2 * x[..., lag:-lag] + x[..., 2 * lag :]


def _fit(shapes: NDArray[np.float64], first: bool, last: bool) -> NDArray[np.float64]:
    """Return the matrix that gives the amplitudes of the shapes in a window.

    The first window and the last one have no other beside them: their outer halves must be fitted
    as well as their middle.
    """
    size = shapes.shape[1]
    weights = np.sin(np.pi * (np.arange(size) + 0.5) / size) ** 2
    half = size // 2
    if first:
        weights[:half] = 1
    if last:
        weights[half:] = 1
    root = np.sqrt(weights)
    return np.ascontiguousarray(np.linalg.pinv((shapes * root).T) * root)
