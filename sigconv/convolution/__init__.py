"""Convolution and correlation of arrays of any dimension."""

from .convolve import convolve as convolve
from .convolve import correlate as correlate
from .streaming import StreamingConvolver as StreamingConvolver

__all__ = ["StreamingConvolver", "convolve", "correlate"]
