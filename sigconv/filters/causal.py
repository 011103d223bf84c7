"""A filter run causally: at once, with its state, or as a stream."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from . import rows
from .application import SKIPPED, apply
from .coefficients import Coefficients
from .signals import Options
from .stream import FilterStream


class Causal(Coefficients):
    """A filter that goes over arrays, a Recording or MNE's objects in the direction of time."""

    @property
    def state_shape(self) -> tuple[int, ...]:
        """Shape of the state of one signal: (n_sections, 2), or (taps - 1,) for an FIR filter."""
        return rows.state_shape(self._coefficients)

    def initial_state(self, level: ArrayLike = 1.0) -> NDArray[Any]:
        """Return the state of rest that the filter reaches under a constant input.

        Parameters
        ----------
        level : number or array_like, shape (...)
            The constant, one for each signal: ``x[..., 0]`` starts without a jump.

        Returns
        -------
        ndarray, shape (..., *state_shape)
            For `filter`'s `zi`. The numbers are the filter's own, not those of SciPy.

        Raises
        ------
        ValueError
            If the filter has a pole at z = 1: under a constant input it never rests.

        Examples
        --------
        >>> import numpy as np, sigconv
        >>> x = np.full((2, 4), [[3.0], [5.0]])
        >>> tf = sigconv.lowpass(40, fs=250)
        >>> tf.filter(x, zi=tf.initial_state(x[..., 0])).round(12)
        array([[3., 3., 3., 3.],
               [5., 5., 5., 5.]])
        """
        levels = np.asarray(level)
        if levels.dtype.kind not in "iufc":
            raise TypeError(f"level must hold numbers; got {level!r}")
        rest = rows.rest(self._coefficients)
        return levels.reshape(*levels.shape, *[1] * rest.ndim) * rest

    @functools.cached_property
    def transient(self) -> float:
        """`settling_time()`, kept: it takes as long as to filter a short signal."""
        return self.settling_time()

    def filter(
        self,
        x: Any,
        *,
        axis: int = -1,
        zi: ArrayLike | None = None,
        nan_policy: str = "propagate",
        breaks: Sequence[Any] = (),
        skip_by_annotation: str | Sequence[str] = SKIPPED,
        dtype: DTypeLike | None = None,
        workers: int | None = None,
        out: Any = None,
    ) -> Any:
        """Filter causally: every output follows from the inputs up to its own time.

        Parameters
        ----------
        x : array_like of any shape, Recording, or MNE Raw, Epochs or Evoked
            Real, complex or integer signals.
        axis : int
            Where the signals run, in an array.
        zi : array_like, shape (*batch, *state_shape), optional
            The state to start from, `batch` being the shape of `x` without `axis`; zero if not
            given. See `initial_state` and `filter_with_state`.
        nan_policy : {"propagate", "omit", "interpolate", "raise"}
            For NaN and infinities alike. "propagate": a recursive filter
            gives no finite number from there on, an FIR filter for its order. "omit": they count 0
            (FIR filters only). "interpolate": bridged linearly, at the ends by the nearest value,
            and put back as NaN. "raise": refused.
        breaks : sequence of int or of (start, stop), optional
            Of arrays: sample indices where a new stretch begins, and spans that are no signal.
            Each stretch is filtered by itself, from rest; spans stay as they are.
        skip_by_annotation : str or sequence of str
            Of recordings: the beginnings of the annotations (in capitals or not) that are such
            spans, or breaks if they last no time, as in MNE. () for none.
        dtype : dtype, optional
            Of the answer, such as float32 for int16 signals: what must be converted is, in
            pieces. The precision of `x` if not given.
        workers : int, optional
            Threads; None is all cores. The answer does not depend on it.
        out : ndarray, memory map or writer, optional
            Where to put the answer; it may be `x` itself. Arrays only. If `x` or `out` is a
            mapped file, or an object with shape and dtype that is read or written by slices (of
            h5py or zarr, say), the work goes piece by piece in some 300 MB, whatever the length.
            The bits are those of the answer in memory.

        Returns
        -------
        ndarray of the shape of `x`, or a new object of its type
            In the precision of `x`, float64 for integers; recursive filters compute in float64
            inside, and numbers below 2.3e-308 count as zero there. Of a Recording or MNE object
            all channels that hold signals are filtered. `out` if it is given.

        Raises
        ------
        ValueError
            An empty `x`, an axis that `x` has not, `zi` or `out` of another shape, an object
            whose rate is not the filter's; `zi` with breaks; "omit" with a recursive filter; a
            break outside the signal; with "raise", values that are not finite.
        TypeError
            Not numbers; `out` unable to hold the result.

        Warns
        -----
        UserWarning
            If the signal is shorter than the filter's `settling_time` and `zi` is not given.

        Examples
        --------
        >>> import numpy as np, sigconv
        >>> hum = np.sin(2 * np.pi * 50 * np.arange(1000) / 250)
        >>> clean = sigconv.notch(50, fs=250).filter(hum)
        >>> bool(abs(clean[-100:]).max() < 0.01)
        True
        """
        options = Options(axis, nan_policy, breaks, dtype, workers, out)

        def run(x: Any, options: Options) -> Any:
            return rows.causal(self._coefficients, x, zi, options)[0]

        return apply(self, x, options, skip_by_annotation, run, starts=zi is None)

    def filter_with_state(
        self,
        x: ArrayLike,
        zi: ArrayLike | None = None,
        *,
        axis: int = -1,
        workers: int | None = None,
        out: Any = None,
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Filter one piece of signals causally and return the state for the next one.

        However signals are cut, a recursive filter gives the answer of `filter` to the last bit;
        only of up to four signals, pieces of 131,072 samples or more run in segments of 8192 side
        by side and agree within 1e-13 of the largest value (1e-11 for filters of 0.01 Hz at
        20 kHz).

        Parameters
        ----------
        x, zi, axis, workers, out
            As for `filter`, arrays only.

        Returns
        -------
        y : ndarray
            The filtered piece.
        zf : ndarray, shape (*batch, *state_shape)
            The state after it.

        Raises
        ------
        ValueError, TypeError
            As for `filter`.

        Examples
        --------
        >>> import numpy as np, sigconv
        >>> tf, x = sigconv.lowpass(40, fs=250), np.arange(100.0)
        >>> head, state = tf.filter_with_state(x[:37])
        >>> tail, _ = tf.filter_with_state(x[37:], state)
        >>> bool((np.concatenate([head, tail]) == tf.filter(x)).all())
        True
        """
        options = Options(axis=axis, workers=workers, out=out)
        return rows.causal(self._coefficients, x, zi, options)

    def stream(self, n_channels: int, state: ArrayLike | None = None) -> FilterStream:
        """Return a stream: `.push(chunk)` filters the next chunk of several channels causally.

        Parameters
        ----------
        n_channels : int
        state : array, shape (n_channels, *state_shape), optional
            The `.state` of an earlier stream, to go on where it stopped; rest if not given.

        Returns
        -------
        FilterStream

        Raises
        ------
        ValueError
            If `n_channels` or the state's shape is illegal.

        Examples
        --------
        >>> import numpy as np, sigconv
        >>> stream = sigconv.notch(50, fs=250).stream(n_channels=8)
        >>> stream.push(np.zeros((8, 25))).shape
        (8, 25)
        """
        return FilterStream(self, n_channels, state)
