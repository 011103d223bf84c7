"""Linear filters: one object from design to running."""

from .design import bandpass as bandpass
from .design import bandstop as bandstop
from .design import comb as comb
from .design import highpass as highpass
from .design import lowpass as lowpass
from .design import notch as notch
from .design import peak as peak
from .filter_bank import FilterBank as FilterBank
from .fir_design import fir as fir
from .stream import FilterStream as FilterStream
from .time_varying import TimeVaryingStream as TimeVaryingStream
from .time_varying import filter_time_varying as filter_time_varying
from .time_varying import track_notch as track_notch
from .transfer_function import TransferFunction as TransferFunction

__all__ = [
    "FilterBank",
    "FilterStream",
    "TimeVaryingStream",
    "TransferFunction",
    "bandpass",
    "bandstop",
    "comb",
    "filter_time_varying",
    "fir",
    "highpass",
    "lowpass",
    "notch",
    "peak",
    "track_notch",
]
