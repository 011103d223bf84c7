"""A filter written as its difference equation."""

from __future__ import annotations

from .sections import Floats

#: Terms written out; of longer sums the first ones and the last.
MOST_TERMS = 8


def text(b: Floats, a: Floats, y: str = "y", x: str = "x") -> str:
    """Return ``y[n] = b0 x[n] + ... - a1 y[n-1] - ...`` for a[0] = 1."""
    terms = _terms(b, x, 0) + _terms(-a[1:], y, 1)
    if not terms:
        return f"{y}[n] = 0"
    if len(terms) > MOST_TERMS:
        terms = [*terms[: MOST_TERMS - 2], "+ ...", terms[-1]]
    terms[0] = terms[0].removeprefix("+ ").replace("- ", "-")
    return f"{y}[n] = " + " ".join(terms)


def _terms(coefficients: Floats, name: str, first_delay: int) -> list[str]:
    terms = []
    for delay, value in enumerate(coefficients.tolist(), start=first_delay):
        if value == 0:
            continue
        factor = "" if abs(value) == 1 else f"{abs(value):.6g} "
        lag = f"n-{delay}" if delay else "n"
        terms.append(f"{'-' if value < 0 else '+'} {factor}{name}[{lag}]")
    return terms
