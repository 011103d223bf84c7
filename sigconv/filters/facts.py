"""What users want to know of a filter before they use it, in numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .coefficients import Coefficients
from .sections import Floats

#: Gains below this part of the peak (-20 dB) count as stopped.
STOPPED = 0.1

#: Stop bands without side lobes are those below this part of the peak (-40 dB).
LOBELESS = 0.01

_POINTS = 1 << 14


@dataclass(frozen=True)
class StopBand:
    """A band in which the gain stays below `decibels`; its bounds in Hz."""

    start: float
    stop: float
    decibels: float


@dataclass(frozen=True)
class Facts:
    """A filter's edges in Hz, stop bands, delays in seconds within -3 dB, and transient in s."""

    half_power: tuple[float, ...]
    half_amplitude: tuple[float, ...]
    stop_bands: tuple[StopBand, ...]
    delay: tuple[float, float] | None
    transient: float


def facts(tf: Coefficients, *, passes: int = 1, delayed: bool = True) -> Facts:
    """Measure a filter that runs over the data `passes` times, with its delay or without.

    Gains are relative to the peak.
    """
    hertz = grid(tf)
    gain = _gain(tf, hertz, passes)
    top = float(gain.max()) or 1.0
    delay = None
    if delayed:
        delays = tf.group_delay(hertz[gain >= 0.5**0.5 * top])[1]
        delays = delays[np.isfinite(delays)]
        delay = (float(delays.min()), float(delays.max())) if delays.size else None
    return Facts(
        half_power=_crossings(tf, hertz, gain, 0.5**0.5 * top, passes),
        half_amplitude=_crossings(tf, hertz, gain, 0.5 * top, passes),
        stop_bands=tuple(_stop_bands(hertz, gain / top)),
        delay=delay,
        transient=tf.settling_time(),
    )


def grid(tf: Coefficients) -> Floats:
    """Return frequencies from 0 to fs/2, dense where the gain changes: about zeros and poles."""
    grids = [np.linspace(0, tf.fs / 2, _POINTS)]
    if not tf.is_fir:
        grids.append(np.geomspace(1e-8, 0.5, _POINTS) * tf.fs)
        for root in np.concatenate([tf.poles, tf.zeros]):
            # a resonance is as wide as its pole is far from the circle
            middle, width = abs(np.angle(root)), max(abs(1 - abs(root)), 1e-9)
            steps = np.geomspace(width / 100, 100 * width, 200)
            around = np.concatenate([middle - steps, [middle], middle + steps])
            grids.append(around[(around >= 0) & (around <= np.pi)] * tf.fs / (2 * np.pi))
    return np.unique(np.concatenate(grids))


def _gain(tf: Coefficients, hertz: Floats, passes: int) -> Floats:
    with np.errstate(all="ignore"):  # a pole on the circle has no gain
        gain = np.abs(tf.frequency_response(hertz)[1]) ** passes
    return np.where(np.isfinite(gain), gain, 0.0)


def _crossings(
    tf: Coefficients, hertz: Floats, gain: Floats, level: float, passes: int
) -> tuple[float, ...]:
    """Return where the gain crosses a level, halving the steps of the grid."""
    at = np.flatnonzero(np.diff(gain >= level))
    if not at.size:
        return ()
    low, high = hertz[at], hertz[at + 1]
    rises = gain[at] < level
    for _ in range(50):
        middle = (low + high) / 2
        beyond = (_gain(tf, middle, passes) >= level) == rises
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    return tuple(float(value) for value in (low + high) / 2)


def _stop_bands(hertz: Floats, gain: Floats) -> Iterator[StopBand]:
    """Yield the bands below the highest side lobe; without lobes, those below -40 dB."""
    stopped = np.concatenate([[False], gain < STOPPED, [False]])
    edges = np.flatnonzero(np.diff(stopped))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        within = gain[start:stop]
        lobes = 1 + np.flatnonzero((within[1:-1] > within[:-2]) & (within[1:-1] >= within[2:]))
        # at an end of the axis the band itself ends, and a lobe may be cut in half there
        if start == 0 and len(within) > 1 and within[0] > within[1]:
            lobes = np.append(lobes, 0)
        if stop == len(gain) and len(within) > 1 and within[-1] > within[-2]:
            lobes = np.append(lobes, len(within) - 1)
        lobes = lobes[within[lobes] > 1e-9]  # rounding noise has lobes too
        level = float(within[lobes].max()) if lobes.size else max(float(within.min()), LOBELESS)
        below = np.flatnonzero(within <= level) + start
        yield StopBand(float(hertz[below[0]]), float(hertz[below[-1]]), float(20 * np.log10(level)))
