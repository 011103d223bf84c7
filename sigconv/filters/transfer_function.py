"""The linear filter as one object, from its coefficients in any form."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks
from . import equation, picture, sections
from .combining import UNSOUND, Combinable
from .sections import Floats

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, init=False, eq=False, repr=False)
class TransferFunction(Combinable):
    """A linear filter ``a[0] y[n] = sum_k b[k] x[n-k] - sum_{k>0} a[k] y[n-k]``.

    That is the constant-coefficient difference equation with H(z) = B(z) / A(z). A filter
    without feedback (FIR) is kept as its kernel, any other as second-order sections, which
    are numerically sound where `b` and `a` are not. The object cannot be changed; equal
    coefficients at equal rates compare equal.

    Parameters
    ----------
    b : array_like, shape (n_b,)
        Coefficients of the input: ``b[k]`` belongs to ``x[n - k]``.
    a : float or array_like, shape (n_a,)
        Coefficients of the output, ``a[0] != 0``. A scalar makes an FIR filter.
    fs : float
        Sampling rate in Hz.

    Raises
    ------
    ValueError
        If the coefficients are not finite, real and one-dimensional, or ``a[0]`` is 0.

    Warns
    -----
    UserWarning
        If the filter is unstable (the poles are named), or if `b` and `a` are a numerically
        unsound way to write it: rounding them alone changes the response by more than 1e-6.

    See Also
    --------
    sigconv.lowpass, sigconv.highpass, sigconv.bandpass, sigconv.bandstop, sigconv.notch,
    sigconv.peak, sigconv.comb, sigconv.fir

    Notes
    -----
    Filters of one rate combine as in algebra: ``H1 * H2`` in series, ``H1 + H2`` and ``H1 - H2``
    side by side, ``2 * H``, ``-H``, ``1 - H`` (what H leaves out) and ``H1.feedback(H2)``.

    References
    ----------
    .. [1] A. V. Oppenheim and R. W. Schafer, "Discrete-Time Signal Processing", 3rd ed., ch. 6.

    Examples
    --------
    >>> import sigconv
    >>> smoother = sigconv.TransferFunction([0.1], [1, -0.9], fs=250)
    >>> print(smoother)
    y[n] = 0.1 x[n] + 0.9 y[n-1]
    >>> smoother.poles
    array([0.9+0.j])
    >>> smoother.impulse_response(3)
    array([0.1  , 0.09 , 0.081])
    """

    def __init__(self, b: ArrayLike, a: ArrayLike = 1.0, *, fs: float) -> None:
        numerator = _coefficients("b", np.atleast_1d(b), 1)
        denominator = _coefficients("a", np.atleast_1d(a), 1)
        if denominator[0] == 0:
            raise ValueError(f"a must start with a coefficient other than 0; got {a!r}")
        numerator, denominator = numerator / denominator[0], denominator / denominator[0]
        if not denominator[1:].any() or not numerator.any():
            self._keep(numerator, fs)
            return
        factored = sections.from_polynomials(numerator, denominator)
        effect = sections.unsoundness(numerator, denominator, factored)
        if effect > UNSOUND:
            warnings.warn(
                f"b and a of order {max(len(numerator), len(denominator)) - 1} are numerically "
                f"unsound: their rounding alone changes the response by up to {effect:.0e} of "
                f"itself; use from_sos, from_zpk or a design function of sigconv",
                UserWarning,
                stacklevel=2,
            )
        self._keep(factored, fs)

    @classmethod
    def _made(cls, coefficients: Floats, fs: float) -> TransferFunction:
        if coefficients.ndim == 2:
            return cls.from_sos(coefficients, fs=fs)
        return cls(coefficients, fs=fs)

    @classmethod
    def from_sos(cls, sos: ArrayLike, *, fs: float) -> TransferFunction:
        """Build a filter from second-order sections.

        Parameters
        ----------
        sos : array_like, shape (n_sections, 6)
            Rows b0, b1, b2, a0, a1, a2 as in SciPy.
        fs : float
            Sampling rate in Hz.

        Returns
        -------
        TransferFunction

        Raises
        ------
        ValueError
            If the shape is another, a number is not finite, or an a0 is 0.

        Examples
        --------
        >>> import scipy.signal, sigconv
        >>> sos = scipy.signal.butter(4, 40, fs=250, output="sos")
        >>> sigconv.TransferFunction.from_sos(sos, fs=250)
        <TransferFunction: IIR of order 4, 2 sections, fs 250 Hz>
        """
        rows = _coefficients("sos", np.asarray(sos), 2)
        if rows.shape[1] != 6 or not rows[:, 3].all():
            raise ValueError(
                f"sos must have shape (n_sections, 6) and no a0 of 0; got shape {rows.shape} "
                f"with a0 = {rows[:, 3:4].ravel()}"
            )
        rows = rows / rows[:, 3:4]
        self = cls.__new__(cls)
        if not rows[:, :3].any(axis=1).all():
            rows = np.zeros(1)  # a section that lets nothing pass
        elif not rows[:, 4:].any():
            rows = sections.polynomials(rows)[0]
        self._keep(rows, fs)
        return self

    @classmethod
    def from_zpk(cls, z: ArrayLike, p: ArrayLike, k: float, *, fs: float) -> TransferFunction:
        """Build a filter from its zeros, poles and gain.

        Parameters
        ----------
        z, p : array_like of complex, 1D
            Zeros and poles in the z plane, real or in conjugate pairs; if there are fewer of
            one, the rest lie at the origin.
        k : float
            Gain.
        fs : float
            Sampling rate in Hz.

        Returns
        -------
        TransferFunction

        Raises
        ------
        ValueError
            If complex values lack their conjugates.

        Examples
        --------
        >>> import sigconv
        >>> print(sigconv.TransferFunction.from_zpk([-1], [0.5], 0.25, fs=100))
        y[n] = 0.25 x[n] + 0.25 x[n-1] + 0.5 y[n-1]
        """
        gain = _checks.number("k", k)
        zeros, poles = _roots("z", z), _roots("p", p)
        if not len(zeros) and not len(poles):
            return cls([gain], fs=fs)
        return cls.from_sos(sections.from_zpk(zeros, poles, gain), fs=fs)

    @classmethod
    def from_equation(cls, text: str, *, fs: float) -> TransferFunction:
        """Build a filter from its difference equation, written as `str(tf)` writes one.

        Parameters
        ----------
        text : str
            One equation of ``x[n]``, ``x[n-1]``, ... and ``y[n]``, ``y[n-1]``, ..., whose terms
            may stand on both sides; a factor goes before its term.
        fs : float
            Sampling rate in Hz.

        Returns
        -------
        TransferFunction

        Raises
        ------
        ValueError
            If the text is no such equation, or has no ``y[n]``.

        Warns
        -----
        UserWarning
            As for `TransferFunction`.

        Examples
        --------
        >>> import sigconv
        >>> tf = sigconv.TransferFunction.from_equation("y[n] - 0.9 y[n-1] = 0.1 x[n]", fs=250)
        >>> print(tf)
        y[n] = 0.1 x[n] + 0.9 y[n-1]
        """
        return cls(*equation.parsed(text), fs=fs)

    def plot(self) -> Figure:
        """Draw gain, phase, group delay, impulse response, poles and zeros.

        Returns
        -------
        matplotlib.figure.Figure
            Not shown and not saved: `figure.savefig("filter.png")` does that.

        Raises
        ------
        MissingExtra
            Without matplotlib (extra "plot").

        Examples
        --------
        >>> import sigconv
        >>> figure = sigconv.lowpass(40, fs=250).plot()
        >>> len(figure.axes)
        5
        """
        return picture.draw(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the filter as plain data for JSON; `from_dict` is the way back, bit for bit.

        Examples
        --------
        >>> import sigconv
        >>> sigconv.TransferFunction([0.5, 0.5], fs=250).to_dict()
        {'fs': 250.0, 'b': [0.5, 0.5]}
        """
        name = "b" if self.is_fir else "sos"
        return {"fs": self.fs, name: self._coefficients.tolist()}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> TransferFunction:
        """Build a filter from what `to_dict` returned.

        Raises
        ------
        ValueError
            If the data is not that of a filter.

        Examples
        --------
        >>> import json, sigconv
        >>> tf = sigconv.lowpass(40, fs=250)
        >>> sigconv.TransferFunction.from_dict(json.loads(json.dumps(tf.to_dict()))) == tf
        True
        """
        if set(plain) == {"fs", "b"}:
            return cls(plain["b"], fs=plain["fs"])
        if set(plain) == {"fs", "sos"}:
            return cls.from_sos(plain["sos"], fs=plain["fs"])
        raise ValueError(f"plain must hold 'fs' and either 'b' or 'sos'; got {sorted(plain)}")

    def _keep(self, coefficients: Floats, fs: float) -> None:
        coefficients = coefficients + 0.0  # a copy without negative zeros: equal means same bytes
        coefficients.setflags(write=False)
        object.__setattr__(self, "fs", _checks.sampling_rate(fs))
        object.__setattr__(self, "_coefficients", coefficients)
        if not self.is_stable:
            outside = [f"{pole:.6g}" for pole in self.poles if abs(pole) >= 1 - 1e-12]
            warnings.warn(
                f"the filter is unstable: its poles {', '.join(outside)} do not lie inside the "
                f"unit circle",
                UserWarning,
                stacklevel=3,
            )


def _coefficients(name: str, array: NDArray[Any], ndim: int) -> Floats:
    """Return a float64 copy of real, finite coefficients."""
    if array.ndim != ndim or not array.size:
        raise ValueError(f"{name} must have {ndim} dimension(s), not empty; got {array.shape}")
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must hold real numbers; got an array of dtype {array.dtype}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must hold finite numbers; got {array}")
    return array.astype(np.float64)


def _roots(name: str, values: ArrayLike) -> NDArray[np.complex128]:
    roots = np.atleast_1d(np.asarray(values))
    if roots.ndim != 1 or (roots.size and roots.dtype.kind not in "iufc"):
        raise TypeError(f"{name} must be a 1D array of numbers; got {values!r}")
    if not np.isfinite(roots).all():
        raise ValueError(f"{name} must hold finite numbers; got {values!r}")
    return roots.astype(np.complex128)
