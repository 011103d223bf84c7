"""How responses and gradients grow or decay from layer to layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class LayerStatistics:
    """The spread of a layer's responses, and of the gradient that reaches its weights.

    `response` is the standard deviation of what the layer gives; `gradient` the root mean
    square of the gradient at its weights, over that of the weights themselves.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from sigconv.nn import activation_statistics
    >>> (layer,) = activation_statistics(nn.Sequential(nn.Linear(2, 2)), torch.eye(2))
    >>> layer.name
    '0'
    """

    name: str
    response: float
    gradient: float


def activation_statistics(
    model: nn.Module, x: Tensor, y: Tensor | None = None
) -> list[LayerStatistics]:
    """Measure how responses and gradients grow or decay along a network.

    Parameters
    ----------
    model : torch.nn.Module
        In the mode that it is in; its gradients, statistics and random state stay as they are.
    x : Tensor, shape (batch, channels, ...)
    y : Tensor of int, shape (batch,), optional
        Classes for the cross-entropy whose gradient is measured; 0, 1, 2, ... in turn by default.

    Returns
    -------
    list of LayerStatistics
        One for each convolution and layer of units, in the order in which they run.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn import activation_statistics, build_model
    >>> model = build_model("resnet18", in_channels=1, num_classes=2, width=0.125)
    >>> measured = activation_statistics(model, torch.randn(8, 1, 128))
    >>> measured[0].name, len(measured)
    ('features.stem.conv', 21)
    """
    responses: dict[str, float] = {}
    weighted: dict[str, Any] = {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, nn.modules.conv._ConvNd | nn.Linear)
    }
    handles = []
    for name, module in weighted.items():

        def note(_: nn.Module, __: Any, out: Tensor, name: str = name) -> None:
            responses[name] = out.detach().std().item()

        handles.append(module.register_forward_hook(note))
    kept = {key: value.clone() for key, value in model.state_dict().items()}
    try:
        with torch.random.fork_rng(), torch.enable_grad():
            logits = model(x)
            if y is None:
                y = torch.arange(len(x), device=x.device) % logits.shape[1]
            classes = y.view(-1, *[1] * (logits.ndim - 2)).expand(len(y), *logits.shape[2:])
            loss = nn.functional.cross_entropy(logits, classes)
            names = [name for name in weighted if name in responses]
            weights: list[Tensor] = [weighted[name].weight for name in names]
            gradients = torch.autograd.grad(loss, weights, allow_unused=True)
    finally:
        for handle in handles:
            handle.remove()
        model.load_state_dict(kept)
    relative = {
        name: 0.0 if gradient is None else (gradient.norm() / weight.detach().norm()).item()
        for name, weight, gradient in zip(names, weights, gradients, strict=True)
    }
    return [LayerStatistics(name, responses[name], relative[name]) for name in responses]
