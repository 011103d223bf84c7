"""Class activation maps: which places of a layer's maps speak for a class.

Grad-CAM: Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391.
Grad-CAM++: Chattopadhyay et al. 2018, https://arxiv.org/abs/1710.11063, equation 19.
"""

from __future__ import annotations

from torch import Tensor

from .asked import Question
from .layers import last_maps, maps_of, onto_input

Answer = tuple[Tensor, tuple[str, ...]]


def grad_cam(question: Question, *, layer: str | None = None) -> Answer:
    """Weight the maps by their mean gradient; what speaks against the class counts 0."""
    maps, gradient = maps_of(question, layer or last_maps(question))
    weights = gradient.flatten(2).mean(-1)
    return onto_input(question, _weighted(maps, weights))


def grad_cam_pp(question: Question, *, layer: str | None = None) -> Answer:
    """Weight the maps by the gradients of their places, those that act alone counting more."""
    maps, gradient = maps_of(question, layer or last_maps(question))
    squares, cubes = gradient**2, gradient**3
    totals = maps.flatten(2).sum(-1).reshape(*maps.shape[:2], *[1] * (maps.ndim - 2))
    below = 2 * squares + totals * cubes
    shares = squares / below.where(below != 0, below.new_ones(()))
    weights = (shares * gradient.clamp(min=0)).flatten(2).sum(-1)
    return onto_input(question, _weighted(maps, weights))


def activation(question: Question, *, layer: str | None = None) -> Answer:
    """Return the mean of the layer's maps, whatever the class."""
    maps, _ = maps_of(question, layer or last_maps(question))
    return onto_input(question, maps.mean(1))


def _weighted(maps: Tensor, weights: Tensor) -> Tensor:
    weights = weights.reshape(*weights.shape, *[1] * (maps.ndim - 2))
    return (weights * maps).sum(1).clamp(min=0)
