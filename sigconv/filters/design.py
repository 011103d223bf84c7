"""Recursive filters from cutoffs; the design is SciPy's, the vocabulary one for all families."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from .transfer_function import TransferFunction


@dataclass(frozen=True)
class Family:
    """A family of recursive filters: SciPy's name for it, and what it lets one choose in dB."""

    ftype: str
    ripple: float | None = None
    attenuation: float | None = None


#: Family name -> its SciPy name and the defaults of the choices that it has.
FAMILIES = {
    "butterworth": Family("butter"),
    "chebyshev1": Family("cheby1", ripple=1.0),
    "chebyshev2": Family("cheby2", attenuation=40.0),
    "elliptic": Family("ellip", ripple=1.0, attenuation=40.0),
    "bessel": Family("bessel"),
}


def lowpass(
    cutoff: float,
    *,
    fs: float,
    order: int = 4,
    family: str = "butterworth",
    ripple: float | None = None,
    attenuation: float | None = None,
) -> TransferFunction:
    """Design a recursive filter that passes what lies below a frequency.

    Parameters
    ----------
    cutoff : float
        Frequency in Hz, between 0 and fs/2. What it marks depends on the family.
    fs : float
        Sampling rate in Hz.
    order : int
        Order of the analogue prototype.
    family : {"butterworth", "chebyshev1", "chebyshev2", "elliptic", "bessel"}
        butterworth: flat, -3 dB at the cutoff. chebyshev1: ripples in the pass band, which ends
        at the cutoff. chebyshev2: ripples in the stop band, which begins at the cutoff.
        elliptic: both, the pass band ends at the cutoff. bessel: nearly constant delay, the
        phase is at its midpoint at the cutoff.
    ripple : float, optional
        Greatest loss within the pass band in dB, for chebyshev1 and elliptic; 1 if not given.
    attenuation : float, optional
        Least loss within the stop band in dB, for chebyshev2 and elliptic; 40 if not given.

    Returns
    -------
    TransferFunction
        With the second-order sections of SciPy's design.

    Raises
    ------
    ValueError
        A cutoff not between 0 and fs/2, an unknown family, `ripple` or `attenuation` for a family
        that has none, an attenuation not above the ripple.

    References
    ----------
    .. [1] T. W. Parks and C. S. Burrus, "Digital Filter Design", Wiley, 1987, ch. 7.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.lowpass(40, fs=250)
    <TransferFunction: IIR of order 4, 2 sections, fs 250 Hz>
    """
    return _design("lowpass", cutoff, fs, order, family, ripple, attenuation)


def highpass(
    cutoff: float,
    *,
    fs: float,
    order: int = 4,
    family: str = "butterworth",
    ripple: float | None = None,
    attenuation: float | None = None,
) -> TransferFunction:
    """Design a recursive filter that passes what lies above a frequency.

    Parameters
    ----------
    cutoff, fs, order, family, ripple, attenuation
        As for `lowpass`.

    Returns
    -------
    TransferFunction

    Raises
    ------
    ValueError
        As for `lowpass`.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.highpass(0.5, fs=250, order=2)
    <TransferFunction: IIR of order 2, 1 section, fs 250 Hz>
    """
    return _design("highpass", cutoff, fs, order, family, ripple, attenuation)


def bandpass(
    cutoff: tuple[float, float],
    *,
    fs: float,
    order: int = 4,
    family: str = "butterworth",
    ripple: float | None = None,
    attenuation: float | None = None,
) -> TransferFunction:
    """Design a recursive filter that passes what lies between two frequencies.

    Parameters
    ----------
    cutoff : (float, float)
        The two frequencies in Hz, the lower one first.
    fs, family, ripple, attenuation
        As for `lowpass`.
    order : int
        Order of each side, as in SciPy: the difference equation has twice this order.

    Returns
    -------
    TransferFunction

    Raises
    ------
    ValueError
        As for `lowpass`; cutoffs out of order.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.bandpass((1, 40), fs=250)
    <TransferFunction: IIR of order 8, 4 sections, fs 250 Hz>
    """
    return _design("bandpass", cutoff, fs, order, family, ripple, attenuation)


