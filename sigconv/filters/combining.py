"""Filters in series, side by side, scaled, and in a loop."""

from __future__ import annotations

import numbers
import warnings
from typing import Any, Self

import numpy as np

from .. import _checks
from . import algebra, sections
from .coefficients import response_at
from .running import Runnable
from .sections import Floats

#: Relative change of the response by rounding the coefficients from which on it is unsound.
UNSOUND = 1e-6

#: What lies this far (120 dB) below the peak of the response is compared with this part of it.
QUIET = 1e-6


class Combinable(Runnable):
    """Arithmetic of filters of one rate; a number stands for the filter that only scales."""

    #: NumPy's numbers leave `2 * tf` to the filter.
    __array_ufunc__ = None

    @classmethod
    def _made(cls, coefficients: Floats, fs: float) -> Self:
        """Return a filter with a kernel (taps,) or sections (n_sections, 6)."""
        raise NotImplementedError

    def __mul__(self, other: Any) -> Self:
        """Put two filters in series, or scale one."""
        operand = self._operand(other)
        if operand is None:
            return NotImplemented
        own = self._coefficients
        if own.ndim == operand.ndim == 1:
            kernel = np.convolve(own, operand)
            return self._made(kernel if kernel.any() else np.zeros(1), self.fs)
        if operand.shape == (1,) or own.shape == (1,):
            factor, scaled = (operand, own) if operand.shape == (1,) else (own, operand)
            scaled = scaled.copy()
            scaled[0, :3] *= factor[0]
            return self._made(scaled if factor[0] else np.zeros(1), self.fs)
        both = [sections.from_kernel(each) if each.ndim == 1 else each for each in (own, operand)]
        return self._made(np.concatenate(both), self.fs)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Self:
        """Divide by a number."""
        if not isinstance(other, numbers.Real):
            return NotImplemented
        return self * (1 / _checks.number("other", other))

    def __neg__(self) -> Self:
        """Turn the sign of the output."""
        return self * -1

    def __add__(self, other: Any) -> Self:
        """Put two filters side by side: their outputs are added."""
        operand = self._operand(other)
        if operand is None:
            return NotImplemented
        result = self._made(algebra.parallel(self._coefficients, operand), self.fs)
        angles = _watched(self._coefficients, operand, result._coefficients)
        parts = [response_at(each, angles) for each in (self._coefficients, operand)]
        scale = np.maximum(np.abs(parts[0]), np.abs(parts[1]))
        _warn_if_off(result, angles, parts[0] + parts[1], scale)
        return result

    __radd__ = __add__

    def __sub__(self, other: Any) -> Self:
        """Subtract the output of another filter."""
        operand = self._operand(other)
        return NotImplemented if operand is None else self + -1 * self._made(operand, self.fs)

    def __rsub__(self, other: Any) -> Self:
        """Subtract the filter from a number: ``1 - tf`` passes what `tf` does not."""
        return -self + other

    def feedback(self, other: Self | float = 1.0) -> Self:
        """Feed the output back through another filter, subtracted from the input.

        Parameters
        ----------
        other : TransferFunction or float
            The filter G in the way back, of the same rate; a number scales. The loop subtracts:
            for positive feedback give ``-other``.

        Returns
        -------
        TransferFunction
            The closed loop H / (1 + H G) of this filter H.

        Raises
        ------
        ValueError
            If the rates differ, or the loop's output depended on itself without delay in a way
            that no number solves (1 + H G vanishes at infinite z).

        Warns
        -----
        UserWarning
            If the loop is unstable, or no second-order sections in float64 hold it to 1e-6.

        Examples
        --------
        >>> import sigconv
        >>> accumulate_half = sigconv.TransferFunction([0, 0.5], [1, -0.5], fs=100)
        >>> print(accumulate_half.feedback(0.2))
        y[n] = 0.5 x[n-1] + 0.4 y[n-1]
        """
        operand = self._operand(other)
        if operand is None:
            raise TypeError(f"other must be a TransferFunction or a number; got {other!r}")
        result = self._made(algebra.closed_loop(self._coefficients, operand), self.fs)
        angles = _watched(self._coefficients, operand, result._coefficients)
        with np.errstate(all="ignore"):
            there, back = (response_at(each, angles) for each in (self._coefficients, operand))
            expected = there / (1 + there * back)
        _warn_if_off(result, angles, expected, np.abs(expected))
        return result

    def _operand(self, other: Any) -> Floats | None:
        """Return the coefficients of what stands beside the operator; None if it is neither."""
        if isinstance(other, numbers.Real):
            return np.array([_checks.number("other", other)])
        if not isinstance(other, type(self)):
            return None
        if self.fs != other.fs:
            raise ValueError(f"fs must be the same in both filters; got {self.fs} and {other.fs}")
        return other._coefficients


def _watched(*parts: Floats) -> Floats:
    """Return angles at which a wrong response would show: everywhere, and about each pole."""
    angles = [np.linspace(0, np.pi, 64)]
    for part in parts:
        if part.ndim == 2:
            of_poles = np.abs(np.angle(sections.zeros_poles_gain(part)[1]))
            angles.extend(of_poles * factor for factor in (0.1, 0.5, 0.99, 1, 1.01, 2, 10))
    joined = np.concatenate(angles)
    return joined[joined <= np.pi]


def _warn_if_off(result: Runnable, angles: Floats, expected: Any, scale: Floats) -> None:
    with np.errstate(all="ignore"):
        size = np.fmax(scale, QUIET * np.nanmax(scale, where=np.isfinite(scale), initial=0))
        off = np.abs(response_at(result._coefficients, angles) - expected) / size
    worst = off[np.isfinite(off)].max(initial=0.0)
    if worst > UNSOUND:
        warnings.warn(
            f"the combined filter is numerically unsound: rounding its second-order sections alone "
            f"changes the response by up to {worst:.0e} of the parts'; run the parts over the "
            f"signal and combine the answers",
            UserWarning,
            stacklevel=3,
        )
