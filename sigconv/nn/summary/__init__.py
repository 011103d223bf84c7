"""What a network is and costs, without running it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor, nn

from ... import _checks
from ._fields import IDENTITY, Field
from ._table import table
from ._tracing import EmptyOutput, Part, Place, Watcher, place_of

#: For each axis of the input: the axis of an output along it, and what it sees of the input.
Fields = tuple[tuple[int, Field] | None, ...]


@dataclass(frozen=True)
class Layer:
    """A layer of a network, in the order in which it ran.

    `macs` are multiply-adds for one item. `receptive_field` (samples of the input that one
    sample of the output sees) and `stride` (samples of the input from one sample of the output
    to the next) have a number for each axis, or None behind a layer that sees all of it.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int
    macs: int
    receptive_field: tuple[int | None, ...]
    stride: tuple[Fraction | None, ...]


@dataclass(frozen=True)
class Summary:
    r"""The numbers of a network; `str()` makes a table of them.

    Attributes
    ----------
    layers : tuple of Layer
    parameters : int
        All that are trained.
    macs : int
        Multiply-adds of convolutions and matrix products, for one item.
    input_shape, output_shape : tuple of int
        Without the batch.
    receptive_field : tuple of int or None
        Samples along each axis that the last maps see, before a layer sees everything.
    stride : tuple of Fraction or None
        Samples of the input between neighbours in these maps.
    smallest_input : tuple of int
        The least number of samples along each axis.
    fs : float or None
    spacing : tuple of float or None
    fields : mapping of str to tuple
        Name of a layer, or of what holds layers -> for each axis of the input the axis of the
        output (behind the batch) that runs along it and which samples are seen from it, or None.

    Examples
    --------
    >>> from sigconv.nn import build_model, summary
    >>> about = summary(build_model("m5", in_channels=1, num_classes=10), (1, 32000), fs=8000)
    >>> about.macs, about.output_rate
    (278533120, 7.8125)
    >>> print("\n".join(str(about).splitlines()[-4:-2]))
    1 x 32000 -> 10
    559,114 parameters, 278,533,120 multiply-adds
    """

    layers: tuple[Layer, ...]
    parameters: int
    macs: int
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    receptive_field: tuple[int | None, ...]
    stride: tuple[Fraction | None, ...]
    smallest_input: tuple[int, ...]
    fs: float | None = None
    spacing: tuple[float, ...] | None = None
    fields: Mapping[str, Fields] = field(default_factory=dict, repr=False, compare=False)

    @property
    def receptive_field_ms(self) -> float | None:
        """The receptive field in time (the last axis), in milliseconds; needs `fs`."""
        return _scaled(self.receptive_field[-1], self.fs, 1e3)

    @property
    def stride_ms(self) -> float | None:
        """The stride in time, in milliseconds; needs `fs`."""
        return _scaled(self.stride[-1], self.fs, 1e3)

    @property
    def output_rate(self) -> float | None:
        """Samples of the last maps a second, in Hz; needs `fs`."""
        stride = self.stride[-1]
        return None if self.fs is None or stride is None else float(self.fs / stride)

    @property
    def receptive_field_mm(self) -> tuple[float | None, ...] | None:
        """The receptive field along each axis in millimetres; needs `spacing`."""
        return self._millimetres(self.receptive_field)

    @property
    def stride_mm(self) -> tuple[float | None, ...] | None:
        """The stride along each axis in millimetres; needs `spacing`."""
        return self._millimetres(self.stride)

    def _millimetres(self, samples: Sequence[Any]) -> tuple[float | None, ...] | None:
        if self.spacing is None:
            return None
        pairs = zip(samples, self.spacing, strict=True)
        return tuple(None if n is None else float(n * size) for n, size in pairs)

    def __str__(self) -> str:
        return table(self)


def summary(
    model: nn.Module,
    input_shape: Sequence[int],
    *,
    fs: float | None = None,
    spacing: float | Sequence[float] | None = None,
) -> Summary:
    """Say what a network is and costs, without running it on data.

    A copy without weights runs on torch's meta device, where tensors have shapes and nothing
    else, so the largest network takes no memory.

    Parameters
    ----------
    model : torch.nn.Module
        Any, not only those of `build_model`.
    input_shape : sequence of int
        (channels, ...) of one item.
    fs : float, optional
        Sampling rate in Hz along the last axis, for milliseconds and hertz.
    spacing : float or sequence of float, optional
        Millimetres from sample to sample, for each axis.

    Returns
    -------
    Summary

    Raises
    ------
    ValueError
        If the network does not take such an input.

    Examples
    --------
    >>> from sigconv.nn import build_model, summary
    >>> model = build_model("plain_cnn", in_channels=8, num_classes=2)
    >>> about = summary(model, (8, 750), fs=250)
    >>> about.parameters, about.macs, about.receptive_field, about.receptive_field_ms
    (19298, 4933952, (248,), 992.0)
    """
    shape = tuple(_checks.whole("input_shape", n) for n in input_shape)
    if len(shape) < 2:
        raise ValueError(f"input_shape must be (channels, ...); got {shape}")
    ndim = len(shape) - 1
    if spacing is not None:
        steps = (spacing,) * ndim if isinstance(spacing, int | float) else tuple(spacing)
        if len(steps) != ndim:
            raise ValueError(f"spacing must be one number or one per axis ({ndim}); got {spacing}")
        spacing = tuple(_checks.number("spacing", step, above=0) for step in steps)
    bare = without_weights(model)
    try:
        layers, output_shape, fields = _trace(bare, shape)
    except RuntimeError as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"input_shape must be one that the network takes; got {shape}: {reason}"
        ) from error
    maps = [row for row in layers if None not in row.stride]
    return Summary(
        layers=tuple(layers),
        parameters=sum(p.numel() for p in model.parameters() if p.requires_grad),
        macs=sum(row.macs for row in layers),
        input_shape=shape,
        output_shape=output_shape,
        receptive_field=maps[-1].receptive_field if maps else (None,) * ndim,
        stride=maps[-1].stride if maps else (None,) * ndim,
        smallest_input=_smallest(bare, shape),
        fs=None if fs is None else _checks.sampling_rate(fs),
        spacing=spacing,
        fields=fields,
    )


