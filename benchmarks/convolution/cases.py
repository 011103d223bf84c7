"""The cells of the grid, the data they stand for, and what the right answer is there.

The tests run the same generators at small sizes (`tests/benchmarks`).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import signal

DTYPES = ("float32", "float64")

#: Outputs at which everybody's error is taken; the ends of the signal are among them.
N_PLACES = 200

#: How far a drawn length may lie from the listed one: shares of it, and at least so many.
REACH_SIZE, REACH_TAPS, LEAST_REACH = 0.08, 0.15, 3


@dataclass(frozen=True)
class Cell:
    """One cell: shapes, precision and kind of kernel, and what is asked of the ratio there.

    `shape` is the signal's, with the channels first where `taps` has fewer axes. Kinds of
    kernels: "any" (random, of full rank), "gaussian" (separable), "box".
    """

    shape: tuple[int, ...]
    taps: tuple[int, ...]
    dtype: str
    kind: str = "any"
    least: float = 1.0
    drawn: bool = False

    @property
    def ndim(self) -> int:
        """Along how many axes the kernel runs."""
        return len(self.taps)

    @property
    def n_samples(self) -> int:
        """How many samples the signal has in all."""
        return math.prod(self.shape)

    @property
    def n_products(self) -> int:
        """How many products the definition takes."""
        return self.n_samples * math.prod(self.taps)

    @property
    def name(self) -> str:
        """How tables call it."""
        signal_, kernel = (_size(self.shape[-self.ndim :]), _size(self.taps))
        channels = f"{self.shape[0]} × " if len(self.shape) > self.ndim else ""
        kind = "" if self.kind == "any" else f" {self.kind}"
        return f"{self.ndim}D {self.dtype}, {channels}{signal_} with {kernel}{kind}"


def _size(shape: tuple[int, ...]) -> str:
    if len(shape) > 1 and len(set(shape)) == 1:
        return f"{shape[0]:,}{'²³'[len(shape) - 2]}"
    return "×".join(f"{n:,}" for n in shape)


def grid(part: str, quick: bool = False) -> list[Cell]:
    """Return the listed cells of a part: "1d", "2d", "box" (also 2D) or "3d"."""
    return {"1d": _one, "2d": _two, "box": _boxes, "3d": _three}[part](quick)


def _one(quick: bool) -> list[Cell]:
    lengths = [10_000, 100_000] if quick else [10_000, 100_000, 1_000_000, 10_000_000]
    taps = (3, 31, 501) if quick else (3, 10, 31, 101, 257, 501, 3301, 20_001)
    shapes = [*((n,) for n in lengths), (4, 10_000) if quick else (64, 100_000)]
    return [
        Cell(shape, (k,), dtype, least=3.0 if k >= 257 and shape[-1] >= 1_000_000 else 1.0)
        for dtype, shape, k in itertools.product(DTYPES, shapes, taps)
    ]


def _two(quick: bool) -> list[Cell]:
    lengths, taps = ((96,), (3, 7)) if quick else ((512, 2048), (3, 5, 7, 15, 31, 63))
    return [
        Cell((n, n), (k, k), dtype, kind, least=1.2)
        for kind, dtype, n, k in itertools.product(("any", "gaussian"), DTYPES, lengths, taps)
    ]


def _boxes(quick: bool) -> list[Cell]:
    return [replace(cell, kind="box") for cell in _two(quick) if cell.kind == "any"]


def _three(quick: bool) -> list[Cell]:
    lengths, taps = ((24,), (3, 5)) if quick else ((64, 128, 256), (3, 5, 9, 15))
    return [
        Cell((n, n, n), (k, k, k), dtype, kind)
        for kind, dtype, n, k in itertools.product(("any", "gaussian"), DTYPES, lengths, taps)
    ]


def near(cell: Cell, rng: np.random.Generator) -> Cell:
    """Draw a cell near a listed one: every length by itself, no powers of two, odd and even."""
    shape = tuple(_draw(n, max(LEAST_REACH, REACH_SIZE * n), rng) for n in cell.shape)
    taps = tuple(_draw(k, max(LEAST_REACH, REACH_TAPS * k), rng) for k in cell.taps)
    return replace(cell, shape=shape, taps=taps, drawn=True)


def _draw(n: int, reach: float, rng: np.random.Generator) -> int:
    candidates = np.arange(max(2, math.ceil(n - reach)), math.floor(n + reach) + 1)
    powers_of_two = candidates & (candidates - 1) == 0
    return int(rng.choice(candidates[~powers_of_two & (candidates != n)]))


@dataclass(frozen=True)
class Problem:
    """The data of a cell: `h` is the outer product of `factors` unless its kind is "any"."""

    cell: Cell
    x: NDArray
    h: NDArray
    factors: tuple[NDArray, ...] = ()
    sigmas: tuple[float, ...] = ()
    places: tuple[NDArray, ...] = field(default=())

    @property
    def flipped(self) -> NDArray:
        """The kernel as libraries want it that correlate: reversed, contiguous."""
        return np.ascontiguousarray(np.flip(self.h))

    def windows(self) -> Iterator[NDArray]:
        """Yield what lies under the kernel at each place, with zeros beyond the ends."""
        n_batch = self.x.ndim - self.h.ndim
        for place in zip(*self.places, strict=True):
            row = self.x[place[:n_batch]]
            window = np.zeros(self.h.shape, self.x.dtype)
            inside, source = [], []
            for at, n, k in zip(place[n_batch:], row.shape, self.h.shape, strict=True):
                first = at + (k - 1) // 2 - (k - 1)
                low, high = max(first, 0), min(first + k, n)
                inside.append(slice(low - first, high - first))
                source.append(slice(low, high))
            window[tuple(inside)] = row[tuple(source)]
            yield window

    def exact(self) -> NDArray[np.longdouble]:
        """Return the right answer at the places, in extended precision."""
        kernel = np.flip(self.h).astype(np.longdouble)
        return np.array(
            [(window.astype(np.longdouble) * kernel).sum() for window in self.windows()]
        )

    def direct(self) -> NDArray:
        """Return what SciPy's direct method gives at the places: the same sums in the same order.

        The whole call would take hours for the largest cells; an output of the mode "same" is
        the mode "valid" of what lies under the kernel.
        """
        return np.array(
            [
                signal.convolve(window, self.h, mode="valid", method="direct").item()
                for window in self.windows()
            ]
        )


def make(cell: Cell, seed: int = 0) -> Problem:
    """Draw the data of a cell."""
    rng = np.random.default_rng([seed, *cell.shape, *cell.taps])
    x = rng.standard_normal(cell.shape, dtype=cell.dtype)
    factors, sigmas = (), ()
    if cell.kind == "any":
        h = rng.standard_normal(cell.taps, dtype=cell.dtype)
    else:
        if cell.kind == "gaussian":
            sigmas = tuple(k / 6 for k in cell.taps)
            factors = tuple(_gaussian(k, s) for k, s in zip(cell.taps, sigmas, strict=True))
        else:
            factors = tuple(np.full(k, 1 / k) for k in cell.taps)
        factors = tuple(factor.astype(cell.dtype) for factor in factors)
        h = np.ones((), cell.dtype)
        for factor in factors:
            h = np.multiply.outer(h, factor)
    return Problem(cell, x, h, factors, sigmas, _places(cell.shape, rng))


def _gaussian(k: int, sigma: float) -> NDArray:
    taps = np.exp(-0.5 * ((np.arange(k) - (k - 1) / 2) / sigma) ** 2)
    return taps / taps.sum()


def _places(shape: tuple[int, ...], rng: np.random.Generator) -> tuple[NDArray, ...]:
    """Return indices of the corners and of places drawn from the whole answer."""
    corners = list(itertools.product(*((0, n - 1) for n in shape)))
    drawn = [rng.integers(0, n, N_PLACES - len(corners)) for n in shape]
    return tuple(
        np.concatenate([[corner[axis] for corner in corners], drawn[axis]]).astype(np.intp)
        for axis in range(len(shape))
    )
