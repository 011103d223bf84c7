"""sigconv: fast convolution, filtering and smoothing of signals, and CNNs trained on them.

Everything public is listed here and loaded at its first use, so that `import sigconv` is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import kernels as kernels
    from . import nn as nn
    from .cnn_forms import conv_nd as conv_nd
    from .cnn_forms import conv_nd_grad_input as conv_nd_grad_input
    from .cnn_forms import conv_nd_grad_weight as conv_nd_grad_weight
    from .cnn_forms import conv_transpose_nd as conv_transpose_nd
    from .cnn_forms import global_pool as global_pool
    from .cnn_forms import global_pool_grad as global_pool_grad
    from .cnn_forms import max_pool_nd_grad as max_pool_nd_grad
    from .cnn_forms import max_pool_nd_with_index as max_pool_nd_with_index
    from .cnn_forms import maxout as maxout
    from .cnn_forms import maxout_grad as maxout_grad
    from .cnn_forms import output_size as output_size
    from .cnn_forms import pool_nd as pool_nd
    from .cnn_forms import pool_nd_grad as pool_nd_grad
    from .compat.acceleration import accelerate as accelerate
    from .conditioning.detrend import detrend as detrend
    from .conditioning.emphasis import de_emphasis as de_emphasis
    from .conditioning.emphasis import pre_emphasis as pre_emphasis
    from .conditioning.envelope import envelope as envelope
    from .conditioning.line_noise import remove_line_noise as remove_line_noise
    from .conditioning.reference import rereference as rereference
    from .conditioning.resample import resample as resample
    from .conditioning.standardise import (
        exponential_moving_standardise as exponential_moving_standardise,
    )
    from .convolution import convolution_matrix as convolution_matrix
    from .convolution import correlation_lags as correlation_lags
    from .convolution import correlation_matrix as correlation_matrix
    from .convolution import match_template as match_template
    from .convolution import plan_convolution as plan_convolution
    from .convolution import separate as separate
    from .convolution.convolve import convolve as convolve
    from .convolution.convolve import correlate as correlate
    from .convolution.streaming import StreamingConvolver as StreamingConvolver
    from .features.bands import band_power as band_power
    from .features.spectrogram import log_mel as log_mel
    from .features.spectrogram import spectrogram as spectrogram
    from .features.windows import sliding_windows as sliding_windows
    from .filters import FilterBank as FilterBank
    from .filters import TimeVaryingStream as TimeVaryingStream
    from .filters import TransferFunction as TransferFunction
    from .filters import bandpass as bandpass
    from .filters import bandstop as bandstop
    from .filters import comb as comb
    from .filters import filter_time_varying as filter_time_varying
    from .filters import fir as fir
    from .filters import highpass as highpass
    from .filters import lowpass as lowpass
    from .filters import notch as notch
    from .filters import peak as peak
    from .filters import track_notch as track_notch
    from .io import open_recording as open_recording
    from .io import read as read
    from .io import read_volume as read_volume
    from .io import write as write
    from .io import write_volume as write_volume
    from .pipeline import Pipeline as Pipeline
    from .pipeline import Step as Step
    from .recording import Annotation as Annotation
    from .recording import Recording as Recording
    from .repair import ica_eog as ica_eog
    from .repair import interpolate_bads as interpolate_bads
    from .simulation import simulate_eeg as simulate_eeg
    from .simulation import simulate_sleep as simulate_sleep
    from .simulation import simulate_speech as simulate_speech
    from .smoothing.smooth import smooth as smooth
    from .volume import Volume as Volume

__version__ = "0.1.0"

#: Public name -> the module it lives in ("" where the name is a module itself).
_HOMES = {
    "accelerate": "compat.acceleration",
    "convolve": "convolution",
    "correlate": "convolution",
    "correlation_lags": "convolution",
    "match_template": "convolution",
    "plan_convolution": "convolution",
    "separate": "convolution",
    "convolution_matrix": "convolution",
    "correlation_matrix": "convolution",
    "conv_nd": "cnn_forms",
    "conv_nd_grad_input": "cnn_forms",
    "conv_nd_grad_weight": "cnn_forms",
    "conv_transpose_nd": "cnn_forms",
    "global_pool": "cnn_forms",
    "global_pool_grad": "cnn_forms",
    "max_pool_nd_grad": "cnn_forms",
    "max_pool_nd_with_index": "cnn_forms",
    "maxout": "cnn_forms",
    "maxout_grad": "cnn_forms",
    "output_size": "cnn_forms",
    "pool_nd": "cnn_forms",
    "pool_nd_grad": "cnn_forms",
    "StreamingConvolver": "convolution",
    "kernels": "",
    "TransferFunction": "filters",
    "FilterBank": "filters",
    "TimeVaryingStream": "filters",
    "filter_time_varying": "filters",
    "track_notch": "filters",
    "lowpass": "filters",
    "highpass": "filters",
    "bandpass": "filters",
    "bandstop": "filters",
    "notch": "filters",
    "peak": "filters",
    "comb": "filters",
    "fir": "filters",
    "smooth": "smoothing",
    "resample": "conditioning",
    "rereference": "conditioning",
    "detrend": "conditioning",
    "remove_line_noise": "conditioning",
    "exponential_moving_standardise": "conditioning",
    "pre_emphasis": "conditioning",
    "de_emphasis": "conditioning",
    "envelope": "conditioning",
    "interpolate_bads": "repair",
    "ica_eog": "repair",
    "band_power": "features",
    "spectrogram": "features",
    "log_mel": "features",
    "sliding_windows": "features",
    "Recording": "recording",
    "Annotation": "recording",
    "open_recording": "io",
    "read": "io",
    "write": "io",
    "Volume": "volume",
    "read_volume": "io",
    "write_volume": "io",
    "Pipeline": "pipeline",
    "Step": "pipeline",
    "simulate_eeg": "simulation",
    "simulate_sleep": "simulation",
    "simulate_speech": "simulation",
    "nn": "",
}

__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'sigconv' has no attribute {name!r}")
    home = importlib.import_module(f"sigconv.{_HOMES[name] or name}")
    value = getattr(home, name) if _HOMES[name] else home
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
