"""Convolution through Fourier transforms."""

from .general import best_block as best_block
from .general import correlate_blocks as correlate_blocks
from .general import correlate_whole as correlate_whole
from .general import transform_cost as transform_cost
from .general import unmet as unmet
from .general import whole_block as whole_block
