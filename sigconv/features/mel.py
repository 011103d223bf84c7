"""The mel scale: the arguments of a log-mel spectrogram, and its bands; librosa computes them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _checks


class Form(NamedTuple):
    """A log-mel spectrogram's arguments, checked, in samples and Hz; the bands' centres."""

    size: int
    hop: int
    n_fft: int
    fmin: float
    fmax: float
    floor: float
    centres: NDArray[np.float64]


def form(
    fs: float,
    n_mels: int,
    length: float,
    step: float,
    fmin: float,
    fmax: float | None,
    floor: float,
) -> Form:
    """Check the arguments of `log_mel`."""
    size = _checks.samples("length", length, fs)
    hop = _checks.samples("step", step, fs)
    bands = _checks.whole("n_mels", n_mels)
    low = _checks.number("fmin", fmin, at_least=0)
    high = fs / 2 if fmax is None else _checks.number("fmax", fmax, above=0)
    if not low < high <= fs / 2:
        raise ValueError(
            f"fmin and fmax must be in order and at most {fs / 2:g} Hz, half the sampling rate; "
            f"got {low:g} and {high:g}"
        )
    least = _checks.number("floor", floor, above=0)
    librosa = _checks.require("librosa", extra="audio", purpose="a log-mel spectrogram")
    n_fft = 1 << (size - 1).bit_length()
    # the basis needs a centre of a bin in each triangle, or bands would be empty
    edges = librosa.mel_frequencies(bands + 2, fmin=low, fmax=high)
    bins = np.fft.rfftfreq(n_fft, 1 / fs)
    inside = (bins[:, None] > edges[:-2]) & (bins[:, None] < edges[2:])
    if not inside.any(axis=0).all():
        raise ValueError(
            f"n_mels must be few enough for every band to hold a frequency of the transform, which "
            f"lie {fs / n_fft:.3g} Hz apart; got {bands} from {low:g} to {high:g} Hz"
        )
    return Form(size, hop, n_fft, low, high, least, edges[1:-1])


def basis(fs: float, made: Form) -> NDArray[np.float64]:
    """Return the bands (n_mels, n_fft // 2 + 1) that power is summed in."""
    librosa = _checks.require("librosa", extra="audio", purpose="a log-mel spectrogram")
    found = librosa.filters.mel(
        sr=fs,
        n_fft=made.n_fft,
        n_mels=len(made.centres),
        fmin=made.fmin,
        fmax=made.fmax,
        dtype=np.float64,
    )
    return np.asarray(found)
