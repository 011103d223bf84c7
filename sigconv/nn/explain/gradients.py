"""Explanations by gradients: Captum's, on the input's grid."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor, nn

from ... import _checks
from .asked import Question

Answer = tuple[Tensor, tuple[str, ...]]

#: Integrated gradients end when their sum is the score's difference but for this share of it, or
#: with the most steps.
COMPLETE = 8e-4
FEWEST_STEPS, MOST_STEPS = 64, 8192


def saliency(question: Question) -> Answer:
    """Return the size of the gradient."""
    return _captum(question, "Saliency")


def input_x_gradient(question: Question) -> Answer:
    """Return the input times the gradient."""
    return _captum(question, "InputXGradient")


def integrated_gradients(
    question: Question, *, baseline: float = 0.0, n_steps: int | None = None, batch_size: int = 64
) -> Answer:
    """Return the gradient's mean on the way from the baseline, times the way.

    Rectifiers and maxima put jumps into the gradient, at which any quadrature errs by about
    1/steps: unless `n_steps` is given, they are doubled for the trials whose sums are not there
    yet. Midpoints do, where Gauss's many points would take longer to find than to use.
    """
    options: dict[str, Any] = {
        "baselines": _checks.number("baseline", baseline),
        "internal_batch_size": batch_size,
        "method": "riemann_middle",
    }
    if n_steps is not None:
        return _captum(
            question, "IntegratedGradients", n_steps=_checks.whole("n_steps", n_steps), **options
        )
    with torch.no_grad():
        start = question.scores(torch.full_like(question.x[:1], baseline))[0, question.target]
    values = torch.zeros_like(question.x)
    open_, steps = torch.arange(len(values), device=values.device), FEWEST_STEPS
    while len(open_) and steps <= MOST_STEPS:
        part = question.of(open_)
        values[open_], _ = _captum(part, "IntegratedGradients", n_steps=steps, **options)
        wanted = part.score - start[open_]
        missing = (values[open_].flatten(1).sum(1) - wanted).abs()
        open_, steps = open_[missing > COMPLETE * wanted.abs()], 2 * steps
    return values, question.axes


def smoothgrad(
    question: Question, *, n_samples: int = 32, noise: float = 0.15, batch_size: int = 64
) -> Answer:
    """Return the gradient's mean size around the input; `noise` is a share of its range."""
    from captum.attr import NoiseTunnel, Saliency

    noise = _checks.number("noise", noise, above=0)
    spread = noise * float(question.x.amax() - question.x.amin())
    values = NoiseTunnel(Saliency(question.scores)).attribute(
        question.x.clone(),
        target=question.target,
        nt_type="smoothgrad",
        nt_samples=_checks.whole("n_samples", n_samples),
        nt_samples_batch_size=max(1, batch_size // len(question.x)),
        stdevs=spread,
    )
    return values, question.axes


def guided_backprop(question: Question) -> Answer:
    """Return the gradient without what is negative before or behind a rectifier."""
    _rectifiers(question, "guided_backprop")
    return _captum(question, "GuidedBackprop")


def deconvnet(question: Question) -> Answer:
    """Return the gradient, rectifiers applied to it instead of where they stood."""
    _rectifiers(question, "deconvnet")
    return _captum(question, "Deconvolution")


def gradient_shap(
    question: Question, *, n_samples: int = 32, baseline: float = 0.0, noise: float = 0.0
) -> Answer:
    """Shapley values by expected gradients, from random places between baseline and input."""
    spread = _checks.number("noise", noise, at_least=0)
    spread *= float(question.x.amax() - question.x.amin())
    start = torch.full_like(question.x[:1], _checks.number("baseline", baseline))
    return _captum(
        question,
        "GradientShap",
        baselines=start,
        n_samples=_checks.whole("n_samples", n_samples),
        stdevs=spread,
    )


def _rectifiers(question: Question, method: str) -> None:
    if not any(isinstance(module, nn.ReLU) for module in question.scores.modules()):
        warnings.warn(
            f"{method} differs from the plain gradient only at ReLU layers; the network has none",
            stacklevel=4,
        )


def _captum(question: Question, name: str, **options: Any) -> Answer:
    import captum.attr

    with warnings.catch_warnings():
        # Captum tells that it sets hooks and gradients: it is asked to
        warnings.filterwarnings("ignore", message="Setting (forward|backward|gradients)")
        warnings.filterwarnings("ignore", message="Input Tensor .* did not already require")
        method = getattr(captum.attr, name)(question.scores)
        values = method.attribute(question.x.clone(), target=question.target, **options)
    return values, question.axes
