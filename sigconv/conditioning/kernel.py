"""One kernel over signals in time: the step 'convolve' of a pipeline."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _checks, _layout
from ..convolution import convolve
from ..filters.application import SKIPPED
from ..kernels import words
from . import signals


def convolve_in_time(
    x: Any,
    kernel: str | ArrayLike,
    *,
    boundary: str = "edge",
    causal: bool = False,
    axis: int = -1,
    breaks: Sequence[Any] = (),
    skip_by_annotation: str | Sequence[str] = SKIPPED,
    workers: int | None = None,
    **parameters: Any,
) -> Any:
    """Convolve signals with one kernel; they keep their length.

    Parameters
    ----------
    x : array_like of any shape, Recording, or MNE Raw, Epochs or Evoked
    kernel : str or array_like, shape (k,)
        One of `sigconv.kernels.named` for one axis, or the taps.
    boundary : str
        What lies beyond the ends, as in `sigconv.convolve`.
    causal : bool
        Every output follows from the samples up to its own, and zeros before the first: the
        start of the full convolution. Otherwise the kernel is centred.
    axis : int
        Where the signals run. Arrays only.
    breaks, skip_by_annotation
        As for `TransferFunction.filter`.
    workers : int, optional
        Threads; None is all cores.
    **parameters
        Those of the named kernel, lengths in samples.

    Returns
    -------
    ndarray of the shape of `x`, or a new object of its type

    Raises
    ------
    ValueError, TypeError
        A name, parameter or boundary that there is none of, taps that are none.

    Examples
    --------
    >>> from sigconv.conditioning.kernel import convolve_in_time
    >>> convolve_in_time([0.0, 0.0, 3.0, 0.0, 0.0], "boxcar", width=3)
    array([0., 1., 1., 1., 0.])
    >>> convolve_in_time([3.0, 0.0, 0.0], [1.0, 2.0], causal=True)
    array([3., 6., 0.])
    """
    return signals.apply(
        x,
        None,
        axis,
        workers,
        lambda fs: prepare(kernel, boundary, causal=causal, **parameters),
        breaks,
        skip_by_annotation,
    )


def prepare(
    kernel: str | ArrayLike, boundary: str = "edge", causal: bool = False, **parameters: Any
) -> signals.Run:
    """Check the kernel and return what convolves."""
    h = taps_of(kernel, **parameters)
    _layout.boundary_names(boundary, 1)
    if not isinstance(causal, (bool, np.bool_)):
        raise TypeError(f"causal must be True or False; got {causal!r}")
    return functools.partial(_causal, h) if causal else functools.partial(_centred, h, boundary)


def parameter_names(kernel: Any = ()) -> list[str]:
    """Return the parameters that go with a kernel."""
    own = words.parameter_names(kernel) if isinstance(kernel, str) else []
    return ["kernel", "boundary", "causal", "skip_by_annotation", *own]


def taps_of(kernel: str | ArrayLike, **parameters: Any) -> NDArray[Any]:
    """Return the taps of a kernel in time."""
    if isinstance(kernel, str):
        return words.named(kernel, ("x",), **parameters)
    _checks.parameters("a kernel given by its taps", parameters, [])
    h = _checks.numeric("kernel", kernel)
    if h.ndim != 1:
        raise ValueError(f"kernel must have one axis, which is time; got {h.ndim}")
    return h


def _centred(
    h: NDArray[Any], boundary: str, rows: NDArray[Any], workers: int | None
) -> NDArray[Any]:
    return convolve(rows, h, axes=-1, mode="same", boundary=boundary, workers=workers)


def _causal(h: NDArray[Any], rows: NDArray[Any], workers: int | None) -> NDArray[Any]:
    return convolve(rows, h, axes=-1, workers=workers)[:, : rows.shape[1]]
