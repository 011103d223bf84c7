"""`python -m sigconv` is `sigconv`: the command line as a process of its own."""

import gc
import sys

from .cli import main

#: Objects made since the last search for garbage, before the next one. Python's 700 cost 0.12 s of
#: 1.6 while NumPy, SciPy and Numba were imported.
_OBJECTS = 20_000


def command() -> int:
    """Run the command line in a process that ends with it; return its exit code."""
    gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])
    try:
        return main()
    finally:
        gc.freeze()  # the process ends: to search all there is for garbage took 0.3 s


if __name__ == "__main__":
    sys.exit(command())
