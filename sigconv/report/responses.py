"""What the linear steps of a pipeline do to a frequency, drawn as they run: one line a step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import _checks
from ..filters import TransferFunction, facts
from ..pipeline import DESIGNS, Pipeline, Step

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.floating[Any]]

#: Methods of `smooth` whose answer to a sum is not the sum of their answers.
NOT_LINEAR = frozenset({"median", "quantile", "lowess", "total_variation"})

#: Gains below this are drawn at it.
_FLOOR_DB = -120.0
#: Edges below this part of the rate are drawn over a logarithmic axis.
_LOW = 0.01
#: Impulses that are measured last so many seconds at least, and have at most so many samples.
_SECONDS, _MOST = 20.0, 1 << 20


@dataclass(frozen=True)
class Response:
    """What a step does to a frequency.

    Parameters
    ----------
    step : Step
    fs : float
        The rate at which it runs, in Hz.
    passes : int
        How often a filter runs over the data: 2 forward and backward; 0 if the step is none.
    frequencies, gains : array
        Hz and amplitudes.
    """

    step: Step
    fs: float
    passes: int
    frequencies: Floats
    gains: Floats


def responses(pipeline: Pipeline, fs: float) -> list[Response]:
    """Return the responses of the steps that have one, for signals that come at a rate.

    Examples
    --------
    >>> from sigconv import Pipeline, Step
    >>> from sigconv.report.responses import responses
    >>> (band,) = responses(Pipeline([Step("bandpass", cutoff=(1, 40)), Step("detrend")]), 250)
    >>> band.passes, float(band.gains.max().round(3))
    (2, 1.0)
    """
    found = []
    for step, rate in rates(pipeline, fs):
        if step.name in DESIGNS:
            tf = step.filter_at(rate)
            passes = passes_of(step, tf)
            hertz = facts.grid(tf)
            gains = np.abs(tf.frequency_response(hertz)[1]) ** passes
            found.append(Response(step, rate, passes, hertz, gains))
        elif is_linear(step):
            found.append(_measured(step, rate))
    return found


def rates(pipeline: Pipeline, fs: float) -> Iterator[tuple[Step, float]]:
    """Yield each step with the rate of the signals that it gets."""
    for step in pipeline:
        yield step, fs
        fs = step.rate_after(fs)


def passes_of(step: Step, tf: TransferFunction) -> int:
    """Return how often a filter runs over the data.

    Causal filters run once; so do those of symmetric taps, whose delay is taken out instead.
    """
    return 1 if step.parameters.get("causal", False) or tf.is_symmetric else 2


def is_linear(step: Step) -> bool:
    """Return whether a step that is no filter does to each frequency the same everywhere."""
    if step.name == "smooth":
        return step.parameters.get("method", "moving_average") not in NOT_LINEAR
    return step.name in ("convolve", "pre_emphasis")


def _measured(step: Step, fs: float) -> Response:
    """Send an impulse through a step."""
    n = min(1 << int(np.ceil(np.log2(_SECONDS * fs))), _MOST)
    impulse = np.zeros((1, n))
    impulse[0, n // 2] = 1
    answer: Any = step.at(fs)(impulse, 1)
    gains: Floats = np.abs(np.fft.rfft(answer[0]))
    return Response(step, fs, 0, np.fft.rfftfreq(n, 1 / fs), gains)


def figure_of(known: list[Response]) -> Figure:
    """Return a figure of the gains of steps, and of all of them together."""
    _checks.require("matplotlib", extra="plot", purpose="drawing responses")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 3.5), layout="constrained")
    FigureCanvasAgg(figure)  # the caller's own pyplot figures stay as they are
    axes: Axes = figure.subplots()
    top = min(each.fs for each in known) / 2
    hertz = np.unique(np.concatenate([each.frequencies for each in known]))
    hertz = hertz[hertz <= top]
    total = np.zeros_like(hertz)
    for each in known:
        gain = np.interp(hertz, each.frequencies, _decibels(each.gains))
        total += gain
        axes.plot(hertz, gain, linewidth=1, label=str(each.step)[:60].replace("$", r"\$"))
    if len(known) > 1:
        axes.plot(hertz, np.maximum(total, _FLOOR_DB), "k", linewidth=1.2, label="together")
    axes.legend(loc="lower right", fontsize="small")
    axes.set(xlabel="frequency [Hz]", ylabel="gain [dB]", ylim=(max(total.min(), -100) - 3, None))
    edges = hertz[1:][(np.diff(total >= -3)) & (hertz[1:] > 0)]
    if edges.size and edges[0] < _LOW * 2 * top:
        axes.set(xscale="log", xlim=(edges[0] / 20, top))
    else:
        axes.set(xlim=(0, top))
    axes.grid(alpha=0.3)
    return figure


def _decibels(gains: Floats) -> Floats:
    return 20 * np.log10(np.maximum(gains, 10 ** (_FLOOR_DB / 20)))
