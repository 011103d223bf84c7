"""Box kernels: sums of windows at a cost that does not grow with the window."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _layout
from .extended import Extended
from .geometry import Geometry
from .running_sum_jit import window_sums

#: Times in ns on one thread, measured on one machine: of a call, of a sample of a running sum
#: along the last axis, and along another one, where neighbours run side by side.
CALL, RUNNING, RUNNING_BESIDE = 20_000.0, 22.0, 5.0


def unmet(rows: NDArray[Any], weights: NDArray[Any], geometry: Geometry) -> str:
    """Return what this method needs and misses, or nothing."""
    flat = weights.reshape(len(weights), -1)
    return "" if (flat == flat[:, :1]).all() else "a kernel whose taps are all equal"


def cost(geometry: Geometry, dtype: np.dtype[Any]) -> float:
    """Return the estimated time in ns on one thread."""
    samples = [geometry.n_rows * math.prod(one_axis.extended) for one_axis in geometry.passes()]
    return CALL + RUNNING * samples[-1] + RUNNING_BESIDE * sum(samples[:-1])


def into(
    extended: Extended,
    weights: NDArray[Any],
    geometry: Geometry,
    workers: int | None,
    out: NDArray[Any],
) -> bool:
    """Solve the problem of `Geometry` into `out`; return whether all of it is finite."""
    out[...] = correlate(extended.joined(geometry), weights, geometry, workers)
    return bool(np.isfinite(out).all())


def correlate(
    rows: NDArray[Any], weights: NDArray[Any], geometry: Geometry, workers: int | None
) -> NDArray[Any]:
    """Solve the problem of `Geometry` by sums along one axis after another, times the tap."""
    sums = box_sums(rows, geometry, workers)
    tap = weights.reshape(len(weights), -1)[:, 0].astype(np.result_type(weights, sums.real))
    result = sums * tap.reshape(-1, *[1] * (rows.ndim - 1))
    return result.astype(rows.dtype, copy=False)


def box_sums(rows: NDArray[Any], geometry: Geometry, workers: int | None) -> NDArray[Any]:
    """Sum over the windows of `geometry`; floats come back in double precision."""
    wide = np.int64 if rows.dtype.kind in "iu" else np.result_type(rows, np.float64)
    rows = rows.astype(wide, copy=False)
    for axis, one_axis in enumerate(geometry.passes(), start=1):
        width, dilation = one_axis.taps[axis - 1], one_axis.dilation[axis - 1]
        stride = one_axis.stride[axis - 1]
        lengths = rows.shape
        outer, n, inner = math.prod(lengths[:axis]), lengths[axis], math.prod(lengths[axis + 1 :])
        real = np.ascontiguousarray(rows).view(rows.real.dtype).reshape(outer, n, -1)
        out = np.empty((outer, one_axis.output[axis - 1], inner), rows.dtype)
        n_parts = -(-one_axis.dense_output[axis - 1] // dilation)
        n_blocks = -(-n_parts // width)
        split = functools.partial(
            window_sums,
            real,
            width,
            dilation,
            stride,
            out.view(real.dtype).reshape(outer, out.shape[1], -1),
        )
        _layout.split_over_threads(split, outer * dilation * n_blocks, workers)
        rows = out.reshape(*lengths[:axis], -1, *lengths[axis + 1 :])
    return rows
