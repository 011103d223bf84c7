"""Second-order sections: how they are made, and their shifted form, which keeps its accuracy.

A section is a row b0, b1, b2, 1, a1, a2 as in SciPy. Where its poles crowd near z = 1 (a low
cutoff), what matters are tiny sums such as 1 + a1 + a2, and arithmetic on the coefficients
themselves loses them. The shifted form writes the same section in powers of e = z - s,

    H = (b0 e² + n1 e + n2) / (e² + d1 e + d2),

with s the nearest of 1, 0 and -1 to the poles: the sums are taken once, without error, and both
running the filter and asking for its response lose nothing. With s = 0 it is the direct form.
[1]_

.. [1] R. H. Middleton and G. C. Goodwin, "Improved finite word length characteristics in digital
   control using delta operators", IEEE Trans. Automatic Control 31(11), 1986.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def from_zpk(z: NDArray[Any], p: NDArray[Any], k: float) -> Floats:
    """Pair zeros and poles into sections; zeros or poles that lack lie at the origin."""
    from scipy import signal

    try:
        return np.asarray(signal.zpk2sos(z, p, k), np.float64)
    except ValueError:
        raise ValueError(
            f"z and p must hold complex values in conjugate pairs; got z={z}, p={p}"
        ) from None


def from_polynomials(b: Floats, a: Floats) -> Floats:
    """Factor b/a in powers of 1/z, a[0] = 1; leading zeros of `b` are delays and are kept."""
    order = max(len(b), len(a)) - 1
    delay = int(np.flatnonzero(b)[0])
    numerator = np.pad(b, (0, order + 1 - len(b)))[delay:]
    denominator = np.pad(a, (0, order + 1 - len(a)))
    sections = from_zpk(
        _conjugate(np.roots(numerator)), _conjugate(np.roots(denominator)), b[delay]
    )
    # zpk2sos fills up the zeros that the delay took with zeros at the origin, which undo it.
    for section in sections:
        shift = min(delay, 2 - int(np.flatnonzero(section[:3])[-1]))
        section[:3] = np.roll(section[:3], shift)
        delay -= shift
    return sections


def from_kernel(kernel: Floats) -> Floats:
    """Factor an FIR kernel, if the factors give it back."""
    if not kernel.any():
        return np.array([[0.0, 0, 0, 1, 0, 0]])
    result = from_polynomials(kernel, np.ones(1))
    product = functools.reduce(np.convolve, result[:, :3])
    product = np.pad(product, (0, max(len(kernel) - len(product), 0)))[: len(kernel)]
    if np.abs(product - kernel).max() > 1e-12 * np.abs(kernel).max():
        raise ValueError(
            f"an FIR kernel must be short to be written as second-order sections; the roots of "
            f"this one of {len(kernel)} taps do not give it back"
        )
    return result


def _conjugate(roots: NDArray[Any]) -> NDArray[Any]:
    # The eigenvalues of a real matrix come in pairs, but not always to the last bit.
    upper = roots[roots.imag > 0]
    return np.concatenate([roots[roots.imag == 0], upper, upper.conj()])


def unsoundness(b: Floats, a: Floats, sections: Floats) -> float:
    """Return by how much of itself the response of b/a may be off, written so or as `sections`.

    Rounding the coefficients alone moves A(z) by its condition number on the unit circle,
    sum |a| / |A|, which is largest near the poles; and the factors may not give b and a back.
    """
    errors = []
    for given, factored in zip((b, a), polynomials(sections), strict=True):
        n = max(len(given), len(factored))
        difference = np.pad(given, (0, n - len(given))) - np.pad(factored, (0, n - len(factored)))
        errors.append(np.abs(difference).max() / np.abs(given).max())
    angles = np.concatenate([np.angle(np.roots(a)), np.linspace(0, np.pi, 64)])
    size = np.abs(np.exp(-1j * np.outer(angles, np.arange(len(a)))) @ a)
    size = size[size > 0]  # a pole on the circle itself is another matter
    errors.append(np.finfo(np.float64).eps * np.abs(a).sum() / size.min())
    return float(max(errors))


def polynomials(sections: Floats) -> tuple[Floats, Floats]:
    """Multiply the sections out to b and a."""
    b: Floats = functools.reduce(np.convolve, sections[:, :3], np.ones(1))
    a: Floats = functools.reduce(np.convolve, sections[:, 3:], np.ones(1))
    return b[: order(sections) + 1], a[: order(sections) + 1]


def order(sections: Floats) -> int:
    """Return the longest delay in the difference equation of all sections together."""
    return 2 * len(sections) - _cancelled(sections)


def _cancelled(sections: Floats) -> int:
    """Count the zeros at the origin that poles there cancel; SciPy fills sections up with them."""
    return min(
        sum(2 - int(np.flatnonzero(polynomial)[-1]) for polynomial in part)
        for part in (sections[:, :3], sections[:, 3:])
    )


def is_stable(sections: Floats) -> bool:
    """Return whether all poles lie inside the unit circle (Jury's test, free of rounding)."""
    return all(
        math.fsum((1, a1, a2)) > 0 and math.fsum((1, -a1, a2)) > 0 and a2 < 1
        for _, _, _, _, a1, a2 in sections
    )


def shifted(sections: Floats) -> Floats:
    """Return the shifted form, a row b0, n1, n2, d1, d2, s for each section."""
    rows = []
    for section in sections.tolist():
        s = _nearest(*section[3:])
        rows.append((*_in_powers(s, *section[:3]), *_in_powers(s, *section[3:])[1:], s))
    return np.array(rows)


def _nearest(c0: float, c1: float, c2: float) -> float:
    """Return which of 1, 0 and -1 the roots of c0 z² + c1 z + c2 are nearest to, by their mean."""
    return 0.0 if abs(c1) <= abs(c0) else math.copysign(1.0, -c1 * c0)


def _in_powers(s: float, c0: float, c1: float, c2: float) -> tuple[float, float, float]:
    """Write c0 z² + c1 z + c2 in powers of z - s, rounded once."""
    return c0, math.fsum((s * c0, s * c0, c1)), math.fsum((s * s * c0, s * c1, c2))


def at_rest(sections: Floats) -> Floats:
    """Return the state (n_sections, 2) after the input has been 1 for ever.

    Raises ZeroDivisionError for a pole at z = 1.
    """
    states = []
    level = 1.0
    for section, (b0, n1, _, d1, _, s) in zip(sections, shifted(sections).tolist(), strict=True):
        after = level * math.fsum(section[:3]) / math.fsum(section[3:])
        first = after - b0 * level
        states.append((first, (1 - s) * first - n1 * level + d1 * after))
        level = after
    return np.array(states)


def response(sections: Floats, angles: Floats) -> NDArray[np.complex128]:
    """Return H at the angles (radians a sample) of the unit circle."""
    result = np.ones(np.shape(angles), np.complex128)
    for section in sections.tolist():
        above, below = (_evaluated(part, angles)[0] for part in (section[:3], section[3:]))
        result *= above / below
    return result


def delay(sections: Floats, angles: Floats) -> Floats:
    """Return the group delay in samples at the angles; NaN where nothing passes."""
    total = np.zeros(np.shape(angles))
    for section in sections.tolist():
        for sign, part in ((-1, section[:3]), (1, section[3:])):
            value, slope, size = _evaluated(part, angles)
            silent = np.abs(value) <= 1e-14 * size  # beside its own terms it is rounding noise
            slopes = (slope / np.where(silent, 1, value)).real
            total += sign * np.where(silent, np.nan, slopes)
    return total


def _evaluated(
    polynomial: list[float], angles: Floats
) -> tuple[NDArray[np.complex128], NDArray[np.complex128], Floats]:
    """Return P = c0 z² + c1 z + c2 on the unit circle, z P', and the size of P's terms.

    In powers of e = z - s, with s the nearest of 1, 0 and -1 to each z: so a root near 1 or -1
    takes nothing from the digits of what lies close to it.
    """
    half: NDArray[np.complex128] = np.exp(0.5j * angles)
    z: NDArray[np.complex128] = half * half
    value, slope = np.empty_like(z), np.empty_like(z)
    size = np.empty(np.shape(angles))
    offsets: dict[float, NDArray[np.complex128]] = {
        1.0: 2j * np.sin(angles / 2) * half,
        0.0: z,
        -1.0: 2 * np.cos(angles / 2) * half,
    }
    nearest = np.where(np.abs(z.real) > 0.5, np.sign(z.real), 0.0)
    for s, offset in offsets.items():
        here = nearest == s
        e = offset[here]
        c0, c1, c2 = _in_powers(s, *polynomial)
        value[here] = (c0 * e + c1) * e + c2
        slope[here] = z[here] * (2 * c0 * e + c1)
        size[here] = abs(c0) * np.abs(e) ** 2 + abs(c1) * np.abs(e) + abs(c2)
    return value, slope, size


def decay(sections: Floats) -> float:
    """Return the logarithm of the largest |pole| of a stable filter, however near to 0 it is."""
    slowest = -math.inf
    for _, _, _, d1, d2, s in shifted(sections).tolist():
        for e in _quadratic(d1, d2):
            # |s + e|² - 1, which (s + e) would round away
            beyond = 2 * s * e.real + e.real**2 + e.imag**2 + (abs(s) - 1)
            slowest = max(slowest, math.log1p(beyond) / 2 if beyond > -1 else -math.inf)
    return slowest


def zeros_poles_gain(
    sections: Floats,
) -> tuple[NDArray[np.complex128], NDArray[np.complex128], float]:
    """Return zeros, poles and gain; what cancels at the origin is left out."""
    zeros: list[complex] = []
    poles: list[complex] = []
    gain = 1.0
    for section in sections:
        zeros.extend(quadratic_roots(*section[:3].tolist()))
        gain *= section[:3][section[:3] != 0][0]
        poles.extend(quadratic_roots(*section[3:].tolist()))
    for _ in range(_cancelled(sections)):
        zeros.remove(0)
        poles.remove(0)
    return np.array(zeros, np.complex128), np.array(poles, np.complex128), float(gain)


def quadratic_roots(c0: float, c1: float, c2: float) -> NDArray[np.complex128]:
    """Solve c0 + c1/z + c2/z² = 0 for z, counting the zeros at the origin that c0 z² + ... has."""
    roots: tuple[complex, ...]
    if c0 == 0:
        roots = (-c2 / c1,) if c1 else ()
    elif c2 == 0:
        roots = (-c1 / c0, 0)
    else:
        s = _nearest(c0, c1, c2)
        _, n1, n2 = _in_powers(s, c0, c1, c2)
        roots = tuple(s + e for e in _quadratic(n1 / c0, n2 / c0))
    return np.array(roots, np.complex128)


def _quadratic(p: float, q: float) -> tuple[complex, complex]:
    """Solve e² + p e + q = 0 without cancellation."""
    discriminant = p * p / 4 - q
    if discriminant < 0:
        return complex(-p / 2, math.sqrt(-discriminant)), complex(-p / 2, -math.sqrt(-discriminant))
    far = -p / 2 - math.copysign(math.sqrt(discriminant), p)
    return complex(far), complex(q / far if far else 0.0)
