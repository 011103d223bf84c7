"""What the networks of the registry share."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from ... import _checks
from .. import operators


class Network(nn.Module):
    """A network that says in one sentence which inputs it takes.

    Parameters
    ----------
    in_channels, ndim : int
    smallest : int
        The least number of samples along each axis.
    input_shape : tuple of int, optional
        The only size of input that it takes, where its classifier sees every place.

    Attributes
    ----------
    config : dict
        The arguments of `build_model` that build it again.
    """

    config: dict[str, Any]
    #: The parts that run one behind the other and are the whole network; () where none do.
    in_order: tuple[str, ...] = ()
    #: Along each axis it takes multiples of this only.
    multiple_of: int = 1

    def __init__(
        self,
        *,
        in_channels: int,
        ndim: int,
        smallest: int = 1,
        input_shape: tuple[int, ...] | None = None,
    ) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.ndim = ndim
        self.smallest_input = (smallest,) * ndim if input_shape is None else input_shape
        self.input_shape = input_shape

    def checked(self, x: Tensor) -> Tensor:
        """Return `x` if the network takes it."""
        shape = tuple(x.shape)
        if self.input_shape is not None and shape[1:] != (self.in_channels, *self.input_shape):
            sizes = ", ".join(str(n) for n in (self.in_channels, *self.input_shape))
            raise ValueError(f"x must have shape (batch, {sizes}); got {shape}")
        if len(shape) != 2 + self.ndim or shape[1] != self.in_channels:
            axes = ("times", "height, width", "depth, height, width")[self.ndim - 1]
            raise ValueError(f"x must have shape (batch, {self.in_channels}, {axes}); got {shape}")
        if any(n < least for n, least in zip(shape[2:], self.smallest_input, strict=True)):
            least = self.smallest_input
            wanted = least[0] if len(set(least)) == 1 else " x ".join(map(str, least))
            raise ValueError(
                f"x must have at least {wanted} samples along each axis; got shape {shape}"
            )
        return x


class Classifier(Network):
    """A network in two parts: `features`, then `classifier` on the maps they make.

    Both are set by the subclass and are called one after the other.
    """

    features: nn.Module
    classifier: nn.Module
    in_order = ("features", "classifier")

    def forward(self, x: Tensor) -> Tensor:
        """(batch, in_channels, ...) -> (batch, num_classes)."""
        return self.classifier(self.features(self.checked(x)))


def chain(modules: Mapping[str, nn.Module]) -> nn.Sequential:
    """Return modules one behind the other, under their names."""
    return operators.Sequential(OrderedDict(modules))


def full_connection(
    names: Sequence[str], sizes: Sequence[int], num_classes: int, dropout: float
) -> nn.Sequential:
    """Return the flattened maps' way through layers of units: the classifier of 2012 to 2014.

    `sizes` are those of the maps and of all layers of units but the last.
    """
    modules: dict[str, nn.Module] = {"flatten": nn.Flatten()}
    for name, before, after in zip(names, sizes, [*sizes[1:], num_classes], strict=True):
        modules[name] = nn.Linear(before, after)
        if name != names[-1]:
            modules[name.replace("fc", "relu")] = nn.ReLU()
            modules[name.replace("fc", "dropout")] = nn.Dropout(dropout)
    return chain(modules)


def scaled(width: float, channels: int) -> int:
    """Return a number of feature maps under a multiplier: one at least."""
    return max(1, round(_checks.number("width", width, above=0) * channels))


def fixed_shape(
    input_shape: int | Sequence[int] | None, default: int, ndim: int, smallest: int, network: str
) -> tuple[int, ...]:
    """Return the size of input that a network is built for, one number for each axis."""
    given = default if input_shape is None else input_shape
    shape = _checks.per_axis("input_shape", given, ndim)
    if min(shape) < smallest:
        raise ValueError(
            f"input_shape must be at least {smallest} along each axis for the network "
            f"{network!r}; got {shape}"
        )
    return shape


def initialise(model: nn.Module) -> None:
    """Draw first weights that keep responses at one scale through ReLUs (He et al. 2015)."""
    kinds = (nn.modules.conv._ConvNd, nn.Linear)
    for module in model.modules():
        if isinstance(module, kinds):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
