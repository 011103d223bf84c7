"""Convolution and correlation of arrays of any dimension."""

from .convolve import convolve as convolve
from .convolve import correlate as correlate

__all__ = ["convolve", "correlate"]
