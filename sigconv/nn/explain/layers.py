"""What a layer answers, and how its answer moves the score."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd

from .asked import Question, at_rest, layer_named


@contextmanager
def recorded(modules: dict[str, nn.Module]) -> Iterator[dict[str, Tensor]]:
    """Hold the last output of each module while the network runs."""
    outputs: dict[str, Tensor] = {}

    def keeper(name: str) -> Callable[[nn.Module, object, object], None]:
        def keep(module: nn.Module, inputs: object, output: object) -> None:
            if isinstance(output, Tensor):
                outputs[name] = output

        return keep

    handles = [module.register_forward_hook(keeper(name)) for name, module in modules.items()]
    try:
        yield outputs
    finally:
        for handle in handles:
            handle.remove()


def output_of(outputs: dict[str, Tensor], name: str) -> Tensor:
    """Return what `recorded` holds of a layer; raise if it took no part."""
    if name not in outputs:
        raise ValueError(f"layer must take part in the forward pass; {name!r} does not")
    return outputs[name]


def last_maps(question: Question) -> str:
    """Return the name of the layer behind the last convolution, before any pooling.

    That is the last one whose maps have the size of the last convolution's; a convolution that
    leaves one place is a classifier and does not count.
    """
    model = question.scores.model
    leaves = {name: module for name, module in model.named_modules() if not list(module.children())}
    with torch.no_grad(), at_rest(model), recorded(leaves) as outputs:
        model(question.x[:1])
    # convolutions that run merged into one are not called; the norm behind them is
    for kind in (_ConvNd, _BatchNorm):
        found = [
            name
            for name, maps in outputs.items()
            if isinstance(leaves[name], kind) and maps.ndim > 2 and maps[0, 0].numel() > 1
        ]
        if found:
            break
    else:
        raise ValueError(
            "layer must be given: the network has no convolution layer that leaves a map"
        )
    shape = outputs[found[-1]].shape
    return [name for name, maps in outputs.items() if maps.shape == shape][-1]


def maps_of(question: Question, name: str) -> tuple[Tensor, Tensor]:
    """Return a layer's maps and the gradient of the score with respect to them."""
    model = question.scores.model
    layer = layer_named(model, name)
    # the input takes part in the graph, so that frozen networks have gradients too
    x = question.x.detach().requires_grad_()
    with torch.enable_grad(), at_rest(model), recorded({name: layer}) as outputs:
        chosen = question.scores(x).gather(1, question.target[:, None]).sum()
        maps = output_of(outputs, name)
        if maps.ndim < 3:
            raise ValueError(
                f"layer must have maps (batch, channels, places ...); {name!r} has the shape "
                f"{tuple(maps.shape)}"
            )
        (gradient,) = torch.autograd.grad(chosen, maps)
    return maps.detach(), gradient


def onto_input(question: Question, maps: Tensor) -> tuple[Tensor, tuple[str, ...]]:
    """Bring (trials, places ...) to the input's sizes; return it and its axes.

    Networks of EEG hold (batch, maps, channels, times): their maps tell channels apart until the
    spatial convolution leaves one; axes of one place are dropped until the rest are the input's.
    """
    spatial = question.x.shape[2:]
    names = question.axes[2:]
    sizes, shape = list(maps.shape[1:]), list(spatial)
    resolved = list(names)
    if len(sizes) == len(spatial) + 1 and sizes[0] == question.x.shape[1] > 1:
        shape, resolved = [question.x.shape[1], *spatial], [question.axes[1], *names]
    while len(sizes) > len(shape) and 1 in sizes:
        sizes.remove(1)
    if len(sizes) != len(shape):
        raise ValueError(
            f"layer must have maps over the input's axes ({', '.join(names)}); got maps of "
            f"shape {tuple(maps.shape[1:])}"
        )
    mode = ("linear", "bilinear", "trilinear")[len(shape) - 1]
    maps = maps.reshape(len(maps), 1, *sizes)
    maps = nn.functional.interpolate(maps, size=tuple(shape), mode=mode, align_corners=False)
    return maps[:, 0], (question.axes[0], *resolved)
