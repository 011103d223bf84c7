"""Kernels and signals that the tests of this room share."""

import numpy as np

from sigconv.convolution import choose
from sigconv.convolution.ready import ready

#: Which kind of kernel every method is tried on.
KERNEL_OF = {
    "auto": "any",
    "direct": "any",
    "separable": "outer",
    "low_rank": "outer",
    "running_sum": "box",
    "fft": "any",
    "overlap_save": "any",
}

#: Units of the precision that an output may be off, relative to the sum of its products'
#: absolute values; of double precision, relative to the largest such sum, in Fourier methods.
BUDGET = 12.0


def forget_choices():
    """Let methods be chosen anew: by other speeds, or from another table."""
    for function in (choose.by_cost, choose.considered, choose._priced, ready):
        function.cache_clear()


def random(rng, shape, dtype, scale=40):
    """Return noise: whole numbers for integer types, normal ones otherwise."""
    dtype = np.dtype(dtype)
    if dtype.kind in "iu":
        return rng.integers(0 if dtype.kind == "u" else -scale, scale, shape).astype(dtype)
    noise = rng.normal(size=shape)
    if dtype.kind == "c":
        noise = noise + 1j * rng.normal(size=shape)
    return noise.astype(dtype)


def kernel(rng, kind, shape, dtype):
    """Return a random kernel of a kind that `KERNEL_OF` names."""
    if kind == "any":
        return random(rng, shape, dtype, scale=5)
    if kind == "box":
        return np.full(shape, random(rng, (), dtype, scale=5))
    result = np.ones((), dtype)
    for k in shape:
        result = np.multiply.outer(result, random(rng, k, dtype, scale=5))
    return result
