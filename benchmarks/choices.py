"""Whether "auto" takes the fastest method: every method's time beside that of the one chosen."""

import itertools
import time

import numpy as np

import sigconv
from sigconv.convolution import choose

from .results import circumstances

#: Samples in all and taps along each axis, by the number of axes.
GRID = {
    1: ((1_000, 10_000, 100_000, 1_000_000), (3, 10, 31, 101, 501, 3301)),
    2: ((64, 256, 1024), (3, 7, 15, 31, 63)),
    3: ((16, 32, 64, 128), (3, 5, 9, 15)),
}
DTYPES = ("float32", "float64")

#: Outer products that the kernels are the sum of: full rank, two, one.
KERNELS = ("noise", "two terms", "outer")

#: Methods that are told to take more than so many times the best are not timed.
HOPELESS = 8.0

SECONDS, FEWEST = 0.03, 3


def run() -> str:
    cells = [
        (n_axes, n, k, dtype, kind)
        for n_axes, (sizes, taps) in GRID.items()
        for n, k, dtype, kind in itertools.product(sizes, taps, DTYPES, KERNELS)
        if k < n and (n_axes > 1 or kind == "noise")
    ]
    misses = []
    for cell in cells:
        chosen, times = timed(*cell)
        ratio = times[chosen] / min(times.values())
        if ratio > 1.5:
            misses.append((ratio, cell, chosen, min(times, key=times.__getitem__)))
    share = 1 - len(misses) / len(cells)
    lines = [
        f"{circumstances('numpy', 'numba')}",
        "",
        f"In {share:.0%} of {len(cells)} cells (1 to 3 axes, {' and '.join(DTYPES)}, kernels of "
        "full rank, of rank two and of rank one) the method that `auto` takes needs at most 1.5 "
        "times the time of the fastest one. One thread. The worst:",
        "",
        "| axes | samples an axis | taps an axis | type | kernel | taken | fastest | ratio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for ratio, cell, chosen, best in sorted(misses, reverse=True)[:10]:
        words = " | ".join(f"{value:,}" if isinstance(value, int) else value for value in cell)
        lines.append(f"| {words} | {chosen} | {best} | {ratio:.2f} |")
    return "\n".join(lines)


def timed(n_axes: int, n: int, k: int, dtype: str, kind: str) -> tuple[str, dict[str, float]]:
    """Return the method that "auto" takes, and the times of all that might be faster."""
    rng = np.random.default_rng(k)
    x = rng.normal(size=(n,) * n_axes).astype(dtype)
    h = kernel(rng, kind, (k,) * n_axes)
    plan = sigconv.plan_convolution(x.shape, h, x_dtype=dtype, mode="same", workers=1)
    told = {option.method: option.time for option in plan.options if not option.unmet}
    able = [name for name in choose.METHODS if told.get(name, np.inf) < HOPELESS * plan.time]
    out = np.empty_like(x)
    times = dict.fromkeys(able, np.inf)
    for name in able:
        spent, rounds = 0.0, -1
        while rounds < FEWEST or spent < SECONDS:
            started = time.perf_counter()
            sigconv.convolve(x, h, mode="same", method=name, workers=1, out=out)
            lasted = time.perf_counter() - started
            if rounds >= 0:
                times[name], spent = min(times[name], lasted), spent + lasted
            rounds += 1
    return plan.method, times


def kernel(rng: np.random.Generator, kind: str, shape: tuple[int, ...]) -> np.ndarray:
    if kind == "noise":
        return rng.normal(size=shape)
    total = np.zeros(shape)
    for _ in range(KERNELS[::-1].index(kind) + 1):
        term = np.ones(())
        for n in shape:
            term = np.multiply.outer(term, rng.normal(size=n))
        total += term
    return total
