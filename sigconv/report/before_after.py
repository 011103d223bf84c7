"""One picture of a recording before and after processing: traces and spectra."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import signal

from .. import _checks, _files
from ..recording import Recording

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: More channels than this would leave no room for any.
_MOST_CHANNELS = 4
_COLOURS = {"before": "0.65", "after": "tab:blue"}


def draw_before_after(
    before: Recording,
    after: Recording,
    path: str | Path,
    *,
    start: float = 0.0,
    length: float = 5.0,
    title: str = "",
) -> None:
    """Draw traces and spectra of the first signal channels, before and after, to a file.

    Parameters
    ----------
    before, after : Recording
        The same recording twice: the same channels, rate and length.
    path : path
        Where the picture goes; its ending (.png, .svg, .pdf) is its format.
    start, length : float
        Seconds: which stretch the traces show. The spectra are of the whole recording.
    title : str

    Raises
    ------
    ValueError
        If the two do not match.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from sigconv import Pipeline, Step, simulate_eeg
    >>> from sigconv.report import draw_before_after
    >>> before = simulate_eeg(seed=0, n_trials=2)
    >>> after = Pipeline([Step("bandpass", cutoff=(1, 40))]).apply(before)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     draw_before_after(before, after, Path(folder) / "eeg.png")
    """
    if (before.channels, before.fs, before.n_times) != (after.channels, after.fs, after.n_times):
        raise ValueError("after must have the channels, the rate and the length of before")
    _checks.require("matplotlib", extra="plot", purpose="draw_before_after")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    picks = before.signal_channels[:_MOST_CHANNELS]
    figure = Figure(figsize=(12, 1 + 2 * len(picks)), layout="constrained")
    FigureCanvasAgg(figure)  # the caller's own pyplot figures stay as they are
    if title:
        figure.suptitle(title)
    panels = figure.subplots(len(picks), 2, squeeze=False, sharex="col", width_ratios=(3, 2))
    for (traces, spectrum), pick in zip(panels, picks, strict=True):
        for name, recording in (("before", before), ("after", after)):
            _draw_trace(traces, recording, pick, start, length, name)
            _draw_spectrum(spectrum, recording, pick, name)
        _, unit = scale(before, pick)
        traces.set_ylabel(f"{before.channels[pick]} [{unit}]" if unit else before.channels[pick])
        spectrum.set_ylabel(f"{unit}²/Hz" if unit else "power per Hz")
    panels[0, 0].legend(loc="upper right")
    panels[-1, 0].set_xlabel("time [s]")
    panels[-1, 1].set_xlabel("frequency [Hz]")
    with _files.whole(Path(path)) as target:
        figure.savefig(target, dpi=100)


def scale(recording: Recording, pick: int) -> tuple[float, str]:
    """Return the factor to, and the name of, the unit that people read the channel in."""
    unit = recording.units[pick]
    if unit == "V":
        return 1e6, "µV"
    return 1.0, unit


def _draw_trace(
    axes: Axes, recording: Recording, pick: int, start: float, length: float, name: str
) -> None:
    first = round(start * recording.fs)
    y = recording.data[pick, first : first + round(length * recording.fs)]
    times = (first + np.arange(len(y))) / recording.fs
    # the level of an unfiltered electrode says nothing and would press the rhythm flat
    y = (y - np.mean(y)) * scale(recording, pick)[0]
    axes.plot(times, y, color=_COLOURS[name], linewidth=0.8, label=name)


def _draw_spectrum(axes: Axes, recording: Recording, pick: int, name: str) -> None:
    # two seconds resolve half a hertz; short recordings rather get a steady curve than a fine one
    segment = min(round(2 * recording.fs), max(recording.n_times // 8, 1))
    frequencies, power = signal.welch(recording.data[pick], recording.fs, nperseg=segment)
    factor, _ = scale(recording, pick)
    # a flat channel has no logarithm, and what a filter took to nothing would stretch the axis
    floor = max(power.max() * 1e-12, np.finfo(np.float64).tiny)
    power = np.maximum(power[1:] * factor**2, floor)
    axes.semilogy(frequencies[1:], power, color=_COLOURS[name], linewidth=1)
