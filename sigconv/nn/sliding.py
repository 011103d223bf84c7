"""A network trained on windows, slid over a recording of any length at the cost of one pass."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from .. import _checks
from . import layers
from .notation._describing import layers_of, leaves
from .summary import summary, without_weights

_GLOBAL: dict[type[nn.Module], Any] = {
    layers.GlobalAveragePool: layers.average_pool,
    layers.GlobalMaxPool: layers.max_pool,
    layers.GlobalMinPool: layers.min_pool,
}


class Sliding(nn.Module):
    """What `slide` returns: logits for every window that fits.

    Attributes
    ----------
    window : tuple of int
        Samples along each axis that one answer sees.
    stride : tuple of int
        Samples from one window to the next.

    Examples
    --------
    >>> from sigconv.nn import parse, slide
    >>> model = parse("C8k5p0RP4GF", ndim=1, in_channels=2, num_classes=3)
    >>> slide(model, (2, 100)).window
    (100,)
    """

    def __init__(
        self, modules: Sequence[nn.Module], window: tuple[int, ...], stride: tuple[int, ...]
    ) -> None:
        super().__init__()
        self.layers = nn.Sequential(*modules)
        self.window, self.stride = window, stride

    def forward(self, x: Tensor) -> Tensor:
        """(batch, channels, ...) -> (batch, num_classes, windows along each axis)."""
        if any(n < least for n, least in zip(x.shape[2:], self.window, strict=True)):
            wanted = " x ".join(str(n) for n in self.window)
            raise ValueError(
                f"x must hold a window of {wanted} samples at least; got shape {tuple(x.shape)}"
            )
        answers = self.layers(x)
        # a window may leave its last samples unused; what hangs over the end is none
        for axis, (n, s) in enumerate(zip(self.window, self.stride, strict=True), start=2):
            answers = answers.narrow(axis, 0, (x.shape[axis] - n) // s + 1)
        return answers


def slide(model: nn.Module, input_shape: Sequence[int], *, allow_padding: bool = False) -> Sliding:
    """Turn a network for windows into one for recordings (fully convolutional networks, 2015).

    The classifier's layers of units become convolutions: the first as wide as the maps of one
    window, all others 1 wide; a global pooling becomes one over a window's maps.

    Parameters
    ----------
    model : torch.nn.Module
        Sequential, as `describe` takes it.
    input_shape : sequence of int
        (channels, ...) of a window.
    allow_padding : bool
        Whether layers may pad. Then the answers are not those of single windows: near its ends a
        window saw padding where the recording has its neighbours.

    Returns
    -------
    Sliding
        A copy in evaluation mode. Its answers are those of the windows one by one, `stride`
        samples apart.

    Raises
    ------
    TypeError, ValueError
        If the network is not sequential, has layers for which every place differs, or pads.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn import parse, slide
    >>> model = parse("C8k5p0RP2C8k3p0RF", ndim=1, in_channels=2, num_classes=3, input_shape=50)
    >>> over = slide(model, (2, 50))
    >>> over.stride, over(torch.zeros(1, 2, 1000)).shape
    ((2,), torch.Size([1, 3, 476]))
    """
    shape = tuple(_checks.whole("input_shape", n) for n in input_shape)
    ndim = len(shape) - 1
    if not allow_padding:
        _refuse_padding(model)
    about = summary(model, shape)
    stride = tuple(1 if n is None else int(n) for n in about.stride)
    real = list(leaves(layers_of(model)))
    bare = list(leaves(layers_of(without_weights(model))))
    x = torch.empty(1, *shape, device="meta")
    built: list[nn.Module] = []
    left: tuple[int, ...] | None = None  # a window's maps that the next layer of units sees
    for module, twin in zip(real, bare, strict=True):
        before = tuple(x.shape[1:])
        x = twin(x)
        if isinstance(module, nn.Flatten):
            left = before
        elif type(module) in _GLOBAL:
            built.append(_GLOBAL[type(module)](ndim, before[1:], 1))
        elif isinstance(module, nn.Linear):
            built.append(_as_convolution(module, ndim, left))
            left = None
        elif isinstance(module, _BatchNorm) and len(before) == 1:
            built.append(_over_places(module, ndim))
        elif any(isinstance(m, layers.LocallyConnected) for m in module.modules()):
            raise TypeError(f"model must do the same at every place; got {module}")
        else:
            built.append(copy.deepcopy(module))
    return Sliding(built, shape[1:], stride).eval()


def _as_convolution(linear: nn.Linear, ndim: int, maps: tuple[int, ...] | None) -> nn.Module:
    channels, *kernel = maps or (linear.in_features, *(1,) * ndim)
    layer = layers.convolution(
        ndim, channels, linear.out_features, tuple(kernel), bias=linear.bias is not None
    )
    state = {"weight": linear.weight.detach().view(linear.out_features, channels, *kernel)}
    if linear.bias is not None:
        state["bias"] = linear.bias.detach()
    layer.load_state_dict(state)
    return layer.to(linear.weight.device, linear.weight.dtype)


def _over_places(norm: _BatchNorm, ndim: int) -> nn.Module:
    layer = layers.batch_norm(ndim, norm.num_features, eps=norm.eps)
    layer.load_state_dict(norm.state_dict())
    return layer


def _refuse_padding(model: nn.Module) -> None:
    for name, module in model.named_modules():
        padding = getattr(module, "padding", 0)
        pads = any(padding) if isinstance(padding, tuple) else bool(padding)
        if pads or isinstance(module, layers.Pad) or getattr(module, "ceil_mode", False):
            raise ValueError(
                "model must not pad, so that every window gets what it gets alone (or set "
                f"allow_padding); got {name}: {module}"
            )
