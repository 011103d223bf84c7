"""Explanations in the pictures of their field: traces, waveforms, images, slices, strips, bands."""

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
#: Frames of a strip, evenly apart.
FRAMES = 8


def draw_traces(
    x: ArrayLike,
    attribution: Attribution,
    *,
    trial: int = 0,
    fs: float = 1.0,
    start: float = 0.0,
    names: Sequence[str] = (),
) -> Figure:
    """Draw a signal's channels one above the other, each before its attribution as a colour.

    Parameters
    ----------
    x : array, shape (trials, channels, times)
        What was explained.
    attribution : Attribution
    trial : int
    fs : float
        Sampling rate in Hz.
    start : float
        The time of the first sample in seconds.
    names : sequence of str
        Of the channels.

    Returns
    -------
    matplotlib Figure

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn.explain import Attribution, draw_traces
    >>> x = np.random.default_rng(0).normal(size=(1, 4, 128))
    >>> a = Attribution(x, ("trial", "channel", "time"), "saliency", np.zeros(1), np.zeros(1))
    >>> figure = draw_traces(x, a, fs=128, names=["Fz", "Cz", "Pz", "Oz"])
    """
    signal, values = _one(x, attribution, trial, 1)
    fs = _checks.sampling_rate(fs)
    n_channels, n_times = signal.shape
    figure = _figure(10, 1.2 + 0.32 * n_channels)
    axes = figure.subplots()
    limit = _limit(values)
    edges = start + (np.arange(n_times + 1) - 0.5) / fs
    colours = axes.pcolormesh(
        edges,
        np.arange(n_channels + 1) - 0.5,
        values,
        cmap=COLOURS,
        vmin=-limit,
        vmax=limit,
        rasterized=True,
    )
    # four deviations from one channel to the next: traces rarely cross
    scale = 0.25 / (signal.std() or 1.0)
    times = start + np.arange(n_times) / fs
    for number, row in enumerate(signal):
        axes.plot(times, number - scale * (row - row.mean()), color="black", linewidth=0.6)
    axes.set(xlabel="time (s)", ylim=(n_channels - 0.5, -0.5))
    axes.set_yticks(range(n_channels), names or [str(n) for n in range(n_channels)], fontsize=8)
    figure.colorbar(colours, ax=axes, label=_label(attribution, trial))
    return figure


