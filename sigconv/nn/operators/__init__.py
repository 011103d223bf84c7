"""Compiled operators with gradients, for what torch computes slowly on the CPU."""

from .dropout import Dropout
from .eeg_blocks import front, separable
from .guard import plain_modules
from .long_kernels import Conv1d, conv1d
from .statistics import trial_statistics
from .tails import LogPower, Sequential

__all__ = [
    "Conv1d",
    "Dropout",
    "LogPower",
    "Sequential",
    "conv1d",
    "front",
    "plain_modules",
    "separable",
    "trial_statistics",
]
