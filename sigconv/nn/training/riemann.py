"""Classical answers from the geometry of covariance matrices, through pyriemann (extra riemann)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from ... import _checks
from ...filters import bandpass

#: Bands in Hz that need no knowledge of the task: 4 Hz wide up to the low gammas.
BANDS = ((4, 8), (8, 12), (12, 16), (16, 20), (20, 24), (24, 30))


def tangent_space(fs: float) -> Pipeline:
    """Return an untrained classifier: covariances, their tangent space, logistic regression.

    Parameters
    ----------
    fs : float
        Sampling rate in Hz; it does not matter here.
    """
    _require()
    from pyriemann.estimation import Covariances
    from pyriemann.tangentspace import TangentSpace

    return make_pipeline(
        FunctionTransformer(_centred),
        Covariances("oas"),
        TangentSpace(),
        LogisticRegression(max_iter=1000),
    )


def filter_bank_mdm(fs: float, bands: Sequence[tuple[float, float]] = BANDS) -> Pipeline:
    """Return an untrained classifier: the nearest mean of extended covariances.

    Each channel comes once for each band, and the covariance is that of all of them (Congedo et
    al. 2013, of evoked responses to flicker).

    Parameters
    ----------
    fs : float
        Sampling rate in Hz; bands beyond fs/2 are left out.
    bands : sequence of (float, float)
        In Hz.
    """
    _require()
    from pyriemann.classification import MDM
    from pyriemann.estimation import Covariances

    return make_pipeline(
        FunctionTransformer(filtered, kw_args={"fs": fs, "bands": tuple(bands)}),
        Covariances("oas"),
        MDM(),
    )


def filtered(X: Any, fs: float, bands: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """Return the bands of trials as channels, (n, bands * channels, times); each counts alike."""
    X = _centred(X)
    X /= np.maximum(X.std(axis=-1, keepdims=True), np.finfo(np.float32).tiny)
    within = [band for band in bands if band[1] < fs / 2]
    if not within:
        raise ValueError(f"bands must lie below {fs / 2:g} Hz, half the sampling rate; got {bands}")
    return np.concatenate([bandpass(band, fs=fs).filtfilt(X) for band in within], axis=1)


def _centred(X: Any) -> NDArray[np.float64]:
    X = np.asarray(X[:], dtype=np.float64)
    return X - X.mean(axis=-1, keepdims=True)


def _require() -> None:
    _checks.require("pyriemann", extra="riemann", purpose="this baseline")
