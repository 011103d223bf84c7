"""SciPy's own functions, kept so that the names of scipy.signal may be replaced by ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scipy import signal

NAMES = (
    "choose_conv_method",
    "convolve",
    "convolve2d",
    "correlate",
    "correlate2d",
    "correlation_lags",
    "decimate",
    "detrend",
    "fftconvolve",
    "filtfilt",
    "hilbert",
    "lfilter",
    "lfilter_zi",
    "lfiltic",
    "medfilt",
    "oaconvolve",
    "savgol_filter",
    "sosfilt",
    "sosfilt_zi",
    "sosfiltfilt",
    "upfirdn",
)

originals: dict[str, Callable[..., Any]] = {name: getattr(signal, name) for name in NAMES}
