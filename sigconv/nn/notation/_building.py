"""From the tree to layers, with the number of maps and their sizes kept in mind."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from .. import layers, operators
from ._grammar import Group, Letter, Node, NotationError

_FIRST_WIDTH = 32
#: A size at which every usual block leaves something.
_LEAST_PROBE = 64


@dataclass(frozen=True)
class State:
    """What is known at a place of the network."""

    maps: int
    #: Samples along each axis, if known; none behind a layer that has no places.
    sizes: tuple[int, ...] | None
    #: What a convolution without a number has.
    usual: int | None = None
    flat: bool = False
    #: Samples of the input from one sample to the next, along each axis.
    stride: tuple[int, ...] = ()


class Builder:
    """Layers for a notation of one text, dimension and number of classes."""

    def __init__(self, text: str, ndim: int, num_classes: int, width: float) -> None:
        self.text, self.ndim, self.num_classes, self.width = text, ndim, num_classes, width
        self.dry = False

    def after(self, nodes: tuple[Node, ...], state: State) -> State:
        """Return the state behind nodes without building them."""
        dry, self.dry = self.dry, True
        try:
            return self.sequence(nodes, state)[1]
        finally:
            self.dry = dry

    def make(self, kind: Callable[..., nn.Module], *sizes: Any, **options: Any) -> nn.Module:
        """Return a layer, or something in its place while nothing is to be built."""
        return _NOTHING if self.dry else kind(*sizes, **options)

    def fail(self, reason: str, node: Node) -> NotationError:
        """Return an error that points at a node."""
        return NotationError(reason, self.text, node.at)

    def sequence(self, nodes: tuple[Node, ...], state: State) -> tuple[list[nn.Module], State]:
        """Return the modules of nodes, one behind the other."""
        modules: list[nn.Module] = []
        # what is repeated is written out, so that a convolution at its end sees what follows
        for node, following in itertools.pairwise([*_written_out(nodes), None]):
            if isinstance(node, Group):
                build = _branches if node.kind == "{" else _residual
                for _ in range(node.repeats):
                    more, state = build(self, node, state)
                    modules += more
            elif isinstance(node, Letter):
                normed = isinstance(following, Letter) and following.name == "B"
                more, state = _LETTERS[node.name](self, node, state, normed)
                modules += more
        return modules, state

    def numbers(self, node: Letter, key: str, default: int, least: int = 1) -> tuple[int, ...]:
        """Return whole numbers, one for each axis."""
        given = node.numbers.get(key)
        if given is None:
            return (default,) * self.ndim
        values = given if len(given) > 1 else given * self.ndim
        if len(values) != self.ndim or any(n != int(n) or n < least for n in values):
            raise self.fail(
                f"{key or node.name} must be a whole number of at least {least}, or one for "
                f"each of {self.ndim} axes",
                node,
            )
        return tuple(int(n) for n in values)

    def count(self, node: Letter, key: str = "") -> int | None:
        """Return one whole number, or None."""
        given = node.numbers.get(key)
        if given is None:
            return None
        if len(given) > 1 or given[0] != int(given[0]) or (given[0] < 1 and given[0] != -1):
            raise self.fail(f"{key or node.name} must be a whole number of at least 1", node)
        return int(given[0])

    def needs_maps(self, node: Node, state: State) -> None:
        """Refuse what needs places behind a layer that has left none."""
        if state.flat:
            name = node.name if isinstance(node, Letter) else node.kind
            raise self.fail(
                f"{name} must stand before G and F, behind which there are no maps", node
            )

    def resized(
        self, node: Letter, state: State, change: Callable[[int, int], int]
    ) -> tuple[int, ...] | None:
        """Return the sizes behind a layer, `change(size, axis)` along each axis."""
        if state.sizes is None:
            return None
        sizes = tuple(change(n, axis) for axis, n in enumerate(state.sizes))
        if min(sizes) < 1:
            raise self.fail(
                f"{node.name} must have something to see; its input is left with "
                f"{' x '.join(map(str, state.sizes))} samples",
                node,
            )
        return sizes


_NOTHING = nn.Identity()
Built = tuple[list[nn.Module], State]


def _convolution(builder: Builder, node: Letter, state: State, normed: bool) -> Built:
    builder.needs_maps(node, state)
    kernel = builder.numbers(node, "k", 3)
    stride = builder.numbers(node, "s", 1)
    dilation = builder.numbers(node, "d", 1)
    spans = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    same = "p" not in node.numbers
    padding = builder.numbers(node, "p", 0, least=0)
    maps = builder.count(node)
    if maps == -1:
        raise builder.fail("C must be followed by a whole number", node)
    if maps is None:
        maps = state.usual or max(1, round(builder.width * _FIRST_WIDTH))
    else:
        maps = max(1, round(builder.width * maps))
    groups = builder.count(node, "g") or 1
    groups = state.maps if groups == -1 else groups
    if state.maps % groups or maps % groups:
        raise builder.fail(
            f"g must divide the maps before and behind, {state.maps} and {maps}; got {groups}", node
        )
    layer = builder.make(
        layers.convolution,
        builder.ndim,
        state.maps,
        maps,
        kernel,
        stride=stride,
        padding="same" if same else padding,
        dilation=dilation,
        groups=groups,
        bias=_bias(builder, node, not normed),
    )

    def size(n: int, axis: int) -> int:
        extended = n + spans[axis] if same else n + 2 * padding[axis]
        return (extended - spans[axis] - 1) // stride[axis] + 1

    sizes = builder.resized(node, state, size)
    modules = [*layer] if isinstance(layer, nn.Sequential) else [layer]
    return modules, replace(
        state, maps=maps, usual=maps, sizes=sizes, stride=_times(state.stride, stride)
    )


def _transposed(builder: Builder, node: Letter, state: State, normed: bool) -> Built:
    builder.needs_maps(node, state)
    kernel = builder.numbers(node, "k", 2)
    stride = builder.numbers(node, "s", 2)
    dilation = builder.numbers(node, "d", 1)
    padding = builder.numbers(node, "p", 0, least=0)
    extra = builder.numbers(node, "o", 0, least=0)
    if any(o >= max(s, d) for o, s, d in zip(extra, stride, dilation, strict=True)):
        raise builder.fail("o must be less than s or d", node)
    maps = builder.count(node)
    maps = max(1, state.maps // 2 if maps is None else round(builder.width * maps))
    groups = builder.count(node, "g") or 1
    groups = state.maps if groups == -1 else groups
    if state.maps % groups or maps % groups:
        raise builder.fail(
            f"g must divide the maps before and behind, {state.maps} and {maps}; got {groups}", node
        )
    layer = builder.make(
        layers.transposed_convolution,
        builder.ndim,
        state.maps,
        maps,
        kernel,
        stride=stride,
        padding=padding,
        output_padding=extra,
        dilation=dilation,
        groups=groups,
        bias=_bias(builder, node, not normed),
    )

    def size(n: int, axis: int) -> int:
        span = dilation[axis] * (kernel[axis] - 1) + 1
        return (n - 1) * stride[axis] - 2 * padding[axis] + span + extra[axis]

    return [layer], replace(state, maps=maps, usual=maps, sizes=builder.resized(node, state, size))


def _bias(builder: Builder, node: Letter, usual: bool) -> bool:
    given = node.numbers.get("b")
    if given is None:
        return usual
    if given not in ((0.0,), (1.0,)):
        raise builder.fail("b must be 0 or 1", node)
    return given == (1.0,)


def _times(stride: tuple[int, ...], more: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a * b for a, b in zip(stride, more, strict=True))


def _pooling(builder: Builder, node: Letter, state: State, _: bool) -> Built:
    builder.needs_maps(node, state)
    window = builder.numbers(node, "", 2)
    stride = builder.numbers(node, "s", 0) if "s" in node.numbers else window
    padding = builder.numbers(node, "p", 0, least=0)
    if any(2 * p > w for p, w in zip(padding, window, strict=True)):
        raise builder.fail("p must be at most half of the window", node)
    ceil_mode = "c" in node.numbers
    pool = layers.max_pool if node.name == "P" else layers.average_pool

    def size(n: int, axis: int) -> int:
        steps = n + 2 * padding[axis] - window[axis]
        if not ceil_mode:
            return steps // stride[axis] + 1
        count = -(-steps // stride[axis]) + 1
        return count - ((count - 1) * stride[axis] >= n + padding[axis])

    usual = (state.usual or max(1, round(builder.width * _FIRST_WIDTH))) * 2
    layer = builder.make(pool, builder.ndim, window, stride, padding=padding, ceil_mode=ceil_mode)
    return [layer], replace(
        state,
        usual=usual if max(stride) > 1 else state.usual,
        sizes=builder.resized(node, state, size),
        stride=_times(state.stride, stride),
    )


def _global(builder: Builder, node: Letter, state: State, _: bool) -> Built:
    builder.needs_maps(node, state)
    pool = layers.GlobalMaxPool if "m" in node.numbers else layers.GlobalAveragePool
    return [builder.make(pool)], replace(state, flat=True, sizes=None)


def _full(builder: Builder, node: Letter, state: State, normed: bool) -> Built:
    units = builder.count(node)
    if units == -1:
        raise builder.fail("F must be followed by a whole number", node)
    units = builder.num_classes if units is None else max(1, round(builder.width * units))
    bias = _bias(builder, node, not normed)
    if state.flat:
        modules = [builder.make(nn.Linear, state.maps, units, bias=bias)]
    elif state.sizes is not None:
        before = state.maps * math.prod(state.sizes)
        modules = [nn.Flatten(), builder.make(nn.Linear, before, units, bias=bias)]
    else:
        with warnings.catch_warnings():  # that lazy modules are new
            warnings.simplefilter("ignore", UserWarning)
            modules = [nn.Flatten(), builder.make(nn.LazyLinear, units, bias=bias)]
    return modules, replace(state, maps=units, flat=True, sizes=None)


def _norm(builder: Builder, node: Letter, state: State, _: bool) -> Built:
    if state.flat:
        return [builder.make(nn.BatchNorm1d, state.maps)], state
    return [builder.make(layers.batch_norm, builder.ndim, state.maps)], state


def _response_norm(builder: Builder, node: Letter, state: State, _: bool) -> Built:
    builder.needs_maps(node, state)
    return [layers.LocalResponseNorm(builder.count(node) or 5)], state


def _dropout(builder: Builder, node: Letter, state: State, _: bool) -> Built:
    (p,) = node.numbers.get("", (0.5,))[:1]
    if not 0 <= p < 1 or len(node.numbers.get("", (0,))) > 1:
        raise builder.fail("D must be followed by a probability from 0 to below 1", node)
    return [nn.Dropout(p)], state


def _maxout(builder: Builder, node: Letter, state: State, _: bool) -> Built:
    pieces = builder.count(node)
    if pieces is None or pieces < 1 or state.maps % pieces:
        raise builder.fail(f"O must divide the {state.maps} maps before it", node)
    return [layers.Maxout(pieces)], replace(state, maps=state.maps // pieces)


def _activation(kind: type[nn.Module]) -> Callable[[Builder, Letter, State, bool], Built]:
    def build(builder: Builder, node: Letter, state: State, _: bool) -> Built:
        return [kind()], state

    return build


_LETTERS: dict[str, Callable[[Builder, Letter, State, bool], Built]] = {
    "C": _convolution,
    "T": _transposed,
    "P": _pooling,
    "A": _pooling,
    "R": _activation(nn.ReLU),
    "E": _activation(nn.ELU),
    "H": _activation(nn.Tanh),
    "B": _norm,
    "L": _response_norm,
    "D": _dropout,
    "O": _maxout,
    "G": _global,
    "F": _full,
}


def _written_out(nodes: tuple[Node, ...]) -> Iterator[Node]:
    for node in nodes:
        if isinstance(node, Group) and node.kind == "(":
            for _ in range(node.repeats):
                yield from _written_out(node.branches[0])
        else:
            yield node


def _residual(builder: Builder, node: Group, state: State) -> Built:
    builder.needs_maps(node, state)
    unit = (1,) * builder.ndim
    modules, after = builder.sequence(node.branches[0], replace(state, stride=unit))
    if after.flat:
        raise builder.fail("[ ]+ must keep its maps; G and F leave none", node)
    for n in (_LEAST_PROBE, _LEAST_PROBE + 1):  # an even and an odd size
        probe = replace(state, sizes=(n,) * builder.ndim, stride=unit)
        wanted = tuple((n - 1) // s + 1 for s in after.stride)
        if builder.after(node.branches[0], probe).sizes != wanted:
            raise builder.fail(
                "[ ]+ must keep the size of its maps, or divide it by its strides, rounded up", node
            )
    shortcut = None
    if node.zeros and after.maps < state.maps:
        raise builder.fail("[ ]+z must have at least as many maps as its input", node)
    if node.zeros and (after.maps > state.maps or max(after.stride) > 1):
        shortcut = builder.make(
            layers.MoreMaps, builder.ndim, state.maps, after.maps, stride=after.stride
        )
    elif after.maps != state.maps or max(after.stride) > 1:
        shortcut = builder.make(
            layers.conv_norm_relu,
            builder.ndim,
            state.maps,
            after.maps,
            1,
            stride=after.stride,
            norm=_holds(node.branches[0], "B"),
            relu=False,
        )
    block = layers.Residual(operators.Sequential(*modules), shortcut)
    return [block], replace(after, stride=_times(state.stride, after.stride))


def _holds(nodes: tuple[Node, ...], letter: str) -> bool:
    return any(
        node.name == letter
        if isinstance(node, Letter)
        else any(_holds(branch, letter) for branch in node.branches)
        for node in nodes
    )


def _branches(builder: Builder, node: Group, state: State) -> Built:
    builder.needs_maps(node, state)
    built = [builder.sequence(branch, state) for branch in node.branches]
    if any(after.flat for _, after in built):
        raise builder.fail("{ } must keep its maps; G and F leave none", node)
    if len({(after.sizes, after.stride) for _, after in built}) > 1:
        raise builder.fail("{ } must have maps of one size in all branches", node)
    maps = sum(after.maps for _, after in built)
    block = layers.Branches(*(operators.Sequential(*modules) for modules, _ in built))
    return [block], replace(built[0][1], maps=maps, usual=state.usual)
