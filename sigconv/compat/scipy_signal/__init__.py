"""Functions of `scipy.signal` under their own names, with its signatures, types and errors."""

from .. import names
from ._originals import originals as originals
from .convolutions import choose_conv_method as choose_conv_method
from .convolutions import convolve as convolve
from .convolutions import convolve2d as convolve2d
from .convolutions import correlate as correlate
from .convolutions import correlate2d as correlate2d
from .convolutions import correlation_lags as correlation_lags
from .convolutions import fftconvolve as fftconvolve
from .convolutions import oaconvolve as oaconvolve
from .filters import filtfilt as filtfilt
from .filters import lfilter as lfilter
from .filters import lfilter_zi as lfilter_zi
from .filters import lfiltic as lfiltic
from .filters import sosfilt as sosfilt
from .filters import sosfilt_zi as sosfilt_zi
from .filters import sosfiltfilt as sosfiltfilt
from .rates import decimate as decimate
from .rates import upfirdn as upfirdn
from .smoothers import detrend as detrend
from .smoothers import hilbert as hilbert
from .smoothers import medfilt as medfilt
from .smoothers import savgol_filter as savgol_filter

__all__ = [*names.SIGNAL]
