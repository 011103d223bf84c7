"""Layers in which the dimension is a parameter: 1 for signals, 2 for images, 3 for volumes."""

from .branches import (
    Branches,
    DenseLayer,
    InceptionSizes,
    dense_block,
    inception,
    transition,
)
from .convolution import convolution, depthwise, pointwise, transposed_convolution
from .dropout import drop_connect
from .locally_connected import ConnectedMaps, LocallyConnected
from .normalisation import LocalResponseNorm, Whitening, batch_norm, max_norm
from .padding import Pad
from .pooling import (
    GlobalAveragePool,
    GlobalMaxPool,
    GlobalMinPool,
    Maxout,
    average_pool,
    max_pool,
    min_pool,
)
from .residual import MoreMaps, Residual, basic_block, bottleneck, xception_block
from .units import conv_norm_relu, depthwise_separable, spatially_separable
from .upsampling import LinearUpsample, UpAndJoin, double_convolution

__all__ = [
    "Branches",
    "ConnectedMaps",
    "DenseLayer",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "GlobalMinPool",
    "InceptionSizes",
    "LinearUpsample",
    "LocalResponseNorm",
    "LocallyConnected",
    "Maxout",
    "MoreMaps",
    "Pad",
    "Residual",
    "UpAndJoin",
    "Whitening",
    "average_pool",
    "basic_block",
    "batch_norm",
    "bottleneck",
    "conv_norm_relu",
    "convolution",
    "dense_block",
    "depthwise",
    "depthwise_separable",
    "double_convolution",
    "drop_connect",
    "inception",
    "max_norm",
    "max_pool",
    "min_pool",
    "pointwise",
    "spatially_separable",
    "transition",
    "transposed_convolution",
    "xception_block",
]
