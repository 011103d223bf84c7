"""A filter written as its difference equation, and read from one."""

from __future__ import annotations

import re

import numpy as np

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


#: A sign, perhaps a factor, a term: "- 0.9 y[n-1]".
_TERM = re.compile(r"([+-]?)((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)?\*?([xy])\[n(?:-(\d+))?\]")

#: Delays beyond this are taken for slips of the pen.
_LONGEST = 10**6


def parsed(equation: str) -> tuple[Floats, Floats]:
    """Return b and a of an equation of x[n-k] and y[n-k]; terms may stand on both sides."""
    sides = "".join(equation.lower().split()).split("=") if isinstance(equation, str) else []
    found: dict[str, dict[int, float]] = {"x": {}, "y": {}}
    right = len(sides) == 2 and all(
        _gather(side, s, found) for side, s in zip(sides, (1, -1), strict=True)
    )
    if not right or not found["y"].get(0):
        raise ValueError(
            f"text must be a difference equation with y[n], such as "
            f"'y[n] = 0.1 x[n] + 0.9 y[n-1]'; got {equation!r}"
        )
    b, a = (np.zeros(max(each, default=0) + 1) for each in (found["x"], found["y"]))
    for array, name, sign in ((b, "x", -1), (a, "y", 1)):
        for delay, value in found[name].items():
            array[delay] = sign * value
    return b, a


def _gather(side: str, sign: int, found: dict[str, dict[int, float]]) -> bool:
    """Add the terms of one side to `found`; return whether it holds nothing else."""
    at = 0
    while side != "0" and (at == 0 or at < len(side)):
        term = _TERM.match(side, at)
        if not term or (at and not term[1]) or int(term[4] or 0) > _LONGEST:
            return False
        value = sign * (-1 if term[1] == "-" else 1) * float(term[2] or 1)
        terms, delay = found[term[3]], int(term[4] or 0)
        terms[delay] = terms.get(delay, 0.0) + value
        at = term.end()
    return True
