"""Batches of items of unequal length, each of which gets what it gets alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd
from torch.nn.modules.dropout import _DropoutNd
from torch.nn.modules.pooling import _AvgPoolNd, _MaxPoolNd

from . import layers
from .notation._describing import layers_of, leaves

#: What does the same at each place, whatever stands at others.
_POINTWISE = (
    *(nn.ReLU, nn.ELU, nn.Tanh, nn.GELU, nn.LeakyReLU, nn.Identity, _DropoutNd, _BatchNorm),
    *(layers.LocalResponseNorm, layers.Maxout),
)


class Ragged(NamedTuple):
    """A batch with the length of each item.

    `values` has shape (batch, channels, ...), 0 beyond each item; `lengths` has shape
    (batch, axes), or is None where no axes are left.

    Examples
    --------
    >>> import torch
    >>> from torch import nn
    >>> from sigconv.nn import run_ragged
    >>> values, lengths = run_ragged(nn.Sequential(nn.Conv1d(1, 1, 3)), torch.ones(2, 1, 9), [9, 5])
    >>> lengths.flatten().tolist()
    [7, 3]
    """

    values: Tensor
    lengths: Tensor | None


def run_ragged(
    model: nn.Module, x: Tensor, lengths: Tensor | Sequence[int] | Sequence[Sequence[int]]
) -> Ragged:
    """Run a network on items of unequal length that stand in one batch.

    What lies beyond the end of an item is taken for what would lie there if it came alone:
    zeros before a convolution, nothing before a pooling. Global poolings take each item's own
    places. Run in evaluation mode: norms that take a batch's statistics know no items.

    Parameters
    ----------
    model : torch.nn.Module
        Sequential, as `describe` takes it; residual, dense and inception blocks included.
    x : Tensor, shape (batch, channels, ...)
        Each item from its start; what stands behind its end does not matter.
    lengths : shape (batch,) or (batch, axes)
        Samples of each item, along each axis where there are several.

    Returns
    -------
    Ragged

    Raises
    ------
    ValueError, TypeError
        If a length is illegal, or the network has a layer for which that cannot be done.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn import build_model, run_ragged
    >>> model = build_model("plain_cnn", in_channels=2, num_classes=3).eval()
    >>> x = torch.randn(2, 2, 300)
    >>> logits, _ = run_ragged(model, x, [300, 150])
    >>> alone = model(x[1:, :, :150])
    >>> bool(torch.allclose(logits[1:], alone, atol=1e-5))
    True
    """
    ndim = x.ndim - 2
    sizes = torch.as_tensor(lengths, device=x.device)
    sizes = sizes[:, None].expand(-1, ndim) if sizes.ndim == 1 and ndim == 1 else sizes
    if sizes.shape != (len(x), ndim) or sizes.is_floating_point():
        raise ValueError(
            f"lengths must be whole numbers of shape ({len(x)}, {ndim}); got {tuple(sizes.shape)}"
        )
    if (sizes < 1).any() or (sizes > torch.tensor(x.shape[2:], device=x.device)).any():
        raise ValueError(
            f"lengths must be from 1 to the size of x, {tuple(x.shape[2:])}; got {sizes.tolist()}"
        )
    if any(isinstance(m, _BatchNorm) and m.training for m in model.modules()):
        raise ValueError("model must be in evaluation mode: its norms know no items")
    item = Ragged(x, sizes)
    for module in leaves(layers_of(model)):
        item = _step(module, item)
    return item if item.lengths is None else Ragged(_cleared(item, 0.0), item.lengths)


def _step(module: nn.Module, item: Ragged) -> Ragged:
    if item.lengths is None:
        return Ragged(module(item.values), None)
    if isinstance(module, layers.Residual):
        body, around = _run(module.body, item), _run(module.shortcut, item)
        return _run(module.last, Ragged(body.values + around.values, body.lengths))
    if isinstance(module, layers.Branches):
        parts = [_run(branch, item) for branch in module.branches]
        return Ragged(torch.cat([part.values for part in parts], 1), parts[0].lengths)
    if isinstance(module, layers.DenseLayer):
        new = item
        for part in module.children():
            new = _step(part, new)
        return Ragged(torch.cat([item.values, new.values], 1), item.lengths)
    if isinstance(module, _POINTWISE):
        return Ragged(module(item.values), item.lengths)
    if type(module) in _GLOBAL:
        return Ragged(_GLOBAL[type(module)](item), None)
    fill, change = _resizing(module)
    lengths = change(item.lengths)
    if (lengths < 1).any():
        raise ValueError(
            f"lengths must leave every item something to see; {module} leaves one nothing"
        )
    return Ragged(module(_cleared(item, fill)), lengths)


def _run(module: nn.Module, item: Ragged) -> Ragged:
    for part in leaves([module]):
        item = _step(part, item)
    return item


def _resizing(module: Any) -> tuple[float, Callable[[Tensor], Tensor]]:
    """Return what a layer sees beyond an end, and what it makes of lengths."""

    def along(value: Any, like: Tensor) -> Tensor:
        values = (value,) * like.shape[1] if isinstance(value, int) else tuple(value)
        return torch.tensor(values, device=like.device)

    if isinstance(module, layers.Pad) and set(module.boundaries) == {"constant"}:
        return module.value, lambda n: n + along([a + b for a, b in module.widths], n)
    if isinstance(module, layers.MoreMaps):
        return 0.0, lambda n: (n - 1).div(along(module.stride, n), rounding_mode="floor") + 1
    windowed = isinstance(module, _ConvNd | _MaxPoolNd | _AvgPoolNd)
    plain = not getattr(module, "ceil_mode", False) and getattr(module, "count_include_pad", True)
    if not windowed or isinstance(module, _ConvTransposeNd) or not plain:
        raise TypeError(
            "model must consist of convolutions, poolings that round down and what works at "
            f"each place; got {module}"
        )

    def change(n: Tensor) -> Tensor:
        kernel, stride = along(module.kernel_size, n), along(module.stride, n)
        padding, dilation = along(module.padding, n), along(getattr(module, "dilation", 1), n)
        steps = n + 2 * padding - dilation * (kernel - 1) - 1
        return steps.div(stride, rounding_mode="floor") + 1

    return (float("-inf") if isinstance(module, _MaxPoolNd) else 0.0), change


def mask(item: Ragged) -> Tensor:
    """Return where there are samples: shape (batch, 1, ...)."""
    assert item.lengths is not None
    inside = torch.ones(1, dtype=torch.bool, device=item.values.device)
    ndim = item.values.ndim - 2
    for axis, n in enumerate(item.values.shape[2:]):
        shape = [1] * (2 + ndim)
        shape[2 + axis] = n
        places = torch.arange(n, device=item.values.device).view(shape)
        inside = inside & (places < item.lengths[:, axis].view(-1, *[1] * (1 + ndim)))
    return inside


def _cleared(item: Ragged, fill: float) -> Tensor:
    return item.values.masked_fill(~mask(item), fill)


def _mean(item: Ragged) -> Tensor:
    assert item.lengths is not None
    return _cleared(item, 0.0).flatten(2).sum(-1) / item.lengths.prod(1, keepdim=True)


_GLOBAL: dict[type[nn.Module], Callable[[Ragged], Tensor]] = {
    layers.GlobalAveragePool: _mean,
    layers.GlobalMaxPool: lambda item: _cleared(item, float("-inf")).flatten(2).amax(-1),
    layers.GlobalMinPool: lambda item: _cleared(item, float("inf")).flatten(2).amin(-1),
}