def _scaled(samples: Any, fs: float | None, unit: float) -> float | None:
    return None if fs is None or samples is None else float(samples / fs * unit)


def without_weights(model: nn.Module) -> nn.Module:
    """Return a copy in evaluation mode whose tensors have no data."""
    memo: dict[int, Any] = {}
    for parameter in model.parameters():
        empty = torch.empty_like(parameter, device="meta")
        memo[id(parameter)] = nn.Parameter(empty, requires_grad=parameter.requires_grad)
    for buffer in model.buffers():
        memo[id(buffer)] = torch.empty_like(buffer, device="meta")
    return copy.deepcopy(model, memo).eval()


def _trace(
    model: nn.Module, shape: tuple[int, ...]
) -> tuple[list[Layer], tuple[int, ...], dict[str, Fields]]:
    """Run a network on the meta device and return what each of its layers did."""
    names = {module: name for name, module in model.named_modules()}
    macs = dict.fromkeys(names, 0)
    running: list[nn.Module] = [model]

    def add(n: int) -> None:
        macs[running[-1]] += n

    watcher = Watcher(add)
    rows: list[Layer] = []
    fields: dict[str, Fields] = {}
    ndim = len(shape) - 1

    def enter(module: nn.Module, _: Any) -> None:
        running.append(module)
        macs[module] = 0

    def leave(module: nn.Module, _: Any, out: Any) -> None:
        running.pop()
        own = sum(p.numel() for p in module.parameters(recurse=False) if p.requires_grad)
        parametrised = hasattr(module, "parametrizations")
        if parametrised:
            own = sum(p.numel() for p in module.parameters() if p.requires_grad)
        if not isinstance(out, Tensor):
            return
        places = {
            place.axis: (axis, place.field)
            for axis, parts in enumerate(watcher.layout(out)[1:])
            if (place := place_of(parts)) is not None
        }
        fields[names[module]] = tuple(places.get(i) for i in range(ndim))
        inner = any(module.children()) and not parametrised and not own and not macs[module]
        if inner or "parametrizations" in names[module]:
            return
        rows.append(
            Layer(
                names[module] or type(module).__name__,
                type(module).__name__.lstrip("_"),
                tuple(out.shape[1:]),
                own,
                macs[module],
                tuple(places[i][1].size if i in places else None for i in range(ndim)),
                tuple(places[i][1].stride if i in places else None for i in range(ndim)),
            )
        )

    handles: list[Any] = []
    for module in names:
        if module is not model or not any(model.children()):
            handles.append(module.register_forward_pre_hook(enter))
            handles.append(module.register_forward_hook(leave))
    dtype = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)
    x = torch.empty(1, *shape, device="meta", dtype=dtype)
    places = [(Part(n, Place(axis, IDENTITY)),) for axis, n in enumerate(shape[1:])]
    try:
        with torch.no_grad(), watcher:
            watcher.tell(x, ((Part(1),), (Part(shape[0]),), *places))
            out = model(x)
    except EmptyOutput:
        raise ValueError(
            f"input_shape must leave every layer something to see; got {shape}"
        ) from None
    finally:
        for handle in handles:
            handle.remove()
    if not isinstance(out, Tensor):
        raise TypeError(f"model must return one tensor; got {type(out).__name__}")
    if macs[model] and any(model.children()):
        rows.append(
            Layer(
                "(between layers)",
                "",
                tuple(out.shape[1:]),
                0,
                macs[model],
                (None,) * ndim,
                (None,) * ndim,
            )
        )
    return rows, tuple(out.shape[1:]), fields


def _smallest(model: nn.Module, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the least samples along each axis: declared by the network, or found out."""
    declared = getattr(model, "smallest_input", None)
    if isinstance(declared, tuple) and len(declared) == len(shape) - 1:
        return declared

    def takes(axis: int) -> Callable[[int], bool]:
        def answer(n: int) -> bool:
            try:
                _trace(model, (*shape[: axis + 1], n, *shape[axis + 2 :]))
            except (RuntimeError, ValueError):
                return False
            return True

        return answer

    return tuple(_least(takes(axis), n) for axis, n in enumerate(shape[1:]))


def _least(legal: Callable[[int], bool], known: int) -> int:
    """Return the least legal number by halving, `known` being legal."""
    if not legal(known - 1):  # a size that a classifier fixes: no use to look further down
        return known
    low, high = 0, known - 1  # not legal, legal
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if legal(middle) else (middle, high)
    return high
