"""Linear filters: one object from design to running."""

from .design import bandpass as bandpass
from .design import bandstop as bandstop
from .design import comb as comb
from .design import highpass as highpass
from .design import lowpass as lowpass
from .design import notch as notch
from .design import peak as peak
from .fir_design import fir as fir
from .stream import FilterStream as FilterStream
from .transfer_function import TransferFunction as TransferFunction

__all__ = [
    "FilterStream",
    "TransferFunction",
    "bandpass",
    "bandstop",
    "comb",
    "fir",
    "highpass",
    "lowpass",
    "notch",
    "peak",
]
