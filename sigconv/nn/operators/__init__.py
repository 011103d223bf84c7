"""Compiled operators with gradients, for what torch computes slowly on the CPU."""

from .eeg_blocks import front, separable
from .guard import plain_modules
from .statistics import trial_statistics

__all__ = ["front", "plain_modules", "separable", "trial_statistics"]
