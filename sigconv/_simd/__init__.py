"""Vectors for compiled loops: a Numba type that lies in the processor's vector registers.

Plain loops came out half as wide as the processor allows, and several times slower in the
Fourier transform. LLVM splits these vectors where the processor's own are narrower.
Nothing here checks bounds: only functions that have checked lengths and types call compiled
code built on it. Arrays are C-contiguous, of float32 or float64; indices count elements.
"""

from .arithmetic import across as across
from .arithmetic import fainter as fainter
from .arithmetic import flaws as flaws
from .arithmetic import glide as glide
from .arithmetic import greater as greater
from .arithmetic import lesser as lesser
from .arithmetic import louder as louder
from .arithmetic import slide as slide
from .arithmetic import spread as spread
from .arithmetic import sum_lanes as sum_lanes
from .denormals import flush_denormals as flush_denormals
from .denormals import restore_denormals as restore_denormals
from .memory import fill as fill
from .memory import lanes_in as lanes_in
from .memory import load as load
from .memory import load_as as load_as
from .memory import load_doubles as load_doubles
from .memory import prefetch as prefetch
from .memory import settle as settle
from .memory import splat as splat
from .memory import store as store
from .memory import store_few as store_few
from .memory import store_lines as store_lines
from .memory import store_past as store_past
from .memory import zeros as zeros
from .shuffles import every_fourth as every_fourth
from .shuffles import follow as follow
from .shuffles import load_turned as load_turned
from .shuffles import store_in_turns as store_in_turns
from .shuffles import store_turned as store_turned
from .shuffles import sum_each as sum_each
from .shuffles import swap_halves as swap_halves
from .shuffles import transpose as transpose
from .shuffles import turn_square as turn_square
from .vectors import BUNDLE as BUNDLE
from .vectors import DOUBLES as DOUBLES
from .vectors import FIRST as FIRST
from .vectors import NO as NO
from .vectors import VECTOR as VECTOR
