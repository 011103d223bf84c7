"""What every operator of a network does to shapes and fields, watched on the meta device."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from ._fields import Field

aten = torch.ops.aten


@dataclass(frozen=True)
class Place:
    """That a dimension of a tensor runs along an axis of the input."""

    axis: int
    field: Field


@dataclass(frozen=True)
class Part:
    """One of the dimensions that a view may have put together into one."""

    size: int
    place: Place | None = None


#: For each dimension of a tensor, what it consists of.
Layout = tuple[tuple[Part, ...], ...]


class EmptyOutput(ValueError):
    """A layer leaves no sample of its input."""


class Watcher(TorchDispatchMode):
    """Follow the axes of the input through all operators, and count multiply-adds.

    `on_macs` is called with the multiply-adds of each operator that has some.
    """

    def __init__(self, on_macs: Callable[[int], None]) -> None:
        super().__init__()
        self.on_macs = on_macs
        # tensors are kept, so that no other gets the id of one; without data that costs nothing
        self.known: dict[int, tuple[Tensor, Layout, frozenset[int]]] = {}

    def tell(self, tensor: Tensor, layout: Layout, lost: frozenset[int] = frozenset()) -> None:
        """Note what the dimensions of a tensor are, and along which axes it has seen all."""
        self.known[id(tensor)] = (tensor, layout, lost)

    def layout(self, tensor: Tensor) -> Layout:
        """Return what the dimensions of a tensor are; of constants, nothing but sizes."""
        if id(tensor) in self.known:
            return self.known[id(tensor)][1]
        return tuple((Part(n),) for n in tensor.shape)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        first = out[0] if isinstance(out, tuple | list) and out else out
        if not isinstance(first, Tensor):
            return out
        if 0 in first.shape and _tensors(args):
            raise EmptyOutput(f"{func} leaves nothing")
        name = func.overloadpacket
        if name in _MACS:
            self.on_macs(_MACS[name](args, first))
        rule = _RULES.get(name, _elementwise)
        layout = rule(self, args, first)
        if not _fits(layout, first):
            layout = tuple((Part(n),) for n in first.shape)
        lost: set[int] = set()
        for tensor in _tensors(args):
            if id(tensor) in self.known:
                _, before, already = self.known[id(tensor)]
                lost |= already | (_axes(before) - _axes(layout))
        if lost:  # what is added to a sum over all places has no place any more
            layout = tuple(tuple(_without(part, lost) for part in parts) for parts in layout)
        self.tell(first, layout, frozenset(lost))
        return out


def _axes(layout: Layout) -> set[int]:
    return {part.place.axis for parts in layout for part in parts if part.place is not None}


def _without(part: Part, lost: set[int]) -> Part:
    return Part(part.size) if part.place is not None and part.place.axis in lost else part


def _fits(layout: Layout, tensor: Tensor) -> bool:
    sizes = [math.prod(part.size for part in parts) for parts in layout]
    return sizes == list(tensor.shape)


def _convolution_macs(args: Sequence[Any], out: Tensor) -> int:
    x, weight, transposed = args[0], args[1], args[6]
    places = (x if transposed else out).shape[2:]
    return x.shape[0] * math.prod(places) * weight.numel()


def _product_macs(a: Tensor, b: Tensor) -> int:
    return a.numel() * b.shape[-1]


_MACS: dict[Any, Callable[[Sequence[Any], Tensor], int]] = {
    aten.convolution: _convolution_macs,
    aten.mm: lambda args, out: _product_macs(args[0], args[1]),
    aten.bmm: lambda args, out: _product_macs(args[0], args[1]),
    aten.addmm: lambda args, out: _product_macs(args[1], args[2]),
    aten.baddbmm: lambda args, out: _product_macs(args[1], args[2]),
}


def place_of(parts: tuple[Part, ...]) -> Place | None:
    """Return the axis that a dimension runs along, if it is one and whole."""
    real = [part for part in parts if part.size != 1 or part.place is not None]
    return real[0].place if len(real) == 1 else None


def _elementwise(watcher: Watcher, args: Sequence[Any], out: Tensor) -> Layout:
    """Broadcasting: each dimension sees what any of the inputs sees."""
    given = [watcher.layout(x) for x in _tensors(args)]
    dims = []
    for back in range(1, out.ndim + 1):
        size = out.shape[-back]
        seen = [
            layout[-back]
            for layout in given
            if len(layout) >= back and math.prod(p.size for p in layout[-back]) == size
        ]
        dims.append(_joined(seen, size))
    return tuple(reversed(dims))


def _joined(seen: list[tuple[Part, ...]], size: int) -> tuple[Part, ...]:
    placed = [parts for parts in seen if any(part.place for part in parts)]
    if not placed:
        return seen[0] if seen else (Part(size),)
    result = placed[0]
    for parts in placed[1:]:
        if [p.size for p in parts] != [p.size for p in result]:
            return (Part(size),)
        result = tuple(
            Part(a.size, _both(a.place, b.place)) for a, b in zip(result, parts, strict=True)
        )
    return result


def _both(a: Place | None, b: Place | None) -> Place | None:
    if a is None or b is None:
        return a or b
    if a.axis != b.axis or a.field.stride != b.field.stride:
        return None
    return Place(a.axis, a.field.joined(b.field))


def _tensors(args: Iterable[Any]) -> list[Tensor]:
    found = []
    for arg in args:
        if isinstance(arg, Tensor):
            found.append(arg)
        elif isinstance(arg, list | tuple):
            found += _tensors(arg)
    return found


def _moved(
    parts: tuple[Part, ...], size: int, change: Callable[[Field], Field]
) -> tuple[Part, ...]:
    """Return a dimension of another size, whose field is changed."""
    place = place_of(parts)
    return (Part(size, None if place is None else Place(place.axis, change(place.field))),)


def _convolution(watcher: Watcher, args: Sequence[Any], out: Tensor) -> Layout:
    x, weight, _, stride, padding, dilation, transposed = args[:7]
    layout = watcher.layout(x)
    dims = [layout[0], (Part(out.shape[1]),)]
    for axis, kernel in enumerate(weight.shape[2:]):
        form = (kernel, _pick(stride, axis), _pick(padding, axis), _pick(dilation, axis))

        def change(field: Field, form: tuple[int, ...] = form) -> Field:
            return field.transposed(*form) if transposed else field.convolved(*form)

        dims.append(_moved(layout[2 + axis], out.shape[2 + axis], change))
    return tuple(dims)


def _pooling(watcher: Watcher, args: Sequence[Any], out: Tensor) -> Layout:
    x, window, *rest = args
    stride = rest[0] if rest and rest[0] else window
    padding = rest[1] if len(rest) > 1 else 0
    dilation = rest[2] if len(rest) > 2 and not isinstance(rest[2], bool) else 1
    layout = watcher.layout(x)
    ndim = len(window)
    dims = list(layout[: x.ndim - ndim])
    for axis in range(ndim):
        form = tuple(_pick(value, axis) for value in (window, stride, padding, dilation))

        def change(field: Field, form: tuple[int, ...] = form) -> Field:
            return field.convolved(*form)

        at = x.ndim - ndim + axis
        dims.append(_moved(layout[at], out.shape[at], change))
    return tuple(dims)


def _pick(value: Any, axis: int) -> int:
    if isinstance(value, int):
        return value
    return int(value[axis] if len(value) > 1 else value[0])


def _view(watcher: Watcher, args: Sequence[Any], out: Tensor) -> Layout:
    """Dimensions taken apart into their parts and put together anew."""
    parts = [part for dim in watcher.layout(args[0]) for part in dim]
    dims: list[tuple[Part, ...]] = []
    for size in out.shape:
        taken: list[Part] = []
        while parts and (
            math.prod(part.size for part in taken) < size or (size == 1 and not taken)
        ):
            if size == 1 and parts[0].size != 1:
                break
            taken.append(parts.pop(0))
        dims.append(tuple(taken) or (Part(1),))
        while size != 1 and parts and parts[0].size == 1 and len(dims) == out.ndim:
            parts.pop(0)
    return tuple(dims)


def _permute(watcher: Watcher, args: Sequence[Any], out: Tensor) -> Layout:
    layout = watcher.layout(args[0])
    return tuple(layout[axis] for axis in args[1])


def _transpose(watcher: Watcher, args: Sequence[Any], out: Tensor) -> Layout:
    layout = list(watcher.layout(args[0]))
    a, b = args[1:3] if len(args) > 2 else (0, 1)
    if len(layout) > 1:
        layout[a], layout[b] = layout[b], layout[a]
    return tuple(layout)


def _unsqueeze(watcher: Watcher, args: Sequence[Any], out: Tensor) -> Layout:
    layout = list(watcher.layout(args[0]))
    layout.insert(args[1] % out.ndim, (Part(1),))
    return tuple(layout)


def _squeeze(watcher: Watcher, args: Sequence[Any], out: Tensor) -> Layout:
    x = args[0]
    axes = range(x.ndim) if len(args) == 1 else args[1]
    axes = {axis % x.ndim for axis in ([axes] if isinstance(axes, int) else axes)}
    layout = watcher.layout(x)
    return tuple(d for axis, d in enumerate(layout) if axis not in axes or x.shape[axis] != 1)


def _reduction(watcher: Watcher, args: Sequence[Any], out: Tensor) -> Layout:
    x = args[0]
    axes = args[1] if len(args) > 1 and args[1] else range(x.ndim)
    axes = {axis % x.ndim for axis in ([axes] if isinstance(axes, int) else axes)}
    layout = watcher.layout(x)
    if out.ndim == x.ndim:
        return tuple((Part(1),) if axis in axes else d for axis, d in enumerate(layout))
    return tuple(d for axis, d in enumerate(layout) if axis not in axes)


def _slice(watcher: Watcher, args: Sequence[Any], out: Tensor) -> Layout:
    x = args[0]
    given = dict(enumerate(args))
    axis, start, step = given.get(1, 0), given.get(2) or 0, given.get(4, 1)
    layout = list(watcher.layout(x))
    if out.shape != x.shape:
        start += x.shape[axis] if start < 0 else 0
        layout[axis] = _moved(
            layout[axis], out.shape[axis], lambda field: field.seen_through([start], step)
        )
    return tuple(layout)


def _pad(watcher: Watcher, args: Sequence[Any], out: Tensor) -> Layout:
    x, widths = args[0], args[1]
    layout = list(watcher.layout(x))
    for back, before in enumerate(widths[::2], start=1):
        if out.shape[-back] != x.shape[-back]:

            def change(field: Field, before: int = before) -> Field:
                return field.seen_through([-before])

            layout[-back] = _moved(layout[-back], out.shape[-back], change)
    return tuple(layout)


def _select_index(watcher: Watcher, args: Sequence[Any], out: Tensor) -> Layout:
    """Extension by other samples of the same axis: as many more on both sides."""
    x, axis = args[0], args[1]
    layout = list(watcher.layout(x))
    before = (out.shape[axis] - x.shape[axis]) // 2
    layout[axis] = _moved(
        layout[axis], out.shape[axis], lambda field: field.seen_through([-before])
    )
    return tuple(layout)


def _select(watcher: Watcher, args: Sequence[Any], out: Tensor) -> Layout:
    layout = list(watcher.layout(args[0]))
    del layout[args[1]]
    return tuple(layout)


def _cat(watcher: Watcher, args: Sequence[Any], out: Tensor) -> Layout:
    axis = (args[1] if len(args) > 1 else 0) % out.ndim
    given = [watcher.layout(x) for x in args[0]]
    dims = [
        (Part(size),) if i == axis else _joined([layout[i] for layout in given], size)
        for i, size in enumerate(out.shape)
    ]
    return tuple(dims)


def _unfold(watcher: Watcher, args: Sequence[Any], out: Tensor) -> Layout:
    x, axis, window, step = args
    layout = list(watcher.layout(x))
    layout[axis] = _moved(
        layout[axis], out.shape[axis], lambda field: field.convolved(window, step, 0, 1)
    )
    return (*layout, (Part(window),))


def _product(watcher: Watcher, args: Sequence[Any], out: Tensor) -> Layout:
    """Rows of the first, columns of the second; what is summed over has no place any more."""
    a, b = [watcher.layout(x) for x in _tensors(args)[-2:]]
    batch = zip(a[:-2], b[:-2], out.shape[:-2], strict=True)
    return (*(_joined([m, n], size) for m, n, size in batch), a[-2], b[-1])


_RULES: dict[Any, Callable[[Watcher, Sequence[Any], Tensor], Layout]] = {
    aten.convolution: _convolution,
    **dict.fromkeys(
        (
            aten.max_pool2d_with_indices,
            aten.max_pool3d_with_indices,
            aten.avg_pool1d,
            aten.avg_pool2d,
            aten.avg_pool3d,
        ),
        _pooling,
    ),
    **dict.fromkeys((aten.view, aten._unsafe_view, aten.reshape), _view),
    aten.permute: _permute,
    aten.transpose: _transpose,
    aten.t: _transpose,
    aten.unsqueeze: _unsqueeze,
    aten.squeeze: _squeeze,
    **dict.fromkeys((aten.mean, aten.sum, aten.amax, aten.amin, aten.var), _reduction),
    aten.slice: _slice,
    aten.select: _select,
    aten.index_select: _select_index,
    **dict.fromkeys(
        (
            aten.constant_pad_nd,
            aten.replication_pad1d,
            aten.replication_pad2d,
            aten.replication_pad3d,
            aten.reflection_pad1d,
            aten.reflection_pad2d,
            aten.reflection_pad3d,
        ),
        _pad,
    ),
    aten.cat: _cat,
    aten.unfold: _unfold,
    **dict.fromkeys((aten.mm, aten.bmm, aten.addmm, aten.baddbmm), _product),
}
