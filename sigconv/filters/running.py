"""How a filter runs: causally, piece by piece, forward and backward, or without its delay."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _carriers, _checks
from . import rows
from .coefficients import Coefficients
from .stream import FilterStream


class Runnable(Coefficients):
    """A filter that can be run over arrays, a Recording or MNE's objects."""

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

    def impulse_response(self, n: int | None = None) -> NDArray[np.float64]:
        """Return the answer to a single 1 at time 0.

        Parameters
        ----------
        n : int, optional
            Samples; `settling_time` if not given, which an unstable filter has not.

        Returns
        -------
        ndarray, shape (n,)

        Examples
        --------
        >>> import sigconv
        >>> sigconv.TransferFunction([1], [1, -0.5], fs=1).impulse_response(4)
        array([1.   , 0.5  , 0.25 , 0.125])
        """
        if n is None:
            if not self.is_stable:
                raise ValueError("n must be given for an unstable filter, which never settles")
            n = math.ceil(self.settling_time() * self.fs - 1e-6) + 1
        impulse = np.zeros(_checks.whole("n", n))
        impulse[0] = 1
        return self.filter_with_state(impulse, workers=1)[0]

    def step_response(self, n: int | None = None) -> NDArray[np.float64]:
        """Return the answer to an input that is 0 before time 0 and 1 from then on.

        Parameters
        ----------
        n : int, optional
            Samples; as in `impulse_response` if not given.

        Returns
        -------
        ndarray, shape (n,)

        Examples
        --------
        >>> import sigconv
        >>> sigconv.TransferFunction([1], [1, -0.5], fs=1).step_response(4)
        array([1.   , 1.5  , 1.75 , 1.875])
        """
        length = len(self.impulse_response()) if n is None else _checks.whole("n", n)
        return self.filter_with_state(np.ones(length), workers=1)[0]

    def filter(
        self,
        x: Any,
        *,
        axis: int = -1,
        zi: ArrayLike | None = None,
        workers: int | None = None,
        out: NDArray[Any] | None = None,
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
        workers : int, optional
            Threads; None is all cores. The answer does not depend on it.
        out : ndarray, optional
            Where to put the answer; it may be `x` itself. Arrays only.

        Returns
        -------
        ndarray of the shape of `x`, or a new object of its type
            In the precision of `x`, float64 for integers; recursive filters compute in float64
            inside, and numbers below 2.3e-308 count as zero there. Of a Recording or MNE object
            all channels that hold signals are filtered. After a NaN or infinity a
            recursive filter gives no finite number, an FIR filter for its order.

        Raises
        ------
        ValueError
            An empty `x`, an axis that `x` has not, `zi` or `out` of another shape, an object
            whose rate is not the filter's.
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
        return self._apply(
            x,
            axis,
            out,
            lambda x, axis, out: self.filter_with_state(x, zi, axis=axis, workers=workers, out=out)[
                0
            ],
            starts=zi is None,
        )

    def filter_with_state(
        self,
        x: ArrayLike,
        zi: ArrayLike | None = None,
        *,
        axis: int = -1,
        workers: int | None = None,
        out: NDArray[Any] | None = None,
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Filter one piece of signals causally and return the state for the next one.

        However signals are cut, a recursive filter gives the answer of `filter` to the last bit;
        only of up to four signals, pieces of 131,072 samples or more run in segments side by
        side and agree within 1e-13 of the largest value (1e-11 for filters of 0.01 Hz at 20 kHz).

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
        return rows.causal(self._coefficients, x, axis, zi, workers, out)

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

    def filtfilt(
        self,
        x: Any,
        *,
        axis: int = -1,
        padding: str = "odd",
        pad_length: int | None = None,
        workers: int | None = None,
        out: NDArray[Any] | None = None,
    ) -> Any:
        """Filter forward and backward: no delay, the gain squared.

        Parameters
        ----------
        x, axis, workers, out
            As for `filter`.
        padding : {"odd", "even", "constant", "none"}
            What is put beyond the ends before filtering, as in `scipy.signal.sosfiltfilt`: the
            signal turned about its end point, mirrored there, its end value, or nothing.
        pad_length : int, optional
            Samples of it at each end; SciPy's choice (three times the number of coefficients)
            if not given.

        Returns
        -------
        ndarray of the shape of `x`, or a new object of its type
            The numbers of `scipy.signal.sosfiltfilt` (of `filtfilt` for an FIR filter).

        Raises
        ------
        ValueError
            As for `filter`; a signal not longer than the padding; a pole at z = 1.
        TypeError
            As for `filter`.

        Warns
        -----
        UserWarning
            If the signal is shorter than the filter's `settling_time`.

        Examples
        --------
        >>> import numpy as np, sigconv
        >>> slow = np.cos(2 * np.pi * np.arange(500) / 250)
        >>> smooth = sigconv.lowpass(20, fs=250).filtfilt(slow)
        >>> bool(abs(smooth - slow).max() < 0.01)
        True
        """
        return self._apply(
            x,
            axis,
            out,
            lambda x, axis, out: rows.both_ways(
                self._coefficients, x, axis, padding, pad_length, workers, out
            ),
        )

    def zero_phase(
        self,
        x: Any,
        *,
        axis: int = -1,
        padding: str = "odd",
        pad_length: int | None = None,
        workers: int | None = None,
        out: NDArray[Any] | None = None,
    ) -> Any:
        """Filter without delay in the way that suits the filter.

        A symmetric FIR kernel of odd length runs once, and its delay of half its length is taken
        out, as in MNE's ``phase="zero"``: the gain is the designed one. Every other filter
        runs forward and backward (`filtfilt`): the gain is squared.

        Parameters
        ----------
        x, axis, padding, workers, out
            As for `filtfilt`.
        pad_length : int, optional
            Samples put beyond each end; for a symmetric FIR kernel half its length if not given,
            otherwise as for `filtfilt`.

        Returns
        -------
        ndarray of the shape of `x`, or a new object of its type

        Raises
        ------
        ValueError, TypeError
            As for `filtfilt`.

        Warns
        -----
        UserWarning
            As for `filtfilt`.

        Examples
        --------
        >>> import numpy as np, sigconv
        >>> alpha = np.sin(2 * np.pi * 10 * np.arange(2500) / 250)
        >>> same = sigconv.fir((1, 40), fs=250).zero_phase(alpha)
        >>> bool(abs(same - alpha)[500:-500].max() < 0.003)
        True
        """
        run = rows.centred if self.is_symmetric else rows.both_ways
        return self._apply(
            x,
            axis,
            out,
            lambda x, axis, out: run(
                self._coefficients, x, axis, padding, pad_length, workers, out
            ),
        )

    def _apply(
        self,
        x: Any,
        axis: int,
        out: NDArray[Any] | None,
        run: Callable[..., Any],
        starts: bool = True,
    ) -> Any:
        """Call `run(x, axis, out)` on an array, or on the signals of an object that has them."""
        if not _carriers.is_carrier(x):
            result = run(x, axis, out)
            if starts:
                self._warn_if_short(np.shape(x)[axis])
            return result
        _carriers.refuse(x, axis=(axis, -1), out=(out, None))
        if _carriers.rate(x) != self.fs:
            raise ValueError(
                f"x must be sampled at the filter's rate of {self.fs:g} Hz; "
                f"got {_carriers.rate(x):g} Hz"
            )
        lengths = set()

        def on_signals(signals: NDArray[Any]) -> Any:
            lengths.add(signals.shape[-1])
            return run(signals, -1, None)

        result = _carriers.apply(x, on_signals)
        if starts:
            self._warn_if_short(min(lengths))
        return result

    @functools.cached_property
    def _transient(self) -> float:
        return self.settling_time()  # as long as it takes to filter a short signal

    def _warn_if_short(self, n: int) -> None:
        settling = self._transient
        if n / self.fs < settling < math.inf:  # of an unstable filter one has been told already
            warnings.warn(
                f"the filter's transient of {settling:.3g} s is longer than the signal of "
                f"{n / self.fs:.3g} s: the whole answer is affected by how it starts",
                UserWarning,
                stacklevel=4,
            )
