"""What `width` may be: seconds become samples here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import _checks


@dataclass(frozen=True)
class Width:
    """What the width of a method is.

    Parameters
    ----------
    meaning : str
        For the table in `smooth`'s docstring.
    step : int
        0 for any length; 1 for whole samples; 2 for odd ones, which have a middle.
    """

    meaning: str
    step: int

    def samples(self, width: Any, fs: float | None) -> float:
        """Return a width given in seconds (at `fs`) or samples as a legal number of samples."""
        if self.step == 0:
            return _checks.number("width", width, above=0) * (1.0 if fs is None else fs)
        if fs is None:
            n = _checks.whole("width", width)
            if n % self.step != 1 % self.step:
                raise ValueError(f"width must be an odd number of samples; got {n}")
            return n
        exact = _checks.number("width", width, above=0) * fs
        if exact < 0.5:
            raise ValueError(
                f"width must be half a sample at least; got {width} s, {exact:.2g} samples "
                f"at {fs:g} Hz"
            )
        return int(exact // 2) * 2 + 1 if self.step == 2 else int(exact + 0.5)


ANY_WHOLE = Width("window length", 1)
ODD = Width("window length, odd", 2)
