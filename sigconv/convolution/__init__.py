"""Convolution and correlation of arrays of any dimension."""

from .convolve import convolve as convolve
from .convolve import correlate as correlate
from .matrix import convolution_matrix as convolution_matrix
from .matrix import correlation_matrix as correlation_matrix
from .plan import ConvolutionPlan as ConvolutionPlan
from .plan import plan_convolution as plan_convolution
from .separation import separate as separate
from .streaming import StreamingConvolver as StreamingConvolver
from .template import correlation_lags as correlation_lags
from .template import match_template as match_template

__all__ = [
    "ConvolutionPlan",
    "StreamingConvolver",
    "convolution_matrix",
    "convolve",
    "correlate",
    "correlation_lags",
    "correlation_matrix",
    "match_template",
    "plan_convolution",
    "separate",
]
