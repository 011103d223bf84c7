"""From a network back to its notation."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd

from .. import layers

_ACTIVATIONS = {nn.ReLU: "R", nn.ELU: "E", nn.Tanh: "H"}
_POOLS = {
    "P": (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d),
    "A": (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d),
}


def tokens(modules: Sequence[nn.Module]) -> list[str]:
    """Return the notation of modules that follow each other, a word for each."""
    flat = [*leaves(modules), None]
    found: list[str] = []
    padded = False
    for module, following in itertools.pairwise(flat):
        if isinstance(module, layers.Pad):
            _require_same(module, following)
        elif isinstance(module, nn.Module):
            found += _words(module, following, padded)
        padded = isinstance(module, layers.Pad)
    return found


def leaves(modules: Sequence[nn.Module]) -> Iterator[nn.Module]:
    """Yield what runs one behind the other, without what does nothing."""
    for module in modules:
        as_residual: Any = getattr(module, "as_residual", None)
        if isinstance(module, nn.Sequential):
            yield from leaves(list(module))
        elif as_residual is not None:  # a block with another library's names
            yield as_residual()
        elif not isinstance(module, nn.Identity):
            yield module


def _words(module: nn.Module, following: nn.Module | None, padded: bool) -> list[str]:
    kind = type(module)
    if kind in _ACTIVATIONS and not (kind is nn.ELU and module.alpha != 1):
        return [_ACTIVATIONS[kind]]
    if isinstance(module, nn.Flatten):
        return []
    if isinstance(module, _ConvTransposeNd):
        return [_transposed(module, following)]
    if isinstance(module, _ConvNd):
        return [_convolution(module, following, same=padded)]
    for letter, kinds in _POOLS.items():
        if isinstance(module, kinds):
            return [_pooling(letter, module)]
    if isinstance(module, nn.Linear):
        return [f"F{module.out_features}{_bias(module, following)}"]
    if isinstance(module, _BatchNorm) and _plain(module):
        return ["B"]
    if isinstance(module, layers.LocalResponseNorm) and _plain_response(module):
        return [f"L{module.size}"]
    if isinstance(module, nn.Dropout):
        return [f"D{module.p:g}"]
    if isinstance(module, layers.Maxout):
        return [f"O{module.pieces}"]
    if isinstance(module, layers.GlobalAveragePool):
        return ["G"]
    if isinstance(module, layers.GlobalMaxPool):
        return ["Gm"]
    if isinstance(module, layers.Branches):
        return [f"{{{'|'.join(compressed(tokens([b])) for b in module.branches)}}}"]
    if isinstance(module, layers.Residual):
        return _residual(module)
    if isinstance(module, layers.DenseLayer):
        return [f"{{|{compressed(tokens(list(module.children())))}}}"]
    raise unknown(module)


def unknown(module: nn.Module) -> TypeError:
    """Return the error for a layer that no letter stands for."""
    first, *more = repr(module).splitlines()
    shown = type(module).__name__ if more else first
    return TypeError(f"model must consist of layers that have a letter; got {shown}")


def _residual(module: layers.Residual) -> list[str]:
    body = tokens([module.body])
    shortcut = list(leaves([module.shortcut]))
    if [type(m) for m in shortcut] == [layers.MoreMaps]:
        return [f"[{compressed(body)}]+z", *tokens([module.last])]
    convolutions = [m for m in shortcut if isinstance(m, _ConvNd)]
    norms = [m for m in shortcut if isinstance(m, _BatchNorm)]
    expected = 0 if not shortcut else 1 + ("B" in "".join(body))
    if len(shortcut) != expected or len(convolutions) + len(norms) != expected:
        raise unknown(module)
    if convolutions and max(convolutions[0].kernel_size) > 1:
        raise unknown(module)
    return [f"[{compressed(body)}]+", *tokens([module.last])]


def _convolution(module: Any, following: nn.Module | None, *, same: bool) -> str:
    if module.padding_mode != "zeros" or hasattr(module, "parametrizations"):
        raise unknown(module)
    spans = [d * (k - 1) for k, d in zip(module.kernel_size, module.dilation, strict=True)]
    same = same or tuple(2 * p for p in module.padding) == tuple(spans)
    depthwise = module.groups == module.in_channels > 1
    return "".join(
        [
            f"C{module.out_channels}",
            _numbers("k", module.kernel_size, 3),
            _numbers("s", module.stride, 1),
            _numbers("d", module.dilation, 1),
            "g*" if depthwise else _numbers("g", (module.groups,), 1),
            "" if same else _numbers("p", module.padding, None),
            _bias(module, following),
        ]
    )


def _transposed(module: Any, following: nn.Module | None) -> str:
    if hasattr(module, "parametrizations"):
        raise unknown(module)
    return "".join(
        [
            f"T{module.out_channels}",
            _numbers("k", module.kernel_size, 2),
            _numbers("s", module.stride, 2),
            _numbers("d", module.dilation, 1),
            _numbers("g", (module.groups,), 1),
            _numbers("p", module.padding, 0),
            _numbers("o", module.output_padding, 0),
            _bias(module, following),
        ]
    )


def _pooling(letter: str, module: Any) -> str:
    window, stride, padding = (
        (value,) if isinstance(value, int) else tuple(value)
        for value in (module.kernel_size, module.stride, module.padding)
    )
    dilation = getattr(module, "dilation", 1)
    if (dilation if isinstance(dilation, int) else max(dilation)) > 1:
        raise unknown(module)
    if not getattr(module, "count_include_pad", True) and max(padding):
        raise unknown(module)
    return "".join(
        [
            letter,
            "" if set(window) == {2} else _sizes(window),
            "" if stride == window else f"s{_sizes(stride)}",
            _numbers("p", padding, 0),
            "c" if module.ceil_mode else "",
        ]
    )


def _bias(module: Any, following: nn.Module | None) -> str:
    usual = not isinstance(following, _BatchNorm)
    has = module.bias is not None
    return "" if has == usual else f"b{int(has)}"


def _numbers(letter: str, values: Sequence[int], usual: int | None) -> str:
    return "" if usual is not None and set(values) == {usual} else letter + _sizes(values)


def _sizes(values: Sequence[int]) -> str:
    return str(values[0]) if len(set(values)) == 1 else "x".join(map(str, values))


def _plain(norm: _BatchNorm) -> bool:
    return norm.eps == 1e-5 and norm.momentum == 0.1 and norm.affine


def _plain_response(norm: layers.LocalResponseNorm) -> bool:
    return (norm.alpha, norm.beta, norm.k) == (1e-4, 0.75, 2.0)


def _require_same(pad: layers.Pad, following: nn.Module | None) -> None:
    """Refuse padding but that of an even kernel whose answer keeps its size."""
    if (
        not isinstance(following, _ConvNd)
        or set(pad.boundaries) != {"constant"}
        or pad.value
        or max(following.padding)
    ):
        raise unknown(pad)
    spans = [d * (k - 1) for k, d in zip(following.kernel_size, following.dilation, strict=True)]
    if pad.widths != tuple((span // 2, span - span // 2) for span in spans):
        raise unknown(pad)


def compressed(words: Sequence[str]) -> str:
    """Return words as one text, with what follows itself written once: (C32R)2."""
    words = list(words)
    length = 1
    while length <= len(words) // 2:
        start = 0
        while start + 2 * length <= len(words):
            unit = words[start : start + length]
            times = 1
            while words[start + times * length : start + (times + 1) * length] == unit:
                times += 1
            text = f"({''.join(unit)}){times}"
            if times > 1 and len(text) <= len("".join(unit)) * times:
                words[start : start + times * length] = [text]
            start += 1
        length += 1
    return "".join(words)


def layers_of(model: nn.Module) -> list[nn.Module]:
    """Return what runs one behind the other in a network."""
    if isinstance(model, nn.Sequential):
        return list(model)
    in_order: Sequence[str] = getattr(model, "in_order", ())
    others = [part for name, part in model.named_children() if name not in in_order]
    if in_order and not any(list(part.parameters()) for part in others):
        return [model.get_submodule(name) for name in in_order]
    raise TypeError(
        "model must be sequential: an nn.Sequential, or a network of build_model whose parts run "
        f"one behind the other; got {type(model).__name__}"
    )
