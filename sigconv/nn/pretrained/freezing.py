"""Layers that stay as they are while others are trained."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from ..modes import evaluating
from .parts import full_name


def _hold(norm: nn.Module, _: Any) -> None:
    norm.eval()


def freeze(model: nn.Module, *layers: str) -> list[str]:
    """Keep parts of a network as they are: no gradients, and norms that do not learn.

    Parameters
    ----------
    model : torch.nn.Module
    *layers : str
        Names as for `features`: stages, say.

    Returns
    -------
    list of str
        The parameters that are trained still.

    Raises
    ------
    ValueError
        If there is no such layer, or none is given.

    Notes
    -----
    Batch norms in them use their running statistics in training too, and do not move them.

    Examples
    --------
    >>> from sigconv.nn import build_model
    >>> from sigconv.nn.pretrained import freeze
    >>> model = build_model("resnet18", in_channels=3, num_classes=10, ndim=2, width=0.125)
    >>> freeze(model, "features")
    ['classifier.fc.weight', 'classifier.fc.bias']
    """
    if not layers:
        raise ValueError("layers must name at least one layer; got none")
    for name in [full_name(model, layer) for layer in layers]:
        for module in model.get_submodule(name).modules():
            _keep(module)
    return _free(model)


def freeze_up_to(model: nn.Module, layer: str, x: Tensor) -> list[str]:
    """Keep a layer and all that comes before it as it is; the rest is trained still.

    Parameters
    ----------
    model : torch.nn.Module
    layer : str
        Its name as for `features`: a stage, say.
    x : Tensor
        What the network takes: it is run once, to see which layers it calls before that one is
        done.

    Returns
    -------
    list of str
        The parameters that are trained still.

    Raises
    ------
    ValueError
        If there is no such layer, or the network does not call it.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn import build_model
    >>> from sigconv.nn.pretrained import freeze_up_to
    >>> model = build_model("resnet18", in_channels=3, num_classes=10, ndim=2, width=0.125)
    >>> free = freeze_up_to(model, "stage4", torch.zeros(1, 3, 64, 64))
    >>> free
    ['classifier.fc.weight', 'classifier.fc.bias']
    """
    for name in up_to(model, layer, x):
        _keep(model.get_submodule(name))
    return _free(model)


def up_to(model: nn.Module, layer: str, x: Tensor) -> list[str]:
    """Return the modules with weights or statistics of their own that run until a layer is done."""
    wanted = full_name(model, layer)
    begun: dict[str, None] = {}
    done: dict[str, None] = {}
    until: tuple[set[str], set[str]] | None = None

    def begin(name: str) -> Callable[..., None]:
        return lambda *_: begun.setdefault(name)

    def end(name: str) -> Callable[..., None]:
        def note(*_: Any) -> None:
            nonlocal until
            done.setdefault(name)
            if name == wanted:
                until = set(begun), set(done)

        return note

    handles = []
    for name, module in model.named_modules():
        handles.append(module.register_forward_pre_hook(begin(name)))
        handles.append(module.register_forward_hook(end(name)))
    try:
        with evaluating(model), torch.no_grad():
            model(x)
    finally:
        for handle in handles:
            handle.remove()
    if until is None:
        raise ValueError(f"layer must be one that the network calls; got {layer!r}")
    started, ended = until
    holders = [
        name
        for name, module in model.named_modules()
        if [*module.parameters(recurse=False), *module.buffers(recurse=False)]
    ]
    return [
        name
        for name in holders
        if name in started or (name not in begun and _caller(name, begun) in ended)
    ]


def _caller(name: str, called: Collection[str]) -> str:
    """Return the nearest module around one that is not called itself: that one uses its weights."""
    while name not in called and name:
        name = name.rpartition(".")[0]
    return name


def is_kept(module: nn.Module) -> bool:
    """Whether `freeze` keeps a batch norm's statistics."""
    return _hold in module._forward_pre_hooks.values()


def _keep(module: nn.Module) -> None:
    for parameter in module.parameters(recurse=False):
        parameter.requires_grad_(False)
    if isinstance(module, _BatchNorm) and not is_kept(module):
        module.register_forward_pre_hook(_hold)


def _free(model: nn.Module) -> list[str]:
    return [name for name, value in model.named_parameters() if value.requires_grad]
