"""What is filtered: by us, by the peers, and exactly, with the goals."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import bottleneck
import mne
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage, signal

import sigconv

from . import exactly

Answer = Callable[[], NDArray]

#: Rows whose error is taken, over their whole length.
SAMPLED = [0, -1]

#: The EEG band of all cases and the rate, in Hz.
BAND, FS = (1, 40), 250

#: The width of running medians.
WINDOWS = (11, 101, 1001)


@dataclass(frozen=True)
class Sizes:
    """How large the cases are."""

    channels: int = 64
    n: int = 100_000
    long: int = 2_600_000
    few: int = 8
    windows: tuple[int, ...] = WINDOWS


@dataclass(frozen=True)
class Case:
    """Who answers, what is right, and how many times faster than the fastest peer we should be."""

    name: str
    ours: Callable[[int, NDArray | None], NDArray]  # threads, out
    peers: Mapping[str, Answer]
    exact: Answer  # of the sampled rows
    x: NDArray
    least: float
    least_of_two: float = math.nan  # threads
    most_apart: float = math.nan  # from the peer, over the largest value
    takes_out: bool = True
    behind: Mapping[str, int] = ()  # peers whose windows end at the sample they stand at -> half


def of(sizes: Sizes) -> Iterator[Case]:
    """Yield the cases, each with its own data."""
    for dtype in (np.float64, np.float32):
        for n_sections in (1, 4):
            yield causal(dtype, (sizes.channels, sizes.n), n_sections)
    for dtype in (np.float64, np.float32):
        yield zero_phase(dtype, (sizes.channels, sizes.n), 4)
    for dtype in (np.float64, np.float32):
        for n_sections in (1, 4):
            yield causal(dtype, (1, sizes.long), n_sections)
    for accelerated in (False, True):
        yield mne_fir((sizes.channels, sizes.n), accelerated)
        yield mne_iir((sizes.channels, sizes.n), accelerated)
    yield savitzky_golay((sizes.channels, sizes.n))
    yield gaussian((sizes.channels, sizes.n))
    for window in sizes.windows:
        yield median((sizes.few, sizes.n), window)


def causal(dtype: type, shape: tuple[int, int], n_sections: int) -> Case:
    """Return the case of a band-pass of so many sections, one direction."""
    x, tf = _noise(shape, dtype), sigconv.bandpass(BAND, fs=FS, order=n_sections)
    sos, b, a = tf.sos, tf.b, tf.a
    peers = {"scipy.signal.sosfilt": lambda: signal.sosfilt(sos, x)}
    goals = {}
    if len(x) == 1:
        peers["scipy.signal.lfilter"] = lambda: signal.lfilter(b, a, x)
        goals = {"least": 4.0}
    elif n_sections == 4:
        goals = {"least": 5.0, "least_of_two": 8.0}
    return Case(
        f"causal, {_sections(n_sections)}, {_size(x)}",
        lambda workers, out: tf.filter(x, workers=workers, out=out),
        peers,
        lambda: exactly.causal(sos, x[SAMPLED]),
        x,
        **{"least": math.nan, **goals},
    )


def zero_phase(dtype: type, shape: tuple[int, int], n_sections: int) -> Case:
    """Return the case of a band-pass forward and back."""
    x, tf = _noise(shape, dtype), sigconv.bandpass(BAND, fs=FS, order=n_sections)
    sos = tf.sos
    return Case(
        f"zero-phase, {_sections(n_sections)}, {_size(x)}",
        lambda workers, out: tf.filtfilt(x, workers=workers, out=out),
        {"scipy.signal.sosfiltfilt": lambda: signal.sosfiltfilt(sos, x)},
        lambda: exactly.both_ways(sos, x[SAMPLED], _padding(sos)),
        x,
        least=5.0,
        least_of_two=8.0,
    )


def mne_fir(shape: tuple[int, int], accelerated: bool) -> Case:
    """Return the case of MNE's default FIR filter, by our call or by MNE's own, accelerated."""
    x, tf = _noise(shape, np.float64), sigconv.fir(BAND, fs=FS)

    def theirs() -> NDArray:
        return mne.filter.filter_data(x, FS, *BAND, verbose="error")

    return Case(
        f"MNE's FIR {BAND[0]}-{BAND[1]} Hz, {_who(accelerated)}, {_size(x)}",
        _accelerated(theirs)
        if accelerated
        else lambda workers, out: tf.zero_phase(x, workers=workers, out=out),
        {"mne.filter.filter_data": theirs},
        lambda: exactly.centred(tf.b, x[SAMPLED]),
        x,
        least=3.0 if accelerated else 4.0,
        most_apart=1e-7,
        takes_out=not accelerated,
    )


def mne_iir(shape: tuple[int, int], accelerated: bool) -> Case:
    """Return the case of MNE's default IIR filter (Butterworth, order 4, forward and back)."""
    x, tf = _noise(shape, np.float64), sigconv.bandpass(BAND, fs=FS)
    made = mne.filter.create_filter(x, FS, *BAND, method="iir", verbose="error")
    pad = min(made["padlen"], x.shape[1] - 1)

    def theirs() -> NDArray:
        return mne.filter.filter_data(x, FS, *BAND, method="iir", verbose="error")

    return Case(
        f"MNE's IIR order 4, {_who(accelerated)}, {_size(x)}",
        _accelerated(theirs)
        if accelerated
        else lambda workers, out: tf.filtfilt(x, pad_length=pad, workers=workers, out=out),
        {"mne.filter.filter_data": theirs},
        lambda: exactly.both_ways(made["sos"], x[SAMPLED], pad),
        x,
        least=2.0 if accelerated else 4.0,
        most_apart=1e-7,
        takes_out=not accelerated,
    )


