"""One picture of a recording before and after processing: traces and spectra."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import _checks, _files
from ..recording import Recording
from .glimpse import Glimpse, glimpse, scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

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
    span = (start, start + length)
    figure = figure_of({"before": glimpse(before, span=span), "after": glimpse(after, span=span)})
    if title:
        figure.suptitle(title)
    with _files.whole(Path(path)) as target:
        figure.savefig(target, dpi=100)


def figure_of(seen: Mapping[str, Glimpse], *, row_height: float = 2.0) -> Figure:
    """Return traces and spectra of the same channels, "before", "after" or both.

    Lines lie over each other; each channel has a row, `row_height` inches high.
    """
    _checks.require("matplotlib", extra="plot", purpose="drawing traces and spectra")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    first = next(iter(seen.values()))
    n = max(1, len(first.shown))
    figure = Figure(figsize=(12, 1 + row_height * n), layout="constrained")
    FigureCanvasAgg(figure)  # the caller's own pyplot figures stay as they are
    panels = figure.subplots(n, 2, squeeze=False, sharex="col", width_ratios=(3, 2))
    for row, (name, unit) in enumerate(zip(first.shown, first.units, strict=True)):
        traces, spectrum = panels[row]
        # what a filter took to nothing would stretch the axis
        floor = 1e-12 * max(each.power[row].max(initial=0.0) for each in seen.values())
        for when, each in seen.items():
            _draw_trace(traces, each, row, when)
            _draw_spectrum(spectrum, each, row, when, floor)
        known = scale(unit)[1]
        label = _drawable(name)
        traces.set_ylabel(f"{label} [{_drawable(known)}]" if known else label)
        spectrum.set_ylabel(f"{_drawable(known)}²/Hz" if known else "power per Hz")
    if first.shown:
        panels[0, 0].legend(loc="upper right")
    panels[-1, 0].set_xlabel("time [s]")
    panels[-1, 1].set_xlabel("frequency [Hz]")
    return figure


def _drawable(text: str) -> str:
    """Return a name from a file so that it is drawn letter by letter: no formula, on one line."""
    plain = "".join(each if each.isprintable() else "?" for each in text)
    return plain.replace("$", r"\$")[:24]


def _draw_trace(axes: Axes, seen: Glimpse, row: int, when: str) -> None:
    y = seen.traces[row]
    # the level of an unfiltered electrode says nothing and would press the rhythm flat
    level = np.mean(y[np.isfinite(y)]) if np.isfinite(y).any() else 0.0
    y = (y - level) * scale(seen.units[row])[0]
    axes.plot(seen.times, y, color=_COLOURS[when], linewidth=0.8, label=when)


def _draw_spectrum(axes: Axes, seen: Glimpse, row: int, when: str, floor: float) -> None:
    factor = scale(seen.units[row])[0] ** 2
    power = np.maximum(seen.power[row, 1:], floor) * factor
    if (power > 0).any():  # nothing has no logarithm
        axes.semilogy(seen.frequencies[1:], power, color=_COLOURS[when], linewidth=1)
