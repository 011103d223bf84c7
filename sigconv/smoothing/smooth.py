"""The public function: it checks the arguments and hands rows to a method."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _carriers, _checks, _layout, _memory
from ..convolution import gaps
from ..filters.application import SKIPPED, over_signals
from ..filters.signals import Options, Signals
from . import methods, pieces


def smooth(
    x: Any,
    width: float,
    *,
    method: str = "moving_average",
    fs: float | None = None,
    axis: int = -1,
    boundary: str | None = None,
    nan_policy: str = "propagate",
    breaks: Sequence[Any] = (),
    skip_by_annotation: str | Sequence[str] = SKIPPED,
    workers: int | None = None,
    out: Any = None,
    **parameters: Any,
) -> Any:
    """Smooth signals.

    Parameters
    ----------
    x : array_like of any shape, Recording, or MNE Raw, Epochs or Evoked
        Real, integer or complex signals; no complex ones for median, quantile, lowess and
        total_variation.
    width : float
        How far the smoothing reaches, see the table: in seconds if `fs` is given or `x` knows
        its rate, else in samples. Seconds are rounded to the nearest length that the method
        can have; samples must be such a length.
    method : str
        One of the table.
    fs : float, optional
        Sampling rate in Hz. Arrays only.
    axis : int
        Where the signals run. Arrays only.
    boundary : str
        What lies beyond the ends, in `numpy.pad`'s names: "reflect" (or "mirror"),
        "symmetric", "edge" ("nearest"), "wrap" ("periodic"), "constant" ("zero"). None is
        "reflect", but for whittaker, lowess and total_variation nothing: they fit the samples
        there are, and total_variation cannot do otherwise. A causal exponential cannot mirror
        its future: there all but "constant" and "wrap" mean "edge".
    nan_policy : {"propagate", "omit", "interpolate", "raise"}
        For NaN and infinities alike. "propagate": every output that one could reach is
        not finite: with whittaker, total_variation and the iterations of lowess the whole
        signal. "omit": the others take over its weight (not for savitzky_golay and
        exponential); a window with nothing in it gives NaN, and whittaker and total_variation
        go on through gaps. "interpolate": bridged linearly, at
        the ends by the nearest value, and put back as NaN. "raise": refused.
    breaks, skip_by_annotation
        As for `TransferFunction.filter`: each stretch between breaks is smoothed by itself, with
        the boundary at its ends; spans stay as they are.
    workers : int, optional
        Threads; None is all cores. The answer does not depend on it.
    out : ndarray, memory map or writer, optional
        Where to put the answer; it may be `x` itself. Arrays only. If `x` or `out` is a mapped
        file, or an object that is read or written by slices (of h5py or zarr, say), and not the
        same, the work goes in pieces with the bits of the answer in memory; "exponential" takes
        whole rows one by one.
    **parameters
        Of the method, see the table.

    Returns
    -------
    ndarray of the shape of `x`, or a new object of its type
        In the precision of `x`, float64 for integers, and in its units (for a derivative: per
        second, per sample without a rate). Of a Recording or MNE object all channels that hold
        signals are smoothed; everything else stays.

    Raises
    ------
    ValueError
        A word, width, length or axis that does not fit.
    TypeError
        A parameter that the method does not take; arguments of the wrong type.

    Notes
    -----
    @table@

    A moving average over an even number of samples reaches one sample further back than
    ahead, as the mode "same" of a convolution does.

    A quantile between two samples is interpolated linearly, as NumPy's.

    whittaker minimises ``sum((x - y)**2) + penalty * sum(diff(y, order)**2)`` with
    ``penalty = (2 * sin(pi / width))**(-2 * order)``, width in samples: a sine of the period
    `width` is halved, slower ones stay, faster ones go.

    lowess is Cleveland's: lines, tricube weights that are zero at the ends of the window and,
    again and again, bisquare weights of residuals in units of six times their median. Near the
    ends of the signal the window does not slide on, unless a boundary is given.

    total_variation minimises ``sum((x - y)**2) / 2 + penalty * sum(abs(diff(y)))`` exactly, with
    ``penalty = height * width / 2``, width in samples: of a bump `width` long and `height` high
    just nothing is left. Without `height` it is 1.4826 / sqrt(2) times the median of
    ``abs(diff(x))`` of each signal.

    Examples
    --------
    >>> import sigconv
    >>> sigconv.smooth([0.0, 0.0, 3.0, 0.0, 0.0], 3)
    array([0., 1., 1., 1., 0.])
    >>> sigconv.smooth([1.0, 1.0, 9.0, 1.0, 2.0, 2.0], 3, method="median")
    array([1., 1., 1., 2., 2., 2.])
    >>> steps = [0.0, 0.2, 0.0, 4.0, 4.2, 4.0]
    >>> sigconv.smooth(steps, 2, method="total_variation", height=0.3).round(3)
    array([0.167, 0.167, 0.167, 3.967, 3.967, 3.967])
    >>> eeg = sigconv.Recording([[0.0, 1.0, 4.0, 9.0, 16.0]], fs=100)
    >>> slope = sigconv.smooth(eeg, 0.03, method="savitzky_golay", derivative=1)
    >>> slope.data[0, 1:-1].round(6)
    array([200., 400., 600.])
    """
    if _carriers.is_carrier(x):
        _carriers.refuse(x, fs=(fs, None))
        fs = _carriers.rate(x)
    run, beyond = _prepare(width, method, fs, boundary, nan_policy, parameters)
    reach = _reach(width, method, fs, parameters)

    def on_signals(x: Any, own: Options) -> Any:
        signals = Signals(x, own, recursive=False)
        if pieces.needed(signals, reach, method, nan_policy):
            return pieces.smooth(signals, run, reach, beyond, nan_policy)
        return _at_once(signals, run, beyond, nan_policy)

    options = Options(axis=axis, breaks=breaks, workers=workers, out=out)
    return over_signals(x, options, skip_by_annotation, on_signals)[0]


def _at_once(
    signals: Signals, run: Callable[..., None], beyond: str | None, nan_policy: str
) -> NDArray[Any]:
    """Smooth signals in memory that are not cut."""
    array, axes, dtype = np.asarray(signals.x), (signals.axis,), signals.dtype
    out, workers = signals.out, signals.workers
    work = np.result_type(dtype, np.float32)  # float16 is no type to compute in
    rows, batch = _layout.to_rows(array.astype(work, copy=False), axes)
    missing = None
    if nan_policy in ("interpolate", "raise") and not np.isfinite(rows).all():
        missing = ~np.isfinite(rows)
        if nan_policy == "raise":
            raise ValueError(
                f"x must be finite with nan_policy 'raise'; got {missing.sum()} values that are not"
            )
        rows = gaps.bridge(rows, missing)
    result = _target(rows, axes, out)
    run(rows, boundary=beyond, omit=nan_policy == "omit", workers=workers, out=result)
    if missing is not None:
        result[missing] = np.nan
    if out is not None and np.may_share_memory(result, out):
        return out
    with np.errstate(over="ignore"):  # float16, as in any other arithmetic on it
        result = result.astype(dtype, copy=False)
    return _layout.from_rows(result, batch, axes, out)


def _target(rows: NDArray[Any], axes: tuple[int, ...], out: NDArray[Any] | None) -> NDArray[Any]:
    """Return where the rows of the answer go: `out` itself where it is laid out like them."""
    if (
        out is not None
        and out.dtype == rows.dtype
        and out.flags.c_contiguous
        and _layout.are_last(axes, out.ndim)
        and not np.may_share_memory(rows, out)
    ):
        return out.reshape(rows.shape)
    return _memory.empty(rows.shape, rows.dtype)


if smooth.__doc__:  # absent under python -OO
    # cleandoc: Python itself takes the indentation away from 3.13 on
    smooth.__doc__ = inspect.cleandoc(smooth.__doc__).replace("@table@", methods.table())


def check_arguments(
    width: float,
    *,
    method: str = "moving_average",
    fs: float | None = None,
    boundary: str | None = None,
    nan_policy: str = "propagate",
    **parameters: Any,
) -> None:
    """Raise what `smooth` would raise for these arguments, whatever the signal."""
    _prepare(width, method, fs, boundary, nan_policy, parameters)


def parameter_names(method: str = "moving_average") -> list[str]:
    """Return everything that says how to smooth by a method: arguments of `smooth`, and its own."""
    chosen = methods.METHODS[_checks.one_of("method", method, methods.METHODS)]
    own = ["width", "method", "boundary", "nan_policy", "skip_by_annotation"]
    return [*own, *chosen.parameters]


def _reach(width: float, method: str, fs: float | None, parameters: dict[str, Any]) -> int | None:
    """Return how many samples to either side an output follows from; None: all of them."""
    if method not in pieces.REACH:
        return None
    chosen = methods.METHODS[method]
    given = {name: each.default for name, each in chosen.parameters.items()} | parameters
    return pieces.REACH[method](chosen.width.samples(width, fs), given)


def _prepare(
    width: float,
    method: str,
    fs: float | None,
    boundary: str | None,
    nan_policy: str,
    parameters: dict[str, Any],
) -> tuple[Callable[..., None], str | None]:
    """Check how to smooth; return what does it, as in `methods.Method`, and the boundary."""
    chosen = methods.METHODS[_checks.one_of("method", method, methods.METHODS)]
    _checks.parameters(f"method {method!r}", parameters, chosen.parameters)
    _checks.one_of("nan_policy", nan_policy, _layout.NAN_POLICIES)
    if nan_policy == "omit" and not chosen.omits:
        allowed = [name for name in _layout.NAN_POLICIES if name != "omit"]
        raise ValueError(
            f"nan_policy must be one of {', '.join(map(repr, allowed))} for the method {method!r}, "
            f"which cannot leave samples out; got 'omit'"
        )
    rate = None if fs is None else _checks.sampling_rate(fs)
    settings = {name: each.default for name, each in chosen.parameters.items()} | parameters
    if "derivative" in settings:
        settings["delta"] = 1.0 if rate is None else 1.0 / rate
    run = chosen.prepare(chosen.width.samples(width, rate), **settings)
    beyond = chosen.beyond
    if boundary is not None:
        if not chosen.extends:
            raise ValueError(
                f"boundary must not be given for the method {method!r}, which fits the samples "
                f"there are; got {boundary!r}"
            )
        beyond = _layout.boundary_names(boundary, 1)[0]
    return run, beyond
