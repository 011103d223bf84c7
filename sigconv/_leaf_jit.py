"""How the innermost compiled functions are compiled: without counting references."""

from __future__ import annotations

from numba import njit

#: A decorator for compiled functions that only compiled functions call, that make no array and
#: return none. Numba counts the references to each array that a function takes or slices, by
#: locked instructions: under nine taps a quarter of an image's time. What such a function sees
#: belongs to its caller, so there is nothing to count (Numba's own sorts are compiled likewise).
leaf = njit(nogil=True, cache=True, _nrt=False, forceinline=False)

#: A leaf that becomes part of whatever calls it: vectors stay in registers, where a call hands
#: them over in memory, and what is constant there is so here (loops over three taps are unrolled).
#: Other leaves say that they are not, for what is called within it would inherit that.
inlined = njit(nogil=True, cache=True, _nrt=False, forceinline=True)
