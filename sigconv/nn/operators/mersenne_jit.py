"""Bernoulli numbers of the Mersenne Twister, as torch draws them one by one, block by block.

Matsumoto and Nishimura 1998, https://doi.org/10.1145/272991.272995.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

#: Words of the state, and how far apart those lie that are mixed.
WORDS, APART = 624, 397

_UPPER, _LOWER = np.uint32(0x80000000), np.uint32(0x7FFFFFFF)
_MATRIX, _ONE, _ZERO = np.uint32(0x9908B0DF), np.uint32(1), np.uint32(0)
_MASKS = np.uint32(0x9D2C5680), np.uint32(0xEFC60000)
_SHIFTS = np.uint32(11), np.uint32(7), np.uint32(15), np.uint32(18)

#: Of the first word of two, so that both have the 53 bits of a float64.
_HIGH = np.uint32(2**21 - 1)


@njit(nogil=True, cache=True)
def _mixed(first: Any, second: Any, far: Any) -> Any:
    y = (first & _UPPER) | (second & _LOWER)
    return np.uint32(far ^ (y >> _ONE) ^ (_MATRIX if second & _ONE else _ZERO))


@njit(nogil=True, cache=True)
def _next_block(state: NDArray[np.uint32]) -> None:
    """Replace all words; each loop reads nothing that it has written a vector before."""
    for i in range(WORDS - APART):
        state[i] = _mixed(state[i], state[i + 1], state[i + APART])
    for i in range(WORDS - APART, WORDS - 1):
        state[i] = _mixed(state[i], state[i + 1], state[i + APART - WORDS])
    state[WORDS - 1] = _mixed(state[WORDS - 1], state[0], state[APART - 1])


@njit(nogil=True, cache=True)
def fill(state: NDArray[np.uint32], used: int, limit: Any, value: Any, out: NDArray[Any]) -> int:
    """Write `value` where a number of 53 bits is below `limit`, else 0; return `used` anew.

    `used` words of the present block are drawn already; two are drawn for each number.
    """
    words = np.empty(WORDS + 1, np.uint32)  # one may be left over from the block before
    zero = out.dtype.type(0)
    done = kept = 0
    while done < len(out):
        if used == WORDS:
            _next_block(state)
            used = 0
        wanted = 2 * (len(out) - done) - kept
        drawn = min(WORDS - used, wanted)
        for i in range(drawn):
            y = state[used + i]
            y = np.uint32(y ^ (y >> _SHIFTS[0]))
            y = np.uint32(y ^ (np.uint32(y << _SHIFTS[1]) & _MASKS[0]))
            y = np.uint32(y ^ (np.uint32(y << _SHIFTS[2]) & _MASKS[1]))
            words[kept + i] = np.uint32(y ^ (y >> _SHIFTS[3]))
        used += drawn
        pairs = (kept + drawn) // 2
        part = out[done : done + pairs]
        for i in range(pairs):
            number = (np.uint64(words[2 * i] & _HIGH) << np.uint64(32)) | np.uint64(
                words[2 * i + 1]
            )
            part[i] = value if number < limit else zero
        done += pairs
        words[0] = words[max(kept + drawn - 1, 0)]
        kept = (kept + drawn) % 2
    return used
