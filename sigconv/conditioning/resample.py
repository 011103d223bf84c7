"""Another sampling rate; soxr does the filtering."""

from __future__ import annotations

import functools
import math
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _carriers, _checks, _layout
from ..convolution import gaps
from . import signals

#: Name of a quality -> soxr's.
QUALITIES = {"quick": "QQ", "low": "LQ", "medium": "MQ", "high": "HQ", "very_high": "VHQ"}

#: Samples cannot be left out of a filter.
NAN_POLICIES = ("propagate", "interpolate", "raise")

#: Samples at the lower rate after which nothing is left of a filter of soxr's (measured: 1e-6 of a
#: jump after 100).
REACH = 150


def resample(
    x: Any,
    new_fs: float,
    *,
    fs: float | None = None,
    axis: int = -1,
    quality: str = "very_high",
    nan_policy: str = "propagate",
    workers: int | None = None,
) -> Any:
    """Give signals another sampling rate, without aliasing and without delay.

    Parameters
    ----------
    x : array_like of any shape, Recording, or MNE Raw, Epochs or Evoked
        Real, complex or integer signals.
    new_fs : float
        The new rate in Hz.
    fs : float, optional
        The old rate in Hz. Arrays only, which need it.
    axis : int
        Where the signals run. Arrays only.
    quality : {"very_high", "high", "medium", "low", "quick"}
        soxr's VHQ, HQ, MQ, LQ and QQ: rejection of what the new rate cannot hold by 28, 20, 16
        and 16 bits, or cubic interpolation with next to none. All but the last are of linear
        phase, their delay taken out; all but the first compute in single precision.
    nan_policy : {"propagate", "interpolate", "raise"}
        For NaN and infinities alike. "propagate": a signal with one is NaN all over, since how
        far the filter reaches is soxr's own business. "interpolate": bridged linearly; new
        samples beside a gap are NaN. "raise": refused.
    workers : int, optional
        Threads; None is all cores. The answer does not depend on it.

    Returns
    -------
    ndarray, or a new object (for a Raw, a RawArray)
        Of n samples, ``floor(n * new_fs / fs + 1 / 2)`` come back: sample m is the signal at
        m / new_fs seconds. In the precision of `x`, float64 for integers. In objects the
        annotations keep their times, and triggers are not filtered: a sample of theirs is the first
        code other than 0 in the time that it stands for, so that short ones are not lost.

    Raises
    ------
    ValueError
        A rate that is not positive, an unknown quality, a signal so short that nothing is left.
    MissingExtra
        Without soxr (extra "resample").

    Notes
    -----
    A filter has to take something for what lies beyond the ends, and soxr takes zero: with an
    offset, as EEG has one, that is a jump, and it rings. The straight line from the first sample to
    the last is therefore taken out before and put back after, and what is left is turned about its
    ends (unless the two rates have no common period of some thousand samples).

    References
    ----------
    .. [1] R. Sykes, "The SoX Resampler library", https://sourceforge.net/projects/soxr.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> t = np.arange(1000) / 500
    >>> y = sigconv.resample(np.sin(2 * np.pi * 10 * t), 250, fs=500)
    >>> bool(abs(y - np.sin(2 * np.pi * 10 * t[::2])).max() < 1e-3)
    True
    >>> sigconv.resample(sigconv.Recording(np.zeros((2, 1000)), fs=500), 128)
    <Recording: 2 channels (eeg), 256 samples at 128 Hz, 2 s, 0 annotations>
    """
    if _carriers.is_carrier(x):
        old = signals.rate_of(x, fs, axis)
        run = prepare(old, new_fs, quality, nan_policy)
        on_codes = functools.partial(codes, fs=old, new_fs=float(new_fs))
        return _carriers.at_rate(
            x,
            float(new_fs),
            lambda array: signals.on_array(array, -1, workers, run),
            lambda array: signals.on_array(array, -1, workers, on_codes),
        )
    rate = _checks.needed_rate(fs)
    return signals.on_array(x, axis, workers, prepare(rate, new_fs, quality, nan_policy))


