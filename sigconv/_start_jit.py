"""What Numba loads before the first compiled function of a process runs."""

from __future__ import annotations

import functools
import gc

from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target


@functools.cache
def start() -> None:
    """Let Numba load what it needs to run compiled functions.

    It would do so by itself at the first call of one: most of the 0.2 s that this call takes. A
    quarter of them went to the garbage collector, which walks again and again through ever more
    objects none of which is garbage; here it waits.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        with global_compiler_lock:
            cpu_target.target_context.refresh()
    finally:
        if collects:
            gc.enable()
