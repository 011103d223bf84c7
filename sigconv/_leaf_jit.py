"""How the innermost compiled functions are compiled: without counting references."""

from __future__ import annotations

from numba import njit

#: A decorator for compiled functions that only compiled functions call, that make no array and
#: return none. Numba counts the references to each array that a function takes or slices, by
#: locked instructions: under nine taps a quarter of an image's time. What such a function sees
#: belongs to its caller, so there is nothing to count (Numba's own sorts are compiled likewise).
leaf = njit(nogil=True, cache=True, _nrt=False, forceinline=False)

#: Such a function as part of its callers: vectors that a function takes or returns pass through
#: memory, what lies in registers leaves them, and what is constant is not known to be (loops over
#: three taps are then unrolled). Leaves say that they are not, or they would inherit it in here.
inlined = njit(nogil=True, cache=True, _nrt=False, forceinline=True)
