"""What classifiers and networks look at instead of the signal."""

from .bands import EEG_BANDS as EEG_BANDS
from .bands import band_power as band_power
from .spectrogram import Spectrogram as Spectrogram
from .spectrogram import log_mel as log_mel
from .spectrogram import spectrogram as spectrogram
from .windows import sliding_windows as sliding_windows

__all__ = ["EEG_BANDS", "Spectrogram", "band_power", "log_mel", "sliding_windows", "spectrogram"]
