"""What a page shows of a recording: facts, a stretch of traces and spectra, gathered in pieces."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..recording import UNTOUCHED_KINDS, Annotation, Recording

#: More channels than this would leave no room for any.
MOST_CHANNELS = 4
#: A trace shows as many samples if nobody says which: 10 s of EEG at 250 Hz, 57 ms of audio.
_STRETCH = 2500
#: A picture has no more columns than this: longer traces show the extremes of each.
_COLUMNS = 2000
#: More texts of annotations than this are not told one by one.
_MOST_TEXTS = 20

#: A channel is clipped if its greatest or least value holds for so many samples, so many times,
#: and it has so many steps between the two: noise of a few steps rests on its extremes too.
_HELD, _TIMES, _STEPS = 3, 3, 20

Floats = NDArray[np.floating[Any]]


class Known(Protocol):
    """What is known of a recording before its samples: a `Recording`, or a file's heading."""

    @property
    def fs(self) -> float:
        """Rate in Hz."""

    @property
    def n_times(self) -> int:
        """Number of samples a channel."""

    @property
    def channels(self) -> Sequence[str]:
        """Names."""

    @property
    def kinds(self) -> Sequence[str] | str:
        """What each channel is."""

    @property
    def units(self) -> Sequence[str] | str:
        """Of each channel."""

    @property
    def annotations(self) -> Sequence[Annotation]:
        """Marks with texts."""


@dataclass(frozen=True)
class Glimpse:
    """What is seen of a recording.

    Parameters
    ----------
    fs, duration : float
        Hz and seconds.
    n_channels, n_signals : int
        All channels, and those that hold signals: only these are looked at.
    clipped, flat : tuple of str
        Channels that rest on their greatest or least value again and again, and that have but one.
    not_finite : int
        Samples that are NaN or infinite.
    annotations : tuple of (str, int)
        Texts and how often each is there, the most frequent first.
    shown, units : tuple of str
        The channels that are drawn; their units.
    times, traces : array, shapes (m,) and (n_shown, m)
        Seconds, and a stretch of the signals.
    frequencies, power : array, shapes (f,) and (n_shown, f)
        Hz, and the power density of the whole recording.
    """

    fs: float
    duration: float
    n_channels: int
    n_signals: int
    clipped: tuple[str, ...]
    flat: tuple[str, ...]
    not_finite: int
    annotations: tuple[tuple[str, int], ...]
    shown: tuple[str, ...]
    units: tuple[str, ...]
    times: Floats = field(repr=False)
    traces: Floats = field(repr=False)
    frequencies: Floats = field(repr=False)
    power: Floats = field(repr=False)


def glimpse(recording: Recording, *, span: tuple[float, float] | None = None) -> Glimpse:
    """Look at a recording in memory; `span`: see `Looker`.

    Examples
    --------
    >>> from sigconv import simulate_eeg
    >>> from sigconv.report.glimpse import glimpse
    >>> seen = glimpse(simulate_eeg(seed=0, n_trials=2))
    >>> seen.fs, seen.n_signals, seen.clipped, seen.annotations[0][1]
    (250.0, 8, (), 1)
    """
    looker = Looker(recording, span=span)
    looker.push(recording.data)
    return looker.glimpse()


