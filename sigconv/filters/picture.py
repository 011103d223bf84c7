"""A filter drawn: gain, phase, delay, impulse response, poles and zeros."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import _checks
from .sections import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .transfer_function import TransferFunction

#: Gains below this are drawn at it: nobody reads further down.
_FLOOR_DB = -140.0
_POINTS = 4096


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
    figure.suptitle(repr(tf).strip("<>"))
    hertz, response = tf.frequency_response(_POINTS)
    for name, values, label in (
        ("gain", decibels(response), "gain [dB]"),
        ("phase", np.unwrap(np.angle(response)), "phase [rad]"),
        ("delay", 1e3 * tf.group_delay(_POINTS)[1], "group delay [ms]"),
    ):
        panels[name].plot(hertz, values, linewidth=1)
        panels[name].set(ylabel=label, xlim=(0, tf.fs / 2))
        panels[name].grid(alpha=0.3)
    panels["delay"].set_xlabel("frequency [Hz]")
    _draw_impulse(panels["impulse"], tf)
    _draw_plane(panels["plane"], tf)
    return figure


def decibels(response: np.ndarray) -> Floats:
    """Return a gain in decibels, no lower than what is worth drawing."""
    return 20 * np.log10(np.maximum(np.abs(response), 10 ** (_FLOOR_DB / 20)))


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
    axes.plot(tf.zeros.real, tf.zeros.imag, "o", fillstyle="none", label="zeros")
    axes.plot(tf.poles.real, tf.poles.imag, "x", label="poles")
    axes.set(aspect="equal", xlabel="real", ylabel="imaginary")
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1))
