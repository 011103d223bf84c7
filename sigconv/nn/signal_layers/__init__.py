"""What prepares signals, as layers: the deployed network filters as its training data were."""

from .filtering import FilterLayer
from .response import transfer_functions
from .spectra import LogMelLayer, SpectrogramLayer
from .standardising import ExponentialStandardise

__all__ = [
    "ExponentialStandardise",
    "FilterLayer",
    "LogMelLayer",
    "SpectrogramLayer",
    "transfer_functions",
]
