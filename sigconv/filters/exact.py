"""Polynomials in 1/z without rounding, and their factors to full precision.

The zeros of a sum of two filters, and the poles of a loop, are roots of a sum of polynomials.
In float64 such a sum is lost before its roots are looked for: with poles crowding near z = 1, a
double root moves by 1e-8 when a coefficient moves by 1e-16, an eightfold one by 1e-2. Float64
coefficients are fractions, so the sum is had exactly; its roots are found with so many digits
that they are right to more than float64 holds, and each section is rounded once. [1]_

.. [1] O. Aberth, "Iteration methods for finding all zeros of a polynomial simultaneously",
   Mathematics of Computation 27, 1973.
"""

from __future__ import annotations

import decimal
import functools
import itertools
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np

#: Coefficients of 1, 1/z, 1/z², ...; the last one is not 0.
Polynomial = list[Fraction]

#: One factor 1 + u/z + v/z², or less.
Factor = tuple[float, float, float]

#: Polynomials of a higher degree are refused: this one takes about three seconds.
MOST_ROOTS = 40

#: Roots are right to this part of themselves, and one that is real to this part is real.
_SMALL = Decimal("1e-22")
_SWEEPS = 2000
_PRIME = 2**61 - 1

#: A complex number.
_Point = tuple[Decimal, Decimal]


def polynomial(coefficients: Iterable[float | Fraction]) -> Polynomial:
    """Return coefficients as fractions."""
    return _trimmed([Fraction(value) for value in coefficients])


def product(factors: Iterable[Sequence[float | Fraction]]) -> Polynomial:
    """Multiply polynomials out."""
    return functools.reduce(multiplied, map(polynomial, factors), [Fraction(1)])


def multiplied(p: Polynomial, q: Polynomial) -> Polynomial:
    """Return p times q."""
    if not p or not q:
        return []
    result = [Fraction(0)] * (len(p) + len(q) - 1)
    for (i, left), (j, right) in itertools.product(enumerate(p), enumerate(q)):
        result[i + j] += left * right
    return result


def added(p: Polynomial, q: Polynomial) -> Polynomial:
    """Return p plus q."""
    return _trimmed([a + b for a, b in itertools.zip_longest(p, q, fillvalue=Fraction(0))])


def divided(p: Polynomial, q: Polynomial) -> tuple[Polynomial, Polynomial]:
    """Return quotient and remainder of p by q."""
    rest, quotient = list(p), [Fraction(0)] * max(len(p) - len(q) + 1, 0)
    for shift in reversed(range(len(quotient))):
        quotient[shift] = rest[shift + len(q) - 1] / q[-1]
        for i, value in enumerate(q):
            rest[shift + i] -= quotient[shift] * value
    return _trimmed(quotient), _trimmed(rest[: len(q) - 1] if quotient else rest)


def factored(p: Polynomial) -> tuple[float, int, list[Factor]]:
    """Write p != 0 as gain * z**-delay * (1 + u/z + v/z²) * ...; return the three.

    Raises ValueError where p has more roots than are looked for.
    """
    delay = next(i for i, value in enumerate(p) if value)
    gain, monic = p[delay], [value / p[delay] for value in p[delay:]]
    if len(monic) - 1 > MOST_ROOTS:
        raise ValueError(
            f"filters that are added or fed back must have at most {MOST_ROOTS} zeros together; "
            f"got {len(monic) - 1} (run each over the signal and add the answers)"
        )
    factors: list[Factor] = []
    with decimal.localcontext(decimal.Context(prec=40 + 20 * len(monic))):
        singles: list[Decimal] = []
        for part, times in _square_free(monic):
            for real, imaginary in _roots(part):
                if abs(imaginary) <= _SMALL * _size((real, imaginary)):
                    singles.extend([real] * times)
                elif imaginary > 0:
                    square = real * real + imaginary * imaginary
                    factors.extend([(1.0, -_sum(real, real), float(square))] * times)
        singles.sort(reverse=True)
        for i in range(0, len(singles) - 1, 2):
            r, s = singles[i : i + 2]
            factors.append((1.0, -_sum(r, s), float(r * s)))
        if len(singles) % 2:
            factors.append((1.0, float(-singles[-1]), 0.0))
    if sum(np.flatnonzero(factor)[-1] for factor in factors) != len(monic) - 1:
        raise ArithmeticError("the roots of a real polynomial came without their conjugates")
    return float(gain), delay, factors


def _sum(r: Decimal, s: Decimal) -> float:
    """Add the real parts of two roots; what is left of a sum of nothing is nothing."""
    return 0.0 if abs(r + s) <= _SMALL * _SMALL else float(r + s)


def _trimmed(p: Polynomial) -> Polynomial:
    while p and not p[-1]:
        p.pop()
    return p