def savitzky_golay(shape: tuple[int, int]) -> Case:
    """Return the case of cubics over 51 samples."""
    x, window, order = _noise(shape, np.float64), 51, 3
    return Case(
        f"Savitzky-Golay {window}/{order}, {_size(x)}",
        lambda workers, out: sigconv.smooth(
            x, window, method="savitzky_golay", order=order, workers=workers, out=out
        ),
        {
            "scipy.signal.savgol_filter": lambda: signal.savgol_filter(
                x, window, order, mode="mirror"
            )
        },
        lambda: exactly.weighted(exactly.cubic_weights(window), x[SAMPLED]),
        x,
        least=3.0,
    )


def gaussian(shape: tuple[int, int]) -> Case:
    """Return the case of a gaussian of 50 samples' deviation, cut at 4 of them."""
    x, sigma = _noise(shape, np.float64), 50
    return Case(
        f"gaussian of {sigma} samples, {_size(x)}",
        lambda workers, out: sigconv.smooth(x, sigma, method="gaussian", workers=workers, out=out),
        {
            "scipy.ndimage.gaussian_filter1d": lambda: ndimage.gaussian_filter1d(
                x, sigma, mode="mirror"
            )
        },
        lambda: exactly.weighted(exactly.gaussian_weights(sigma, 4 * sigma), x[SAMPLED]),
        x,
        least=3.0,
    )


def median(shape: tuple[int, int], window: int) -> Case:
    """Return the case of a running median; bottleneck and pandas give whole windows only."""
    x = _noise(shape, np.float64)
    columns = pd.DataFrame(np.ascontiguousarray(x.T))  # as pandas has signals
    return Case(
        f"median of {window}, {_size(x)}",
        lambda workers, out: sigconv.smooth(x, window, method="median", workers=workers, out=out),
        {
            "scipy.ndimage.median_filter": lambda: ndimage.median_filter(
                x, (1, window), mode="mirror"
            ),
            "bottleneck.move_median": lambda: bottleneck.move_median(x, window),
            "pandas": lambda: columns.rolling(window).median().to_numpy().T,
        },
        lambda: exactly.medians(x[SAMPLED], window),
        x,
        least=2.5,
        behind=dict.fromkeys(("bottleneck.move_median", "pandas"), window // 2),
    )


@dataclass(frozen=True)
class CopyCase:
    """A filter against a copy of the same array: at most so many times as long."""

    name: str
    ours: Callable[[int, NDArray | None], NDArray]
    x: NDArray
    most: float = 2.0


def copy_case(sizes: Sizes) -> CopyCase:
    """Return the case of one section in float32, whose arithmetic hardly counts."""
    x = _noise((sizes.channels, 10 * sizes.n), np.float32)
    tf = sigconv.bandpass(BAND, fs=FS, order=1)
    return CopyCase(
        f"causal, {_sections(1)}, {_size(x)}",
        lambda workers, out: tf.filter(x, workers=workers, out=out),
        x,
    )


def _noise(shape: tuple[int, int], dtype: type) -> NDArray:
    return np.random.default_rng(0).standard_normal(shape).astype(dtype)


def _size(x: NDArray) -> str:
    return f"{len(x)} × {x.shape[1]:,} {x.dtype}"


def _sections(n: int) -> str:
    return f"{n} section{'s' if n > 1 else ''}"


def _who(accelerated: bool) -> str:
    return "accelerate()" if accelerated else "own call"


def _padding(sos: NDArray) -> int:
    """Return SciPy's default for sections that have no zero or pole at the origin."""
    return 3 * (2 * len(sos) + 1)


def _accelerated(call: Answer) -> Callable[[int, NDArray | None], NDArray]:
    def ours(workers: int, out: NDArray | None) -> NDArray:
        with _cores(workers), sigconv.accelerate():
            return call()

    return ours


@contextlib.contextmanager
def _cores(n: int) -> Iterator[None]:
    """Let this thread run on n cores: who asks for all gets so many threads."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(before)[:n]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
