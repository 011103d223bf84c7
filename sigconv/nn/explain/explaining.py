"""One call for all ways to explain a network's answer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import torch
from numpy.typing import ArrayLike
from torch import nn

from ... import _checks
from . import cam, gradients, removal
from .asked import Question, ask, at_rest
from .attribution import Attribution

#: The ways to explain; the keywords of each function are the options of the method.
METHODS: dict[str, Callable[..., Any]] = {
    "saliency": gradients.saliency,
    "input_x_gradient": gradients.input_x_gradient,
    "integrated_gradients": gradients.integrated_gradients,
    "smoothgrad": gradients.smoothgrad,
    "guided_backprop": gradients.guided_backprop,
    "deconvnet": gradients.deconvnet,
    "gradient_shap": gradients.gradient_shap,
    "grad_cam": cam.grad_cam,
    "grad_cam_pp": cam.grad_cam_pp,
    "activation": cam.activation,
    "occlusion": removal.occlusion,
    "shapley": removal.shapley,
    "shapley_sampling": removal.shapley_sampling,
}


def explain(
    model: nn.Module,
    x: ArrayLike,
    *,
    method: str = "integrated_gradients",
    target: int | Sequence[int] | None = None,
    classes: Sequence[str] = (),
    seed: int = 0,
    batch_size: int = 64,
    progress: bool = False,
    **options: Any,
) -> Attribution:
    """Say which parts of an input speak for a class.

    Parameters
    ----------
    model : torch.nn.Module
        Takes (trials, channels, ...) to one number a class, or to maps of classes, whose mean
        is then the score. It runs in evaluation mode and is left as it was.
    x : array, shape (trials, channels, times), (..., height, width) or (..., depth, height, width)
        As the network gets it: filtered and standardised.
    method : str
        - ``"saliency"``, ``"input_x_gradient"``, ``"integrated_gradients"`` (`baseline`,
          `n_steps`: as many as completeness needs), ``"smoothgrad"`` (`n_samples`, `noise`),
          ``"guided_backprop"``, ``"deconvnet"``,
          ``"gradient_shap"`` (`n_samples`, `baseline`, `noise`): gradients;
          values on the input's grid.
        - ``"grad_cam"``, ``"grad_cam_pp"``, ``"activation"`` (`layer`): a layer's maps, spread
          linearly over the input's places; channels are not told apart unless the layer does.
        - ``"occlusion"`` (`over`, `window`, `stride`, `groups`, `bands`, `fs`, `baseline`): what
          the score loses without a part.
        - ``"shapley"`` (the same without `stride`; at most 16 parts, exact) and
          ``"shapley_sampling"`` (`n_samples` orders): what a part adds on average over all
          orders in which parts come; a region's value is shared out over its places, so that
          the sum is the score less that of the baseline.
    target : int or one for each trial, optional
        The class; the predicted one by default.
    classes : sequence of str
        The names of all classes, for pictures: those of a checkpoint, say.
    seed : int
        Of the methods that draw.
    batch_size : int
        Trials that the network sees at once.
    progress : bool
        Whether long methods show how far they are.
    **options
        The method's own, named above. `over` says what is taken away: ``"window"`` (of
        `window` samples, or seconds if `fs` is given and x is 1D; all channels at once),
        ``"channel_window"``, ``"channel"``, ``"band"`` (`bands` in Hz along the last axis,
        needs `fs`), ``"channel_band"``, or ``"groups"`` (an array of whole numbers that
        broadcasts to a trial). `layer` is a dotted name; by default the one behind the last
        convolution.

    Returns
    -------
    Attribution

    Raises
    ------
    ValueError, TypeError
        If the network is untrained (its batch norms have seen nothing) or answers the same
        whatever it sees, or a name, class, option or input is illegal.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn import TrainingConfig, build_model, fit
    >>> from sigconv.nn.explain import explain
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat([0, 1], 20)
    >>> X = rng.normal(size=(40, 3, 64))
    >>> X[20:, 1] += 1
    >>> model = build_model("plain_cnn", in_channels=3, num_classes=2)
    >>> losses = fit(model, X, y, TrainingConfig(epochs=20))
    >>> found = explain(model, X[-5:], method="shapley", over="channel")
    >>> found.axes, found.values.mean(axis=0).argmax()
    (('trial', 'channel'), np.int64(1))
    """
    function = METHODS[_checks.one_of("method", method, METHODS)]
    keywords = set(inspect.signature(function).parameters) - {"question"}
    common = {"batch_size": _checks.whole("batch_size", batch_size), "progress": bool(progress)}
    _checks.parameters(f"method {method!r}", options, sorted(keywords - set(common)))
    _checks.require("captum", extra="explain", purpose="sigconv.nn.explain")
    question = ask(model, x, target, common["batch_size"])
    if classes and len(classes) != question.n_classes:
        raise ValueError(
            f"classes must be {question.n_classes}, one for each output; got {len(classes)}"
        )
    given = {key: value for key, value in common.items() if key in keywords}
    with at_rest(model), torch.random.fork_rng():
        torch.manual_seed(_checks.whole("seed", seed, at_least=0))
        values, axes = function(question, **given, **options)
    if not values.any() and _is_constant(question):
        raise ValueError(
            "model must answer to its input; got one whose scores are the same for x and for zeros"
        )
    return Attribution(
        values=values.detach().double().cpu().numpy(),
        axes=axes,
        method=method,
        over=_over(function, options),
        target=question.target.cpu().numpy(),
        score=question.score.detach().double().cpu().numpy(),
        bands=tuple(options.get("bands") or ()),
        options={"method": method, "seed": seed, "batch_size": batch_size, **options},
        classes=tuple(classes),
    )


def _is_constant(question: Question) -> bool:
    with torch.no_grad(), at_rest(question.scores.model):
        n = min(2, len(question.x))
        answers = question.scores(torch.cat([question.x[:n], torch.zeros_like(question.x[:n])]))
    return bool((answers == answers[0]).all())


def _over(function: Callable[..., Any], options: dict[str, Any]) -> str:
    default = inspect.signature(function).parameters.get("over")
    return "" if default is None else options.get("over", default.default)
