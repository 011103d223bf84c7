"""Layers in which the dimension is a parameter: 1 for signals, 2 for images, 3 for volumes."""

from .convolution import convolution, depthwise, pointwise, transposed_convolution
from .dropout import drop_connect
from .locally_connected import ConnectedMaps, LocallyConnected
from .normalisation import LocalResponseNorm, batch_norm, max_norm
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

__all__ = [
    "ConnectedMaps",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "GlobalMinPool",
    "LocalResponseNorm",
    "LocallyConnected",
    "Maxout",
    "Pad",
    "average_pool",
    "batch_norm",
    "convolution",
    "depthwise",
    "drop_connect",
    "max_norm",
    "max_pool",
    "min_pool",
    "pointwise",
    "transposed_convolution",
]
