"""Explanations by taking parts away: occlusion and Shapley values.

Occlusion and sampled Shapley values are Captum's. What it lacks is here: frequency bands as parts,
and exact Shapley values by subsets (2^n runs of the network; Captum's run through n! orders).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn
from tqdm import tqdm

from ... import _checks
from .asked import Question
from .parts import Parts, parts_of, subsets, window_of

Answer = tuple[Tensor, tuple[str, ...]]

#: More parts than that are no longer few: 65,536 runs a trial.
MOST_PARTS = 16


class _Presence(nn.Module):
    """A network as a function of which parts of its trials are there."""

    def __init__(self, scores: nn.Module, parts: Parts) -> None:
        super().__init__()
        self.scores, self.parts = scores, parts

    def forward(self, present: Tensor, x: Tensor) -> Tensor:
        return self.scores(self.parts.keep(x, present))


def occlusion(
    question: Question,
    *,
    over: str = "window",
    window: float | Sequence[float] | None = None,
    stride: float | Sequence[float] | None = None,
    groups: ArrayLike | None = None,
    bands: Sequence[tuple[float, float]] | None = None,
    fs: float | None = None,
    baseline: float = 0.0,
    batch_size: int = 64,
    progress: bool = False,
) -> Answer:
    """Return what the score loses when a part is taken away; where windows overlap, their mean."""
    from captum.attr import FeatureAblation, Occlusion

    at_once = max(1, batch_size // len(question.x))
    if over in ("window", "channel_window"):
        size = window_of(question, window, fs)
        step = (
            window_of(question, stride, fs)
            if stride is not None
            else tuple(max(1, w // 2) for w in size)
        )
        if any(s > w for s, w in zip(step, size, strict=True)):
            raise ValueError(f"stride must be at most the window ({size}); got {step}")
        channels = question.x.shape[1] if over == "window" else 1
        values = Occlusion(question.scores).attribute(
            question.x,
            sliding_window_shapes=(channels, *size),
            strides=(channels, *step),
            baselines=_checks.number("baseline", baseline),
            target=question.target,
            perturbations_per_eval=at_once,
            show_progress=progress,
        )
        if over == "channel_window":
            return values, question.axes
        return values[:, 0], (question.axes[0], *question.axes[2:])
    parts = parts_of(
        question, over, window=window, groups=groups, edges=bands, fs=fs, baseline=baseline
    )
    values = FeatureAblation(_Presence(question.scores, parts)).attribute(
        question.x.new_ones(len(question.x), parts.n),
        additional_forward_args=(question.x,),
        target=question.target,
        perturbations_per_eval=at_once,
        show_progress=progress,
    )
    return parts.laid(values, shared=False), parts.axes


def shapley_sampling(
    question: Question,
    *,
    over: str = "window",
    window: float | Sequence[float] | None = None,
    groups: ArrayLike | None = None,
    bands: Sequence[tuple[float, float]] | None = None,
    fs: float | None = None,
    baseline: float = 0.0,
    n_samples: int = 25,
    batch_size: int = 64,
    progress: bool = False,
) -> Answer:
    """Return Shapley values of parts, from random orders in which they come."""
    from captum.attr import ShapleyValueSampling

    parts = parts_of(
        question, over, window=window, groups=groups, edges=bands, fs=fs, baseline=baseline
    )
    values = ShapleyValueSampling(_Presence(question.scores, parts)).attribute(
        question.x.new_ones(len(question.x), parts.n),
        additional_forward_args=(question.x,),
        target=question.target,
        n_samples=_checks.whole("n_samples", n_samples),
        perturbations_per_eval=max(1, batch_size // len(question.x)),
        show_progress=progress,
    )
    return parts.laid(values, shared=True), parts.axes


def shapley(
    question: Question,
    *,
    over: str = "channel",
    window: float | Sequence[float] | None = None,
    groups: ArrayLike | None = None,
    bands: Sequence[tuple[float, float]] | None = None,
    fs: float | None = None,
    baseline: float = 0.0,
    batch_size: int = 64,
    progress: bool = False,
) -> Answer:
    """Return Shapley values of few parts, exactly: every subset of them is shown to the network."""
    parts = parts_of(
        question, over, window=window, groups=groups, edges=bands, fs=fs, baseline=baseline
    )
    if parts.n > MOST_PARTS:
        raise ValueError(
            f"method 'shapley' must have at most {MOST_PARTS} parts, it runs the network 2^n "
            f"times; got {parts.n} (method 'shapley_sampling' takes any number)"
        )
    chosen = torch.as_tensor(subsets(parts.n).copy()).to(question.x)
    worth = _worth(question, parts, chosen, batch_size, progress)
    return parts.laid(_exact(worth, parts.n), shared=True), parts.axes


def _worth(
    question: Question, parts: Parts, chosen: Tensor, batch_size: int, progress: bool
) -> Tensor:
    """Return the score (trials, subsets) of each trial with only the chosen parts."""
    rows = []
    steps = tqdm(
        chosen.split(batch_size), desc="shapley", unit="batch", disable=not progress, leave=False
    )
    with torch.no_grad():
        for some in steps:
            columns = []
            for x, target in zip(question.x, question.target, strict=True):
                scores = question.scores(parts.keep(x[None].expand(len(some), *x.shape), some))
                columns.append(scores[:, target])
            rows.append(torch.stack(columns))
    return torch.cat(rows, 1).double()


def _exact(worth: Tensor, n: int) -> Tensor:
    """Return Shapley values (trials, n) from the worth (trials, 2^n) of all subsets."""
    number = np.arange(2**n)
    size = np.array([bin(s).count("1") for s in number])
    values = []
    for part in range(n):
        without = number[(number >> part) & 1 == 0]
        weights = [1 / (n * math.comb(n - 1, k)) for k in size[without]]
        gains = worth[:, without | (1 << part)] - worth[:, without]
        values.append(gains @ torch.tensor(weights, dtype=gains.dtype, device=gains.device))
    return torch.stack(values, 1)
