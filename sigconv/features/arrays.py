"""What the functions of this room share: signals of arrays and objects, as rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _carriers, _checks, _layout

#: So many rows go together through SciPy's transforms, which loop over windows in Python: one by
#: one took four to five times as long as all. The same rows whatever the number of threads.
ROWS = 16


def over_blocks(function: Callable[[slice], None], n_rows: int, workers: int | None) -> None:
    """Call `function` for blocks of rows, over threads."""

    def part(start: int, stop: int) -> None:
        for block in range(start, stop):
            with np.errstate(invalid="ignore"):  # infinities: what they reach becomes NaN
                function(slice(block * ROWS, min((block + 1) * ROWS, n_rows)))

    _layout.split_over_threads(part, -(-n_rows // ROWS), workers)


def signals_of(
    x: Any, fs: float | None, axis: int, workers: int | None
) -> tuple[NDArray[Any], float | None, int]:
    """Return the array of an array or object, its rate, and the axis of time."""
    _layout.thread_count(workers)
    if _carriers.is_carrier(x):
        _carriers.refuse(x, fs=(fs, None), axis=(axis, -1))
        array = _carriers.signals(x)
        return _checks.numeric("x", array), _carriers.rate(x), array.ndim - 1
    array = np.asarray(_checks.numeric("x", x))
    rate = None if fs is None else _checks.sampling_rate(fs)
    return array, rate, _checks.axis_index("axis", axis, array.ndim)


def real_rows(array: NDArray[Any], axis: int) -> tuple[NDArray[Any], tuple[int, ...]]:
    """Return real signals as rows of the precision to compute in, and the shape of the others."""
    dtype = _checks.precision("x", array)
    if dtype.kind == "c":
        raise TypeError(f"x must be real; got {dtype}")
    work = np.result_type(dtype, np.float32)  # float16 is no type to compute in
    return _layout.to_rows(array.astype(work, copy=False), (axis,))
