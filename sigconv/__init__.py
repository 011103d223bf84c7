"""sigconv: fast convolution, filtering and smoothing of signals, and CNNs trained on them.

Everything public is listed here and loaded at its first use, so that `import sigconv` is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import kernels as kernels
    from . import nn as nn
    from .convolution.convolve import convolve as convolve
    from .convolution.convolve import correlate as correlate
    from .convolution.streaming import StreamingConvolver as StreamingConvolver
    from .filters import TransferFunction as TransferFunction
    from .filters import bandpass as bandpass
    from .filters import bandstop as bandstop
    from .filters import fir as fir
    from .filters import highpass as highpass
    from .filters import lowpass as lowpass
    from .filters import notch as notch
    from .io import read as read
    from .io import write as write
    from .pipeline import Pipeline as Pipeline
    from .pipeline import Step as Step
    from .recording import Annotation as Annotation
    from .recording import Recording as Recording
    from .simulation import simulate_eeg as simulate_eeg
    from .simulation import simulate_speech as simulate_speech
    from .smoothing.smooth import smooth as smooth

__version__ = "0.1.0"

#: Public name -> the module it lives in ("" where the name is a module itself).
_HOMES = {
    "convolve": "convolution",
    "correlate": "convolution",
    "StreamingConvolver": "convolution",
    "kernels": "",
    "TransferFunction": "filters",
    "lowpass": "filters",
    "highpass": "filters",
    "bandpass": "filters",
    "bandstop": "filters",
    "notch": "filters",
    "fir": "filters",
    "smooth": "smoothing",
    "Recording": "recording",
    "Annotation": "recording",
    "read": "io",
    "write": "io",
    "Pipeline": "pipeline",
    "Step": "pipeline",
    "simulate_eeg": "simulation",
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
