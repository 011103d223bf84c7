"""What the functions of this room share: objects and arrays to rows and back, and gaps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _carriers, _checks, _layout

#: A prepared function: (rows (n_rows, n), workers) -> rows.
Run = Callable[[NDArray[Any], int | None], NDArray[Any]]


def apply(
    x: Any, fs: float | None, axis: int, workers: int | None, prepare: Callable[[float | None], Run]
) -> Any:
    """Run `prepare(fs)` over the signals of an array or an object, which keep their shape."""
    if _carriers.is_carrier(x):
        rate = rate_of(x, fs, axis)
        run = prepare(rate)
        return _carriers.apply(x, lambda signals: on_array(signals, -1, workers, run))
    run = prepare(None if fs is None else _checks.sampling_rate(fs))
    return on_array(x, axis, workers, run)


def on_array(x: ArrayLike, axis: int, workers: int | None, run: Run) -> NDArray[Any]:
    """Run a prepared function over an array; the answer has its layout and precision."""
    array = np.asarray(_checks.numeric("x", x))
    axes = (_checks.axis_index("axis", axis, array.ndim),)
    dtype = _checks.precision("x", array)
    _layout.thread_count(workers)
    work = np.result_type(dtype, np.float32)  # float16 is no type to compute in
    rows, batch = _layout.to_rows(array.astype(work, copy=False), axes)
    result = run(rows, workers)
    if dtype.kind == "c" and result.dtype.kind != "c":  # an envelope, say
        dtype = np.empty(0, dtype).real.dtype
    with np.errstate(over="ignore"):  # float16, as in any other arithmetic on it
        result = result.astype(dtype, copy=False)
    return _layout.from_rows(result, batch, axes)


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
