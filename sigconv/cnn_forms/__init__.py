"""Convolution and pooling as networks use them, in numpy: torch.nn.functional's, term for term.

Signals are (N, C, *size), for any number of spatial axes; what these texts call convolution is
correlation without conjugation.
"""

from .convolution import conv_nd as conv_nd
from .convolution import conv_transpose_nd as conv_transpose_nd
from .geometry import output_size as output_size
from .gradients import conv_nd_grad_input as conv_nd_grad_input
from .gradients import conv_nd_grad_weight as conv_nd_grad_weight
from .pooling import global_pool as global_pool
from .pooling import max_pool_nd_with_index as max_pool_nd_with_index
from .pooling import maxout as maxout
from .pooling import pool_nd as pool_nd
from .pooling_gradients import global_pool_grad as global_pool_grad
from .pooling_gradients import max_pool_nd_grad as max_pool_nd_grad
from .pooling_gradients import maxout_grad as maxout_grad
from .pooling_gradients import pool_nd_grad as pool_nd_grad

__all__ = [
    "conv_nd",
    "conv_nd_grad_input",
    "conv_nd_grad_weight",
    "conv_transpose_nd",
    "global_pool",
    "global_pool_grad",
    "max_pool_nd_grad",
    "max_pool_nd_with_index",
    "maxout",
    "maxout_grad",
    "output_size",
    "pool_nd",
    "pool_nd_grad",
]
