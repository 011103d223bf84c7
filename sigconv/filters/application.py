"""A filter applied to an array, or to the signals of an object that has them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .. import _carriers
from .signals import Options, stretches

#: The annotations across which MNE does not filter either.
SKIPPED = ("edge", "bad_acq_skip")


class Filter(Protocol):
    """What is applied: a filter, or a bank of them."""

    @property
    def fs(self) -> float: ...  # noqa: D102

    @property
    def transient(self) -> float: ...  # noqa: D102


def apply(
    tf: Filter,
    x: Any,
    options: Options,
    skip_by_annotation: str | Sequence[str],
    run: Callable[[Any, Options], Any],
    *,
    starts: bool = True,
) -> Any:
    """Call `run(x, options)` on an array, or on the signals of an object and its breaks.

    Warns, unless the filter goes on from an earlier state, if its transient is longer than the
    shortest stretch.
    """
    if _carriers.is_carrier(x) and _carriers.rate(x) != tf.fs:
        raise ValueError(
            f"x must be sampled at the filter's rate of {tf.fs:g} Hz; got {_carriers.rate(x):g} Hz"
        )
    result, n, breaks = over_signals(x, options, skip_by_annotation, run)
    if starts:
        _warn_if_short(tf, n, breaks)
    return result


def over_signals(
    x: Any,
    options: Options,
    skip_by_annotation: str | Sequence[str],
    run: Callable[[Any, Options], Any],
) -> tuple[Any, int, Sequence[Any]]:
    """Call `run(x, options)` as `apply` does; return its answer, the samples and the breaks."""
    if not _carriers.is_carrier(x):
        if skip_by_annotation is not SKIPPED and skip_by_annotation != ():
            raise ValueError(
                f"skip_by_annotation must not be given with an array, which has none; give breaks; "
                f"got {skip_by_annotation!r}"
            )
        return run(x, options), np.shape(x)[options.axis], options.breaks
    _carriers.refuse(
        x, axis=(options.axis, -1), out=(options.out, None), breaks=(options.breaks, ())
    )
    own = replace(options, axis=-1, breaks=_carriers.spans(x, skip_by_annotation))
    lengths = set()

    def on_signals(signals: NDArray[Any]) -> Any:
        lengths.add(signals.shape[-1])
        return run(signals, own)

    result = _carriers.apply(x, on_signals)
    return result, min(lengths), own.breaks


def _warn_if_short(tf: Filter, n: int, breaks: Sequence[Any]) -> None:
    settling = tf.transient
    kept = [stop - start for start, stop in stretches(breaks, n)[0]] if breaks else [n]
    shortest = min(kept, default=n)
    # of an unstable filter one has been told already
    if shortest / tf.fs < settling < math.inf:
        of = "signal" if shortest == n else "shortest stretch between breaks"
        warnings.warn(
            f"the filter's transient of {settling:.3g} s is longer than the {of} of "
            f"{shortest / tf.fs:.3g} s: the whole answer is affected by how it starts",
            UserWarning,
            stacklevel=4,
        )
