"""Networks written as one line, as in the lectures: (CR)2P(CR)2P(CR)2PF.

A capital letter is a layer, a number behind it says how many, small letters say the rest:

    C64       convolution to 64 maps. Without a number: as many as the last one had, 32 at
              first, twice as many after every pooling. k kernel (3), s stride (1), d dilation
              (1), g groups (1; g* is one for each map), p padding (by itself: the size is
              kept), b bias (1, but 0 before B)
    T64       transposed convolution; without a number to half of the maps. k (2), s (2), d, g,
              p (0), o further samples at the end (0), b
    P3, A3    max and average pooling, window 2 by itself. s stride (the window), p padding (0),
              c rounding up
    G, Gm     global average and max pooling: from here on there are no places
    F120      full connection to 120 units; to the classes without a number. b
    R, E, H   ReLU, ELU, hyperbolic tangent
    B, L5     batch norm; local response norm over 5 maps (5 by itself)
    D0.25     dropout (0.5 by itself)
    O2        maxout over 2 neighbouring maps
    (...)3    three times, each time with new weights
    [...]+    residual: the input added to what stands inside, by way of a 1-wide convolution
              (and a norm, if there is one inside) where the shape changes; [...]+3 is three.
              [...]+z has no such convolution: new maps have nothing to add but zeros
    {...|...} inception: branches side by side, their maps one after the other; an empty branch
              is the input, so ({|BRC128k1BRC32})6 is a dense block of six layers

Sizes that differ by axis are written k3x5. Spaces mean nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from ._describing import compressed, layers_of, tokens
from ._grammar import NotationError

__all__ = ["NotationError", "describe", "parse"]


def parse(
    text: str,
    *,
    ndim: int,
    in_channels: int,
    num_classes: int,
    input_shape: int | Sequence[int] | None = None,
    width: float = 1.0,
) -> nn.Module:
    """Build a network from its notation (see `sigconv.nn.notation`).

    Parameters
    ----------
    text : str
    ndim : {1, 2, 3}
    in_channels, num_classes : int
    input_shape : int, or one for each axis, optional
        The only size of input that it then takes. Without it an `F` that follows maps learns
        how many there are from the first input.
    width : float
        Multiplies all numbers of maps and units but the classes.

    Returns
    -------
    torch.nn.Module
        As from `build_model`: it has a `config` and can be saved.

    Raises
    ------
    NotationError
        If the text cannot be read or built; a caret points at the character.

    Examples
    --------
    >>> from sigconv.nn import describe, parse, summary
    >>> model = parse("(CR)2P(CR)2PG F", ndim=2, in_channels=1, num_classes=10)
    >>> summary(model, (1, 28, 28)).parameters
    65642
    >>> describe(model)
    '(C32R)2P(C64R)2PGF10'
    >>> parse("C16kRGF", ndim=1, in_channels=1, num_classes=2)
    Traceback (most recent call last):
    ...
    sigconv.nn.notation._grammar.NotationError: k must be followed by a number
      C16kRGF
          ^
    """
    from ..models import build_model  # the network of this name needs what lies here

    return build_model(
        "notation",
        in_channels=in_channels,
        num_classes=num_classes,
        ndim=ndim,
        notation=text,
        input_shape=input_shape,
        width=width,
    )


def describe(model: nn.Module) -> str:
    """Write the notation of a sequential network, every number written out.

    Parameters
    ----------
    model : torch.nn.Module
        An `nn.Sequential`, or a network of `build_model` whose parts run one behind the other:
        residual, inception and dense blocks included, but not what is joined across the whole
        network, as in a U-Net or an FCN.

    Returns
    -------
    str
        What `parse` makes the same network of.

    Raises
    ------
    TypeError
        If the network is not sequential, or has a layer that no letter stands for.

    Examples
    --------
    >>> from sigconv.nn import build_model, describe
    >>> describe(build_model("lenet5", in_channels=1, num_classes=10, ndim=2))
    'C6k5p0RPC16k5p0RPF120RF84RF10'
    """
    return compressed(tokens(layers_of(model)))
