"""What a network that segments says of a volume, drawn beside what is true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ... import _checks
from ..data import VolumeDataset
from ..data.grids import onto

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Across which axes the slices are cut that hold the most of what is no background.
_VIEWS = {3: (2, 1, 0), 2: (None,)}


def draw_masks(data: VolumeDataset, row: int, called: NDArray[Any]) -> Figure:
    """Draw slices of a volume with the edges of the classes: what is true, and what is said.

    Parameters
    ----------
    data : VolumeDataset
    row : int
        The volume.
    called : array of int, shape (*grid)
        A class for each sample, on the grid of the file (`data.truths[row]`).

    Returns
    -------
    matplotlib Figure
        Lines are what is true, areas what is said.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn.data import VolumeDataset
    >>> from sigconv.nn.results import draw_masks
    >>> x = np.random.default_rng(0).normal(size=(1, 1, 40, 30))
    >>> data = VolumeDataset.from_arrays(x, x[:, 0] > 1, classes=["dark", "bright"])
    >>> figure = draw_masks(data, 0, data.truths[0])
    """
    _checks.require("matplotlib", extra="plot", purpose="drawing masks")
    from matplotlib.figure import Figure

    truth = data.truths[row]
    if truth.ndim == 1:
        raise ValueError("data must hold pictures or volumes to be drawn; got signals")
    views = _VIEWS[truth.ndim]
    figure = Figure(figsize=(4.2 * len(views), 4.4), layout="constrained")
    panels = figure.subplots(1, len(views), squeeze=False)[0]
    inside = truth > 0 if (truth > 0).any() else called > 0
    x = onto(data.volumes[row][0], truth.shape, order=1)
    low, high = np.percentile(x, (1, 99))
    seen = data.volumes[row].shape[1:]  # on the set's spacing, over the same extent
    steps = [s * n / m for s, n, m in zip(data.spacing, seen, truth.shape, strict=True)]
    for axes, across in zip(panels, views, strict=True):
        planes, sides = [x, truth, called], steps
        if across is not None:
            first, second = (i for i in range(3) if i != across)
            place = int(inside.sum(axis=(first, second)).argmax())
            # to the right and up, as people look at scans
            planes = [np.take(plane, place, axis=across).T for plane in planes]
            sides = [steps[second], steps[first]]
        seen_from = "upper" if across is None else "lower"
        aspect = sides[0] / sides[1]
        axes.imshow(planes[0], "gray", vmin=low, vmax=high, aspect=aspect, origin=seen_from)
        for label in range(1, len(data.classes)):
            colour = f"C{(label - 1) % 10}"
            said, there = (plane == label for plane in planes[:0:-1])
            if said.any():
                axes.contourf(said, levels=[0.5, 1.5], colors=[colour], alpha=0.35)
            if there.any():
                axes.contour(there, levels=[0.5], colors=[colour], linewidths=1)
        axes.set(xticks=[], yticks=[])
    return figure
