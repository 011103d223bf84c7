"""FIR filters: by windows with MNE's automatic transition widths, least squares or Remez."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import _checks
from .design import cutoff_pair
from .sections import Floats
from .transfer_function import TransferFunction

#: kind -> (number of cutoffs, gain above all cutoffs)
KINDS = {"lowpass": (1, 0), "highpass": (1, 1), "bandpass": (2, 0), "bandstop": (2, 1)}

#: Window -> its length times transition width, in samples times cycles a sample.
WINDOWS = {"hamming": 3.3, "hann": 3.1, "blackman": 5.0}

METHODS = ("window", "least_squares", "remez")

#: Where the gain changes, the highest first: (from Hz, to Hz, +1 if the gain falls there).
Transitions = list[tuple[float, float, int]]


def fir(
    cutoff: float | tuple[float, float],
    *,
    fs: float,
    kind: str | None = None,
    taps: int | None = None,
    transition: float | tuple[float, float] | None = None,
    window: str | None = None,
    method: str = "window",
    stop_weight: float | None = None,
    phase: str = "linear",
) -> TransferFunction:
    """Design an FIR filter, of linear phase unless told otherwise.

    Parameters
    ----------
    cutoff : float or (float, float)
        In Hz: the edges of the pass band, where the gain begins to fall. Only with `taps` given,
        `transition` not, and the method "window" the points of -6 dB.
    fs : float
        Sampling rate in Hz.
    kind : {"lowpass", "highpass", "bandpass", "bandstop"}, optional
        "lowpass" for one cutoff and "bandpass" for two if not given.
    taps : int, optional
        Length of the kernel. If not given, the window's factor (3.3 for Hamming, 3.1 for Hann, 5
        for Blackman) divided by the narrowest transition.
    transition : float or (float, float), optional
        Width in Hz in which the gain falls, for both cutoffs or one for each, the lower first. If
        not given, what MNE chooses: at a lower edge ``min(max(0.25 * edge, 2), edge)`` Hz, at
        an upper one ``min(max(0.25 * edge, 2), fs/2 - edge)`` Hz. The other methods need a
        stop band and take at most half the way to 0 or fs/2.
    window : {"hamming", "hann", "blackman"}, optional
        Stop bands of -53, -44 and -74 dB, at growing length for the same transition. Hamming if
        not given; the other methods take from it only the length.
    method : {"window", "least_squares", "remez"}
        How the kernel is found: a windowed sinc; the least squared error, or the least greatest
        error, over pass and stop bands.
    stop_weight : float, optional
        How much more an error in the stop band counts than one in the pass band, for
        "least_squares" and "remez"; 1 if not given.
    phase : {"linear", "minimum"}
        "minimum": the causal kernel of the same gain with the least delay.

    Returns
    -------
    TransferFunction
        By windows the kernel of ``mne.filter.create_filter(None, fs, low, high)`` (low and high
        exchanged for a band stop) with ``phase="zero"`` or "minimum". The delay of a linear
        phase, half the length, is taken out by `TransferFunction.zero_phase`.

    Raises
    ------
    ValueError
        A cutoff not between 0 and fs/2, cutoffs out of order, a number of cutoffs that does not
        fit `kind`, transitions that meet or leave the range from 0 to fs/2, taps too few for
        them, an even number of taps for a kind that passes fs/2 or for least squares.

    References
    ----------
    .. [1] A. Widmann, E. Schröger, B. Maess, "Digital filter design for electrophysiological
       data - a practical approach", J. Neurosci. Methods 250, 2015.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.fir((1, 40), fs=250)
    <TransferFunction: FIR of 825 taps, fs 250 Hz>
    >>> sigconv.fir(40, fs=250, method="remez", taps=61, transition=5, stop_weight=10)
    <TransferFunction: FIR of 61 taps, fs 250 Hz>
    """
    from scipy import signal

    fs = _checks.sampling_rate(fs)
    pair = np.ndim(cutoff) > 0
    if kind is None:
        kind = "bandpass" if pair else "lowpass"
    n_cutoffs, top = KINDS[_checks.one_of("kind", kind, KINDS)]
    if n_cutoffs == 2 and not pair:
        raise ValueError(f"cutoff must be two frequencies for a {kind} filter; got {cutoff!r}")
    if n_cutoffs == 1 and pair:
        raise ValueError(f"cutoff must be one frequency for a {kind} filter; got {cutoff!r}")
    edges = (
        cutoff_pair(cutoff, fs)  # type: ignore[arg-type]
        if pair
        else (_checks.frequency("cutoff", cutoff, fs),)
    )
    _checks.one_of("method", method, METHODS)
    _checks.one_of("phase", phase, ("linear", "minimum"))
    window = _checks.one_of("window", "hamming" if window is None else window, WINDOWS)
    if stop_weight is not None and method == "window":
        raise ValueError(
            f"stop_weight is for the methods 'least_squares' and 'remez'; got {stop_weight!r}"
        )
    if taps is not None:
        taps = _checks.whole("taps", taps, at_least=3 if phase == "minimum" else 1)
        if taps % 2 == 0 and (top or method == "least_squares"):
            why = "which passes half the sampling rate" if top else "by least squares"
            raise ValueError(f"taps must be odd for a {kind} filter, {why}; got {taps}")
    if method == "window" and taps is not None and transition is None:
        passes: Any = kind
        kernel = signal.firwin(taps, edges, window=window, pass_zero=passes, fs=fs)
    else:
        widths = _widths(kind, edges, fs, transition, within=method == "window")
        changes = _transitions(kind, edges, fs, widths)
        if taps is None:
            # The order of these operations, here and in _by_windows, decides about roundings
            # as MNE does.
            taps = max(math.ceil(WINDOWS[window] / min(widths) * fs), 1) | 1
        if method == "window":
            kernel = _by_windows(changes, taps, window, top, fs)
        else:
            weight = 1.0 if stop_weight is None else stop_weight
            weight = _checks.number("stop_weight", weight, above=0)
            kernel = _by_bands(changes, taps, method, top, weight, fs)
    if phase == "minimum":
        kernel = signal.minimum_phase(kernel, half=False)
    return TransferFunction(kernel, fs=fs)


def _widths(
    kind: str, edges: tuple[float, ...], fs: float, given: Any, within: bool
) -> tuple[float, ...]:
    """Return the width of the transition at each edge, as given or as MNE chooses it."""
    if given is not None:
        values = (given,) * len(edges) if np.ndim(given) == 0 else tuple(given)
        if len(values) != len(edges):
            raise ValueError(
                f"transition must be one width in Hz, or one for each cutoff; got {given!r}"
            )
        return tuple(_checks.number("transition", value, above=0) for value in values)
    part = 1.0 if within else 0.5
    low, high = edges[0], edges[-1]
    lower = min(max(0.25 * low, 2.0), part * low)
    upper = min(max(0.25 * high, 2.0), part * (fs / 2 - high))
    return {"lowpass": (upper,), "highpass": (lower,)}.get(kind, (lower, upper))


def _transitions(
    kind: str, edges: tuple[float, ...], fs: float, widths: tuple[float, ...]
) -> Transitions:
    """Lay the transitions outside the pass bands, the highest first."""
    low, high = edges[0], edges[-1]
    lower, upper = widths[0], widths[-1]
    if kind == "lowpass":
        changes = [(high, high + upper, 1)]
    elif kind == "highpass":
        changes = [(low - lower, low, -1)]
    elif kind == "bandpass":
        changes = [(high, high + upper, 1), (low - lower, low, -1)]
    else:
        changes = [(high - upper, high, -1), (low, low + lower, 1)]
        if low + lower > high - upper:
            raise ValueError(
                f"cutoff must leave room for transitions of {lower:g} and {upper:g} Hz "
                f"inside the stop band; got {edges} (sigconv.notch and sigconv.bandstop are narrow)"
            )
    if changes[0][1] > fs / 2 or changes[-1][0] < 0:
        raise ValueError(
            f"transition must lie between 0 and {fs / 2:g} Hz, half the sampling rate, from the "
            f"cutoff of {' and '.join(f'{edge:g}' for edge in edges)} Hz on; "
            f"got {' and '.join(f'{width:g}' for width in widths)} Hz"
        )
    return changes


def _by_windows(changes: Transitions, n_taps: int, window: str, top: int, fs: float) -> Floats:
    """Add up low-passes, each as long as its own transition needs."""
    from scipy import signal

    if n_taps % 2 == 0:
        raise ValueError(f"taps must be odd where transition is given; got {n_taps}")
    nyquist = fs / 2
    kernel = np.zeros(n_taps)
    if top:
        kernel[n_taps // 2] = 1
    for start, stop, sign in changes:
        start, stop = start / nyquist, stop / nyquist
        length = round(WINDOWS[window] / ((stop - start) / 2)) | 1
        if length > n_taps + 2:  # two are for the rounding of an automatic length
            raise ValueError(
                f"taps must be at least {length} for a transition of "
                f"{(stop - start) * nyquist:g} Hz; got {n_taps}"
            )
        length = min(length, n_taps)
        part = signal.firwin(length, (start + stop) / 2, window=window)
        margin = (n_taps - length) // 2
        kernel[margin : n_taps - margin] += sign * part
    return kernel


def _by_bands(
    changes: Transitions, taps: int, method: str, top: int, stop_weight: float, fs: float
) -> Floats:
    """Fit the kernel to pass and stop bands, leaving what lies between them free."""
    from scipy import signal

    edges = [0.0, *(edge for change in reversed(changes) for edge in change[:2]), fs / 2]
    if any(start >= stop for start, stop in zip(edges[::2], edges[1::2], strict=True)):
        raise ValueError(
            f"transition must leave a stop band for the method {method!r}; "
            f"got bands of {edges} Hz, from and to"
        )
    n_bands = len(edges) // 2
    gains = [top if (n_bands - 1 - i) % 2 == 0 else 1 - top for i in range(n_bands)]
    weights = [1.0 if gain else stop_weight for gain in gains]
    if method == "least_squares":
        desired = np.repeat(gains, 2)
        return np.asarray(signal.firls(taps, edges, desired, weight=weights, fs=fs))
    try:
        return np.asarray(signal.remez(taps, edges, gains, weight=weights, fs=fs, maxiter=200))
    except ValueError:
        raise ValueError(
            f"taps must be a number for which Remez' exchange converges with bands of {edges} Hz; "
            f"got {taps} (give fewer, or a narrower transition)"
        ) from None
