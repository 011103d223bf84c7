"""Samples on a grid in space: pictures and volumes, with what is known of the grid."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _checks

#: What the axes of a grid of 1 to 3 dimensions are called if nobody says.
AXES = ("z", "y", "x")

#: Names of channels that hold no samples of the picture: no kernel touches them.
UNTOUCHED_CHANNELS = frozenset({"alpha"})


@dataclass(frozen=True, eq=False)
class Volume:
    """A picture or a volume: an array, the distance of its samples and where they lie.

    Parameters
    ----------
    data : array, shape (*grid, *rest)
        The grid has up to three axes; the rest is channels, time or nothing.
    spacing : sequence of float, optional
        Distance of neighbouring samples along each axis of the grid; 1 if not given. As many
        numbers as the grid has axes: without it, and without `axes`, all axes of `data` but that
        of the channels are the grid.
    axes : sequence of str, optional
        What the axes of the grid are called, of "x", "y" and "z"; ("z", "y", "x") or the end of it
        if not given. The x of a picture runs to the right.
    unit : str
        That of the spacing: "mm", or "" for samples.
    affine : array of shape (4, 4), optional
        From indices along the grid to places in the world.
    channels : sequence of str, optional
        Names along the last axis ("red", "green", "blue", "alpha"); empty if that is none of
        channels.
    origin : object, optional
        What the reader of a file keeps for the writer. Only `sigconv.io` looks inside.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv import Volume
    >>> Volume(np.zeros((64, 64, 20), np.int16), spacing=(1.5, 1.5, 3), unit="mm")
    <Volume: 64 x 64 x 20 int16 (z, y, x), spacing 1.5 x 1.5 x 3 mm>
    """

    data: NDArray[Any]
    spacing: Sequence[float] = ()
    axes: Sequence[str] = ()
    unit: str = ""
    affine: ArrayLike | None = None
    channels: Sequence[str] = ()
    origin: Any = dataclasses.field(default=None, repr=False)

    def __post_init__(self) -> None:
        data = np.asanyarray(self.data)
        ndim = len(self.spacing) or len(self.axes) or data.ndim - bool(self.channels)
        if not 1 <= ndim <= min(3, data.ndim - bool(self.channels)):
            raise ValueError(
                f"data must have a grid of 1 to 3 axes; got the shape {data.shape} "
                f"for a grid of {ndim}"
            )
        spacing = tuple(
            _checks.number("spacing", value, above=0) for value in self.spacing or (1.0,) * ndim
        )
        axes = tuple(self.axes) or AXES[-ndim:]
        if len(axes) != ndim or len(set(axes)) != ndim or not set(axes) <= set(AXES):
            raise ValueError(f"axes must name the {ndim} axes of the grid x, y or z; got {axes!r}")
        if self.channels and len(self.channels) != data.shape[-1]:
            raise ValueError(
                f"channels must name the {data.shape[-1]} of the last axis of data; "
                f"got {len(self.channels)} names"
            )
        affine = None if self.affine is None else np.array(self.affine, np.float64)
        if affine is not None and affine.shape != (4, 4):
            raise ValueError(f"affine must have shape (4, 4); got {affine.shape}")
        fields = {
            "data": data,
            "spacing": spacing,
            "axes": axes,
            "affine": affine,
            "channels": tuple(self.channels),
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    @property
    def grid(self) -> tuple[int, ...]:
        """Number of samples along each axis of the grid."""
        return self.data.shape[: len(self.spacing)]

    @property
    def signal_channels(self) -> list[int]:
        """Indices of the channels that hold samples of the picture (not its transparency)."""
        return [i for i, name in enumerate(self.channels) if name not in UNTOUCHED_CHANNELS]

    def replace(self, **changes: Any) -> Volume:
        """Return a copy with some fields changed.

        Examples
        --------
        >>> import numpy as np
        >>> from sigconv import Volume
        >>> Volume(np.ones((3, 4))).replace(spacing=(2, 2), unit="mm")
        <Volume: 3 x 4 float64 (y, x), spacing 2 x 2 mm>
        """
        return dataclasses.replace(self, **changes)

    def __repr__(self) -> str:
        size = " x ".join(str(n) for n in self.data.shape)
        channels = f", channels {', '.join(self.channels)}" if self.channels else ""
        spacing = " x ".join(f"{step:g}" for step in self.spacing)
        known = (
            f", spacing {spacing} {self.unit or 'samples'}" if set(self.spacing) != {1.0} else ""
        )
        axes = ", ".join(self.axes)
        return f"<Volume: {size} {self.data.dtype} ({axes}){channels}{known}>"
