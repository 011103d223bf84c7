"""Power in bands of frequencies, by Welch's method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks, _layout
from . import arrays

#: The usual bands of EEG in Hz.
EEG_BANDS = {
    "delta": (1.0, 4.0),
    "theta": (4.0, 8.0),
    "alpha": (8.0, 13.0),
    "beta": (13.0, 30.0),
    "gamma": (30.0, 45.0),
}

SCALES = ("absolute", "relative", "db")


def band_power(
    x: Any,
    bands: Mapping[str, tuple[float, float]] = EEG_BANDS,
    *,
    fs: float | None = None,
    window: float = 2.0,
    scale: str = "absolute",
    axis: int = -1,
    workers: int | None = None,
) -> NDArray[Any]:
    """Return the power of signals in bands of frequencies.

    Parameters
    ----------
    x : array_like of any shape, Recording, or MNE Raw, Epochs or Evoked
        Real or integer signals. Of the objects the signal channels.
    bands : mapping of str to (float, float)
        Name -> lowest and highest frequency in Hz. Default: delta 1-4, theta 4-8, alpha 8-13,
        beta 13-30, gamma 30-45 (`sigconv.features.EEG_BANDS`).
    fs : float, optional
        Sampling rate in Hz. Arrays only, which need it.
    window : float
        Seconds, of Welch's windows (Hann's, half overlapping, without their mean; the
        periodograms are averaged); a shorter signal is one window. Frequencies are resolved to
        1 / `window`.
    scale : {"absolute", "relative", "db"}
        "absolute": in the square of the units of `x`. "relative": as a share of the power from the
        lowest to the highest frequency of all bands. "db": 10 log10 of the absolute one.
    axis : int
        Where the signals run. Arrays only.
    workers : int, optional
        Threads; None is all cores. The answer does not depend on it.

    Returns
    -------
    ndarray
        Of the shape of `x` with one value for each band, in their order, along `axis`. In the
        precision of `x`, float64 for integers. A signal with a NaN or infinity has NaN.

    Raises
    ------
    ValueError
        No band, frequencies out of order or beyond fs/2, a band narrower than the resolution, a
        signal shorter than two samples.
    TypeError
        Complex signals.

    Notes
    -----
    The density is integrated by the trapezoidal rule, its values between the frequencies of the
    transform taken to lie on straight lines: the edges of bands need not be such frequencies, and
    bands side by side add up to the power of the whole.

    References
    ----------
    .. [1] P. D. Welch, "The use of fast Fourier transform for the estimation of power spectra",
       IEEE Trans. Audio Electroacoust. 15, 1967.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> alpha = 3 * np.sin(2 * np.pi * 10 * np.arange(2500) / 250)
    >>> sigconv.band_power(alpha, fs=250).round(2)  # 3**2 / 2 in the third band
    array([0. , 0. , 4.5, 0. , 0. ])
    """
    array, rate, where = arrays.signals_of(x, fs, axis, workers)
    hertz = _checks.needed_rate(rate)
    size = _checks.samples("window", window, hertz)
    _checks.one_of("scale", scale, SCALES)
    rows, batch = arrays.real_rows(array, where)
    if rows.shape[1] < 2:
        raise ValueError("x must have two samples along its axis at least; got 1")
    size = max(2, min(size, rows.shape[1]))
    edges = _edges(bands, hertz, size)
    wanted = [*edges, (min(low for low, _ in edges), max(high for _, high in edges))]
    weights = _weights(wanted, hertz, size)
    power = np.empty((len(rows), len(wanted)))

    def part(block: slice) -> None:
        from scipy.signal import welch

        wide = rows[block].astype(np.float64)
        density = welch(wide, hertz, nperseg=size, detrend="constant")[1]
        # not as one product, whose sums would depend on the number of rows
        power[block] = [weights @ each for each in density]

    arrays.over_blocks(part, len(rows), workers)
    result = power[:, :-1]
    with np.errstate(invalid="ignore", divide="ignore"):  # silence has -inf dB, and no shares
        if scale == "relative":
            result = result / power[:, -1:]
        elif scale == "db":
            result = 10 * np.log10(result)
    return _layout.from_rows(result.astype(_checks.precision("x", array)), batch, (where,))


def _edges(
    bands: Mapping[str, tuple[float, float]], fs: float, size: int
) -> list[tuple[float, float]]:
    if not isinstance(bands, Mapping) or not bands:
        raise TypeError(f"bands must map names to (low, high) in Hz; got {bands!r}")
    edges = []
    for name, band in bands.items():
        if np.shape(band) != (2,):
            raise TypeError(f"bands must map names to (low, high) in Hz; got {name!r}: {band!r}")
        low, high = (_checks.number(f"bands[{name!r}]", edge, at_least=0) for edge in band)
        if not low < high <= fs / 2:
            raise ValueError(
                f"bands[{name!r}] must be (low, high) in Hz, low below high and high at most "
                f"{fs / 2:g}, half the sampling rate; got {band!r}"
            )
        if high - low < fs / size * (1 - 1e-9):
            raise ValueError(
                f"bands[{name!r}] must be at least as wide as the resolution of {fs / size:.3g} Hz "
                f"of windows of {size / fs:g} s; got {band!r}"
            )
        edges.append((low, high))
    return edges


def _weights(edges: list[tuple[float, float]], fs: float, size: int) -> NDArray[np.float64]:
    """Return what each frequency of the transform adds to each band, (n_bands, n_frequencies).

    A density that is a straight line between frequencies is a sum of triangles, one at each
    frequency; these are their integrals over the bands.
    """
    spacing = fs / size
    hertz = np.arange(size // 2 + 1) * spacing

    def up_to(edge: float) -> NDArray[np.float64]:
        place = np.clip((edge - hertz) / spacing, -1, 1)
        return spacing * (0.5 + place - np.sign(place) * place**2 / 2)

    return np.array([up_to(high) - up_to(low) for low, high in edges])
