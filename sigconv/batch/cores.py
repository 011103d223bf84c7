"""The cores of this machine, shared out to the files that are worked on at the same time."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from .. import _layout


class Cores:
    """Gives every file that begins its part of the cores that are free.

    Parameters
    ----------
    at_once : int
        How many files may be worked on at the same time.
    n_files : int
        How many there are. The last ones, for which nobody waits, get what is left.
    n_cores : int, optional
        As many as this process may use if not given.
    """

    def __init__(self, at_once: int, n_files: int, n_cores: int | None = None) -> None:
        self._free = n_cores or _layout.available_cores()
        # with more files than cores at once they would only be in each other's way
        self.places = max(1, min(at_once, n_files, self._free))
        self._empty, self._left = self.places, n_files
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def share(self) -> Iterator[int]:
        """Give a number of threads for a file; they are free again when the block ends.

        No more than `places` files may be in their blocks.
        """
        with self._lock:
            share = max(1, self._free // max(1, min(self._empty, self._left)))
            self._free -= share
            self._empty -= 1
            self._left -= 1
        try:
            yield share
        finally:
            with self._lock:
                self._free += share
                self._empty += 1
