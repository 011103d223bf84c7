"""Explanations in the pictures of their field: traces, waveforms, images, slices, strips, bands."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ... import _checks
from .attribution import Attribution
from .panels import COLOURS, figure_of, label_of, limit_of, one_trial, show, show_traces

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
    signal, values = one_trial(x, attribution, trial, 1)
    fs = _checks.sampling_rate(fs)
    n_channels, n_times = signal.shape
    figure = figure_of(10, 1.2 + 0.32 * n_channels)
    axes = figure.subplots()
    limit = limit_of(values)
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
    show_traces(axes, signal, fs, start, names)
    figure.colorbar(colours, ax=axes, label=label_of(attribution, trial))
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

    signal, values = one_trial(x, attribution, trial, 1)
    fs = _checks.sampling_rate(fs)
    wave, share = signal[0], values.mean(0)
    times = np.arange(len(wave)) / fs
    limit = limit_of(share)
    figure = figure_of(10, 5)
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
        vmin=-limit_of(column),
        vmax=limit_of(column),
        alpha=0.35,
        zorder=2,  # images lie below meshes otherwise, and this one would not be seen
    )
    below.set(xlabel="time (s)", ylabel="frequency (Hz)", ylim=(0, fs / 2))
    figure.colorbar(lines, ax=[above, below], label=label_of(attribution, trial))
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
    image, values = one_trial(x, attribution, trial, 2)
    figure = figure_of(9, 4)
    left, right = figure.subplots(1, 2)
    show(left, image, None, 1.0)
    total = values.mean(0)
    colours = show(right, image, total, limit_of(total))
    figure.colorbar(colours, ax=[left, right], label=label_of(attribution, trial))
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
    volume, values = one_trial(x, attribution, trial, 3)
    size = np.broadcast_to(np.asarray(spacing, dtype=float), (3,))
    total = values.mean(0)
    place = np.unravel_index(np.abs(total).argmax(), total.shape)
    limit = limit_of(total)
    figure = figure_of(11, 4)
    axes = figure.subplots(1, 3)
    for axis, name in enumerate(("depth", "height", "width")):
        at = int(place[axis])
        rows, columns = (other for other in range(3) if other != axis)
        colours = show(
            axes[axis],
            np.take(volume[:1], at, axis=axis + 1),
            np.take(total, at, axis=axis),
            limit,
            aspect=size[rows] / size[columns],
        )
        axes[axis].set_title(f"{name} {at}", fontsize=9)
    figure.colorbar(colours, ax=list(axes), label=label_of(attribution, trial))
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
    video, values = one_trial(x, attribution, trial, 3)
    total = values.mean(0)
    limit = limit_of(total)
    chosen = np.unique(np.linspace(0, video.shape[1] - 1, FRAMES).round().astype(int))
    figure = figure_of(1.6 * len(chosen) + 1, 3.6)
    axes = figure.subplots(2, len(chosen), squeeze=False)
    for column, frame in enumerate(chosen):
        show(axes[0, column], video[:, frame], None, 1.0, span=video)
        colours = show(axes[1, column], video[:, frame], total[frame], limit, span=video)
        axes[0, column].set_title(f"frame {frame}", fontsize=8)
    figure.colorbar(colours, ax=list(axes.ravel()), label=label_of(attribution, trial))
    return figure


def film(
    x: ArrayLike, attribution: Attribution, *, trial: int = 0, fps: int = 8, dpi: float = 80
) -> bytes:
    """Return a moving picture of a video: each frame beside itself under its attribution.

    Parameters
    ----------
    x : array, shape (trials, channels, frames, height, width)
        What was explained.
    attribution : Attribution
    trial : int
    fps : int
        Frames a second.
    dpi : float
        Dots an inch, of 6.4 by 3.4 inches.

    Returns
    -------
    bytes
        A GIF, for a file or for `sigconv.report.page.picture`.

    Examples
    --------
    >>> import numpy as np
    >>> from sigconv.nn.explain import Attribution, film
    >>> x = np.random.default_rng(0).normal(size=(1, 3, 4, 16, 16))
    >>> axes = ("trial", "channel", "depth", "height", "width")
    >>> a = Attribution(x, axes, "saliency", np.zeros(1, int), np.zeros(1))
    >>> film(x, a)[:6]
    b'GIF89a'
    """
    from matplotlib.animation import PillowWriter
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    video, values = one_trial(x, attribution, trial, 3)
    _checks.whole("fps", fps)
    total = values.mean(0)
    limit = limit_of(total)
    figure = figure_of(6.4, 3.4)
    FigureCanvasAgg(figure)  # grabs frames; a figure of its own has none
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.gif"
        writer = PillowWriter(fps=fps)
        with writer.saving(figure, path, dpi):
            for frame in range(video.shape[1]):
                figure.clear()
                left, right = figure.subplots(1, 2)
                show(left, video[:, frame], None, 1.0, span=video)
                colours = show(right, video[:, frame], total[frame], limit, span=video)
                left.set_title(f"frame {frame}", fontsize=8)
                figure.colorbar(colours, ax=[left, right], label=label_of(attribution, trial))
                writer.grab_frame()
        return path.read_bytes()


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
    limit = limit_of(values)
    if values.ndim == 1:
        labels = ticks[axes_names[0]] or [str(n) for n in range(len(values))]
        figure = figure_of(2 + 0.5 * len(values), 3.2)
        axes = figure.subplots()
        from matplotlib import colormaps

        colours = colormaps[COLOURS](0.5 + 0.5 * values / limit)
        axes.bar(range(len(values)), values, color=colours, edgecolor="0.4", linewidth=0.5)
        axes.axhline(0, color="0.4", linewidth=0.8)
        axes.set_xticks(range(len(values)), labels, rotation=45, ha="right", fontsize=8)
        axes.set_ylabel(label_of(attribution, trial))
        return figure
    figure = figure_of(2 + 0.9 * len(bands), max(3.2, 1.2 + 0.28 * len(values)))
    axes = figure.subplots()
    image = axes.imshow(values, cmap=COLOURS, vmin=-limit, vmax=limit, aspect="auto")
    axes.set_xticks(range(values.shape[1]), bands, rotation=45, ha="right", fontsize=8)
    labels = ticks["channel"] or [str(n) for n in range(len(values))]
    axes.set_yticks(range(len(values)), labels, fontsize=8)
    figure.colorbar(image, ax=axes, label=label_of(attribution, trial))
    return figure