def bandstop(
    cutoff: tuple[float, float],
    *,
    fs: float,
    order: int = 4,
    family: str = "butterworth",
    ripple: float | None = None,
    attenuation: float | None = None,
) -> TransferFunction:
    """Design a recursive filter that removes what lies between two frequencies.

    Parameters
    ----------
    cutoff, fs, order, family, ripple, attenuation
        As for `bandpass`.

    Returns
    -------
    TransferFunction

    Raises
    ------
    ValueError
        As for `bandpass`.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.bandstop((48, 52), fs=250, order=2)
    <TransferFunction: IIR of order 4, 2 sections, fs 250 Hz>
    """
    return _design("bandstop", cutoff, fs, order, family, ripple, attenuation)


def notch(freq: float, *, fs: float, q: float = 30.0) -> TransferFunction:
    """Design a filter that removes one frequency, such as the hum of the mains.

    Parameters
    ----------
    freq : float
        Frequency in Hz, between 0 and fs/2.
    fs : float
        Sampling rate in Hz.
    q : float
        Quality: `freq` divided by the width in Hz between the points of -3 dB.

    Returns
    -------
    TransferFunction
        One second-order section.

    Raises
    ------
    ValueError
        A frequency not between 0 and fs/2; a quality that is not positive.

    References
    ----------
    .. [1] S. J. Orfanidis, "Introduction to Signal Processing", Prentice-Hall, 1996, ch. 11.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> _, response = sigconv.notch(50, fs=250).frequency_response([50, 60])
    >>> np.abs(response).round(3)
    array([0.   , 0.996])
    """
    from scipy import signal

    return _resonance(signal.iirnotch, freq, fs, q)


def peak(freq: float, *, fs: float, q: float = 30.0) -> TransferFunction:
    """Design a filter that keeps one frequency and nothing else.

    Parameters
    ----------
    freq, fs, q
        As for `notch`.

    Returns
    -------
    TransferFunction
        One second-order section.

    Raises
    ------
    ValueError
        As for `notch`.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> _, response = sigconv.peak(10, fs=250).frequency_response([5, 10])
    >>> np.abs(response).round(3)
    array([0.022, 1.   ])
    """
    from scipy import signal

    return _resonance(signal.iirpeak, freq, fs, q)


def comb(freq: float, *, fs: float, q: float = 30.0, kind: str = "notch") -> TransferFunction:
    """Design a filter that removes a frequency and all its multiples, 0 Hz among them.

    Parameters
    ----------
    freq : float
        Frequency in Hz that divides `fs`, between 0 and fs/2.
    fs : float
        Sampling rate in Hz.
    q : float
        Quality, above 1: `freq` divided by the width in Hz between the points of -3 dB, which
        is the same at every multiple.
    kind : {"notch", "peak"}
        Whether these frequencies are removed, or they alone are kept.

    Returns
    -------
    TransferFunction
        Half as many second-order sections as there are samples in a period of `freq`.

    Raises
    ------
    ValueError
        A frequency that does not divide `fs`; a quality of 1 or less.

    References
    ----------
    .. [1] S. J. Orfanidis, "Introduction to Signal Processing", Prentice-Hall, 1996, ch. 8.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> _, response = sigconv.comb(50, fs=250).frequency_response([50, 75, 100])
    >>> np.abs(response).round(3)
    array([0., 1., 0.])
    """
    fs = _checks.sampling_rate(fs)
    freq = _checks.frequency("freq", freq, fs)
    q = _checks.number("q", q, above=1)
    keeps = _checks.one_of("kind", kind, ("notch", "peak")) == "peak"
    period = round(fs / freq)
    if abs(freq - fs / period) > 1e-12 * fs:
        raise ValueError(
            f"freq must divide the sampling rate of {fs:g} Hz, as {fs / period:g} Hz does; "
            f"got {freq:g}"
        )
    # H = k (1 -+ z**-period) / (1 - c z**-period): its roots are known, and multiplied out in
    # pairs they keep what sections give up when they are looked for.
    width = math.tan(math.pi / (2 * q))
    c = (1 - width) / (1 + width) if q != 2 else 0.0
    turns = np.arange(period)
    zeros = _unit(turns + 0.5 * keeps, period)
    poles = abs(c) ** (1 / period) * _unit(turns + 0.5 * (c < 0), period)
    return TransferFunction.from_zpk(zeros, poles, (width if keeps else 1) / (1 + width), fs=fs)


