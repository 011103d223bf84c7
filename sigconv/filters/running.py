"""A filter run without delay: forward and backward, or once with its delay taken out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import DTypeLike

from . import rows
from .application import SKIPPED, apply
from .responses import Responding
from .signals import Options


class Runnable(Responding):
    """A filter that can be run in every way over arrays, a Recording or MNE's objects."""

    def filtfilt(
        self,
        x: Any,
        *,
        axis: int = -1,
        padding: str = "odd",
        pad_length: int | None = None,
        nan_policy: str = "propagate",
        breaks: Sequence[Any] = (),
        skip_by_annotation: str | Sequence[str] = SKIPPED,
        dtype: DTypeLike | None = None,
        workers: int | None = None,
        out: Any = None,
    ) -> Any:
        """Filter forward and backward: no delay, the gain squared.

        Parameters
        ----------
        x, axis
            As for `filter`.
        padding : {"odd", "even", "constant", "none", "gustafsson"}
            What is put beyond the ends before filtering, as in `scipy.signal.sosfiltfilt`: the
            signal turned about its end point, mirrored there, its end value, or nothing.
            "gustafsson": nothing, and the filter starts from the states with which forward and
            backward agrees best with backward and forward (SciPy's ``method="gust"``, for
            sections too; not for files).
        pad_length : int, optional
            Samples of it at each end; SciPy's choice (three times the number of coefficients)
            if not given. A stretch between breaks that is not longer gives what it has.
        nan_policy : {"propagate", "omit", "interpolate", "raise"}
            For NaN and infinities alike. "propagate": a recursive filter
            gives no finite number between the breaks around it, an FIR filter near it. "omit":
            they count 0 (FIR filters only). "interpolate": bridged linearly, at the ends by the
            nearest value, and put back as NaN. "raise": refused.
        breaks : sequence of int or of (start, stop), optional
            Of arrays: sample indices where a new stretch begins, and spans that are no signal.
            Each stretch is filtered by itself; spans stay as they are.
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
            h5py or zarr, say), the work goes piece by piece in some 300 MB, whatever the length,
            and reads `x` twice. The bits are those of the answer in memory.

        Returns
        -------
        ndarray of the shape of `x`, or a new object of its type
            The numbers of `scipy.signal.sosfiltfilt` (of `filtfilt` for an FIR filter).

        Raises
        ------
        ValueError
            As for `filter`; a signal not longer than the padding; a pole at z = 1; "gustafsson"
            for files.
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
        options = Options(axis, nan_policy, breaks, dtype, workers, out)

        def run(x: Any, options: Options) -> Any:
            return rows.both_ways(self._coefficients, x, padding, pad_length, options)

        return apply(self, x, options, skip_by_annotation, run)

    def zero_phase(
        self,
        x: Any,
        *,
        axis: int = -1,
        padding: str = "odd",
        pad_length: int | None = None,
        nan_policy: str = "propagate",
        breaks: Sequence[Any] = (),
        skip_by_annotation: str | Sequence[str] = SKIPPED,
        dtype: DTypeLike | None = None,
        workers: int | None = None,
        out: Any = None,
    ) -> Any:
        """Filter without delay in the way that suits the filter.

        A symmetric FIR kernel of odd length runs once, and its delay of half its length is taken
        out, as in MNE's ``phase="zero"``: the gain is the designed one. Every other filter
        runs forward and backward (`filtfilt`): the gain is squared.

        Parameters
        ----------
        x, axis, nan_policy, breaks, skip_by_annotation, dtype, workers, out
            As for `filtfilt`.
        padding : {"odd", "even", "constant", "none", "gustafsson"}
            As for `filtfilt`; a symmetric FIR kernel needs no states of "gustafsson".
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
        options = Options(axis, nan_policy, breaks, dtype, workers, out)
        ways = rows.centred if self.is_symmetric else rows.both_ways

        def run(x: Any, options: Options) -> Any:
            return ways(self._coefficients, x, padding, pad_length, options)

        return apply(self, x, options, skip_by_annotation, run)
