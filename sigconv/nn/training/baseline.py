"""The classical answer that every network is shown beside: band power and a linear classifier."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from ...features import log_mel

#: Width of a band in Hz. Two hertz tell a flicker at 13 Hz from one at 17 and still leave a
#: rhythm such as alpha (8-12 Hz) in few features.
BAND = 2.0

#: Bands of the mel scale: what 32 ms at 8 kHz can tell apart.
_MELS = 40

#: Windows whose spectra are held in memory together.
_AT_ONCE = 512


def band_power(X: NDArray[Any], fs: float) -> NDArray[np.float64]:
    """Return the log power of each channel in bands of 2 Hz from 2 to 44 Hz.

    Parameters
    ----------
    X : array, shape (n_trials, n_channels, n_times)
    fs : float
        Sampling rate in Hz; bands beyond fs/2 are left out.

    Returns
    -------
    array of float64, shape (n_trials, n_channels * n_bands)

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn.training.baseline import band_power
    >>> wave = np.sin(2 * np.pi * 10 * np.arange(500) / 250)
    >>> int(band_power(wave[None, None], fs=250).argmax())  # the band from 10 to 12 Hz
    4
    """
    if len(X) > _AT_ONCE:  # windows in a cache are not all read at once
        parts = [band_power(X[i : i + _AT_ONCE], fs) for i in range(0, len(X), _AT_ONCE)]
        return np.concatenate(parts)
    segment = min(X.shape[-1], round(fs))
    frequencies, power = signal.welch(X[:], fs, nperseg=segment, axis=-1)
    lows = np.arange(2.0, min(44.0, fs / 2), BAND)
    inside = (frequencies >= lows[:, None]) & (frequencies < lows[:, None] + BAND)
    inside = inside[inside.any(axis=1)]
    means = power @ (inside / inside.sum(axis=1, keepdims=True)).T
    # flat channels have no power and no logarithm
    floor = np.finfo(np.float32).tiny
    return np.log(np.maximum(means, floor)).reshape(len(X), -1)


def band_power_lda(fs: float) -> Pipeline:
    """Return an untrained scikit-learn classifier: band power, scaling, shrinkage LDA.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn.training.baseline import band_power_lda
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat([0, 1], 20)
    >>> wave = np.sin(2 * np.pi * 10 * np.arange(250) / 250)
    >>> X = rng.normal(size=(40, 1, 250)) + y[:, None, None] * wave
    >>> band_power_lda(fs=250).fit(X, y).score(X, y) > 0.9
    True
    """
    return _lda(band_power, fs)


def log_mel_statistics(X: NDArray[Any], fs: float) -> NDArray[np.float64]:
    """Return mean and deviation over time of each channel's log-mel bands, and of their change.

    Parameters
    ----------
    X : array, shape (n_trials, n_channels, n_times)
        Sounds.
    fs : float
        Sampling rate in Hz.

    Returns
    -------
    array of float64, shape (n_trials, n_channels * 4 * 40)
    """
    parts = []
    for i in range(0, len(X), _AT_ONCE):  # windows in a cache are not all read at once
        bands = log_mel(np.asarray(X[i : i + _AT_ONCE]), fs=fs, n_mels=_MELS, length=0.032).values
        change = np.diff(bands, axis=-1)
        found = [bands.mean(-1), bands.std(-1), change.mean(-1), change.std(-1)]
        parts.append(np.stack(found, axis=1).reshape(len(bands), -1))
    return np.concatenate(parts).astype(np.float64)


def log_mel_lda(fs: float) -> Pipeline:
    """Return an untrained scikit-learn classifier of sounds: log-mel statistics, shrinkage LDA."""
    return _lda(log_mel_statistics, fs)


def band_power_ridge(fs: float) -> Pipeline:
    """Return an untrained regression: band power, scaling, ridge with a chosen penalty."""
    return _ridge(band_power, fs)


def log_mel_ridge(fs: float) -> Pipeline:
    """Return an untrained regression of sounds: log-mel statistics, ridge."""
    return _ridge(log_mel_statistics, fs)


def _ridge(features: Any, fs: float) -> Pipeline:
    # the penalty is chosen by leaving out training windows one by one (a closed form)
    return make_pipeline(
        FunctionTransformer(features, kw_args={"fs": fs}),
        StandardScaler(),
        RidgeCV(np.logspace(-2, 5, 15)),
    )


def _lda(features: Any, fs: float) -> Pipeline:
    return make_pipeline(
        FunctionTransformer(features, kw_args={"fs": fs}),
        StandardScaler(),
        LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
    )
