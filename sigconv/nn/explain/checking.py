"""Is an explanation true? Tests that need no truth to compare with, and a verdict in words.

Deletion and insertion: Petsiuk et al. 2018, https://arxiv.org/abs/1806.07421.
Shuffled weights: Adebayo et al. 2018, https://arxiv.org/abs/1810.03292.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from torch import Tensor, nn

from ... import _checks
from .asked import Question, ask, at_rest
from .attribution import Attribution
from .explaining import explain

#: From this rank correlation on, an explanation is called the same as another.
SAME = 0.5
#: Orders drawn to compare with.
RANDOM_ORDERS = 3


@dataclass(frozen=True, eq=False)
class Curves:
    """The probability of the class while what an explanation points at goes or comes.

    Attributes
    ----------
    share : array, shape (n_steps + 1,)
        Of the input's places, those with the highest values first.
    deletion, insertion : array, shape (n_steps + 1,)
        Mean over trials of the probability with these places gone, and with only these.
    random_deletion, random_insertion : float
        The areas under such curves for places in random order.
    """

    share: NDArray[np.float64]
    deletion: NDArray[np.float64]
    insertion: NDArray[np.float64]
    random_deletion: float
    random_insertion: float

    @property
    def deletion_area(self) -> float:
        """Area under the deletion curve: small if the explanation is true."""
        return float(np.trapezoid(self.deletion, self.share))

    @property
    def insertion_area(self) -> float:
        """Area under the insertion curve: large if the explanation is true."""
        return float(np.trapezoid(self.insertion, self.share))


@dataclass(frozen=True, eq=False)
class Check:
    """What tests say of an explanation.

    Attributes
    ----------
    curves : Curves or None
        None for explanations that are not on the input's grid.
    shuffled : float
        Mean rank correlation with the same explanation of a network of shuffled weights.
    agreement : float or None
        Mean rank correlation among networks trained from other seeds, where they were given.
    """

    curves: Curves | None
    shuffled: float
    agreement: float | None = None

    @property
    def verdict(self) -> tuple[str, ...]:
        """One sentence a test."""
        said = []
        if self.curves is not None:
            c = self.curves
            for name, ours, random, better in (
                (
                    "Deletion",
                    c.deletion_area,
                    c.random_deletion,
                    c.deletion_area < c.random_deletion,
                ),
                (
                    "Insertion",
                    c.insertion_area,
                    c.random_insertion,
                    c.insertion_area > c.random_insertion,
                ),
            ):
                said.append(
                    f"{name}: area {ours:.2f}, {random:.2f} in random order: the places it points "
                    f"at {'count more' if better else 'do NOT count more'} than others."
                )
        if abs(self.shuffled) >= SAME:
            said.append(
                f"Shuffled weights: rank correlation {self.shuffled:.2f}: it hardly changes, so it "
                "tells of the input and NOT of what the network has learned."
            )
        else:
            said.append(
                f"Shuffled weights: rank correlation {self.shuffled:.2f}: it depends on what the "
                "network has learned."
            )
        if self.agreement is not None:
            same = "agree" if self.agreement >= SAME else "do NOT agree"
            said.append(
                f"Seeds: rank correlation {self.agreement:.2f}: networks trained from other seeds "
                f"{same} with it."
            )
        return tuple(said)


def check(
    model: nn.Module,
    x: ArrayLike,
    attribution: Attribution,
    *,
    others: Sequence[nn.Module] = (),
    n_steps: int = 20,
    baseline: float = 0.0,
    seed: int = 0,
    batch_size: int = 64,
) -> Check:
    """Test an explanation: deletion and insertion, shuffled weights, agreement across seeds.

    Parameters
    ----------
    model : torch.nn.Module
    x : array, shape (trials, channels, ...)
        What was explained.
    attribution : Attribution
        What `explain` returned for them.
    others : sequence of torch.nn.Module
        The same network trained from other seeds.
    n_steps : int
        Points of the curves, less one.
    baseline : float
        What stands where places are gone.
    seed : int
        Of random orders and shuffles.
    batch_size : int

    Returns
    -------
    Check
        Its `verdict` says the same in words.

    Examples
    --------
    >>> import numpy as np
    >>> from torch import nn
    >>> from sigconv.nn.explain import check, explain
    >>> model = nn.Sequential(nn.Conv1d(1, 2, 5), nn.ReLU(), nn.Flatten(), nn.Linear(120, 2))
    >>> x = np.random.default_rng(0).normal(size=(4, 1, 64))
    >>> found = check(model, x, explain(model, x))
    >>> len(found.curves.deletion), len(found.verdict)
    (21, 3)
    """
    question = ask(model, x, attribution.target.tolist(), batch_size)
    steps = _checks.whole("n_steps", n_steps)
    on_grid = set(attribution.axes) <= set(question.axes)
    curves = _curves(question, attribution, steps, baseline, seed, batch_size) if on_grid else None
    again = explain(
        _shuffled(model, seed), x, target=attribution.target.tolist(), **attribution.options
    )
    agreement = None
    if others:
        named = [
            explain(other, x, target=attribution.target.tolist(), **attribution.options)
            for other in others
        ]
        pairs = itertools.combinations([attribution, *named], 2)
        agreement = float(np.mean([rank_correlation(a, b) for a, b in pairs]))
    return Check(curves, rank_correlation(attribution, again), agreement)


def rank_correlation(a: ArrayLike, b: ArrayLike) -> float:
    """Return Spearman's correlation of two explanations, its mean over trials; 0 for constants.

    Examples
    --------
    >>> from sigconv.nn.explain import rank_correlation
    >>> rank_correlation([[1.0, 2.0, 9.0]], [[0.1, 0.2, 0.3]])
    1.0
    """
    rows = [
        np.reshape(np.asarray(values, dtype=float), (len(np.asarray(values)), -1))
        for values in (a, b)
    ]
    found = []
    for one, two in zip(*rows, strict=True):
        constant = (one == one[0]).all() or (two == two[0]).all()
        found.append(0.0 if constant else float(stats.spearmanr(one, two).statistic))
    return float(np.round(np.mean(found), 12))


def _curves(
    question: Question,
    attribution: Attribution,
    n_steps: int,
    baseline: float,
    seed: int,
    batch_size: int,
) -> Curves:
    n_trials = len(question.x)
    values = attribution.on_input(question.x.shape).reshape(n_trials, -1)
    share = np.linspace(0, 1, n_steps + 1)
    # places of equal value, as where channels are not told apart, go in one order for all
    order = np.argsort(-values, axis=1, kind="stable")
    deletion, insertion = _gone_and_come(question, order, share, baseline, batch_size)
    rng = np.random.default_rng(seed)
    areas = []
    for _ in range(RANDOM_ORDERS):
        drawn = rng.permuted(order, axis=1)
        both = _gone_and_come(question, drawn, share, baseline, batch_size)
        areas.append([np.trapezoid(curve, share) for curve in both])
    random_deletion, random_insertion = np.mean(areas, axis=0)
    return Curves(share, deletion, insertion, float(random_deletion), float(random_insertion))


def _gone_and_come(
    question: Question,
    order: NDArray[np.intp],
    share: NDArray[np.float64],
    baseline: float,
    batch_size: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean probability with the first places of an order gone, and with only them."""
    place = np.argsort(order, axis=1)  # of each cell in the order
    gone, come = [], []
    for part in share:
        first = place < round(part * order.shape[1])
        mask = torch.as_tensor(first, device=question.x.device).reshape(question.x.shape)
        nothing = torch.full_like(question.x, baseline)
        gone.append(_probability(question, torch.where(mask, nothing, question.x), batch_size))
        come.append(_probability(question, torch.where(mask, question.x, nothing), batch_size))
    return np.array(gone), np.array(come)


def _probability(question: Question, x: Tensor, batch_size: int) -> float:
    with torch.no_grad(), at_rest(question.scores.model):
        scores = torch.cat([question.scores(part) for part in x.split(batch_size)]).double()
    chosen = scores.softmax(1) if scores.shape[1] > 1 else scores
    return float(chosen.gather(1, question.target[:, None]).mean())


def _shuffled(model: nn.Module, seed: int) -> nn.Module:
    """Return a copy of a network whose weights have changed places within their layers."""
    copied = copy.deepcopy(model)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in copied.parameters():
            order = torch.randperm(parameter.numel(), generator=generator).to(parameter.device)
            parameter.copy_(parameter.flatten()[order].reshape(parameter.shape))
    return copied
