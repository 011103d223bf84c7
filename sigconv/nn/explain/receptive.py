"""What of the input a unit of a layer sees, and how much of that counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from ... import _checks
from ..summary import summary
from .asked import at_rest, checked_inputs, layer_named
from .layers import output_of, recorded
from .panels import figure_of, show, show_traces

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class ReceptiveField:
    """The part of the input that one place of a layer sees.

    Attributes
    ----------
    layer : str
    place : tuple of int
        Behind the maps.
    window : tuple of slice
        One for each axis behind the channels, exact, cut where the input ends; all of an axis
        behind a layer that sees all of it.
    effective : array, shape of a trial behind its channels
        How much each sample moves the place: the size of its gradient, the mean over trials and
        channels (Luo et al. 2016). 0 outside the window.
    share : float
        Of the window: how many of its samples have 95 % of `effective`. Kernels of nets that
        are trained, and even more so the sums over many paths, see less than they could.
    """

    layer: str
    place: tuple[int, ...]
    window: tuple[slice, ...]
    effective: NDArray[np.float64]

    @property
    def share(self) -> float:
        """How many samples of the window have 95 % of the effective field."""
        values = np.sort(self.effective[self.window], axis=None)[::-1]
        if not values.any():
            return 0.0
        return float((np.searchsorted(values.cumsum(), 0.95 * values.sum()) + 1) / values.size)


def receptive_field(
    model: nn.Module,
    x: ArrayLike,
    layer: str,
    place: Sequence[int] | None = None,
    *,
    index: int | None = None,
    batch_size: int = 64,
) -> ReceptiveField:
    """Return what a place of a layer sees of the input, and which samples move it.

    Parameters
    ----------
    model : torch.nn.Module
    x : array, shape (trials, channels, ...)
        As the network gets it.
    layer : str
        The dotted name of a layer whose output is (trials, maps, places ...).
    place : sequence of int, optional
        One number for each axis behind the maps; the middle of the maps if not given.
    index : int, optional
        The map whose effective field it is; if not given, the mean over maps.
    batch_size : int

    Returns
    -------
    ReceptiveField

    Raises
    ------
    ValueError
        If the layer does not take part, has no maps, or the place is not in them.

    Examples
    --------
    >>> import numpy as np
    >>> from torch import nn
    >>> from sigconv.nn.explain import receptive_field
    >>> model = nn.Sequential(nn.Conv1d(1, 2, 5), nn.Conv1d(2, 2, 3, stride=2))
    >>> x = np.random.default_rng(0).normal(size=(4, 1, 32))
    >>> receptive_field(model, x, "1", [3]).window
    (slice(6, 13, None),)
    """
    inputs = checked_inputs(model, x)
    module = layer_named(model, layer)
    about = summary(model, tuple(inputs.shape[1:]))
    size_of_maps = _shape_of(model, inputs[:1], layer, module)
    if len(size_of_maps) < 2:
        raise ValueError(
            f"layer must have maps (trials, maps, places ...); {layer!r} has {size_of_maps}"
        )
    n_maps, *sizes = size_of_maps
    if place is None:
        place = [size // 2 for size in sizes]
    if len(place) != len(sizes) or not all(0 <= p < s for p, s in zip(place, sizes, strict=True)):
        raise ValueError(
            f"place must be one of {' x '.join(map(str, sizes))} places of {layer!r}; "
            f"got {tuple(place)}"
        )
    if index is not None and not 0 <= _checks.whole("index", index, at_least=0) < n_maps:
        raise ValueError(f"index must be a map of {layer!r}, from 0 to {n_maps - 1}; got {index}")
    where = tuple(int(p) for p in place)
    window = []
    for size, found in zip(inputs.shape[2:], about.fields[layer], strict=True):
        if found is None or found[0] == 0:
            window.append(slice(0, size))
            continue
        first, last = found[1].at(where[found[0] - 1])
        window.append(slice(max(0, first), min(size, last + 1)))
    total = torch.zeros(inputs.shape[2:], dtype=torch.float64)
    for part in inputs.split(_checks.whole("batch_size", batch_size)):
        total += _moved(model, part, layer, module, index, where)
    return ReceptiveField(layer, where, tuple(window), (total / len(inputs)).numpy())


def _shape_of(model: nn.Module, x: Tensor, layer: str, module: nn.Module) -> tuple[int, ...]:
    with torch.no_grad(), at_rest(model), recorded({layer: module}) as outputs:
        model(x)
    return tuple(output_of(outputs, layer).shape[1:])


def _moved(
    model: nn.Module,
    x: Tensor,
    layer: str,
    module: nn.Module,
    index: int | None,
    place: tuple[int, ...],
) -> Tensor:
    """Return the sum over trials, and mean over channels and maps, of gradients' sizes."""
    x = x.detach().requires_grad_()
    with torch.enable_grad(), at_rest(model), recorded({layer: module}) as outputs:
        model(x)
        maps = output_of(outputs, layer)
        flat = int(np.ravel_multi_index(place, maps.shape[2:]))
        chosen = range(maps.shape[1]) if index is None else [index]
        total = torch.zeros(x.shape[2:], dtype=torch.float64)
        for number in chosen:
            unit = maps[:, number].flatten(1)[:, flat].sum()
            (gradient,) = torch.autograd.grad(unit, x, retain_graph=True)
            total += gradient.abs().double().mean(1).sum(0).cpu()
    return total / len(chosen)


