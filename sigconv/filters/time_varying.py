"""Filters whose coefficients change while they run, such as a notch that follows a drifting hum.

What a changing filter does depends on what it remembers. The direct forms remember values that
only make sense with the old coefficients: after a change they click, and while coefficients keep
changing they may grow without bound though every set of them is stable. Here every section runs
as a normalised lattice: each sample turns the memory and the input by two rotations, and a
rotation keeps energy, whatever its angle and however it changes. So no change adds energy, the
filter is stable if each set of coefficients is, and a notch never gives out more energy than went
in. [1]_ [2]_

.. [1] A. H. Gray and J. D. Markel, "A normalized digital filter structure", IEEE Trans. Acoustics,
   Speech and Signal Processing 23(3), 1975.
.. [2] P. A. Regalia, S. K. Mitra, P. P. Vaidyanathan, "The digital all-pass filter: a versatile
   signal processing building block", Proceedings of the IEEE 76(1), 1988.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from .. import _carriers, _checks, _layout
from . import piecewise
from .application import SKIPPED, over_signals
from .sections import Floats
from .signals import Options, Signals
from .stream import begun

#: What gives the sections of blocks: (first, last + 1) -> (n_blocks, n_sections, 6).
Sections = Callable[[int, int], Floats]

#: Blocks that are looked at together before anything is filtered.
AT_ONCE = 1 << 16


def filter_time_varying(
    x: Any,
    sos: ArrayLike,
    *,
    block: int = 1,
    axis: int = -1,
    nan_policy: str = "propagate",
    breaks: Sequence[Any] = (),
    skip_by_annotation: str | Sequence[str] = SKIPPED,
    dtype: DTypeLike | None = None,
    workers: int | None = None,
    out: Any = None,
) -> Any:
    """Filter causally with second-order sections that change in time.

    Parameters
    ----------
    x : array_like of any shape, Recording, or MNE Raw, Epochs or Evoked
        Real, complex or integer signals.
    sos : array_like, shape (n_blocks, n_sections, 6)
        The sections of each block, rows b0, b1, b2, a0, a1, a2 as in SciPy, all stable.
    block : int
        Samples for which a set of sections holds; the last block may be cut short.
    axis : int
        Where the signals run, in an array.
    nan_policy, breaks, skip_by_annotation, dtype, workers, out
        As for `TransferFunction.filter`. Sections stay with their samples: what comes after a
        break begins at rest, with the sections of its own time.

    Returns
    -------
    ndarray of the shape of `x`, or a new object of its type
        In the precision of `x`, float64 for integers. Where sections stay the same, what
        `TransferFunction.filter` gives; where they change, what the normalised lattice gives.

    Raises
    ------
    ValueError
        If `sos` has another shape, too few or too many blocks, or an unstable section; as
        `TransferFunction.filter`.
    TypeError
        As `TransferFunction.filter`.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> falling = [sigconv.lowpass(cutoff, fs=250, order=2).sos for cutoff in (80, 40, 20, 10)]
    >>> sigconv.filter_time_varying(np.ones(1000), falling, block=250)[-1].round(6)
    np.float64(1.0)
    """
    block, sets = _checks.whole("block", block), _section_sets(sos)
    for first in range(0, len(sets), AT_ONCE):
        _directions(sets[first : first + AT_ONCE], first)  # refuses unstable ones

    def run(x: Any, options: Options) -> NDArray[Any]:
        signals = Signals(x, options, recursive=True)
        _check_blocks(sets, signals.n, block)
        return _filtered(signals, lambda first, last: sets[first:last], sets.shape[1], block)

    options = Options(axis, nan_policy, breaks, dtype, workers, out)
    return over_signals(x, options, skip_by_annotation, run)[0]


class TimeVaryingStream:
    """Filters chunks of several channels with sections that change in time.

    Cut between blocks in any way, the chunks together are what `filter_time_varying` gives for
    the whole, to the last bit.

    Parameters
    ----------
    n_channels, n_sections : int
    state : array, shape (n_channels, n_sections, 2), optional
        From an earlier stream's `state`, to go on where it stopped.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> from sigconv.filters.time_varying import notch_sections
    >>> stream = sigconv.TimeVaryingStream(n_channels=2, n_sections=1)
    >>> stream.push(np.ones((2, 3)), notch_sections([50.0, 50.1, 50.2], fs=250)).shape
    (2, 3)
    """

    def __init__(self, n_channels: int, n_sections: int, state: ArrayLike | None = None) -> None:
        shape = (
            _checks.whole("n_channels", n_channels),
            _checks.whole("n_sections", n_sections),
            2,
        )
        self._state = begun(state, shape)

    @property
    def state(self) -> NDArray[Any]:
        """A copy of what the filter remembers."""
        return self._state.copy()

    def push(self, chunk: ArrayLike, sos: ArrayLike, block: int = 1) -> NDArray[Any]:
        """Filter the next chunk (n_channels, n) with its sections (n_blocks, n_sections, 6).

        Raises
        ------
        ValueError
            If a shape is another; the stream stays as it was.
        """
        x, sets = _checks.chunk(chunk, len(self._state)), lattices(sos)
        if sets.shape[1] != self._state.shape[1]:
            raise ValueError(
                f"sos must hold {self._state.shape[1]} section(s) a block; got {sets.shape[1]}"
            )
        dtype = _checks.precision("chunk", x)
        block = _checks.whole("block", block)
        _check_blocks(sets, x.shape[1], block)
        y, self._state = _run(x, sets, block, self._state, 1)
        return y.astype(dtype, copy=False)


def track_notch(
    x: Any,
    frequency: ArrayLike | Callable[[Floats], ArrayLike],
    *,
    fs: float | None = None,
    q: float = 30.0,
    axis: int = -1,
    nan_policy: str = "propagate",
    breaks: Sequence[Any] = (),
    skip_by_annotation: str | Sequence[str] = SKIPPED,
    dtype: DTypeLike | None = None,
    workers: int | None = None,
    out: Any = None,
) -> Any:
    """Remove a frequency that drifts, causally.

    Parameters
    ----------
    x : array_like of any shape, Recording, or MNE Raw, Epochs or Evoked
    frequency : array_like, shape (n,), or callable
        The frequency in Hz at every sample, or a function that gives it for an array of times in
        seconds from the first sample on.
    fs : float, optional
        Sampling rate in Hz, for arrays; the objects know theirs.
    q : float
        Quality, as for `notch`.
    axis : int
        Where the signals run, in an array.
    nan_policy, breaks, skip_by_annotation, dtype, workers, out
        As for `TransferFunction.filter`.

    Returns
    -------
    ndarray of the shape of `x`, or a new object of its type
        Where the frequency stands still, what ``notch(frequency, fs=fs, q=q).filter(x)`` gives.

    Raises
    ------
    ValueError
        A frequency not between 0 and fs/2, another number of them than there are samples; a
        quality so low that the notch were wider than fs/2; as `TransferFunction.filter`.
    TypeError
        As `TransferFunction.filter`.

    Examples
    --------
    >>> import numpy as np, sigconv
    >>> t = np.arange(2500) / 250
    >>> hum = np.sin(2 * np.pi * (48 * t + 0.2 * t**2))  # from 48 to 52 Hz in 10 s
    >>> clean = sigconv.track_notch(hum, lambda t: 48 + 0.4 * t, fs=250)
    >>> still = sigconv.notch(50, fs=250).filter(hum)
    >>> [round(float(np.abs(each[-250:]).max()), 2) for each in (clean, still)]
    [0.0, 0.92]
    """
    if _carriers.is_carrier(x):
        _carriers.refuse(x, fs=(fs, None))
        rate = _carriers.rate(x)
    else:
        rate = _checks.needed_rate(fs)

    def run(x: Any, options: Options) -> NDArray[Any]:
        signals = Signals(x, options, recursive=True)
        n = signals.n
        values = np.asarray(frequency(np.arange(n) / rate) if callable(frequency) else frequency)
        if values.shape != (n,):
            raise ValueError(f"frequency must be one for each of {n} samples; got {values.shape}")
        _check_notches(values, rate, q)
        sections = functools.partial(_notches, values, rate, q)
        return _filtered(signals, sections, 1, 1)

    options = Options(axis, nan_policy, breaks, dtype, workers, out)
    return over_signals(x, options, skip_by_annotation, run)[0]


def _notches(values: Floats, fs: float, q: float, first: int, last: int) -> Floats:
    return notch_sections(values[first:last], fs=fs, q=q)


def notch_sections(frequency: ArrayLike, *, fs: float, q: float = 30.0) -> Floats:
    """Return the section of `sigconv.notch` at each frequency in Hz, shape (n, 1, 6)."""
    values = np.asarray(frequency)
    fs = _checks.sampling_rate(fs)
    _check_notches(values, fs, q)
    angles = 2 * np.pi * values / fs
    gain = 1 / (1 + np.tan(angles / q / 2))
    one, middle = np.ones(len(values)), -2 * np.cos(angles)
    columns = (gain, gain * middle, gain, one, gain * middle, 2 * gain - 1)
    return np.stack(columns, axis=-1)[:, np.newaxis]


def _check_notches(values: NDArray[Any], fs: float, q: float) -> None:
    if values.ndim != 1 or values.dtype.kind not in "iuf":
        raise ValueError(f"frequency must be a 1D array of numbers in Hz; got {values!r}")
    q = _checks.number("q", q, above=0)
    wrong = values[~((values > 0) & (values < fs / 2))]
    if wrong.size:
        _checks.frequency("frequency", wrong[0], fs)
    if values.size and values.max() / q >= fs / 2:
        raise ValueError(
            f"q must be above {2 * values.max() / fs:g}, or the notch is wider than half the "
            f"sampling rate of {fs:g} Hz; got {q:g}"
        )


def lattices(sos: ArrayLike, first: int = 0) -> Floats:
    """Return s, e1, k1, c1, k2, c2, d, r, v2 of each section (n_blocks, n_sections, 6).

    Reflections k1 and k2, the other sides c1 and c2 of their rotations, s = -1 or 1 with
    e1 = k1 + s small, and the weights of the output: of the input, of what the rotations leave
    of it (an all-pass), and of the innermost memory. Errors count the blocks from `first` on.
    """
    (b0, b1, b2, _, _, a2), above, below = _directions(_section_sets(sos), first)
    s = np.where(above < below, 1, -1)
    e1 = np.where(above < below, above, -below)
    k1 = e1 - s
    c1, c2 = np.sqrt(above * below), np.sqrt((1 - a2) * (1 + a2))
    # B = d A + v2 (A turned round) + r/z: the all-pass with the input, and a remainder
    total, difference = (b0 + b2) / (1 + a2), (b0 - b2) / (1 - a2)
    remainder = (s * (b0 + b2) + b1) - e1 * (b0 + b2)
    parts = (s, e1, k1, c1, a2, c2)
    weights = ((total + difference) / 2, remainder / (c1 * c2), (total - difference) / 2)
    return np.stack([*parts, *weights], axis=-1).astype(np.float64)


def _section_sets(sos: ArrayLike) -> NDArray[Any]:
    """Return sections as an array (n_blocks, n_sections, 6) of finite numbers."""
    given = np.asarray(sos)
    if given.ndim != 3 or given.shape[-1] != 6 or not given.size or given.dtype.kind not in "iuf":
        raise ValueError(
            f"sos must have shape (n_blocks, n_sections, 6), not empty; got {given.shape} "
            f"of {given.dtype}"
        )
    if not np.isfinite(given).all() or not given[..., 3].all():
        raise ValueError("sos must hold finite numbers, and no a0 of 0")
    return given


def _directions(given: NDArray[Any], first: int) -> tuple[Any, Any, Any]:
    """Return the coefficients of stable sections, and 1 + k1 and 1 - k1 of their reflections."""
    # in extended precision: tiny sums such as 1 + a1 + a2 are what a low frequency consists of
    wide = given.astype(np.longdouble)
    columns = np.moveaxis(wide / wide[..., 3:4], -1, 0)
    _, _, _, _, a1, a2 = columns
    above, below = (1 + a1 + a2) / (1 + a2), (1 - a1 + a2) / (1 + a2)
    stable = (above > 0) & (below > 0) & (np.abs(a2) < 1)
    if not stable.all():
        block, section = np.argwhere(~stable)[0]
        raise ValueError(
            f"sos must hold stable sections; got a = {given[block, section, 3:]} in block "
            f"{first + block}"
        )
    return columns, above, below


def _check_blocks(sets: Floats, n: int, block: int) -> None:
    needed = -(-n // block)
    if len(sets) != needed:
        raise ValueError(
            f"sos must hold {needed} blocks for {n} samples in blocks of {block}; got {len(sets)}"
        )


def _filtered(signals: Signals, sections: Sections, n_sections: int, block: int) -> Any:
    """Filter signals in pieces: the lattices of all their samples at once take much memory."""

    def run(rows: NDArray[Any], states: NDArray[Any], first: int) -> Any:
        begin, end = first // block, -(-(first + rows.shape[1]) // block)
        sets = lattices(sections(begin, end), begin)
        return _run(rows, sets, block, states, signals.workers, first - begin * block)

    return piecewise.changing(run, (n_sections, 2), signals)


def _run(
    rows: NDArray[Any],
    sets: Floats,
    block: int,
    states: NDArray[Any],
    workers: int | None,
    offset: int = 0,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Filter (n_rows, n) from states (n_rows, n_sections, 2); return rows and final states.

    Of the first block `offset` samples are gone.
    """
    if np.iscomplexobj(rows) or np.iscomplexobj(states):
        parts = [
            _run(part(rows), sets, block, part(states), workers, offset)
            for part in (np.real, np.imag)
        ]
        (real, real_state), (imaginary, imaginary_state) = parts
        return real + 1j * imaginary, real_state + 1j * imaginary_state

    from .time_varying_jit import lattice_rows

    rows = np.ascontiguousarray(rows, np.float64)
    out, after = np.empty_like(rows), np.array(states, np.float64, order="C")
    part = functools.partial(
        lattice_rows, rows, out, np.ascontiguousarray(sets), block, offset, after
    )
    _layout.split_over_threads(part, len(rows), workers)
    return out, after
