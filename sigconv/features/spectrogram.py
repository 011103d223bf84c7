"""Spectra over time: linear in frequency, or on the mel scale in decibels."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _checks, _layout
from . import arrays, mel

#: Name of a padding -> SciPy's.
PADDINGS = {"none": None, "zero": "zeros", "edge": "edge", "even": "even", "odd": "odd"}

KINDS = ("density", "power", "amplitude", "complex")


class Spectrogram(NamedTuple):
    """Spectra over time.

    Parameters
    ----------
    values : ndarray, shape (..., n_frequencies, n_times)
    frequencies : ndarray, shape (n_frequencies,)
        Hz.
    times : ndarray, shape (n_times,)
        Seconds after the first sample, of the middle of each window.
    """

    values: NDArray[Any]
    frequencies: NDArray[np.float64]
    times: NDArray[np.float64]


def spectrogram(
    x: Any,
    *,
    fs: float | None = None,
    length: float = 1.0,
    step: float | None = None,
    kind: str = "density",
    window: str = "hann",
    padding: str = "none",
    axis: int = -1,
    workers: int | None = None,
) -> Spectrogram:
    """Return the spectrum of signals in windows that slide along them.

    Parameters
    ----------
    x : array_like of any shape, Recording, or MNE Raw, Epochs or Evoked
        Real or integer signals. Of the objects the signal channels.
    fs : float, optional
        Sampling rate in Hz. Arrays only, which need it.
    length : float
        Of a window, in seconds: frequencies are resolved to 1 / `length`.
    step : float, optional
        From one window to the next, in seconds; half of `length` if not given.
    kind : {"density", "power", "amplitude", "complex"}
        With U the units of `x`: power density in U**2 / Hz; power in U**2, which is A**2 / 2 for a
        sinusoid of amplitude A; amplitude in U, which is A; or that with the phase of a cosine
        at the middle of the window.
    window : str
        A name that `scipy.signal.get_window` knows.
    padding : {"none", "zero", "edge", "even", "odd"}
        "none": only windows that lie within the signal, the first at its beginning. Otherwise
        windows centred on every `step` from the first sample, and what lies beyond the ends is
        zero, the end value, the signal mirrored, or turned about its end point.
    axis : int
        Where the signals run. Arrays only.
    workers : int, optional
        Threads; None is all cores. The answer does not depend on it.

    Returns
    -------
    Spectrogram
        A named tuple (values, frequencies, times); in `values` the axis of time has gone, and two
        new ones, of frequency and time, come last. In the precision of `x`, float64 for integers.
        Windows with a NaN or infinity have NaN.

    Raises
    ------
    ValueError
        A length or step below a sample, an unknown word, a signal shorter than a window.
    TypeError
        Complex signals.

    References
    ----------
    .. [1] D. Gabor, "Theory of communication", J. IEE 93, 1946.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> tone = 2 * np.cos(2 * np.pi * 40 * np.arange(1000) / 500)
    >>> spectra = sigconv.spectrogram(tone, fs=500, length=0.5, kind="amplitude")
    >>> spectra.values.shape, spectra.times[:3]
    ((126, 7), array([0.25, 0.5 , 0.75]))
    >>> float(spectra.values[:, 0].max().round(6)), float(spectra.frequencies[20])
    (2.0, 40.0)
    """
    array, rate, where = arrays.signals_of(x, fs, axis, workers)
    hertz = _checks.needed_rate(rate)
    size = _checks.samples("length", length, hertz)
    hop = max(1, size // 2) if step is None else _checks.samples("step", step, hertz)
    _checks.one_of("kind", kind, KINDS)
    beyond = PADDINGS[_checks.one_of("padding", padding, PADDINGS)]
    rows, batch = arrays.real_rows(array, where)
    n = rows.shape[1]
    if n < (size if beyond is None else size // 2 + 1):
        raise ValueError(f"x must be at least a window of {size} samples long; got {n}")

    transform = _transform(window, size, hop, hertz, kind)
    middle = size // 2
    count = (n - size) // hop + 1 if beyond is None else -(-n // hop)
    places = np.arange(count) * hop + (middle if beyond is None else 0)
    offset = transform.m_num_mid if beyond is None else 0
    dtype = np.result_type(rows.dtype, np.complex64)
    spectra = np.empty((len(rows), transform.f_pts, count), dtype)

    def part(block: slice) -> None:
        wide = rows[block].astype(np.float64)
        spectra[block] = transform.stft(wide, 0, count, k_offset=offset, padding=beyond or "zeros")

    arrays.over_blocks(part, len(rows), workers)
    values = _of_kind(spectra, kind, size)
    dtype = _checks.precision("x", array)
    if kind != "complex":
        values = values.astype(dtype, copy=False)
    return Spectrogram(
        values.reshape(batch + values.shape[1:]), np.asarray(transform.f), places / hertz
    )


def _transform(window: str, size: int, hop: int, fs: float, kind: str) -> Any:
    from scipy.signal import ShortTimeFFT, get_window

    try:
        shape = get_window(window, size)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"window must be a name that scipy.signal.get_window knows; got {window!r}"
        ) from error
    return ShortTimeFFT(
        shape,
        hop,
        fs,
        fft_mode="onesided2X",
        scale_to="psd" if kind == "density" else "magnitude",
        phase_shift=0,  # phases count from the middle of the window
    )


def _of_kind(spectra: NDArray[Any], kind: str, size: int) -> NDArray[Any]:
    if kind == "complex":
        return spectra
    magnitude = np.abs(spectra)
    if kind == "amplitude":
        return magnitude
    power = magnitude**2
    if kind == "power":
        last = None if size % 2 else -1  # the mean, and half the rate, are no pairs of +f and -f
        power[:, 1:last] /= 2
    return power


def log_mel(
    x: Any,
    *,
    fs: float | None = None,
    n_mels: int = 64,
    length: float = 0.025,
    step: float = 0.010,
    fmin: float = 0.0,
    fmax: float | None = None,
    floor: float = 1e-10,
    axis: int = -1,
    workers: int | None = None,
) -> Spectrogram:
    """Return the power of audio on the mel scale in decibels; librosa computes it.

    Parameters
    ----------
    x : array_like of any shape, Recording, or MNE Raw, Epochs or Evoked
        Real or integer signals; audio in [-1, 1]. Of the objects the signal channels.
    fs : float, optional
        Sampling rate in Hz. Arrays only, which need it.
    n_mels : int
        Bands, whose triangles overlap by halves and have equal areas (Slaney's).
    length, step : float
        Of the Hann windows and from one to the next, in seconds. The transform is as long as the
        next power of two.
    fmin, fmax : float
        Lowest and highest frequency in Hz; fs/2 if not given.
    floor : float
        Power below which all counts as this much: -100 dB.
    axis : int
        Where the signals run. Arrays only.
    workers : int, optional
        Threads; None is all cores. The answer does not depend on it.

    Returns
    -------
    Spectrogram
        A named tuple (values, frequencies, times): values in dB of a power of 1, shape
        (..., n_mels, n_times); the bands' centres in Hz; windows are centred on every `step` from
        the first sample, with zeros beyond the ends. In the precision of `x`, float64 for
        integers.

    Raises
    ------
    ValueError
        Frequencies out of order or beyond fs/2, lengths below a sample, more bands than the
        transform can tell apart, numbers that are not finite.
    MissingExtra
        Without librosa (extra "audio").
    TypeError
        Complex signals.

    References
    ----------
    .. [1] B. McFee et al., "librosa: audio and music signal analysis in Python", SciPy 2015.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> tone = np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    >>> mels = sigconv.log_mel(tone, fs=8000, n_mels=40)
    >>> mels.values.shape
    (40, 101)
    >>> bool(abs(mels.frequencies[mels.values[:, 50].argmax()] - 440) < 50)
    True
    """
    array, rate, where = arrays.signals_of(x, fs, axis, workers)
    hertz = _checks.needed_rate(rate)
    form = mel.form(hertz, n_mels, length, step, fmin, fmax, floor)
    rows, batch = arrays.real_rows(array, where)
    if not np.isfinite(rows).all():
        raise ValueError("x must be finite; NaN or infinity stands in it")
    librosa = _checks.require("librosa", extra="audio", purpose="a log-mel spectrogram")
    size, hop, bands = form.size, form.hop, len(form.centres)
    count = rows.shape[1] // hop + 1
    values = np.empty((len(rows), bands, count), rows.dtype)

    def part(start: int, stop: int) -> None:
        for row in range(start, stop):
            power = librosa.feature.melspectrogram(
                y=rows[row],
                sr=hertz,
                n_fft=form.n_fft,
                hop_length=hop,
                win_length=size,
                n_mels=bands,
                fmin=form.fmin,
                fmax=form.fmax,
            )
            values[row] = librosa.power_to_db(power, amin=form.floor, top_db=None)

    _layout.split_over_threads(part, len(rows), workers)
    values = values.astype(_checks.precision("x", array), copy=False)
    return Spectrogram(
        values.reshape(batch + values.shape[1:]), form.centres, np.arange(count) * hop / hertz
    )
