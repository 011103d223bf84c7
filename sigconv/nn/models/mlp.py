"""A network without convolutions: what every unit sees has no place."""

from __future__ import annotations

import math
from collections.abc import Sequence

from torch import nn

from ._network import Classifier, chain, fixed_shape, initialise, scaled
from ._registry import DOMAINS, register


@register("mlp", ndims=(1, 2, 3), domains=DOMAINS, smallest=1)
class MLP(Classifier):
    """Layers in which every unit sees all of the layer before it.

    Parameters
    ----------
    in_channels, num_classes : int
    ndim : {1, 2, 3}
    hidden : sequence of int
        Units of each hidden layer.
    dropout : float
    input_shape : int, or one for each axis
        28 by default (16 in 3D).
    width : float
        Multiplies `hidden`.

    Examples
    --------
    >>> from sigconv.nn import build_model
    >>> model = build_model("mlp", in_channels=1, num_classes=10, ndim=2)
    >>> sum(p.numel() for p in model.parameters())
    235146
    """

    def __init__(
        self,
        *,
        in_channels: int,
        num_classes: int,
        ndim: int = 1,
        hidden: Sequence[int] = (256, 128),
        dropout: float = 0.0,
        input_shape: int | Sequence[int] | None = None,
        width: float = 1.0,
    ) -> None:
        shape = fixed_shape(input_shape, 16 if ndim == 3 else 28, ndim, 1, "mlp")
        super().__init__(in_channels=in_channels, ndim=ndim, input_shape=shape)
        before = in_channels * math.prod(shape)
        modules: dict[str, nn.Module] = {"flatten": nn.Flatten()}
        for number, units in enumerate(hidden, start=1):
            after = scaled(width, units)
            modules[f"fc{number}"] = nn.Linear(before, after)
            modules[f"relu{number}"] = nn.ReLU()
            modules[f"dropout{number}"] = nn.Dropout(dropout)
            before = after
        self.features = chain(modules)
        self.classifier = nn.Linear(before, num_classes)
        initialise(self)