def _unit(turns: NDArray[Any], period: int) -> NDArray[np.complex128]:
    """Return points of the unit circle, in conjugate pairs to the last bit."""
    upper = np.minimum(turns, period - turns)
    points = np.cos(2 * np.pi * upper / period) + 1j * np.where(
        (upper == 0) | (2 * upper == period), 0, np.sin(2 * np.pi * upper / period)
    )
    return np.where(2 * turns > period, points.conj(), points)


def _resonance(design: Callable[..., Any], freq: float, fs: float, q: float) -> TransferFunction:
    fs = _checks.sampling_rate(fs)
    freq = _checks.frequency("freq", freq, fs)
    q = _checks.number("q", q, above=0)
    if freq / q >= fs / 2:
        raise ValueError(
            f"q must be above {2 * freq / fs:g}, or the band is wider than half the sampling rate "
            f"of {fs:g} Hz; got {q:g}"
        )
    b, a = design(freq, q, fs=fs)
    return TransferFunction.from_sos([[*b, *a]], fs=fs)


def cutoff_pair(cutoff: tuple[float, float], fs: float) -> tuple[float, float]:
    """Check two cutoffs in Hz, the lower one first."""
    if np.shape(cutoff) != (2,):
        raise ValueError(f"cutoff must be two frequencies in Hz, (low, high); got {cutoff!r}")
    low, high = (_checks.frequency("cutoff", value, fs) for value in cutoff)
    if low >= high:
        raise ValueError(f"cutoff must have its lower frequency first; got {cutoff!r}")
    return low, high


def _design(
    kind: str,
    cutoff: float | tuple[float, float],
    fs: float,
    order: int,
    family: str,
    ripple: float | None,
    attenuation: float | None,
) -> TransferFunction:
    from scipy import signal

    fs = _checks.sampling_rate(fs)
    edges = (
        cutoff_pair(cutoff, fs)  # type: ignore[arg-type]
        if kind.startswith("band")
        else _checks.frequency("cutoff", cutoff, fs)
    )
    order = _checks.whole("order", order)
    chosen = FAMILIES[_checks.one_of("family", family, FAMILIES)]
    losses: dict[str, Any] = {}
    for name, given in (("ripple", ripple), ("attenuation", attenuation)):
        default = getattr(chosen, name)
        if default is not None:
            losses[name] = _checks.number(name, default if given is None else given, above=0)
        elif given is not None:
            takers = [key for key, each in FAMILIES.items() if getattr(each, name) is not None]
            raise ValueError(f"{name} is for the families {takers}; got it with {family!r}")
    if len(losses) == 2 and losses["attenuation"] <= losses["ripple"]:
        raise ValueError(
            f"attenuation must be above the ripple of {losses['ripple']:g} dB; "
            f"got {losses['attenuation']:g}"
        )
    names: dict[str, Any] = {"btype": kind, "ftype": chosen.ftype, "output": "sos"}
    sos = signal.iirfilter(
        order, edges, rp=losses.get("ripple"), rs=losses.get("attenuation"), fs=fs, **names
    )
    return TransferFunction.from_sos(sos, fs=fs)