def draw_waveform(
    x: ArrayLike, attribution: Attribution, *, trial: int = 0, fs: float = 1.0
) -> Figure:
    """Draw a sound's waveform and its spectrogram, both coloured by their attribution.

    Parameters
    ----------
    x : array, shape (trials, 1, times)
        What was explained.
    attribution : Attribution
    trial : int
    fs : float
        Sampling rate in Hz.

    Returns
    -------
    matplotlib Figure
    """
    from matplotlib.collections import LineCollection
    from scipy.signal import spectrogram

    signal, values = _one(x, attribution, trial, 1)
    fs = _checks.sampling_rate(fs)
    wave, share = signal[0], values.mean(0)
    times = np.arange(len(wave)) / fs
    limit = _limit(share)
    figure = _figure(10, 5)
    above, below = figure.subplots(2, 1, sharex=True)
    points = np.column_stack([times, wave])
    lines = LineCollection(
        np.stack([points[:-1], points[1:]], axis=1).tolist(), cmap=COLOURS, linewidths=0.8
    )
    lines.set_array(share[:-1])
    lines.set_clim(-limit, limit)
    above.set_facecolor("0.85")
    above.add_collection(lines)
    above.set(ylabel="amplitude", xlim=(0, times[-1]), ylim=(wave.min(), wave.max()))
    length = min(256, len(wave))
    frequencies, frames, power = spectrogram(wave, fs, nperseg=length, noverlap=length // 2)
    decibels = 10 * np.log10(power + 1e-12 * power.max() + 1e-300)
    below.pcolormesh(
        frames, frequencies, decibels, cmap="gray_r", vmin=decibels.max() - 70, rasterized=True
    )
    # the attribution of a moment colours its column
    column = np.interp(frames, times, np.convolve(share, np.ones(length) / length, "same"))
    below.imshow(
        np.tile(column, (2, 1)),
        extent=(float(frames[0]), float(frames[-1]), 0, fs / 2),
        aspect="auto",
        cmap=COLOURS,
        vmin=-_limit(column),
        vmax=_limit(column),
        alpha=0.35,
    )
    below.set(xlabel="time (s)", ylabel="frequency (Hz)", ylim=(0, fs / 2))
    figure.colorbar(lines, ax=[above, below], label=_label(attribution, trial))
    return figure


def draw_overlay(x: ArrayLike, attribution: Attribution, *, trial: int = 0) -> Figure:
    """Draw an image, and the same under its attribution.

    Parameters
    ----------
    x : array, shape (trials, channels, height, width)
        What was explained; three channels are colours, of others the first is drawn.
    attribution : Attribution
    trial : int

    Returns
    -------
    matplotlib Figure
    """
    image, values = _one(x, attribution, trial, 2)
    figure = _figure(9, 4)
    left, right = figure.subplots(1, 2)
    _show(left, image, None, 1.0)
    total = values.mean(0)
    colours = _show(right, image, total, _limit(total))
    figure.colorbar(colours, ax=[left, right], label=_label(attribution, trial))
    return figure


def draw_slices(
    x: ArrayLike,
    attribution: Attribution,
    *,
    trial: int = 0,
    spacing: float | Sequence[float] = 1.0,
) -> Figure:
    """Draw the three slices through the place of the largest attribution.

    Parameters
    ----------
    x : array, shape (trials, channels, depth, height, width)
        What was explained; the first channel is drawn.
    attribution : Attribution
    trial : int
    spacing : float or one for each axis
        Millimetres from sample to sample.

    Returns
    -------
    matplotlib Figure
    """
    volume, values = _one(x, attribution, trial, 3)
    size = np.broadcast_to(np.asarray(spacing, dtype=float), (3,))
    total = values.mean(0)
    place = np.unravel_index(np.abs(total).argmax(), total.shape)
    limit = _limit(total)
    figure = _figure(11, 4)
    axes = figure.subplots(1, 3)
    for axis, name in enumerate(("depth", "height", "width")):
        at = int(place[axis])
        rows, columns = (other for other in range(3) if other != axis)
        colours = _show(
            axes[axis],
            np.take(volume[:1], at, axis=axis + 1),
            np.take(total, at, axis=axis),
            limit,
            aspect=size[rows] / size[columns],
        )
        axes[axis].set_title(f"{name} {at}", fontsize=9)
    figure.colorbar(colours, ax=list(axes), label=_label(attribution, trial))
    return figure


def draw_strip(x: ArrayLike, attribution: Attribution, *, trial: int = 0) -> Figure:
    """Draw frames of a video one beside the other, each above itself under its attribution.

    Parameters
    ----------
    x : array, shape (trials, channels, frames, height, width)
        What was explained.
    attribution : Attribution
    trial : int

    Returns
    -------
    matplotlib Figure
    """
    video, values = _one(x, attribution, trial, 3)
    total = values.mean(0)
    limit = _limit(total)
    chosen = np.unique(np.linspace(0, video.shape[1] - 1, FRAMES).round().astype(int))
    figure = _figure(1.6 * len(chosen) + 1, 3.6)
    axes = figure.subplots(2, len(chosen), squeeze=False)
    for column, frame in enumerate(chosen):
        _show(axes[0, column], video[:, frame], None, 1.0)
        colours = _show(axes[1, column], video[:, frame], total[frame], limit)
        axes[0, column].set_title(f"frame {frame}", fontsize=8)
    figure.colorbar(colours, ax=list(axes.ravel()), label=_label(attribution, trial))
    return figure


def draw_parts(attribution: Attribution, *, trial: int = 0, names: Sequence[str] = ()) -> Figure:
    """Draw what channels, frequency bands, or bands of channels count.

    Parameters
    ----------
    attribution : Attribution
        On channels, bands, or both.
    trial : int
    names : sequence of str
        Of the channels.

    Returns
    -------
    matplotlib Figure
    """
    axes_names = attribution.axes[1:]
    if not set(axes_names) <= {"channel", "band"}:
        raise ValueError(
            f"attribution must be on channels or bands; got one on {', '.join(axes_names)}"
        )
    from .parts import EEG_BANDS

    values = attribution.values[trial]
    bands = [f"{low:g}-{high:g} Hz" for low, high in attribution.bands or EEG_BANDS]
    ticks = {"band": bands, "channel": list(names)}
    limit = _limit(values)
    if values.ndim == 1:
        labels = ticks[axes_names[0]] or [str(n) for n in range(len(values))]
        figure = _figure(2 + 0.5 * len(values), 3.2)
        axes = figure.subplots()
        from matplotlib import colormaps

        colours = colormaps[COLOURS](0.5 + 0.5 * values / limit)
        axes.bar(range(len(values)), values, color=colours, edgecolor="0.4", linewidth=0.5)
        axes.axhline(0, color="0.4", linewidth=0.8)
        axes.set_xticks(range(len(values)), labels, rotation=45, ha="right", fontsize=8)
        axes.set_ylabel(_label(attribution, trial))
        return figure
    figure = _figure(2 + 0.9 * len(bands), max(3.2, 1.2 + 0.28 * len(values)))
    axes = figure.subplots()
    image = axes.imshow(values, cmap=COLOURS, vmin=-limit, vmax=limit, aspect="auto")
    axes.set_xticks(range(values.shape[1]), bands, rotation=45, ha="right", fontsize=8)
    labels = ticks["channel"] or [str(n) for n in range(len(values))]
    axes.set_yticks(range(len(values)), labels, fontsize=8)
    figure.colorbar(image, ax=axes, label=_label(attribution, trial))
    return figure


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _one(
    x: ArrayLike, attribution: Attribution, trial: int, ndim: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return one trial and its attribution on the same grid."""
    array = _checks.numeric("x", x)
    if array.ndim != ndim + 2:
        raise ValueError(f"x must have {ndim} axes behind (trials, channels); got {array.shape}")
    if not 0 <= _checks.whole("trial", trial, at_least=0) < len(array):
        raise ValueError(f"trial must be from 0 to {len(array) - 1}; got {trial}")
    return array[trial], attribution.on_input(array.shape)[trial]


def _limit(values: NDArray[Any]) -> float:
    """Return where colours end: outliers, one in two hundred, are as strong as that."""
    return float(np.quantile(np.abs(values), 0.995)) or float(np.abs(values).max()) or 1.0


def _label(attribution: Attribution, trial: int) -> str:
    over = f" over {attribution.over.replace('_', ' ')}s" if attribution.over else ""
    return f"{attribution.method}{over}, class {int(attribution.target[trial])}"


def _show(
    axes: Axes,
    image: NDArray[Any],
    values: NDArray[Any] | None,
    limit: float,
    *,
    aspect: float = 1.0,
) -> Any:
    """Draw an image (channels, height, width) in grey or in colours, with values over it."""
    low, high = float(image.min()), float(image.max())
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
