"""Moving averages against a copy of the same array, and against libraries made for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import bottleneck
import cv2
import numbagg
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

import sigconv

from ..threads import limited
from ..timing import best_times, error, geometric_mean
from .cases import Cell, Problem, make, near
from .goals import LEAST_OVER_BOTTLENECK, MOST_COPIES, verdict
from .measure import SAME

Answer = Callable[[], NDArray]

SHAPE, WINDOWS = (64, 200_000), (10, 101, 1001)
QUICK_SHAPE = (4, 2_000)


@dataclass(frozen=True)
class Form:
    """A way to treat the ends: ours, and the peers that treat them alike.

    `pad` is numpy.pad's mode, None where only windows inside the signal count. bottleneck and
    numbagg can do only that (NaN before the first whole window); their time is set against
    ours in every form, the work being the same.
    """

    name: str
    pad: str | None
    ours: Callable[[Problem, NDArray, int], Answer]
    ndimage_mode: str = ""
    opencv_border: int = 0


def _smooth(problem: Problem, out: NDArray, workers: int) -> Answer:
    k = problem.cell.taps[0]
    return lambda: sigconv.smooth(problem.x, k, out=out, workers=workers)


def _convolve(mode: str) -> Callable[[Problem, NDArray, int], Answer]:
    def ours(problem: Problem, out: NDArray, workers: int) -> Answer:
        x, h = problem.x, problem.h
        return lambda: sigconv.convolve(x, h, mode=mode, out=out, workers=workers)

    return ours


FORMS = (
    Form("smooth", "reflect", _smooth, "mirror", cv2.BORDER_REFLECT_101),
    Form("convolve same", "constant", _convolve("same"), "constant", cv2.BORDER_CONSTANT),
    Form("convolve valid", None, _convolve("valid")),
)


def run(seed: int, quick: bool, threads: int) -> str:
    """Return the table of moving averages on 1 or 2 threads; numpy.copyto always has one."""
    peers = ("bottleneck", "numbagg", "ndimage", "cv2")
    names = ("bottleneck.move_mean", "numbagg.move_mean", "ndimage.uniform_filter1d", "boxFilter")
    lines = [
        "| window, call | sigconv, ms | ÷ copyto | goal | "
        + " | ".join(f"{name} ÷ sigconv" for name in names)
        + " | error | SciPy direct's error | ≤ 2 × |",
        "|" + "---|" * 11,
    ]
    rng, shape = np.random.default_rng(seed), QUICK_SHAPE if quick else SHAPE
    over: dict[str, list[float]] = {form.name: [] for form in FORMS}
    copies: dict[str, list[float]] = {form.name: [] for form in FORMS}
    right: list[bool] = []
    for k in WINDOWS:
        listed = Cell(shape, (k,), "float64", "box")
        for cell in (listed, near(listed, rng)):
            problem = make(cell, seed)
            with limited(threads):
                times, errors = _measure(problem, threads, 0.05 if quick else 3.0)
            for form in FORMS:
                ours = times[form.name]
                ratio = {name: times.get(f"{name} {form.name}", times.get(name)) for name in peers}
                if not cell.drawn:
                    over[form.name].append(ratio["bottleneck"] / ours)
                    copies[form.name].append(ours / times["copyto"])
                met = verdict(ours / times["copyto"] <= MOST_COPIES)
                off, direct = errors[form.name]
                right.append(off <= 2 * direct)
                fields = [f"{each / ours:.2f}" if each else "" for each in ratio.values()]
                lines.append(
                    f"| {_size(cell)}, {form.name} | {ours * 1e3:.3g} | "
                    f"{ours / times['copyto']:.2f} | ≤ {MOST_COPIES:g} {met} | "
                    f"{' | '.join(fields)} | {off:.1e} | {direct:.1e} | "
                    f"{'yes' if right[-1] else 'NO'} |"
                )
    lines.append("")
    for form in FORMS:
        mean, most = geometric_mean(over[form.name]), max(copies[form.name])
        lines.append(
            f"- {form.name}, listed windows: at most {most:.2f} × the time of numpy.copyto (goal "
            f"≤ {MOST_COPIES:g}: {verdict(most <= MOST_COPIES)}); geometric mean {mean:.2f} × "
            f"bottleneck (goal ≥ {LEAST_OVER_BOTTLENECK:g}: "
            f"{verdict(mean >= LEAST_OVER_BOTTLENECK)})."
        )
    lines.append(
        f"- Error no worse than twice that of SciPy's direct method: {sum(right)} of {len(right)}."
    )
    return "\n".join(lines)


def _size(cell: Cell) -> str:
    drawn = ", drawn" if cell.drawn else ""
    return f"{cell.shape[0]} × {cell.shape[1]:,}, {cell.taps[0]:,}{drawn}"


def _measure(
    problem: Problem, threads: int, seconds: float
) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    """Return everybody's time, and for each of our forms its error and that of SciPy's direct."""
    x, k = problem.x, problem.cell.taps[0]
    out, inside = np.empty_like(x), np.empty((len(x), x.shape[1] - k + 1))
    calls = trailing(x, k)
    errors = {}
    for form in FORMS:
        own = form.ours(problem, inside if form.pad is None else out, threads)
        peers = _alike(form, problem, out)
        answers = _answers(form, own, peers, calls, k)
        errors[form.name] = _errors(form, problem, answers)
        calls |= {form.name: own, **peers}
    calls["copyto"] = lambda: np.copyto(out, x)
    return best_times(calls, seconds), errors


def trailing(x: NDArray, k: int) -> dict[str, Answer]:
    """Return the peers whose windows end at the sample they stand at: NaN until one is whole."""
    return {
        "bottleneck": lambda: bottleneck.move_mean(x, k, axis=-1),
        "numbagg": lambda: numbagg.move_mean(x, window=k),
    }


def _alike(form: Form, problem: Problem, out: NDArray) -> dict[str, Answer]:
    """Return the peers that can treat the ends as a form of ours does."""
    if form.pad is None:
        return {}
    x, k = problem.x, problem.cell.taps[0]
    return {
        f"ndimage {form.name}": lambda: ndimage.uniform_filter1d(
            x, k, axis=-1, mode=form.ndimage_mode, output=out
        ),
        f"cv2 {form.name}": lambda: cv2.boxFilter(
            x, -1, (k, 1), dst=out, anchor=(k // 2, 0), borderType=form.opencv_border
        ),
    }


def _answers(
    form: Form, own: Answer, peers: Mapping[str, Answer], others: Mapping[str, Answer], k: int
) -> dict[str, Answer]:
    """Return what has to agree in a form, ours first."""

    def filled(answer: Answer) -> Answer:
        return lambda: answer()[:, k - 1 :]

    if form.pad is None:
        peers = {name: filled(others[name]) for name in ("bottleneck", "numbagg")}
    return {form.name: own, **peers}


def _errors(form: Form, problem: Problem, answers: Mapping[str, Answer]) -> tuple[float, float]:
    """Check that all agree; return our error and SciPy's direct method's."""
    k = problem.cell.taps[0]
    before, after = (0, 0) if form.pad is None else (k // 2, (k - 1) // 2)
    wide = np.pad(problem.x, ((0, 0), (before, after)), form.pad or "constant")
    rows, at = problem.places[0], np.minimum(problem.places[1], wide.shape[1] - k)
    windows = np.array([wide[row, i : i + k] for row, i in zip(rows, at, strict=True)])
    exact = windows.astype(np.longdouble).sum(axis=1) / np.longdouble(k)
    off = {}
    for name, answer in answers.items():
        off[name] = error(np.asarray(answer())[rows, at], exact)
        if not off[name] <= SAME * np.finfo(np.float64).eps:
            raise AssertionError(f"{name} is off by {off[name]:.1e} at a window of {k}")
    direct = [
        signal.convolve(window, problem.h, mode="valid", method="direct").item()
        for window in windows
    ]
    return off[form.name], error(np.array(direct), exact)