class Looker:
    """Gathers a `Glimpse` from the pieces of a recording, one after the other.

    Parameters
    ----------
    known : Recording or heading
        Rate, length, channels and annotations; samples are not looked for.
    span : (float, float), optional
        Seconds: which stretch the traces show; 2,500 samples in the middle if not given.
    draws : bool
        Whether there are traces and spectra at all.
    """

    def __init__(
        self, known: Known, *, span: tuple[float, float] | None = None, draws: bool = True
    ) -> None:
        self._known = known
        kinds = enumerate(known.kinds)
        self._signals = [row for row, kind in kinds if kind not in UNTOUCHED_KINDS]
        self._picks = self._signals[:MOST_CHANNELS] if draws else []
        self.span = span or _middle(known)
        # two seconds resolve half a hertz; short recordings rather get a steady curve
        self._segment = min(round(2 * known.fs), max(known.n_times // 8, 1))
        self._tops = [_Extreme() for _ in self._signals]
        self._lows = [_Extreme() for _ in self._signals]  # of the signals upside down
        self._steps = np.full(len(self._signals), np.inf)
        self._not_finite, self._position = 0, 0
        self._stretch: list[Floats] = []
        self._power = np.zeros((len(self._picks), self._segment // 2 + 1))
        self._weight = 0

    def push(self, x: Floats) -> None:
        """Take the next piece, shape (n_channels, n)."""
        for row, pick in enumerate(self._signals):
            self._count(row, x[pick])
        if self._picks:
            self._cut(x)
        self._position += x.shape[1]

    def glimpse(self) -> Glimpse:
        """Return what was seen."""
        known = self._known
        names = [known.channels[row] for row in self._signals]
        clipped, flat = [], []
        for top, low, step in zip(self._tops, self._lows, self._steps, strict=True):
            height = top.value + low.value
            flat.append(height == 0)
            clipped.append(top.held + low.held >= _TIMES and height > _STEPS * step)
        texts = Counter(note.text for note in known.annotations).most_common(_MOST_TEXTS)
        times, traces = self._traces()
        return Glimpse(
            fs=known.fs,
            duration=known.n_times / known.fs,
            n_channels=len(known.channels),
            n_signals=len(self._signals),
            clipped=tuple(itertools.compress(names, clipped)),
            flat=tuple(itertools.compress(names, flat)),
            not_finite=self._not_finite,
            annotations=tuple(texts),
            shown=tuple(known.channels[row] for row in self._picks),
            units=tuple(known.units[row] for row in self._picks),
            times=times,
            traces=traces,
            frequencies=np.arange(self._power.shape[1]) * known.fs / self._segment,
            power=self._power / max(self._weight, 1),
        )

    def _count(self, row: int, y: Floats) -> None:
        low, top = y.min(), y.max()
        if not np.isfinite([low, top]).all():
            finite = y[np.isfinite(y)]
            self._not_finite += len(y) - len(finite)
            if not len(finite):
                return
            low, top = finite.min(), finite.max()
        held = self._tops[row].take(y, top) + self._lows[row].take(-y, -low)
        if held and top > low:  # else nobody asks how fine its steps are
            steps = np.abs(np.diff(y))
            steps = steps[(steps > 0) & np.isfinite(steps)]
            self._steps[row] = min(self._steps[row], steps.min(initial=np.inf))

    def _cut(self, x: Floats) -> None:
        """Keep what is drawn of a piece."""
        n = x.shape[1]
        first, last = (round(edge * self._known.fs) - self._position for edge in self.span)
        if first < n and last > 0:
            self._stretch.append(np.array(x[self._picks, max(first, 0) : last]))
        if n >= self._segment:
            rows = np.nan_to_num(x[self._picks], posinf=0.0, neginf=0.0)
            from scipy import signal  # takes half a second to load

            self._power += n * signal.welch(rows, self._known.fs, nperseg=self._segment)[1]
            self._weight += n

    def _traces(self) -> tuple[Floats, Floats]:
        if not self._stretch:
            return np.zeros(0), np.zeros((len(self._picks), 0))
        x = np.concatenate(self._stretch, axis=1)
        first = max(round(self.span[0] * self._known.fs), 0)
        drawn = [extremes(row) for row in np.where(np.isfinite(x), x, np.nan)]
        return (first + drawn[0][0]) / self._known.fs, np.stack([values for _, values in drawn])


class _Extreme:
    """The greatest value of a channel, and how often it held for several samples on end."""

    def __init__(self) -> None:
        self.value, self.held, self._run = -np.inf, 0, 0

    def take(self, y: Floats, top: float) -> int:
        """Take a piece and its greatest value; return how often that held."""
        if top < self.value:
            self._run = 0
            return 0
        if top > self.value:
            self.value, self.held, self._run = top, 0, 0
        there = np.flatnonzero(y == top)
        breaks = np.flatnonzero(np.diff(there) > 1)
        starts = there[np.concatenate([[0], breaks + 1])]
        lengths = there[np.concatenate([breaks, [len(there) - 1]])] - starts + 1
        if starts[0] == 0:  # goes on from the piece before
            self.held -= self._run >= _HELD
            lengths[0] += self._run
        held = int(np.count_nonzero(lengths >= _HELD))
        self.held += held
        self._run = int(lengths[-1]) if there[-1] == len(y) - 1 else 0
        return held


def _middle(known: Known) -> tuple[float, float]:
    middle, half = known.n_times / 2, min(_STRETCH, known.n_times) / 2
    return (middle - half) / known.fs, (middle + half) / known.fs


def extremes(y: Floats) -> tuple[Floats, Floats]:
    """Return places and values that draw as all would: the least and the greatest of a column."""
    width = len(y) // _COLUMNS
    if width < 3:
        return np.arange(float(len(y))), y
    cut = y[: len(y) // width * width].reshape(-1, width)
    values = np.column_stack([cut.min(1), cut.max(1)]).ravel()
    return np.repeat(np.arange(len(cut)) * width + width / 2, 2), values


def scale(unit: str) -> tuple[float, str]:
    """Return the factor to, and the name of, the unit that people read."""
    return (1e6, "µV") if unit == "V" else (1.0, unit)
