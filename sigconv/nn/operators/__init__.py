"""Compiled operators with gradients, for what torch computes slowly on the CPU."""

from .convolutions import Conv2d, Conv3d
from .dropout import Dropout
from .eeg_blocks import front, separable
from .guard import plain_modules
from .long_kernels import Conv1d, conv1d
from .maxima import max_pool
from .statistics import trial_statistics
from .tails import LogPower, Sequential, is_fresh_from, rectified, relu_of_fresh

__all__ = [
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "Dropout",
    "LogPower",
    "Sequential",
    "conv1d",
    "front",
    "is_fresh_from",
    "max_pool",
    "plain_modules",
    "rectified",
    "relu_of_fresh",
    "separable",
    "trial_statistics",
]
