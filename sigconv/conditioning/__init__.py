"""What EEG and audio need around a filter."""

from .detrend import detrend as detrend
from .emphasis import de_emphasis as de_emphasis
from .emphasis import pre_emphasis as pre_emphasis
from .envelope import envelope as envelope
from .line_noise import remove_line_noise as remove_line_noise
from .reference import rereference as rereference
from .resample import resample as resample
from .standardise import exponential_moving_standardise as exponential_moving_standardise
from .steps import STEPS as STEPS

__all__ = [
    "de_emphasis",
    "detrend",
    "envelope",
    "exponential_moving_standardise",
    "pre_emphasis",
    "remove_line_noise",
    "rereference",
    "resample",
]
