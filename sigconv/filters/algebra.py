"""Filters side by side and in a loop, as second-order sections again."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from . import exact, sections
from .exact import Factor, Polynomial
from .sections import Floats


def parallel(first: Floats, second: Floats) -> Floats:
    """Add two filters, each a kernel (taps,) or sections (n_sections, 6)."""
    if first.ndim == second.ndim == 1:
        n = max(len(first), len(second))
        total = np.pad(first, (0, n - len(first))) + np.pad(second, (0, n - len(second)))
        return total if total.any() else np.zeros(1)
    feedbacks = [Counter(_feedback(each)) for each in (first, second)]
    shared = feedbacks[0] | feedbacks[1]  # of a section in both, one is enough
    numerator: Polynomial = []
    for each, own in zip((first, second), feedbacks, strict=True):
        lacking = exact.product((shared - own).elements())
        numerator = exact.added(numerator, exact.multiplied(_numerator(each), lacking))
    if not numerator:
        return np.zeros(1)
    kept = []
    for section in shared.elements():
        quotient, remainder = exact.divided(numerator, exact.polynomial(section))
        if remainder:
            kept.append(section)
        else:  # these poles cancel, as in 1 / (1 - p) - p / (1 - p)
            numerator = quotient
    if not kept:
        return np.array([float(value) for value in numerator])
    gain, delay, factors = exact.factored(numerator)
    return _assembled(gain, delay, factors, kept)


def closed_loop(forward: Floats, back: Floats) -> Floats:
    """Return H / (1 + H G) for the filters H = `forward` and G = `back`."""
    denominator = exact.added(
        exact.multiplied(
            exact.product(_feedback(forward)),
            exact.product(_feedback(back)),
        ),
        exact.multiplied(_numerator(forward), _numerator(back)),
    )
    if not denominator or not denominator[0]:
        raise ValueError(
            "other must not give a loop whose output depends on itself without delay: "
            "here 1 + H G has no constant term"
        )
    open_loop = exact.multiplied(_numerator(forward), exact.product(_feedback(back)))
    if not open_loop:
        return np.zeros(1)
    head, _, poles = exact.factored(denominator)
    if not poles:
        return np.array([float(value / denominator[0]) for value in open_loop])
    gain, delay, zeros = exact.factored(open_loop)
    return _assembled(gain / head, delay, zeros, poles)


def _feedback(coefficients: Floats) -> list[Factor]:
    """Return the denominators of the sections."""
    if coefficients.ndim == 1:
        return []
    return [(1.0, a1, a2) for a1, a2 in coefficients[:, 4:].tolist()]


def _numerator(coefficients: Floats) -> Polynomial:
    """Multiply the numerators of the sections out; a kernel is one."""
    if coefficients.ndim == 1:
        return exact.polynomial(coefficients.tolist())
    return exact.product(coefficients[:, :3].tolist())


def _assembled(gain: float, delay: int, zeros: list[Factor], poles: list[Factor]) -> Floats:
    """Pair factors into sections: each pole near the unit circle with the zeros next to it.

    So no section alone amplifies what another takes away again. As in SciPy, the poles nearest
    to the circle come last and the gain goes into the first section.
    """
    delays: list[Factor] = [(0.0, 0.0, 1.0)] * (delay // 2)
    if delay % 2:
        single = next((factor for factor in zeros if factor[2] == 0), (1.0, 0.0, 0.0))
        delays.append((0.0, 1.0, single[1]))
        zeros = zeros[:]
        if single in zeros:
            zeros.remove(single)
    left = [*zeros, *delays]
    ends = sorted(poles, key=lambda factor: -float(np.abs(_roots(factor)).max()))
    rows = []
    for pole in ends:
        at = _roots(pole)[0]
        near = min(left, key=lambda factor: _distance(factor, at), default=(1.0, 0.0, 0.0))
        if left:
            left.remove(near)
        rows.append((*near, *pole))
    rows.extend((*zero, 1.0, 0.0, 0.0) for zero in left)
    result = np.array(rows[::-1])
    result[0, :3] *= gain
    return result


def _roots(factor: Factor) -> NDArray[np.complex128]:
    return sections.quadratic_roots(*factor)


def _distance(factor: Factor, point: complex) -> float:
    return float(np.abs(_roots(factor) - point).min(initial=np.inf))
