"""What a filter is: its coefficients in a sound form, and what follows from them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.polynomial import polyval
from numpy.typing import ArrayLike, NDArray

from .. import _checks
from . import equation, nonrecursive, sections
from .sections import Floats


@dataclass(frozen=True, eq=False, repr=False)
class Coefficients:
    """The coefficients of a linear filter at a sampling rate; `TransferFunction` makes them."""

    fs: float
    _coefficients: Floats  # a kernel (taps,), or sections (n_sections, 6)

    @property
    def is_fir(self) -> bool:
        """Whether the impulse response is finite: there is no feedback."""
        return self._coefficients.ndim == 1

    @property
    def is_stable(self) -> bool:
        """Whether all poles lie inside the unit circle."""
        return self.is_fir or sections.is_stable(self._coefficients)

    @property
    def is_symmetric(self) -> bool:
        """Whether it is an FIR filter that delays all frequencies by half its odd length."""
        return self.is_fir and nonrecursive.is_symmetric(self._coefficients)

    @property
    def order(self) -> int:
        """The longest delay in the difference equation."""
        return len(self._coefficients) - 1 if self.is_fir else sections.order(self._coefficients)

    @property
    def b(self) -> Floats:
        """Coefficients of the input, shape (order + 1,), for a[0] = 1."""
        coefficients = self._coefficients.copy()  # writable: SciPy insists on that
        return coefficients if self.is_fir else sections.polynomials(coefficients)[0]

    @property
    def a(self) -> Floats:
        """Coefficients of the output, ``a[0] = 1``; shape (1,) for an FIR filter."""
        return np.ones(1) if self.is_fir else sections.polynomials(self._coefficients)[1]

    @property
    def sos(self) -> Floats:
        """Second-order sections as in SciPy, shape (n_sections, 6).

        A long FIR kernel has none that are accurate: ValueError.
        """
        return sections.from_kernel(self.b) if self.is_fir else self._coefficients.copy()

    @property
    def zeros(self) -> NDArray[np.complex128]:
        """Zeros in the z plane."""
        return self.zpk[0]

    @property
    def poles(self) -> NDArray[np.complex128]:
        """Poles in the z plane; those of an FIR filter lie at the origin."""
        return self.zpk[1]

    @property
    def gain(self) -> float:
        """The factor k of ``H = k prod(z - zeros) / prod(z - poles)``."""
        return self.zpk[2]

    @property
    def zpk(self) -> tuple[NDArray[np.complex128], NDArray[np.complex128], float]:
        """Zeros, poles and gain."""
        if not self.is_fir:
            return sections.zeros_poles_gain(self._coefficients)
        zeros = np.roots(self.b).astype(np.complex128)
        first = self.b[self.b != 0][:1]
        return zeros, np.zeros(self.order, np.complex128), float(first.sum())

    def settling_time(self, tolerance: float = 1e-3) -> float:
        """Return how long the filter remembers, in seconds.

        Parameters
        ----------
        tolerance : float
            For a recursive filter, the time in which its slowest pole decays to this fraction;
            an FIR filter forgets everything after its order.

        Returns
        -------
        float
            Infinite for an unstable filter.

        Examples
        --------
        >>> import sigconv
        >>> round(sigconv.lowpass(10, fs=250, order=2).settling_time(), 3)
        0.155
        """
        tolerance = _checks.number("tolerance", tolerance, above=0, below=1)
        if self.is_fir:
            return self.order / self.fs
        if not self.is_stable:
            return math.inf
        decay = math.log(tolerance) / sections.decay(self._coefficients)
        return max(decay, self.order) / self.fs

    def frequency_response(
        self, frequencies: int | ArrayLike = 512
    ) -> tuple[Floats, NDArray[np.complex128]]:
        """Return H at some frequencies.

        Parameters
        ----------
        frequencies : int or array_like, any shape
            Frequencies in Hz, or how many from 0 up to, without, fs/2.

        Returns
        -------
        frequencies : ndarray of float
            In Hz.
        response : ndarray of complex, same shape
            Its absolute value is the gain, its angle the phase.

        Raises
        ------
        ValueError
            If no frequency is asked for, or one is not finite.

        Examples
        --------
        >>> import numpy as np, sigconv
        >>> _, response = sigconv.lowpass(40, fs=250).frequency_response([0, 40, 100])
        >>> (20 * np.log10(np.abs(response))).round(1)
        array([  0. ,  -3. , -59.8])
        """
        hertz = self._hertz(frequencies)
        angles = np.asarray(2 * np.pi * hertz / self.fs, np.float64)
        return hertz, response_at(self._coefficients, angles)

    def group_delay(self, frequencies: int | ArrayLike = 512) -> tuple[Floats, Floats]:
        """Return how late the envelope of each frequency comes out.

        Parameters
        ----------
        frequencies : int or array_like, any shape
            As in `frequency_response`.

        Returns
        -------
        frequencies : ndarray of float
            In Hz.
        delay : ndarray of float, same shape
            In seconds; NaN where the filter lets nothing pass and has no phase.

        Raises
        ------
        ValueError
            As `frequency_response`.

        Examples
        --------
        >>> import sigconv
        >>> _, delay = sigconv.fir((1, 40), fs=250, taps=101).group_delay([10, 20])
        >>> delay.round(6)  # half of the other 100 samples
        array([0.2, 0.2])
        """
        hertz = self._hertz(frequencies)
        angles = np.asarray(2 * np.pi * hertz / self.fs, np.float64)
        if self.is_fir:
            return hertz, _delay(self.b, angles) / self.fs
        return hertz, sections.delay(self._coefficients, angles) / self.fs

    def _hertz(self, frequencies: int | ArrayLike) -> Floats:
        if np.ndim(frequencies) == 0:
            n = _checks.whole("frequencies", frequencies)
            hertz = np.asarray(np.arange(n) * (self.fs / 2 / n), np.float64)
        else:
            hertz = np.asarray(_checks.numeric("frequencies", frequencies), np.float64)
            if not np.isfinite(hertz).all():
                raise ValueError(f"frequencies must be finite; got {frequencies!r}")
        return hertz

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Coefficients):
            return NotImplemented
        return self.fs == other.fs and np.array_equal(self._coefficients, other._coefficients)

    def __hash__(self) -> int:
        return hash((self.fs, self._coefficients.shape, self._coefficients.tobytes()))

    def __repr__(self) -> str:
        if self.is_fir:
            return f"<TransferFunction: FIR of {self.order + 1} taps, fs {self.fs:g} Hz>"
        n = len(self._coefficients)
        return (
            f"<TransferFunction: IIR of order {self.order}, {n} section{'s' * (n > 1)}, "
            f"fs {self.fs:g} Hz>"
        )

    def __str__(self) -> str:
        """Write the difference equation, for more than two sections one a section."""
        if self.is_fir or len(self._coefficients) <= 2:
            return equation.text(self.b, self.a)
        n = len(self._coefficients)
        names = ["x", *(f"v{i}" for i in range(1, n)), "y"]
        return "\n".join(
            equation.text(section[:3], section[3:], y=after, x=before)
            for section, before, after in zip(self._coefficients, names, names[1:], strict=False)
        )


def response_at(coefficients: Floats, angles: Floats) -> NDArray[np.complex128]:
    """Return H at angles (radians a sample) of a kernel (taps,) or sections (n_sections, 6)."""
    if coefficients.ndim == 1:
        return np.asarray(polyval(np.exp(-1j * angles), coefficients), np.complex128)
    return sections.response(coefficients, angles)


def _delay(polynomial: Floats, angles: Floats) -> Floats:
    """Return the delay in samples of sum_k c[k] z**-k on the unit circle: its phase's slope."""
    z = np.exp(-1j * angles)
    value = polyval(z, polynomial)
    # relative to the coefficients, below which the sum is rounding noise
    silent = np.abs(value) <= 1e-14 * np.abs(polynomial).sum()
    slope = polyval(z, polynomial * np.arange(len(polynomial)))
    return np.where(silent, np.nan, (slope / np.where(silent, 1, value)).real)