def draw_receptive_field(
    x: ArrayLike,
    field: ReceptiveField,
    *,
    trial: int = 0,
    effective: bool = True,
    fs: float = 1.0,
    start: float = 0.0,
    spacing: float | Sequence[float] = 1.0,
    names: Sequence[str] = (),
) -> Figure:
    """Draw what a unit sees: a span of traces, a rectangle in an image or in three slices.

    Parameters
    ----------
    x : array, shape (trials, channels, ...)
    field : ReceptiveField
    trial : int
    effective : bool
        Whether the effective field is drawn too.
    fs, start : float
        Of signals, as in `draw_traces`.
    spacing : float or one for each axis
        Of volumes, as in `draw_slices`.
    names : sequence of str
        Of the channels.

    Returns
    -------
    matplotlib Figure

    Examples
    --------
    >>> import numpy as np
    >>> from torch import nn
    >>> from sigconv.nn.explain import draw_receptive_field, receptive_field
    >>> x = np.random.default_rng(0).normal(size=(1, 1, 32, 32))
    >>> field = receptive_field(nn.Sequential(nn.Conv2d(1, 2, 5), nn.Conv2d(2, 2, 3)), x, "1")
    >>> figure = draw_receptive_field(x, field)
    """
    array = _checks.numeric("x", x)
    if array.shape[2:] != field.effective.shape:
        raise ValueError(
            f"x must have {field.effective.shape} behind (trials, channels); got {array.shape}"
        )
    if not 0 <= _checks.whole("trial", trial, at_least=0) < len(array):
        raise ValueError(f"trial must be from 0 to {len(array) - 1}; got {trial}")
    strength = field.effective / (field.effective.max() or 1.0)
    if array.ndim == 3:
        return _on_traces(array[trial], field, strength if effective else None, fs, start, names)
    size = np.broadcast_to(np.asarray(spacing, dtype=float), (array.ndim - 2,))
    middle = [(part.start + part.stop) // 2 for part in field.window]
    cuts: list[int | None] = [None] if array.ndim == 4 else [0, 1, 2]
    figure = figure_of(5.5 if array.ndim == 4 else 11, 4)
    panels = figure.subplots(1, len(cuts), squeeze=False)[0]
    drawn: Any = None
    for axes, cut in zip(panels, cuts, strict=True):
        image, values = array[trial], strength
        left = [axis for axis in range(array.ndim - 2) if axis != cut]
        if cut is not None:
            image = np.take(image[:1], middle[cut], axis=cut + 1)
            values = np.take(values, middle[cut], axis=cut)
            axes.set_title(f"{('depth', 'height', 'width')[cut]} {middle[cut]}", fontsize=9)
        aspect = float(size[left[0]] / size[left[1]])
        drawn = show(axes, image, None, 1.0, aspect=aspect, span=array[trial])
        if effective:
            drawn = axes.imshow(
                values, cmap=_FIELD, vmin=0, vmax=1, alpha=0.75 * values, aspect=aspect
            )
        _frame(axes, [field.window[axis] for axis in left])
    if effective:
        figure.colorbar(drawn, ax=list(panels), label="effective field")
    figure.suptitle(_title(field, effective), fontsize=10)
    return figure


#: From nothing to most; neither red nor blue, which speak for and against classes.
_FIELD = "YlGn"


def _on_traces(
    signal: NDArray[Any],
    field: ReceptiveField,
    strength: NDArray[np.float64] | None,
    fs: float,
    start: float,
    names: Sequence[str],
) -> Figure:
    fs = _checks.sampling_rate(fs)
    rows = 1 if strength is None else 2
    figure = figure_of(10, 1.2 + 0.32 * len(signal) + 1.4 * (rows - 1))
    heights = [max(1.2, 0.32 * len(signal)), 1.2][:rows]
    panels = figure.subplots(rows, 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    show_traces(panels[0], signal, fs, start, names)
    (seen,) = field.window
    edges = [start + (edge - 0.5) / fs for edge in (seen.start, seen.stop)]
    for axes in panels:
        axes.axvspan(*edges, color="tab:green", alpha=0.2, linewidth=0)
    if strength is not None:
        times = start + np.arange(signal.shape[1]) / fs
        panels[0].set_xlabel("")
        panels[1].fill_between(times, strength, color="tab:green")
        panels[1].set(xlabel="time (s)", ylabel="effective\nfield", ylim=(0, 1.05))
    figure.suptitle(_title(field, strength is not None), fontsize=10)
    return figure


def _frame(axes: Axes, window: Sequence[slice]) -> None:
    from matplotlib.patches import Rectangle

    rows, columns = window
    corner = (columns.start - 0.5, rows.start - 0.5)
    width, height = columns.stop - columns.start, rows.stop - rows.start
    axes.add_patch(Rectangle(corner, width, height, fill=False, edgecolor="tab:green", linewidth=2))


def _title(field: ReceptiveField, effective: bool) -> str:
    place = ", ".join(map(str, field.place))
    size = " x ".join(str(part.stop - part.start) for part in field.window)
    counted = f", 95 % of the effective field in {100 * field.share:.0f} % of them"
    return f"{field.layer} at ({place}) sees {size} samples{counted if effective else ''}"
