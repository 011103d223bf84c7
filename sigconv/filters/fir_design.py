"""FIR filters by the window method, with MNE's automatic transition widths."""

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

#: Length times transition width of a Hamming window, in samples times cycles a sample.
HAMMING = 3.3


def fir(
    cutoff: float | tuple[float, float],
    *,
    fs: float,
    kind: str | None = None,
    taps: int | None = None,
) -> TransferFunction:
    """Design a linear-phase FIR filter by the window method (Hamming).

    Parameters
    ----------
    cutoff : float or (float, float)
        In Hz. With ``taps=None`` the edges of the pass band, where the gain begins to fall;
        with `taps` given the points of -6 dB.
    fs : float
        Sampling rate in Hz.
    kind : {"lowpass", "highpass", "bandpass", "bandstop"}, optional
        "lowpass" for one cutoff and "bandpass" for two if not given.
    taps : int, optional
        Length of the kernel. If not given it follows from the transition widths that MNE
        chooses: at a lower edge ``min(max(0.25 * edge, 2), edge)`` Hz, at an upper one
        ``min(max(0.25 * edge, 2), fs/2 - edge)`` Hz, and 3.3 divided by the narrowest.

    Returns
    -------
    TransferFunction
        With ``taps=None`` the kernel of ``mne.filter.create_filter(None, fs, low, high)``
        (low and high exchanged for a band stop). Its delay of half its length is taken out by
        `TransferFunction.zero_phase`.

    Raises
    ------
    ValueError
        A cutoff not between 0 and fs/2, cutoffs out of order, a number of cutoffs that does not
        fit `kind`, a stop band with no room for its transitions, an even number of taps for a
        kind that passes fs/2.

    References
    ----------
    .. [1] A. Widmann, E. Schröger, B. Maess, "Digital filter design for electrophysiological
       data - a practical approach", J. Neurosci. Methods 250, 2015.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.fir((1, 40), fs=250)
    <TransferFunction: FIR of 825 taps, fs 250 Hz>
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
    if taps is None:
        return TransferFunction(_by_transitions(kind, edges, fs), fs=fs)
    taps = _checks.whole("taps", taps)
    if top and taps % 2 == 0:
        raise ValueError(
            f"taps must be odd for a {kind} filter, which passes half the sampling rate; got {taps}"
        )
    passes: Any = kind
    return TransferFunction(signal.firwin(taps, edges, pass_zero=passes, fs=fs), fs=fs)


def _by_transitions(kind: str, edges: tuple[float, ...], fs: float) -> Floats:
    """Add up low-passes, each as long as its own transition needs."""
    from scipy import signal

    nyquist = fs / 2
    low, high = edges[0], edges[-1]
    lower_width = min(max(0.25 * low, 2.0), low)
    upper_width = min(max(0.25 * high, 2.0), nyquist - high)
    # Every transition as (start, stop, sign of the low-pass), the highest first.
    if kind == "lowpass":
        transitions = [(high, high + upper_width, 1)]
    elif kind == "highpass":
        transitions = [(low - lower_width, low, -1)]
    elif kind == "bandpass":
        transitions = [(high, high + upper_width, 1), (low - lower_width, low, -1)]
    else:
        transitions = [(high - upper_width, high, -1), (low, low + lower_width, 1)]
        if low + lower_width > high - upper_width:
            raise ValueError(
                f"cutoff must leave room for transitions of {lower_width:g} and {upper_width:g} Hz "
                f"inside the stop band; got {edges} (sigconv.notch and sigconv.bandstop are narrow)"
            )
    widths = [lower_width] if kind == "highpass" else [upper_width]
    if len(edges) == 2:
        widths.append(lower_width)
    # The order of these operations, here and below, decides about roundings as MNE does.
    n_taps = max(math.ceil(HAMMING / min(widths) * fs), 1) | 1
    kernel = np.zeros(n_taps)
    if KINDS[kind][1]:
        kernel[n_taps // 2] = 1
    for start, stop, sign in transitions:
        start, stop = start / nyquist, stop / nyquist
        length = min(round(HAMMING / ((stop - start) / 2)) | 1, n_taps)
        part = signal.firwin(length, (start + stop) / 2)
        margin = (n_taps - length) // 2
        kernel[margin : n_taps - margin] += sign * part
    return kernel
