"""Compiled loops of an affine map by channel, ELU and average pooling in one pass, and back.

Rows are contiguous; row r is of channel r modulo the channels.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from .sums_jit import moments, products


def exponential_table(dtype: np.dtype[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return what `_exponential` needs for a type of number: factors, and two whole numbers.

    exp(x) = 2**n exp(r), where n is x / log 2, rounded by adding `magic`: what is left of the sum
    has its last bit at the units. The part of n log 2 that is taken away first is exact.
    """
    info = np.finfo(dtype)
    kept = info.nmant
    magic = 1.5 * 2.0**kept
    high = math.ldexp(round(math.ldexp(math.log(2), kept - 12)), 12 - kept)
    low = float(np.log(np.longdouble(2)) - np.longdouble(high))
    least = float(np.ceil(np.log(info.smallest_normal)))
    n_terms = 8 if kept < 30 else 14
    terms = [1 / math.factorial(k) for k in range(n_terms)][::-1]
    table = np.array([1 / math.log(2), magic, high, low, least, *terms], dtype)
    integer = np.dtype(f"i{dtype.itemsize}")
    one = int(np.ones(1, dtype).view(integer)[0])
    return table, np.array([kept, one], integer)


@njit(nogil=True, cache=True, error_model="numpy")
def _exponential(
    x: NDArray[Any],
    table: NDArray[Any],
    whole: NDArray[Any],
    shifted: NDArray[Any],
    integers: NDArray[Any],
    out: NDArray[Any],
) -> None:
    """Write exp(x), of numbers that are not positive and are lost, to `out`.

    `shifted` and `integers` are one memory. One step for all samples after the other: each is a
    loop of vectors, which calls of the mathematical library are not.
    """
    rate, magic, high, low, least = table[0], table[1], table[2], table[3], table[4]
    bits, one = whole[0], whole[1]
    n = len(x)
    for t in range(n):
        value = least if x[t] < least else x[t]
        sum_ = value * rate + magic
        steps = sum_ - magic
        shifted[t] = sum_
        x[t] = (value - steps * high) - steps * low
    for t in range(n):
        out[t] = table[5]
    for coefficient in table[6:]:
        for t in range(n):
            out[t] = out[t] * x[t] + coefficient
    for t in range(n):
        integers[t] = (integers[t] << bits) + one
    for t in range(n):
        out[t] *= shifted[t]


@njit(nogil=True, cache=True, error_model="numpy")
def elu_pooled(
    x: NDArray[Any],
    scale: NDArray[Any],
    shift: NDArray[Any],
    table: NDArray[Any],
    whole: NDArray[Any],
    window: int,
    slope: NDArray[Any],
    out: NDArray[Any],
    begin: int,
    end: int,
) -> None:
    """Write the means of the activations over windows, and the activation's slope everywhere."""
    zero, one = x.dtype.type(0), x.dtype.type(1)
    share = one / x.dtype.type(window)
    n, steps = x.shape[1], out.shape[1]
    active, negative = np.empty(n, x.dtype), np.empty(n, x.dtype)
    shifted = np.empty(n, x.dtype)
    integers = shifted.view(whole.dtype)
    for row in range(begin, end):
        a, b = scale[row % len(scale)], shift[row % len(scale)]
        y, e, target = x[row], slope[row], out[row]
        for t in range(n):
            value = a * y[t] + b
            active[t] = value
            negative[t] = zero if value > zero else value
        _exponential(negative, table, whole, shifted, integers, e)
        for t in range(n):
            active[t] = active[t] if active[t] > zero else e[t] - one
        for step in range(steps):
            target[step] = active[step * window]
        for i in range(1, window):
            for step in range(steps):
                target[step] += active[step * window + i]
        for step in range(steps):
            target[step] *= share


@njit(nogil=True, cache=True, error_model="numpy")
def unpooled(
    x: NDArray[Any],
    scale: NDArray[Any],
    slope: NDArray[Any],
    gradient: NDArray[Any],
    window: int,
    to_x: NDArray[Any],
    to_affine: NDArray[np.float64],
    begin: int,
    end: int,
) -> None:
    """Take the gradient of the pooled activations back to x and, a row each, to the affine map."""
    share = x.dtype.type(1) / x.dtype.type(window)
    spread = np.zeros(x.shape[1], x.dtype)
    for row in range(begin, end):
        a = scale[row % len(scale)]
        y, e, given, target = x[row], slope[row], gradient[row], to_x[row]
        for i in range(window):
            part = spread[i : len(given) * window : window]
            for step in range(len(given)):
                part[step] = given[step] * share
        for t in range(len(y)):
            target[t] = spread[t] * e[t]
        to_affine[row, 0], to_affine[row, 1] = products(target, y), moments(target)[0]
        for t in range(len(y)):
            target[t] *= a
