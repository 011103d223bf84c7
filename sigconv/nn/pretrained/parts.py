"""Parts of a network by name: features of a layer, another head."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn.utils import parametrize

from ... import _checks


def full_name(model: nn.Module, name: str) -> str:
    """Return the full name of a layer, which its last parts are enough for."""
    names = [each for each, _ in model.named_modules() if each]
    ends = [each for each in names if each == name or each.endswith(f".{name}")]
    if name in ends:
        return name
    if len(ends) > 1:
        raise ValueError(f"layer must say which of {', '.join(ends)} is meant; got {name!r}")
    short = {each.rpartition(".")[2] for each in names}
    return ends[0] if ends else _checks.one_of("layer", name, sorted({*names, *short}))


def features(model: nn.Module, x: Tensor, layer: str) -> Tensor:
    """Return what a layer of a network makes of inputs, with its gradient.

    Parameters
    ----------
    model : torch.nn.Module
        In the mode it is in: `model.eval()` first, usually.
    x : Tensor
        What the network takes.
    layer : str
        Its name in `model.named_modules()`, or the last part of it where that is the only one.

    Returns
    -------
    Tensor
        Of a layer that is called several times the last output.

    Raises
    ------
    ValueError
        If there is no such layer, or the network does not call it.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn import build_model
    >>> from sigconv.nn.pretrained import features
    >>> model = build_model("resnet18", in_channels=3, num_classes=10, ndim=2, width=0.125)
    >>> features(model.eval(), torch.zeros(2, 3, 64, 64), "stage3").shape
    torch.Size([2, 32, 4, 4])
    """
    name = full_name(model, layer)
    seen: list[Any] = []
    handle = model.get_submodule(name).register_forward_hook(lambda *call: seen.append(call[2]))
    try:
        model(x)
    finally:
        handle.remove()
    if not seen:
        raise ValueError(f"layer must be one that the network calls; got {layer!r}")
    return seen[-1]


def replace_head(model: nn.Module, num_classes: int) -> nn.Module:
    """Give a network a new last layer for other classes, in place; return that layer.

    Parameters
    ----------
    model : torch.nn.Module
        Whose last layer with weights is a linear one, or a convolution; without a limit on
        its norm. Its `config` follows.
    num_classes : int

    Raises
    ------
    ValueError
        If the last layer is something else.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn import build_model
    >>> from sigconv.nn.pretrained import replace_head
    >>> model = build_model("plain_cnn", in_channels=2, num_classes=10)
    >>> replace_head(model, 3)
    Linear(in_features=32, out_features=3, bias=True)
    >>> model(torch.zeros(4, 2, 64)).shape
    torch.Size([4, 3])
    """
    num_classes = _checks.whole("num_classes", num_classes)
    weighted = [(name, m) for name, m in model.named_modules() if list(m.parameters(recurse=False))]
    name, old = weighted[-1] if weighted else ("", model)
    kinds = nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d
    if not isinstance(old, kinds) or parametrize.is_parametrized(old):
        kind = type(old).__name__
        raise ValueError(f"model must end in a plain linear layer or convolution; got {kind}")
    weight: Any = old.weight
    where = {"device": weight.device, "dtype": weight.dtype}
    new: nn.Module
    if isinstance(old, nn.Linear):
        new = nn.Linear(old.in_features, num_classes, old.bias is not None, **where)
    else:
        layer: Any = old
        new = type(layer)(
            layer.in_channels,
            num_classes,
            layer.kernel_size,
            layer.stride,
            layer.padding,
            layer.dilation,
            bias=layer.bias is not None,
            **where,
        )
    model.set_submodule(name, new)
    config: Any = getattr(model, "config", None)
    if isinstance(config, dict):
        model.config = {**config, "num_classes": num_classes}  # type: ignore[assignment]
    return new
