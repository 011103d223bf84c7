"""What a page shows of a picture or a volume: facts, and its middle slice made small."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from ..volume import Volume

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Slices are drawn with about so many dots along each axis.
_DOTS = 300


@dataclass(frozen=True)
class Slice:
    """What is seen of a picture or a volume.

    Parameters
    ----------
    shape, axes : tuple
        Of the grid.
    dtype : str
    not_finite : int
        Samples that are NaN or infinite.
    low, high : float
        The least and the greatest finite sample (of complex ones, magnitude).
    drawn : array, shape (rows, columns) or (rows, columns, channels)
        The slice in the middle, of a part of the samples.
    """

    shape: tuple[int, ...]
    axes: tuple[str, ...]
    dtype: str
    not_finite: int
    low: float
    high: float
    drawn: NDArray[Any] = field(repr=False)


def slice_of(volume: Volume) -> Slice:
    """Look at a picture or a volume.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv import Volume
    >>> from sigconv.report.slices import slice_of
    >>> slice_of(Volume(np.arange(24.0).reshape(2, 3, 4)))
    Slice(shape=(2, 3, 4), axes=('z', 'y', 'x'), dtype='float64', not_finite=0, low=0.0, high=23.0)
    """
    data = np.abs(volume.data) if np.iscomplexobj(volume.data) else volume.data
    finite = np.isfinite(data)
    values = data[finite] if not finite.all() else data
    grid = tuple(volume.grid)
    x, axes = data, list(volume.axes)
    for _ in range(data.ndim - len(grid) - bool(volume.channels)):  # the first point in time
        x = x[..., 0]
    if len(grid) == 3:  # across z, wherever it runs
        x = np.take(x, grid[axes.index("z")] // 2, axis=axes.index("z"))
        axes.remove("z")
    if len(grid) == 1:
        x, axes = x[np.newaxis], ["y", *axes]
    if axes == ["x", "y"]:  # NIfTI: rows are y, and y runs upwards
        x = np.swapaxes(x, 0, 1)[::-1]
    steps = [max(1, n // _DOTS) for n in x.shape[:2]]
    return Slice(
        shape=grid,
        axes=tuple(volume.axes),
        dtype=str(volume.data.dtype),
        not_finite=int(finite.size - np.count_nonzero(finite)),
        low=float(values.min()) if values.size else np.nan,
        high=float(values.max()) if values.size else np.nan,
        drawn=np.array(x[:: steps[0], :: steps[1]]),
    )


def figure_of(seen: Mapping[str, Slice]) -> Figure:
    """Return a figure of slices beside each other."""
    _checks.require("matplotlib", extra="plot", purpose="drawing slices")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.5 * len(seen), 4), layout="constrained")
    FigureCanvasAgg(figure)  # the caller's own pyplot figures stay as they are
    panels = figure.subplots(1, len(seen), squeeze=False)[0]
    for axes, (when, each) in zip(panels, seen.items(), strict=True):
        shape = "auto" if len(each.shape) == 1 else "equal"
        axes.imshow(_drawable(each.drawn), cmap="gray", interpolation="nearest", aspect=shape)
        axes.set(title=f"{when}, {each.low:.4g} to {each.high:.4g}", xticks=[], yticks=[])
    return figure


def _drawable(x: NDArray[Any]) -> NDArray[Any]:
    """Return samples as matplotlib draws them: one gray, or three or four colours from 0 to 1."""
    if x.ndim == 2:
        return x
    if x.shape[-1] not in (3, 4):
        return x[..., 0]
    low, high = np.nanmin(x), np.nanmax(x)
    top = np.iinfo(x.dtype).max if x.dtype.kind in "iu" else max(float(high), 1e-300)
    return np.clip((x - min(low, 0)) / (top - min(low, 0)), 0, 1)
