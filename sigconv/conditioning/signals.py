"""What the functions of this room share: objects and arrays to rows and back, and gaps."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _carriers, _checks, _layout
from ..filters.application import SKIPPED, over_signals
from ..filters.signals import Options, stretches

#: A prepared function: (rows (n_rows, n), workers) -> rows.
Run = Callable[[NDArray[Any], int | None], NDArray[Any]]


class TooShortError(ValueError):
    """Signals that are too short for a function: of a stretch between breaks it is no error."""


def apply(
    x: Any,
    fs: float | None,
    axis: int,
    workers: int | None,
    prepare: Callable[[float | None], Run],
    breaks: Sequence[Any] = (),
    skip_by_annotation: str | Sequence[str] = SKIPPED,
) -> Any:
    """Run `prepare(fs)` over the signals of an array or an object, which keep their shape.

    Breaks, or those annotations of an object, lie between stretches that are signals of their own.
    """
    if _carriers.is_carrier(x):
        run = prepare(rate_of(x, fs, axis))
    else:
        run = prepare(None if fs is None else _checks.sampling_rate(fs))

    def on_signals(signals: Any, own: Options) -> NDArray[Any]:
        return on_array(signals, own.axis, own.workers, run, own.breaks)

    options = Options(axis=axis, breaks=breaks, workers=workers)
    return over_signals(x, options, skip_by_annotation, on_signals)[0]


def on_array(
    x: ArrayLike, axis: int, workers: int | None, run: Run, breaks: Sequence[Any] = ()
) -> NDArray[Any]:
    """Run a prepared function over an array; the answer has its layout and precision."""
    array = np.asarray(_checks.numeric("x", x))
    axes = (_checks.axis_index("axis", axis, array.ndim),)
    dtype = _checks.precision("x", array)
    _layout.thread_count(workers)
    work = np.result_type(dtype, np.float32)  # float16 is no type to compute in
    rows, batch = _layout.to_rows(array.astype(work, copy=False), axes)
    result = _by_stretches(rows, workers, run, breaks)
    if dtype.kind == "c" and result.dtype.kind != "c":  # an envelope, say
        dtype = np.empty(0, dtype).real.dtype
    with np.errstate(over="ignore"):  # float16, as in any other arithmetic on it
        result = result.astype(dtype, copy=False)
    return _layout.from_rows(result, batch, axes)


def _by_stretches(
    rows: NDArray[Any], workers: int | None, run: Run, breaks: Sequence[Any]
) -> NDArray[Any]:
    """Run over each stretch between breaks by itself; spans that are no signal stay."""
    n = rows.shape[1]
    kept, left = stretches(breaks, n)
    if not left and len(kept) == 1:
        return run(rows, workers)
    out = rows.copy()
    short: list[tuple[int, str]] = []
    for start, stop in kept:
        try:
            out[:, start:stop] = run(np.ascontiguousarray(rows[:, start:stop]), workers)
        except TooShortError as error:
            short.append((start, str(error)))
    if short:
        first, why = short[0]
        warnings.warn(
            f"{len(short)} of {len(kept)} stretches between breaks stay as they are, the first at "
            f"sample {first}: {why}",
            UserWarning,
            stacklevel=2,
        )
    return out


def rate_of(x: Any, fs: float | None, axis: int) -> float:
    """Return the rate of an object, which brings its rate and its layout itself."""
    _carriers.refuse(x, fs=(fs, None), axis=(axis, -1))
    return _carriers.rate(x)


def real(rows: NDArray[Any], owner: str) -> None:
    """Refuse complex signals."""
    if np.iscomplexobj(rows):
        raise TypeError(f"x must be real for {owner}; got {rows.dtype}")


def missing(rows: NDArray[Any], nan_policy: str) -> NDArray[np.bool_] | None:
    """Return where rows are not finite, None if they are; the policy 'raise' refuses them."""
    finite = np.isfinite(rows)
    if finite.all():
        return None
    if nan_policy == "raise":
        raise ValueError(
            f"x must be finite with nan_policy 'raise'; got {(~finite).sum()} values that are not"
        )
    return ~finite
