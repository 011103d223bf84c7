"""The parts of an input that can be taken away: windows, channels, frequency bands, groups."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from ... import _checks
from .asked import Question

#: What can be taken away, and the axes on which the answer stands.
OVER = {
    "window": "windows over the places, in all channels at once",
    "channel_window": "windows over the places, in one channel at a time",
    "channel": "whole channels",
    "band": "frequency bands, in all channels at once",
    "channel_band": "frequency bands, in one channel at a time",
    "groups": "regions given by an array of whole numbers",
}

#: The edges in Hz of the bands that EEG is spoken of in.
EEG_BANDS = ((1.0, 4.0), (4.0, 8.0), (8.0, 13.0), (13.0, 30.0), (30.0, 45.0))


class Parts(Protocol):
    """The parts of trials, each there or not."""

    @property
    def n(self) -> int:
        """How many they are."""

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes of what `laid` returns."""

    def keep(self, x: Tensor, present: Tensor) -> Tensor:
        """Return trials (k, ...) with the parts that `present` (k, n) has, the others gone."""

    def laid(self, values: Tensor, shared: bool) -> Tensor:
        """Lay one value a part (trials, n) onto `axes`; `shared` out over the places, or not."""


@dataclass(frozen=True)
class Regions:
    """Regions of the grid: a number for each place, the same in all places of one region."""

    region: Tensor
    baseline: float
    axes: tuple[str, ...]
    n: int

    def keep(self, x: Tensor, present: Tensor) -> Tensor:
        """Put the baseline into the regions that are gone."""
        there = present[:, self.region]
        return self.baseline + (x - self.baseline) * there

    def laid(self, values: Tensor, shared: bool) -> Tensor:
        """On the grid; a channel's value once."""
        if self.axes[-1] == "channel":
            return values
        region = self.region if "channel" in self.axes else self.region[0]
        if shared:
            values = values / torch.bincount(region.flatten(), minlength=self.n)
        return values[:, region]


@dataclass(frozen=True)
class Bands:
    """Frequency bands along the last axis, in all channels or in each: parts of the spectrum."""

    band: Tensor
    axes: tuple[str, ...]
    n: int

    def keep(self, x: Tensor, present: Tensor) -> Tensor:
        """Take the bands that are gone out of the spectrum; what lies outside all bands stays."""
        always = present.new_ones(len(present), 1)
        gain = torch.cat([present, always], 1)[:, self.band]  # (k, channels, ..., frequencies)
        return torch.fft.irfft(torch.fft.rfft(x) * gain, n=x.shape[-1])

    def laid(self, values: Tensor, shared: bool) -> Tensor:
        """One value a band, or a channel and a band."""
        if "channel" not in self.axes:
            return values
        return values.reshape(len(values), len(self.band), -1)


def regions(question: Question, over: str, number: ArrayLike, baseline: float) -> Regions:
    """Return regions from whole numbers that broadcast to a trial's shape."""
    shape = tuple(question.x.shape[1:])
    given = np.asarray(number)
    try:
        given = np.broadcast_to(given, shape)
    except ValueError:
        raise ValueError(
            f"groups must broadcast to a trial's shape {shape}; got {given.shape}"
        ) from None
    if given.dtype.kind not in "iu":
        raise TypeError(f"groups must be whole numbers; got dtype {given.dtype}")
    _, index = np.unique(given, return_inverse=True)
    index = index.reshape(shape)
    axes = question.axes
    if over == "channel":
        axes = axes[:2]
    elif over == "window":
        axes = (axes[0], *axes[2:])
    return Regions(
        torch.as_tensor(index, device=question.x.device), baseline, axes, int(index.max()) + 1
    )


def tiles(question: Question, over: str, window: tuple[int, ...], baseline: float) -> Regions:
    """Return windows side by side; the last ones are cut where the input ends."""
    places = question.x.shape[2:]
    number = np.zeros((1,) * len(places), dtype=int)
    for axis, (n, size) in enumerate(zip(places, window, strict=True)):
        along = np.arange(n) // size
        number = number * (along[-1] + 1) + along.reshape([-1] + [1] * (len(places) - axis - 1))
    if over == "channel_window":
        channels = np.arange(question.x.shape[1]).reshape([-1] + [1] * len(places))
        number = number + channels * (number.max() + 1)
    return regions(question, over, number, baseline)


def bands(question: Question, over: str, edges: Sequence[tuple[float, float]], fs: float) -> Bands:
    """Return frequency bands [low, high) in Hz along the last axis."""
    channels, *places = question.x.shape[1:]
    frequencies = np.fft.rfftfreq(places[-1], 1 / fs)
    band = np.full(len(frequencies), len(edges))
    for number, (low, high) in enumerate(edges):
        inside = (frequencies >= low) & (frequencies < high)
        if not inside.any():
            raise ValueError(
                f"bands must each hold a frequency of the trials (one every "
                f"{frequencies[1]:.3g} Hz up to {fs / 2:g} Hz); {low:g}-{high:g} Hz holds none"
            )
        if (band[inside] < len(edges)).any():
            raise ValueError(f"bands must not overlap; got {low:g}-{high:g} Hz beside others")
        band[inside] = number
    per_channel = over == "channel_band"
    n = len(edges) * (channels if per_channel else 1)
    rows = np.tile(band, (channels, 1))
    if per_channel:
        outside = rows == len(edges)
        rows = rows + len(edges) * np.arange(channels)[:, None]
        rows[outside] = n
    rows = rows.reshape(channels, *[1] * (len(places) - 1), len(frequencies))
    axes = (question.axes[0], "channel", "band") if per_channel else (question.axes[0], "band")
    return Bands(torch.as_tensor(rows, device=question.x.device), axes, n)


def parts_of(
    question: Question,
    over: str,
    *,
    window: float | Sequence[float] | None,
    groups: ArrayLike | None,
    edges: Sequence[tuple[float, float]] | None,
    fs: float | None,
    baseline: float,
) -> Parts:
    """Return the parts that `over` names."""
    baseline = _checks.number("baseline", baseline)
    if _checks.one_of("over", over, OVER) == "groups":
        if groups is None:
            raise ValueError("groups must be given where regions are taken away (over='groups')")
        return regions(question, over, groups, baseline)
    if over == "channel":
        shape = [-1] + [1] * (question.x.ndim - 2)
        return regions(question, over, np.arange(question.x.shape[1]).reshape(shape), baseline)
    if "band" in over:
        return bands(question, over, edges or EEG_BANDS, _checks.needed_rate(fs))
    return tiles(question, over, window_of(question, window, fs), baseline)


def window_of(
    question: Question, window: float | Sequence[float] | None, fs: float | None
) -> tuple[int, ...]:
    """Return a window's samples along each axis behind the channels.

    By default a 32nd of a signal, an eighth of each axis of an image or a volume.
    """
    places = tuple(question.x.shape[2:])
    if window is None:
        return tuple(max(1, n // (32 if len(places) == 1 else 8)) for n in places)
    if fs is not None and len(places) == 1 and np.ndim(window) == 0:
        size: tuple[int, ...] = (_checks.samples("window", window, fs),)
    else:
        size = _checks.per_axis("window", window, len(places))
    if any(w > n for w, n in zip(size, places, strict=True)):
        raise ValueError(f"window must fit into the input ({places}); got {size}")
    return size


def subsets(n: int) -> np.ndarray:
    """Return all 2^n choices of n parts: bit i of row number s is part i."""
    return np.array(list(itertools.product((0, 1), repeat=n)), dtype=np.float32)[:, ::-1]
