"""A filter drawn: gain, phase, delay, impulse response, poles and zeros."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import _checks
from . import facts
from .sections import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .transfer_function import TransferFunction

#: Gains below this are drawn at it: nobody reads further down.
_FLOOR_DB = -140.0
#: Beyond this part of the peak (-80 dB) a delay says nothing to anybody.
AUDIBLE = 1e-4
#: Edges below this part of fs are drawn over a logarithmic axis, or they are lost at its left.
LOW = 0.01


def draw(tf: TransferFunction) -> Figure:
    """Return a figure of a filter; `TransferFunction.plot` is the public door."""
    _checks.require("matplotlib", extra="plot", purpose="plotting a filter")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 7), layout="constrained")
    FigureCanvasAgg(figure)  # the caller's own pyplot figures stay as they are
    panels: dict[str, Axes] = figure.subplot_mosaic(
        [["gain", "impulse"], ["phase", "plane"], ["delay", "plane"]]
    )
    figure.suptitle(repr(tf).strip("<>").removeprefix("TransferFunction: "))
    hertz, response = tf.frequency_response(facts.grid(tf))
    heard = np.abs(response) > AUDIBLE * np.abs(response).max()
    for name, values, label in (
        ("gain", decibels(response), "gain [dB]"),
        ("phase", np.unwrap(np.angle(response)), "phase [rad]"),
        ("delay", np.where(heard, 1e3 * tf.group_delay(hertz)[1], np.nan), "group delay [ms]"),
    ):
        panels[name].plot(hertz, values, linewidth=1)
        panels[name].set(ylabel=label)
        panels[name].grid(alpha=0.3)
    _lay_frequencies(tf, panels)
    _widen(panels["delay"])
    _draw_impulse(panels["impulse"], tf)
    _draw_plane(panels["plane"], tf)
    return figure


def decibels(response: np.ndarray) -> Floats:
    """Return a gain in decibels, no lower than what is worth drawing."""
    return 20 * np.log10(np.maximum(np.abs(response), 10 ** (_FLOOR_DB / 20)))


def _lay_frequencies(tf: TransferFunction, panels: dict[str, Axes]) -> None:
    """Mark the edges of -3 dB, and choose an axis on which they are seen."""
    edges = facts.facts(tf, delayed=False).half_power
    low = min(edges, default=tf.fs)
    for name in ("gain", "phase", "delay"):
        for edge in edges:
            panels[name].axvline(edge, color="0.6", linewidth=0.7, linestyle=":")
        if low < LOW * tf.fs:
            panels[name].set(xscale="log", xlim=(low / 20, tf.fs / 2))
        else:
            panels[name].set(xlim=(0, tf.fs / 2))
    panels["gain"].set_title("dotted: -3 dB at " + _listed(edges), fontsize="small", loc="right")
    panels["delay"].set_xlabel("frequency [Hz]")


def _listed(edges: tuple[float, ...]) -> str:
    shown = [f"{edge:.4g}" for edge in edges]
    if len(shown) > 5:
        shown = [*shown[:4], "...", shown[-1]]
    return ", ".join(shown) + " Hz" if shown else "no frequency"


def _widen(axes: Axes) -> None:
    """Show a constant as a line across, not as the rounding noise about it."""
    low, high = axes.get_ylim()
    if high - low < 1e-2 * abs(high):
        middle = (low + high) / 2
        axes.set_ylim(middle - 0.1 * abs(middle), middle + 0.1 * abs(middle))
    axes.ticklabel_format(axis="y", useOffset=False)


def _draw_impulse(axes: Axes, tf: TransferFunction) -> None:
    # an unstable filter never settles; a tenth of a second shows where it goes
    n = None if tf.is_stable else max(round(tf.fs / 10), 20)
    impulse = tf.impulse_response(n)
    axes.plot(np.arange(len(impulse)) / tf.fs, impulse, linewidth=1)
    axes.set(xlabel="time [s]", title="impulse response")
    axes.grid(alpha=0.3)


def _draw_plane(axes: Axes, tf: TransferFunction) -> None:
    circle = np.exp(2j * np.pi * np.linspace(0, 1, 200))
    axes.plot(circle.real, circle.imag, color="0.7", linewidth=0.8)
    size = 6 if tf.order <= 40 else 3
    for roots, marker, name in ((tf.zeros, "o", "zeros"), (tf.poles, "x", "poles")):
        label = f"{name} ({len(roots)})"
        axes.plot(roots.real, roots.imag, marker, fillstyle="none", markersize=size, label=label)
    axes.set(aspect="equal", xlabel="real", ylabel="imaginary", title="z plane")
    axes.locator_params(nbins=5)
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1))
