"""The network that a notation says."""

from __future__ import annotations

from collections.abc import Sequence

from ... import _checks
from .. import operators
from ..notation._building import Builder, State
from ..notation._grammar import Node, NotationError, read
from ._network import Classifier
from ._registry import DOMAINS, register

#: Where the search for a legal size ends.
_LARGEST = 2**24


@register("notation", ndims=(1, 2, 3), domains=DOMAINS, smallest=8)
class NotationNet(Classifier):
    """A network written as one line; see `sigconv.nn.notation` and `sigconv.nn.parse`.

    Parameters
    ----------
    in_channels, num_classes : int
    ndim : {1, 2, 3}
    notation : str
    input_shape : int, or one for each axis, optional
        The only size of input that it then takes.
    width : float
        Multiplies all numbers of maps and units but the classes.

    Examples
    --------
    >>> import torch
    >>> from sigconv.nn import build_model
    >>> model = build_model("notation", in_channels=1, num_classes=3, notation="C8RGF")
    >>> model(torch.zeros(2, 1, 50)).shape
    torch.Size([2, 3])
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        ndim: int = 1,
        notation: str = "(CR)2P(CR)2P(CR)2PF",
        input_shape: int | Sequence[int] | None = None,
        width: float = 1.0,
    ) -> None:
        if not isinstance(notation, str):
            raise TypeError(f"notation must be a string; got {notation!r}")
        width = _checks.number("width", width, above=0)
        shape = None
        if input_shape is not None:
            shape = _checks.per_axis("input_shape", input_shape, ndim)
        nodes = read(notation)
        builder = Builder(notation, ndim, num_classes, width)
        least = _smallest(builder, nodes, in_channels, shape)
        super().__init__(in_channels=in_channels, ndim=ndim, smallest=least, input_shape=shape)
        modules, after = builder.sequence(nodes, _start(in_channels, ndim, shape))
        if not after.flat and after.maps != num_classes:
            raise NotationError(
                f"notation must end in F, or in maps for each of {num_classes} classes; "
                f"it ends in {after.maps} maps",
                notation,
                len(notation.rstrip()) - 1,
            )
        if after.flat and after.maps != num_classes:
            raise NotationError(
                f"notation must end in {num_classes} units, one for each class; "
                f"it ends in {after.maps}",
                notation,
                len(notation.rstrip()) - 1,
            )
        self.features = operators.Sequential(*modules[:-1])
        self.classifier = modules[-1]


def _start(in_channels: int, ndim: int, shape: tuple[int, ...] | None) -> State:
    return State(maps=in_channels, sizes=shape, stride=(1,) * ndim)


def _smallest(
    builder: Builder, nodes: tuple[Node, ...], in_channels: int, shape: tuple[int, ...] | None
) -> int:
    """Return the least number of samples along each axis, by doubling and halving."""

    def behind(n: int | None) -> State:
        sizes = None if n is None else (n,) * builder.ndim
        return builder.after(nodes, _start(in_channels, builder.ndim, sizes))

    def legal(n: int) -> bool:
        try:
            behind(n)
        except NotationError:
            return False
        return True

    behind(None)  # what is wrong whatever the size
    known = 1
    while not legal(known):
        known *= 2
        if known > _LARGEST:
            behind(known)
    low, high = known // 2, known
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if legal(middle) else (middle, high)
    if shape is not None and min(shape) < high:
        raise ValueError(
            f"input_shape must be at least {high} along each axis for this notation; got {shape}"
        )
    return high
