"""What the pictures of explanations have in common: figures, colours, traces, images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ... import _checks
from .attribution import Attribution

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Red speaks for the class, blue against it.
COLOURS = "RdBu_r"


def figure_of(width: float, height: float) -> Figure:
    """Return an empty figure of so many inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def one_trial(
    x: ArrayLike, attribution: Attribution, trial: int, ndim: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return one trial and its attribution on the same grid."""
    array = _checks.numeric("x", x)
    if array.ndim != ndim + 2:
        raise ValueError(f"x must have {ndim} axes behind (trials, channels); got {array.shape}")
    if not 0 <= _checks.whole("trial", trial, at_least=0) < len(array):
        raise ValueError(f"trial must be from 0 to {len(array) - 1}; got {trial}")
    return array[trial], attribution.on_input(array.shape)[trial]


def limit_of(values: NDArray[Any]) -> float:
    """Return where colours end: outliers, one in two hundred, are as strong as that."""
    return float(np.quantile(np.abs(values), 0.995)) or float(np.abs(values).max()) or 1.0


def label_of(attribution: Attribution, trial: int) -> str:
    """Return what made an explanation, and of which class it speaks."""
    over = f" over {attribution.over.replace('_', ' ')}s" if attribution.over else ""
    return f"{attribution.method}{over}, {attribution.said(trial)}"


def show(
    axes: Axes,
    image: NDArray[Any],
    values: NDArray[Any] | None,
    limit: float,
    *,
    aspect: float = 1.0,
    span: NDArray[Any] | None = None,
) -> Any:
    """Draw an image (channels, height, width) in grey or in colours, with values over it.

    Black and white are the least and the greatest value of `span`; of the image, if not given.
    """
    span = image if span is None else span
    low, high = float(span.min()), float(span.max())
    shown = (image - low) / ((high - low) or 1.0)
    picture = np.moveaxis(shown, 0, -1) if len(shown) == 3 else shown[0]
    drawn = axes.imshow(picture, cmap="gray", vmin=0, vmax=1, aspect=aspect)
    axes.set_xticks([])
    axes.set_yticks([])
    if values is None:
        return drawn
    strength = np.clip(np.abs(values) / limit, 0, 1)  # what counts nothing hides nothing
    return axes.imshow(
        values, cmap=COLOURS, vmin=-limit, vmax=limit, alpha=0.75 * strength, aspect=aspect
    )


def show_traces(
    axes: Axes, signal: NDArray[Any], fs: float, start: float, names: Sequence[str]
) -> None:
    """Draw channels one above the other over the time in seconds."""
    n_channels, n_times = signal.shape
    # four deviations from one channel to the next: traces rarely cross
    scale = 0.25 / (signal.std() or 1.0)
    if n_channels == 1:  # alone it need not be cut off
        scale = 0.45 / (float(np.abs(signal - signal.mean()).max()) or 1.0)
    times = start + np.arange(n_times) / fs
    for number, row in enumerate(signal):
        axes.plot(times, number - scale * (row - row.mean()), color="black", linewidth=0.6)
    axes.set(xlabel="time (s)", ylim=(n_channels - 0.5, -0.5))
    axes.set_yticks(range(n_channels), names or [str(n) for n in range(n_channels)], fontsize=8)
