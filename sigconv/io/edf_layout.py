"""How samples become numbers of an EDF file: calibration of signals, cutting into records."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .edf_header import SignalHeader

#: Physical dimension -> its size in volts. MNE leaves others as they are, and so do we.
VOLTS = {"uV": 1e-6, "µV": 1e-6, "\x83\xcaV": 1e-6, "mV": 1e-3, "V": 1.0}

#: Samples a channel beyond this factor of the source's step count as coarser.
_COARSER = 1.001


def unit_of(signal: SignalHeader) -> str:
    """Return the unit that a signal's values have once they are read."""
    return "V" if signal.dimension in VOLTS else signal.dimension


@dataclass(frozen=True)
class Extent:
    """What must be known of all samples of a signal before one can be written.

    Parameters
    ----------
    low, high : float
        Least and greatest, in the signal's physical dimension.
    whole : bool
        Whether all are whole numbers.
    n_bad : int
        How many are not finite.
    """

    low: float
    high: float
    whole: bool = False
    n_bad: int = 0


@dataclass(frozen=True)
class Calibration:
    """A signal's header, and how its values become the whole numbers of the file."""

    header: SignalHeader
    gain: float
    offset: float
    limits: tuple[int, int]
    coarser: bool = False
    scale: float = 1.0  # of the values, in the physical dimension

    def digital(self, x: NDArray[np.float64]) -> NDArray[np.int32]:
        """Return values as whole numbers."""
        numbers = np.empty((1, len(x)), np.int32)
        self.put(x, numbers, 0, len(x))
        return numbers[0]

    def put(self, x: NDArray[np.float64], records: NDArray[Any], begin: int, width: int) -> None:
        """Put values as whole numbers into records (n_records, samples of all signals).

        The signal has `width` of these, from `begin` on.
        """
        from . import edf_jit  # which reading a header need not wait for

        form = self.scale, self.offset, self.gain, self.limits
        edf_jit.to_numbers(x, *form, records, begin, width)


def calibrate(extent: Extent, template: SignalHeader, *, is_source: bool, bits: int) -> Calibration:
    """Choose how physical values become the whole numbers of a file.

    If the template is the signal's own header from its source, its step is kept as long as
    the format's numbers reach far enough, and the range is widened by a larger step where
    they do not. Otherwise the range is the data's.

    Parameters
    ----------
    extent : Extent
        Of finite values in the template's physical dimension.
    template : SignalHeader
    is_source : bool
        Whether the template's calibration means anything for this signal.
    bits : int
        16 or 24.
    """
    limits = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    if is_source:
        step = template.gain, template.offset
        numbers = [np.rint((end - step[1]) / step[0]) for end in (extent.low, extent.high)]
        if template.digital_min <= min(numbers) and max(numbers) <= template.digital_max:
            return Calibration(template, *step, limits)
        header = _reaching(template, limits)
        if header is not None and limits[0] <= min(numbers) and max(numbers) <= limits[1]:
            return Calibration(header, *step, limits)
    ends = [extent.low, extent.high]
    if is_source:
        source = [float(template.physical_min), float(template.physical_max)]
        ends = [min(ends[0], *source), max(ends[1], *source)]
    if ends[0] == ends[1]:
        ends[1] += 1.0
    header = dataclasses.replace(
        template,
        physical_min=eight(ends[0], ROUND_FLOOR),
        physical_max=eight(ends[1], ROUND_CEILING),
        digital_min=limits[0],
        digital_max=limits[1],
    )
    spread = extent.high - extent.low
    if 0 < spread < 100 * header.gain:
        raise ValueError(
            f"the values of {template.label!r}, {ends[0]:g} to {ends[1]:g} "
            f"{template.dimension}, are too small for the 8 digits of its header"
        )
    coarser = is_source and abs(header.gain) > _COARSER * abs(template.gain)
    return Calibration(header, header.gain, header.offset, limits, coarser)


def _reaching(template: SignalHeader, limits: tuple[int, int]) -> SignalHeader | None:
    """Return the header with the same step and all the format's numbers, if it can be written."""
    ends = [template.offset + template.gain * limit for limit in limits]
    try:
        low, high = (eight(end) for end in ends)
    except ValueError:
        return None
    header = dataclasses.replace(
        template,
        physical_min=low,
        physical_max=high,
        digital_min=limits[0],
        digital_max=limits[1],
    )
    kept = np.isclose(header.gain, template.gain, rtol=1e-12, atol=0)
    return header if kept and np.isclose(header.offset, template.offset, rtol=1e-12) else None


def records(
    n_times: int, fs: float, preferred: tuple[int, str] | None = None, multiple: int = 1
) -> tuple[int, str]:
    """Cut a recording into equal records: samples a record and its duration as text.

    Nothing is ever padded, so the number of samples a record divides `n_times`. Of the
    possible cuts, those whose duration has an exact text of 8 characters go first, and of
    them the one nearest to a second. `preferred` (the source's) is taken if it fits. Channels
    of lower rates need a `multiple` of so many samples.
    """
    if preferred is not None:
        samples, text = preferred
        if n_times % samples == samples % multiple == 0 and rate_of(samples, text) == fs:
            return preferred
    found = []
    for divisor in range(1, math.isqrt(n_times) + 1):
        if n_times % divisor == 0:
            found += [divisor, n_times // divisor]
    found = [samples for samples in found if samples % multiple == 0]
    best = min(found, key=lambda samples: _badness(samples, fs))
    return best, eight(best / fs)


def rate_of(samples: int, duration: str) -> float:
    """Return the sampling rate that a record of so many samples and this duration stands for.

    A whole rate whose duration had to be rounded to the 8 characters of its field is
    recognised.
    """
    fs = samples / float(duration.replace(",", "."))
    nearest = round(fs)
    if nearest > 0 and abs(fs - nearest) < 1e-5 * fs and _matches(samples / nearest, duration):
        return float(nearest)
    return fs


def _matches(seconds: float, duration: str) -> bool:
    try:
        return Decimal(eight(seconds)) == Decimal(duration.replace(",", "."))
    except ValueError:
        return False


def _badness(samples: int, fs: float) -> tuple[float, float]:
    seconds = samples / fs
    try:
        error = abs(samples / float(eight(seconds)) / fs - 1)
    except (ValueError, ZeroDivisionError):
        return math.inf, math.inf
    far = math.log(seconds)
    return (error if error > 1e-12 else 0.0), (far if far >= 0 else -3 * far)


def eight(value: float, rounding: str = ROUND_HALF_EVEN) -> str:
    """Return a number as decimal text of at most 8 characters, without an exponent."""
    number = Decimal(repr(float(value)))
    for decimals in range(7, -1, -1):
        if number.adjusted() + decimals > 20:  # beyond what fits, and beyond Decimal's precision
            continue
        text = f"{number.quantize(Decimal(1).scaleb(-decimals), rounding):f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        if len(text) <= 8:
            return "0" if text == "-0" else text
    raise ValueError(f"{value:g} does not fit the 8 characters of an EDF header field")