def prepare(
    fs: float | None, new_fs: float, quality: str = "very_high", nan_policy: str = "propagate"
) -> signals.Run:
    """Check how to resample and return what does it."""
    target = _checks.number("new_fs", new_fs, above=0)
    name = QUALITIES[_checks.one_of("quality", quality, QUALITIES)]
    _checks.one_of("nan_policy", nan_policy, NAN_POLICIES)
    soxr = _checks.require("soxr", extra="resample", purpose="resampling")
    return functools.partial(
        _rows, soxr.resample, _checks.needed_rate(fs), target, name, nan_policy
    )


def length(n: int, fs: float, new_fs: float) -> int:
    """Return how many samples come of n."""
    return math.floor(n * Fraction(new_fs) / Fraction(fs) + Fraction(1, 2))


def _rows(
    convert: Any,
    fs: float,
    new_fs: float,
    quality: str,
    nan_policy: str,
    rows: NDArray[Any],
    workers: int | None,
) -> NDArray[Any]:
    if np.iscomplexobj(rows):
        parts = (rows.real, rows.imag)
        real, imag = (
            _rows(convert, fs, new_fs, quality, nan_policy, np.ascontiguousarray(part), workers)
            for part in parts
        )
        return real + np.asarray(1j, rows.dtype) * imag
    n = rows.shape[1]
    n_new = length(n, fs, new_fs)
    if n_new < 1:
        raise ValueError(
            f"x must be long enough for a sample at {new_fs:g} Hz; got {n} at {fs:g} Hz"
        )
    missing = signals.missing(rows, nan_policy)
    if missing is not None:
        rows = gaps.bridge(rows, missing)
    out = np.empty((len(rows), n_new), rows.dtype)
    place = np.arange(n_new) * (fs / new_fs)  # of the new samples among the old ones
    pad, skipped = _padding(fs, new_fs)

    def part(start: int, stop: int) -> None:
        for row in range(start, stop):
            first, last = np.float64(rows[row, 0]), np.float64(rows[row, -1])
            slope = (last - first) / max(n - 1, 1)
            rest = (rows[row] - (first + slope * np.arange(n))).astype(rows.dtype)
            rest = np.pad(rest, pad, mode="reflect", reflect_type="odd")
            got = convert(rest, fs, new_fs, quality)[skipped:][:n_new]
            line = first + slope * place
            line[: len(got)] += got
            out[row] = line

    if fs == new_fs:
        out[...] = rows
    else:
        _layout.split_over_threads(part, len(rows), workers)
    if missing is not None:
        _put_back(out, missing, place, nan_policy)
    return out


def _padding(fs: float, new_fs: float) -> tuple[int, int]:
    """Return how many samples to put beyond the ends, and how many new ones come of them.

    Both are whole, or the answer would be out of step; (0, 0) where they cannot be.
    """
    ratio = Fraction(new_fs / fs).limit_denominator(10_000)
    periods = math.ceil(REACH * max(1.0, fs / new_fs) / ratio.denominator)
    pad, skipped = periods * ratio.denominator, periods * ratio.numerator
    return (pad, skipped) if abs(pad * new_fs / fs - skipped) < 1e-6 else (0, 0)


def _put_back(
    out: NDArray[Any], missing: NDArray[np.bool_], place: NDArray[Any], nan_policy: str
) -> None:
    if nan_policy == "propagate":
        out[missing.any(axis=1)] = np.nan
        return
    last = missing.shape[1] - 1
    before, after = np.floor(place).astype(int), np.ceil(place).astype(int)
    out[missing[:, before.clip(0, last)] | missing[:, after.clip(0, last)]] = np.nan


def codes(rows: NDArray[Any], workers: int | None, *, fs: float, new_fs: float) -> NDArray[Any]:
    """Return for each new sample the first of the old ones in its time that is not 0."""
    n = rows.shape[1]
    place = np.arange(length(n, fs, new_fs)) * (fs / new_fs)
    start = np.minimum((place + 1e-9).astype(int), n - 1)
    stop = np.append(start[1:], n)
    # at each sample, the index of the next code; from the end backwards
    index = np.where(rows != 0, np.arange(n), n)
    following = np.minimum.accumulate(index[:, ::-1], axis=1)[:, ::-1][:, start]
    return np.take_along_axis(rows, np.where(following < stop, following, start), axis=1)