def _square_free(p: Polynomial) -> list[tuple[Polynomial, int]]:
    """Split p into parts of simple roots, with the times that each part divides p (Yun)."""
    slope = _slope(p)
    if not slope or _coprime_modulo_a_prime(p, slope):
        return [(p, 1)]
    parts: list[tuple[Polynomial, int]] = []
    common = _gcd(p, slope)
    rest, other = divided(p, common)[0], divided(slope, common)[0]
    for times in itertools.count(1):
        if len(rest) == 1:
            return parts
        other = added(other, [-value for value in _slope(rest)])
        part = _gcd(rest, other)
        if len(part) > 1:
            parts.append((part, times))
        rest = divided(rest, part)[0]
        other = divided(other, part)[0] if other else other
    raise AssertionError("unreachable")


def _slope(p: Polynomial) -> Polynomial:
    return [i * value for i, value in enumerate(p)][1:]


def _gcd(p: Polynomial, q: Polynomial) -> Polynomial:
    """Return the greatest common divisor, 1 at 1/z = 0 as p is."""
    while q:
        p, q = q, divided(p, q)[1]
        q = [value / q[-1] for value in q]  # or the fractions grow beyond all measure
    return [value / p[0] for value in p]


def _coprime_modulo_a_prime(p: Polynomial, q: Polynomial) -> bool:
    """Tell cheaply that p and q have no common factor; False leaves the question open."""
    reduced = []
    for each in (p, q):
        if any(value.denominator % _PRIME == 0 for value in each):
            return False
        reduced.append([v.numerator * pow(v.denominator, -1, _PRIME) % _PRIME for v in each])
    first, second = reduced
    if not first[-1] or not second[-1]:
        return False
    while second:
        inverse = pow(second[-1], -1, _PRIME)
        while len(first) >= len(second):
            factor, shift = first[-1] * inverse % _PRIME, len(first) - len(second)
            for i, value in enumerate(second):
                first[shift + i] = (first[shift + i] - factor * value) % _PRIME
            while first and not first[-1]:
                first.pop()
        first, second = second, first
    return len(first) == 1


def _roots(p: Polynomial) -> list[_Point]:
    """Find all z at which p is 0, by Aberth's iteration, in the precision of the context."""
    falling = [Decimal(value.numerator) / value.denominator for value in p]  # powers of z
    points = [
        (Decimal(z.real), Decimal(z.imag))
        # a little off, each its own way: from a symmetric start no real pair becomes complex
        for z in (z + 1e-9 * abs(z) * np.exp(1j * k) for k, z in enumerate(_first_guess(p)))
    ]
    open_ones = set(range(len(points)))
    for _ in range(_SWEEPS):
        for k in tuple(open_ones):
            step = _aberth_step(falling, points, k)
            points[k] = (points[k][0] - step[0], points[k][1] - step[1])
            if _size(step) <= _SMALL * _SMALL * _size(points[k]):
                open_ones.discard(k)
        if not open_ones:
            return points
    raise ArithmeticError(f"{len(open_ones)} roots of a polynomial could not be found")


def _first_guess(p: Polynomial) -> list[complex]:
    # the roots of p(z) lie within twice the largest |p[i]|**(1/i); scaled by it, no power overflows
    guess = np.roots([float(value) for value in p])
    if len(guess) == len(p) - 1 and np.isfinite(guess).all() and guess.all():
        return list(guess)
    return [complex(np.exp(2j * np.pi * (k + 0.3) / (len(p) - 1))) for k in range(len(p) - 1)]


def _aberth_step(falling: list[Decimal], points: list[_Point], k: int) -> _Point:
    x, y = points[k]
    value, slope = (falling[0], Decimal(0)), (Decimal(0), Decimal(0))
    for coefficient in falling[1:]:
        slope = (slope[0] * x - slope[1] * y + value[0], slope[0] * y + slope[1] * x + value[1])
        value = (value[0] * x - value[1] * y + coefficient, value[0] * y + value[1] * x)
    if value == (0, 0):
        return value
    # 1 / (p'/p - sum of 1 / (z - other roots))
    a, b = _quotient(slope, value)
    for other, (u, v) in enumerate(points):
        if other != k:
            c, d = _quotient((Decimal(1), Decimal(0)), (x - u, y - v))
            a, b = a - c, b - d
    return _quotient((Decimal(1), Decimal(0)), (a, b))


def _quotient(p: _Point, q: _Point) -> _Point:
    square = q[0] * q[0] + q[1] * q[1]
    return (p[0] * q[0] + p[1] * q[1]) / square, (p[1] * q[0] - p[0] * q[1]) / square


def _size(p: _Point) -> Decimal:
    return abs(p[0]) + abs(p[1])
