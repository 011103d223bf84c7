"""One picture of a recording: traces, spectra and a spectrogram."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _checks, _files
from ..features import spectrogram
from ..recording import Recording
from .glimpse import extremes, scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: More channels than this would leave no room for any.
_MOST_CHANNELS = 16


def draw_overview(
    recording: Recording,
    path: str | Path,
    *,
    channels: Sequence[str] = (),
    start: float = 0.0,
    length: float = 10.0,
    title: str = "",
) -> None:
    """Draw traces, spectra and a spectrogram of a recording to a file.

    Parameters
    ----------
    recording : Recording
    path : path
        Where the picture goes; its ending (.png, .svg, .pdf) is its format.
    channels : sequence of str
        Which; the first 16 that hold signals if not given. The spectrogram is of the first.
    start, length : float
        Seconds: which stretch the traces show. Spectra and spectrogram are of the whole recording.
    title : str

    Raises
    ------
    ValueError
        A channel that is not there, a stretch that lies outside.
    MissingExtra
        If matplotlib is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sigconv import simulate_eeg
    >>> from sigconv.report import draw_overview
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     draw_overview(simulate_eeg(seed=0, n_trials=4), Path(folder) / "eeg.png")
    """
    for name in channels:
        _checks.one_of("channels", name, recording.channels)
    picks = [recording.channels.index(name) for name in channels]
    picks = picks or recording.signal_channels[:_MOST_CHANNELS]
    if not picks:
        raise ValueError("recording must have channels that hold signals; got none")
    begin = _checks.number("start", start, at_least=0, below=recording.duration)
    _checks.number("length", length, above=0)
    _checks.require("matplotlib", extra="plot", purpose="draw_overview")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 7 + 0.3 * len(picks)), layout="constrained")
    FigureCanvasAgg(figure)  # the caller's own pyplot figures stay as they are
    if title:
        figure.suptitle(title)
    panels: dict[str, Any] = figure.subplot_mosaic(
        [["traces", "traces"], ["spectrum", "spectrogram"]],
        height_ratios=(2 + 0.3 * len(picks), 3),
        width_ratios=(2, 3),
    )
    _draw_traces(panels["traces"], recording, picks, begin, length)
    _draw_spectra(panels["spectrum"], recording, picks)
    _draw_spectrogram(figure, panels["spectrogram"], recording, picks[0])
    with _files.whole(Path(path)) as target:
        figure.savefig(target, dpi=100)


def _draw_traces(
    axes: Axes, recording: Recording, picks: Sequence[int], start: float, length: float
) -> None:
    """Draw channels below each other, one unit of height apart."""
    first = round(start * recording.fs)
    rows = recording.data[picks, first : first + max(2, round(length * recording.fs))]
    rows = np.where(np.isfinite(rows), rows, np.nan)
    levels = [np.mean(y[np.isfinite(y)]) if np.isfinite(y).any() else 0.0 for y in rows]
    factors = [scale(recording.units[pick])[0] for pick in picks]
    # the level of an unfiltered electrode says nothing and would press the rhythm flat
    rows = (rows - np.array(levels)[:, np.newaxis]) * np.array(factors)[:, np.newaxis]
    finite = np.abs(rows[np.isfinite(rows)])
    spread = (np.percentile(finite, 99) if finite.size else 0.0) or 1.0
    for row, y in enumerate(rows):
        times, values = extremes(y)
        axes.plot((first + times) / recording.fs, values / (2.5 * spread) - row, linewidth=0.7)
    axes.set_yticks(-np.arange(len(picks)), [recording.channels[pick] for pick in picks])
    axes.set_ylim(-len(picks), 1)
    axes.margins(x=0)
    axes.set_xlabel("time [s]")
    _, unit = scale(recording.units[picks[0]])
    axes.set_title(f"one row is {2.5 * spread:.3g} {unit}", fontsize=9)


def _draw_spectra(axes: Axes, recording: Recording, picks: Sequence[int]) -> None:
    segment = min(round(2 * recording.fs), max(recording.n_times // 8, 1))
    for pick in picks:
        factor, _ = scale(recording.units[pick])
        from scipy import signal  # takes half a second to load

        frequencies, power = signal.welch(recording.data[pick], recording.fs, nperseg=segment)
        # a flat channel has no logarithm
        power = np.fmax(power * factor**2, np.finfo(np.float64).tiny)
        axes.semilogy(frequencies[1:], power[1:], linewidth=0.8, alpha=0.8)
    _, unit = scale(recording.units[picks[0]])
    axes.set_xlabel("frequency [Hz]")
    axes.set_ylabel(f"{unit}²/Hz" if unit else "power per Hz")
    axes.margins(x=0)
    axes.grid(alpha=0.3)


def _draw_spectrogram(figure: Figure, axes: Axes, recording: Recording, pick: int) -> None:
    # a second of EEG, a fortieth of a second of audio; short recordings get shorter windows
    length = 1.0 if recording.fs < 4000 else 0.025
    length = min(length, max(recording.duration / 8, 4 / recording.fs))
    step = max(length / 2, recording.duration / 1000)
    values, frequencies, times = spectrogram(
        recording.data[pick], fs=recording.fs, length=length, step=step
    )
    factor, unit = scale(recording.units[pick])
    decibels = 10 * np.log10(np.fmax(values * factor**2, np.finfo(np.float64).tiny))
    top = decibels.max()
    image = axes.pcolormesh(
        times, frequencies, decibels, vmin=top - 70, vmax=top, shading="nearest", rasterized=True
    )
    axes.set_xlabel("time [s]")
    axes.set_ylabel("frequency [Hz]")
    axes.set_title(recording.channels[pick], fontsize=9)
    figure.colorbar(image, ax=axes, label=f"dB of {unit}²/Hz" if unit else "dB")
